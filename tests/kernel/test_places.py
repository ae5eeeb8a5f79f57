"""Paths, labels, the order of doors, and the codes on them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import clock
from kernel.database import reading, transaction
from kernel.errors import Gone, NotFound
from kernel.places import queries, rules
from kernel.places.models import DoorCode


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("7K3M9QXT2B", "7K3M9QXT2B"),
        ("7k3m 9qxt 2b", "7K3M9QXT2B"),
        ("7K3M-9QXT-2B", "7K3M9QXT2B"),
        ("OIL0123456", "0110123456"),
        ("７ＫＱ２－Ｍ９Ｘ４－ｐｔ", "7KQ2M9X4PT"),
        ("https://gj.example.cn/h/7K3M9QXT2B", "7K3M9QXT2B"),
        ("https://gj.example.cn/h/7K3M9QXT2B?from=wx", "7K3M9QXT2B"),
        ("7K3M9QXT2", None),
        ("7K3M9QXT2BB", None),
        ("7K3M9QXT2U", None),
        ("", None),
        ("https://evil.example/", None),
    ],
)
def test_a_typed_or_scanned_code_is_read_as_people_write_it(typed, read):
    assert rules.read_door_code(typed) == read


@given(st.text(alphabet=rules.CROCKFORD, min_size=10, max_size=10))
def test_every_code_reads_back_from_its_printed_form(code):
    assert rules.read_door_code(rules.grouped(code)) == code


def test_a_new_code_is_one_that_can_be_read():
    assert rules.read_door_code(rules.new_door_code())


def test_ten_comes_after_nine():
    buildings = ["10栋", "9栋", "1栋", "2栋"]
    assert sorted(buildings, key=rules.sort_key) == ["1栋", "2栋", "9栋", "10栋"]


def test_a_place_is_not_within_one_whose_code_merely_begins_alike():
    assert not rules.is_within("/44/440/", "/44/44/")
    assert rules.is_within("/44/440/", "/44/")


def test_ancestors_come_from_the_top_down(make):
    estate = make.estate()
    kinds = [place.kind for place in queries.ancestors(reading(), estate)]
    assert kinds == ["city", "district", "street", "community", "estate"]


def test_a_revoked_label_is_gone_and_an_unknown_one_was_never_there(make):
    estate = make.estate(floors=1, doors=1)
    dwelling = queries.dwellings_of_estate(reading(), estate.id)[0]
    now = clock.now()
    with transaction() as session:
        session.add(DoorCode(code="AAAAAAAAAA", dwelling_id=dwelling.id, issued_at=now, revoked_at=now))
        session.add(DoorCode(code="BBBBBBBBBB", dwelling_id=dwelling.id, issued_at=now))
    assert queries.dwelling_by_door_code(reading(), "BBBBBBBBBB").id == dwelling.id
    assert queries.door_code_of(reading(), dwelling.id) == "BBBBBBBBBB"
    with pytest.raises(Gone):
        queries.dwelling_by_door_code(reading(), "AAAAAAAAAA")
    with pytest.raises(NotFound):
        queries.dwelling_by_door_code(reading(), "CCCCCCCCCC")


def test_dwellings_come_in_walking_order(make):
    estate = make.estate(buildings=1, units=1, floors=2, doors=2)
    assert [each.label for each in queries.dwellings_of_estate(reading(), estate.id)] == [
        "1栋1单元101", "1栋1单元102", "1栋1单元201", "1栋1单元202",
    ]  # fmt: skip
    assert queries.households(reading(), estate.id) == 4
