"""The clock and China's day."""

from datetime import UTC, date, datetime

import pytest

from kernel import clock


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC


def test_inside_at_the_clock_stands_still_and_afterwards_runs_again() -> None:
    moment = datetime(2023, 9, 30, 15, 59, 59, tzinfo=UTC)
    with clock.at(moment):
        assert clock.now() == clock.now() == moment
        with clock.at(datetime(2020, 1, 1, tzinfo=UTC)):
            assert clock.now().year == 2020
        assert clock.now() == moment
    assert clock.now() != moment


def test_the_day_in_china_begins_at_sixteen_hours_utc() -> None:
    assert clock.china_day(datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 21)
    assert clock.china_day(datetime(2026, 11, 21, 16, 0, 0, tzinfo=UTC)) == date(2026, 11, 22)


def test_a_moment_is_written_on_chinas_wall_clock() -> None:
    moment = datetime(2026, 11, 2, 16, 8, tzinfo=UTC)
    assert clock.china_text(moment) == "2026年11月3日 00:08"
    assert clock.china_stamp(moment) == "2026-11-03 00:08"
    assert clock.day_text(clock.china_day(moment)) == "2026年11月3日"
    assert clock.china_moment(date(2026, 11, 22), 19, 28) == datetime(2026, 11, 22, 11, 28, tzinfo=UTC)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError):
        clock.china_day(datetime(2026, 11, 22))
    with pytest.raises(ValueError), clock.at(datetime(2026, 11, 22)):
        pass
