"""Quarters: ``2023Q3`` is everything up to and including 30 September 2023 in China."""

import re
from dataclasses import dataclass
from datetime import date

from kernel.errors import NotFound

_LAST_DAYS = {1: (3, 31), 2: (6, 30), 3: (9, 30), 4: (12, 31)}
_CHINESE = {1: "一", 2: "二", 3: "三", 4: "四"}


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter of a year; sorts by time."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """``"2023Q3"`` as a quarter; ``NotFound`` for anything else, since it comes out of an address."""
        found = re.fullmatch(r"(20[0-9]{2})Q([1-4])", text)
        if found is None:
            raise NotFound("no-such-quarter", "没有这个季度。请写成 2023Q3 这样。")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """The quarter a day lies in."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def last_day(self) -> date:
        """The last day that counts."""
        return date(self.year, *_LAST_DAYS[self.number])

    @property
    def text(self) -> str:
        """As it is said: 2023年第三季度."""
        return f"{self.year}年第{_CHINESE[self.number]}季度"

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"
