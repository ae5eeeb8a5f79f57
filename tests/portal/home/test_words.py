"""The words of the residents' pages."""

from datetime import date, datetime

import pytest

from kernel.calendar import china_moment, end_of
from portal.home.words import last_day


@pytest.mark.parametrize(
    ("ends_at", "text"),
    [
        (end_of(date(2029, 11, 27)), "2029年11月27日"),  # 24:00 is 0:00 of the next day to a clock
        (end_of(date(2028, 2, 29)), "2028年2月29日"),
        (china_moment(date(2030, 1, 1)), "2029年12月31日"),
        (None, ""),
    ],
)
def test_a_term_ends_on_its_last_day_and_not_on_the_one_after(ends_at: datetime | None, text: str) -> None:
    assert last_day(ends_at) == text
