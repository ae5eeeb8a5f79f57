"""Sealed columns and blind indexes."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.encryption import (
    BadKeys,
    SealBroken,
    Vault,
    keys_from_text,
    new_key_text,
    normalise_phone,
)

KEY, OLD_KEY, INDEX_KEY, OLD_INDEX_KEY = (os.urandom(32) for _ in range(4))
ROW = "person.phone:abc"


@pytest.fixture
def vault() -> Vault:
    return Vault([KEY], [INDEX_KEY])


@given(st.text(max_size=200), st.text(max_size=60))
def test_what_is_sealed_opens_in_its_own_context(text: str, context: str) -> None:
    vault = Vault([KEY], [INDEX_KEY])
    assert vault.open(vault.seal(text, context=context), context=context) == text


def test_the_same_text_is_sealed_differently_each_time(vault: Vault) -> None:
    assert vault.seal("陈秀英", context=ROW) != vault.seal("陈秀英", context=ROW)


def test_an_envelope_moved_to_another_row_does_not_open(vault: Vault) -> None:
    blob = vault.seal("13812341234", context=ROW)
    with pytest.raises(SealBroken):
        vault.open(blob, context="person.phone:abd")


def test_a_change_of_any_single_byte_breaks_the_seal(vault: Vault) -> None:
    blob = vault.seal("13812341234", context=ROW)
    for place in range(len(blob)):
        broken = bytearray(blob)
        broken[place] ^= 1
        with pytest.raises(SealBroken):
            vault.open(bytes(broken), context=ROW)


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x01" + b"\0" * 40])
def test_rubbish_is_a_broken_seal_and_nothing_else(vault: Vault, blob: bytes) -> None:
    with pytest.raises(SealBroken):
        vault.open(blob, context=ROW)


def test_the_text_is_not_in_the_error(vault: Vault) -> None:
    blob = vault.seal("13812341234", context=ROW)
    with pytest.raises(SealBroken) as caught:
        vault.open(blob, context="elsewhere")
    assert "138" not in str(caught.value)


def test_while_keys_rotate_the_old_envelope_opens_and_the_new_one_uses_the_new_key() -> None:
    before = Vault([OLD_KEY], [INDEX_KEY])
    during = Vault([KEY, OLD_KEY], [INDEX_KEY])
    after = Vault([KEY], [INDEX_KEY])
    old = before.seal("陈秀英", context=ROW)
    assert during.open(old, context=ROW) == "陈秀英"
    assert not during.is_current(old)
    new = during.seal("陈秀英", context=ROW)
    assert during.is_current(new)
    assert after.open(new, context=ROW) == "陈秀英"
    with pytest.raises(SealBroken):
        after.open(old, context=ROW)


def test_a_phone_is_found_however_it_is_written(vault: Vault) -> None:
    index = vault.blind_index("phone", "13812341234")
    assert len(index) == 16
    for same in ("138 1234 1234", "+86 138-1234-1234", "008613812341234", "１３８１２３４１２３４", "8613812341234"):
        assert vault.blind_index("phone", same) == index
    assert vault.blind_index("phone", "13812341235") != index


def test_a_landline_that_begins_with_86_is_left_alone() -> None:
    assert normalise_phone("0751-8688123") == "07518688123"
    assert normalise_phone("8688123") == "8688123"


def test_an_index_of_one_kind_or_key_says_nothing_about_another(vault: Vault) -> None:
    other = Vault([KEY], [OLD_INDEX_KEY])
    assert vault.blind_index("phone", "13812341234") != vault.blind_index("name", "13812341234")
    assert vault.blind_index("phone", "13812341234") != other.blind_index("phone", "13812341234")


def test_while_index_keys_rotate_a_search_asks_for_both() -> None:
    during = Vault([KEY], [INDEX_KEY, OLD_INDEX_KEY])
    assert during.blind_indexes("phone", "13812341234") == [
        Vault([KEY], [INDEX_KEY]).blind_index("phone", "13812341234"),
        Vault([KEY], [OLD_INDEX_KEY]).blind_index("phone", "13812341234"),
    ]


@pytest.mark.parametrize(
    ("keys", "index_keys"),
    [([], [INDEX_KEY]), ([KEY], []), ([KEY[:16]], [INDEX_KEY]), ([b"\0" * 32], [INDEX_KEY]), ([KEY], [KEY])],
)
def test_missing_short_trivial_or_equal_keys_stop_the_start(keys: list[bytes], index_keys: list[bytes]) -> None:
    with pytest.raises(BadKeys):
        Vault(keys, index_keys)


def test_keys_are_read_from_a_setting_the_current_one_first() -> None:
    new, old = new_key_text(), new_key_text()
    assert len(keys_from_text(f"{new}, {old}")) == 2
    assert keys_from_text(f"{new},{old}")[0] == keys_from_text(new.rstrip("="))[0]
    with pytest.raises(BadKeys):
        keys_from_text("不是密钥")
