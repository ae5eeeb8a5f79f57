"""Who is missing from the answers, and what of it may be said in public."""

import pytest

from surveys.questionnaires.rules.coverage import (
    Group,
    Share,
    by_floor,
    by_tenure,
    counts_in_public_together,
    floor_band,
    in_public,
    in_public_together,
)


@pytest.mark.parametrize(
    ("floor", "word"),
    [(1, "1层"), (-1, "1层"), (2, "2–3层"), (4, "4–6层"), (7, "7层及以上"), (120, "7层及以上"), (None, "楼层不详")],
)
def test_floors_are_told_in_bands(floor, word):
    assert floor_band(floor) == word


def test_groups_are_put_together_by_floor_and_by_tenure():
    groups = [Group(5, True, 1, 4), Group(1, False, 2, 3), Group(4, False, 3, 3), Group(None, False, 0, 1)]
    assert by_floor(groups) == [Share("1层", 2, 3), Share("4–6层", 4, 7), Share("楼层不详", 0, 1)]
    assert by_tenure(groups) == [Share("没有租户登记的", 5, 7), Share("有租户登记的", 1, 4)]


@pytest.mark.parametrize(
    ("shares", "shown"),
    [
        ([(10, 20), (8, 30)], [True, True]),
        ([(2, 20), (8, 30)], [False, False]),  # the other one would give it away by subtraction
        ([(18, 20), (8, 30)], [False, False]),  # two that have not answered are as few as two that have
        ([(20, 20), (30, 30)], [True, True]),
        ([(2, 20), (8, 30), (9, 30), (7, 30)], [False, True, True, False]),
    ],
)
def test_in_public_neither_few_who_answered_nor_few_who_did_not_can_be_told(shares, shown):
    given = [Share(str(at), answered, total) for at, (answered, total) in enumerate(shares)]
    assert [share is not None for share in in_public(given)] == shown


def test_several_estates_together_are_what_each_of_them_tells_added_up():
    told = [Share("1层", 10, 20), Share("2–3层", 10, 20), Share("4–6层", 10, 20)]
    small = [Share("1层", 2, 10), Share("2–3层", 8, 20), Share("4–6层", 9, 20)]  # tells its last floor alone
    assert in_public_together([told, small]) == [told[0], told[1], Share("4–6层", 19, 40)]
    assert in_public_together([small]) == [small[2]]
    assert in_public_together([]) == []


def test_of_counts_by_kind_several_estates_tell_what_each_of_them_tells():
    many, few = {"met": 9, "vacant": 6, "refused": 2}, {"met": 7, "refused": 0}
    assert counts_in_public_together([many]) == {"met": 9, "vacant": None, "refused": None}
    assert counts_in_public_together([many, few, {"met": 3}]) == {"met": 16, "vacant": None, "refused": 0}
