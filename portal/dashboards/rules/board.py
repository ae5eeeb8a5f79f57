"""What a leader sees of a door: one status word. Never a name, an amount, or anything that was answered.

待沟通 says only that nobody has reached this household yet and little time is left. It does not come from an answer:
who said no to something looks like everybody else who has answered (UX: no pressure on neighbours).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kernel.ratio import percent_text

LAST_DAYS = 5
"""With so few days left, who has not answered is to be talked to."""


class Status(StrEnum):
    """The state of a door."""

    PAID = "paid"
    PAID_ONLY = "paid_only"
    ANSWERED = "answered"
    TO_CONTACT = "to_contact"
    OPEN = "open"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True)
class StatusWord:
    """How a status is shown: a word, a sign of its own shape, a line that explains it."""

    word: str
    sign: str
    says: str


WORDS: dict[str, StatusWord] = {
    Status.PAID: StatusWord("已缴", "●", "款已缴"),
    Status.PAID_ONLY: StatusWord("已缴未填", "◆", "款已缴，问卷还没填"),
    Status.ANSWERED: StatusWord("已填", "◐", "问卷已填"),
    Status.TO_CONTACT: StatusWord("待沟通", "△", "问卷快截止或已截止，还没联系上这一户"),
    Status.OPEN: StatusWord("未填", "○", "问卷还没填"),
    Status.NOT_ASKED: StatusWord("未开始", "", "问卷还没有开始"),
}


def little_time_left(today: date, last_day: date | None) -> bool:
    """Are there ``LAST_DAYS`` or fewer days to ``last_day``, or is it past? Never without one."""
    return last_day is not None and today >= last_day - timedelta(days=LAST_DAYS)


def door_status(*, asked: bool, answered: bool, paid: bool, hurry: bool) -> Status:
    """The status of a door. ``asked``: a questionnaire runs or ran here; ``hurry``: little time is left."""
    if paid:
        return Status.PAID if answered or not asked else Status.PAID_ONLY
    if answered:
        return Status.ANSWERED
    if not asked:
        return Status.NOT_ASKED
    return Status.TO_CONTACT if hurry else Status.OPEN


BEST_DAYS = 30
BEST_PERMILLE = 900
"""工商局宿舍, 2022: 90 % of the households within one month (DOMAIN §3.1): the best curve that is known."""


@dataclass(frozen=True)
class Pace:
    """How long an estate collects, and how far the best known one had come on that day, were it as quick every day."""

    day: int

    @property
    def best_permille(self) -> int:
        """In thousandths of the households."""
        return min(BEST_PERMILLE, BEST_PERMILLE * self.day // BEST_DAYS)

    @property
    def best_text(self) -> str:
        """The same as a rate."""
        return percent_text(self.best_permille, 1000)


def pace_of(opened: date | None, closed: date | None, *, today: date) -> Pace | None:
    """The pace of a collection on a day, the opening day being the first; None without one, or once it is closed."""
    if opened is None or closed is not None or today < opened:
        return None
    return Pace((today - opened).days + 1)


@dataclass(frozen=True)
class Door:
    """One cell of the grid: ``name`` as on the door within its building (2-501), its floor, its status."""

    name: str
    floor: int
    status: Status

    @property
    def word(self) -> StatusWord:
        """How the status is shown."""
        return WORDS[self.status]


def door_name(unit: str, door: str) -> str:
    """``("2", "501") -> "2-501"``; without units the door alone."""
    return f"{unit}-{door}" if unit else door


def floor_of(floor: int | None, door: str) -> int:
    """The floor on record, else the one the door number begins with (1203 -> 12), else 0."""
    if floor is not None:
        return floor
    digits = re.match(r"\d{3,4}", door)
    return int(digits[0][:-2]) if digits else 0


def floors(doors: Iterable[Door]) -> list[tuple[int, list[Door]]]:
    """Doors by floor, the top floor first, as the building stands; doors keep their order."""
    found: dict[int, list[Door]] = {}
    for door in doors:
        found.setdefault(door.floor, []).append(door)
    return sorted(found.items(), reverse=True)


@dataclass(frozen=True)
class Tally:
    """Households of an estate or a building: all, answered, paid."""

    households: int
    answered: int
    paid: int

    @property
    def answered_text(self) -> str:
        """The response rate."""
        return percent_text(self.answered, self.households)

    @property
    def paid_text(self) -> str:
        """The share of households that paid."""
        return percent_text(self.paid, self.households)


def reminder(place: str, counts: Tally, last_day: date | None) -> str:
    """A text for the neighbours' WeChat group: totals, how to do it, no name, no door, nobody pointed at."""
    lines = [f"【{place}】各位邻居好！小区改造问卷已有 {counts.answered} 户填写（共 {counts.households} 户）。"]
    if last_day is not None:
        lines.append(f"填写到 {last_day.month}月{last_day.day}日 截止。")
    lines.append("还没填的，扫一下自家门口的二维码，几分钟就能填好；不方便用手机的，跟我说一声，请社区上门帮忙。")
    lines.append("填写全凭自愿，大家的意见会写进改造方案。")
    return "".join(lines)
