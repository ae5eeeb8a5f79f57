"""When somebody may come: near days, halves that have not passed, China's calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kernel.clock import china_moment
from kernel.errors import Invalid
from portal.home_visits import rules
from portal.home_visits.rules import Half

TODAY = date(2026, 12, 1)


def at(hour: int, minute: int = 0) -> datetime:
    return china_moment(TODAY, hour, minute)


@pytest.mark.parametrize(
    ("ahead", "half", "now", "code"),
    [
        (0, Half.AM, at(11, 59), None),
        (0, Half.AM, at(12), "visit-half-over"),
        (0, Half.PM, at(12), None),
        (0, Half.PM, at(18), "visit-half-over"),
        (1, Half.AM, at(23, 59), None),
        (13, Half.PM, at(9), None),
        (14, Half.AM, at(9), "visit-day"),
        (-1, Half.PM, at(9), "visit-day"),
        # 23:30 of China's yesterday is another day than 00:30 of today, whatever UTC says.
        (13, Half.AM, datetime(2026, 11, 30, 15, 30, tzinfo=UTC), "visit-day"),
        (13, Half.AM, datetime(2026, 11, 30, 16, 30, tzinfo=UTC), None),
    ],
)
def test_a_household_asks_for_a_near_half_day_that_has_not_passed(
    ahead: int, half: Half, now: datetime, code: str | None
) -> None:
    day = TODAY + timedelta(days=ahead)
    if code is None:
        rules.must_be_ahead(day, half, now)
        return
    with pytest.raises(Invalid) as refused:
        rules.must_be_ahead(day, half, now)
    assert refused.value.code == code


@pytest.mark.parametrize(("ahead", "good"), [(-1, False), (0, False), (1, True), (13, True), (14, False)])
def test_a_door_that_did_not_open_goes_to_tomorrow_or_later(ahead: int, *, good: bool) -> None:
    day = TODAY + timedelta(days=ahead)
    if good:
        rules.must_be_another_day(day, at(9))
        return
    with pytest.raises(Invalid):
        rules.must_be_another_day(day, at(9))


def test_a_visit_is_over_on_the_thirty_first_day_after_its_own() -> None:
    assert not rules.is_over(TODAY, TODAY + timedelta(days=30))
    assert rules.is_over(TODAY, TODAY + timedelta(days=31))


@pytest.mark.parametrize(
    ("asker", "by_worker", "lives_here", "may"),
    [(1, False, True, True), (2, False, True, False), (2, True, False, True), (2, False, False, True)],
)
def test_the_asker_changes_a_visit_and_others_where_he_is_no_neighbour(
    asker: int, *, by_worker: bool, lives_here: bool, may: bool
) -> None:
    assert rules.may_change(asker=asker, me=1, by_worker=by_worker, asker_lives_here=lives_here) is may


def test_days_are_told_as_people_say_them() -> None:
    told = [rules.day_text(day, TODAY) for day in rules.days_from(TODAY)]
    assert told[:3] == ["今天", "明天", "12月3日 周四"]
    assert len(told) == 14
    assert rules.day_text(TODAY - timedelta(days=1), TODAY) == "11月30日 周一"


def test_the_overdue_come_first_then_the_asked_then_ones_own() -> None:
    yesterday = TODAY - timedelta(days=1)
    ranks = [
        rules.rank(by_worker=True, day=yesterday, today=TODAY),
        rules.rank(by_worker=False, day=TODAY, today=TODAY),
        rules.rank(by_worker=True, day=TODAY, today=TODAY),
    ]
    assert ranks == [0, 1, 2]
    assert rules.half_now(at(11, 59)) == Half.AM
    assert rules.half_now(at(12)) == Half.PM
