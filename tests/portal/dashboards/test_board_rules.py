"""What a leader sees of a door: one word that tells neither an answer nor an amount."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.dashboards.rules.board import (
    WORDS,
    Door,
    Status,
    Tally,
    door_name,
    door_status,
    floor_of,
    floors,
    little_time_left,
    reminder,
)


@pytest.mark.parametrize(
    ("asked", "answered", "paid", "hurry", "word"),
    [
        (True, False, False, False, "未填"),
        (True, False, False, True, "待沟通"),
        (True, True, False, False, "已填"),
        (True, True, False, True, "已填"),
        (True, True, True, False, "已缴"),
        (True, False, True, True, "已缴未填"),
        (False, False, False, False, "未开始"),
        (False, False, True, False, "已缴"),
    ],
)
def test_a_door_has_one_status_word(asked: bool, answered: bool, paid: bool, hurry: bool, word: str) -> None:
    status = door_status(asked=asked, answered=answered, paid=paid, hurry=hurry)
    assert WORDS[status].word == word


def test_every_status_has_a_word_and_a_sign_of_its_own() -> None:
    assert set(WORDS) == set(Status)
    assert len({each.word for each in WORDS.values()}) == len(Status)
    assert len({each.sign for each in WORDS.values()}) == len(Status)
    assert not any("不同意" in each.word + each.says for each in WORDS.values())


@pytest.mark.parametrize(
    ("today", "last_day", "hurry"),
    [
        (date(2026, 11, 22), None, False),
        (date(2026, 11, 24), date(2026, 11, 30), False),
        (date(2026, 11, 25), date(2026, 11, 30), True),
        (date(2026, 12, 5), date(2026, 11, 30), True),
    ],
)
def test_the_last_days_and_afterwards_are_the_time_to_talk(today: date, last_day: date | None, hurry: bool) -> None:
    assert little_time_left(today, last_day) is hurry


@pytest.mark.parametrize(
    ("floor", "door", "found"),
    [(5, "501", 5), (None, "501", 5), (None, "1203", 12), (None, "5", 0), (None, "A座", 0), (-1, "01", -1)],
)
def test_a_floor_that_is_not_on_record_is_read_off_the_door(floor: int | None, door: str, found: int) -> None:
    assert floor_of(floor, door) == found


@given(st.lists(st.tuples(st.integers(1, 30), st.text(min_size=1, max_size=3)), max_size=60))
def test_the_top_floor_stands_on_top_and_no_door_is_lost(rows) -> None:
    doors = [Door(name, floor, Status.OPEN) for floor, name in rows]
    shown = floors(doors)
    assert [floor for floor, _ in shown] == sorted({floor for floor, _ in rows}, reverse=True)
    assert sorted((door.floor, door.name) for _, each in shown for door in each) == sorted(
        (door.floor, door.name) for door in doors
    )


def test_a_door_is_named_with_its_unit_where_there_is_one() -> None:
    assert door_name("2", "501") == "2-501"
    assert door_name("", "501") == "501"


def test_the_reminder_gives_totals_and_a_way_and_points_at_nobody() -> None:
    text = reminder("桃园北巷", Tally(84, 61, 57), date(2026, 12, 5))
    assert "61 户" in text
    assert "84 户" in text
    assert "12月5日" in text
    assert "自愿" in text
    assert "57" not in text
    assert "截止" not in reminder("桃园北巷", Tally(84, 61, 57), None)
