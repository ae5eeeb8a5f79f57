"""References on transfers: one wrong character or two exchanged are always found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.rules.reference import ALPHABET, LENGTH, found_in, grouped, reference

SECRETS = st.binary(min_size=8, max_size=16)


@given(SECRETS, st.sampled_from(["诚意金 {}", "{}陈秀英", "转账:{}。", "缴费{}号"]))
def test_a_reference_is_found_whatever_stands_around_it(secret: bytes, memo: str) -> None:
    made = reference(secret)
    assert len(made) == LENGTH
    for written in (made, grouped(made), made.lower(), f"{made[:3]} {made[3:]}"):
        assert made in found_in(memo.format(written))


@given(SECRETS, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_no_reference(secret: bytes, at: int, wrong: str) -> None:
    made = reference(secret)
    changed = made[:at] + wrong + made[at + 1 :]
    assert found_in(changed) == ({made} if changed == made else set())


@given(SECRETS, st.integers(0, LENGTH - 2))
def test_two_exchanged_characters_are_no_reference(secret: bytes, at: int) -> None:
    made = reference(secret)
    changed = made[:at] + made[at + 1] + made[at] + made[at + 2 :]
    assert found_in(changed) == ({made} if changed == made else set())


@pytest.mark.parametrize("memo", ["", "诚意金", "1栋1单元101", "2026年6月", "¥500"])
def test_a_memo_without_one_has_none(memo: str) -> None:
    assert found_in(memo) == set()


def test_the_letters_people_confuse_are_read_alike() -> None:
    secret = next(bytes([n]) * 8 for n in range(256) if "1" in reference(bytes([n]) * 8))
    made = reference(secret)
    assert made in found_in(made.replace("1", "l").replace("0", "o").replace("2", "z"))
