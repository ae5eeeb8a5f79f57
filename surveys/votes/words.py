"""Numbers and states of votes in the words of the notice and the result sheet."""

from datetime import datetime, timedelta

from kernel.clock import china_day, china_text, day_text
from kernel.ratio import percent_text
from surveys.votes.rules.catalogue import Electorate, Measure
from surveys.votes.rules.conflicts import DECISION_WORDS as CONFLICT_DECISION_WORDS
from surveys.votes.rules.conflicts import KIND_WORDS as CONFLICT_WORDS
from surveys.votes.rules.conflicts import STATE_WORDS as CONFLICT_STATE_WORDS
from surveys.votes.rules.roll import HeadcountMode

__all__ = ["CONFLICT_DECISION_WORDS", "CONFLICT_STATE_WORDS", "CONFLICT_WORDS"]

ELECTORATE_WORDS = {
    Electorate.OWNERS: "业主",
    Electorate.RESIDENTS: "居民（每户一名代表）",
    Electorate.REPRESENTATIVES: "居民代表（居民小组选出）",
}
HEAD_UNIT = {Electorate.OWNERS: "人", Electorate.RESIDENTS: "户", Electorate.REPRESENTATIVES: "人"}
HEAD_WORDS = {Electorate.OWNERS: "人数", Electorate.RESIDENTS: "户数", Electorate.REPRESENTATIVES: "人数"}
HEADCOUNT_WORDS = {
    HeadcountMode.BY_OWNER: "同一业主有几套房的按一人计算，面积合计；共有的房屋一套一票",
    HeadcountMode.BY_DWELLING: "一套房屋按一人计算",
}


def area_text(area_dm2: int) -> str:
    """Area in ㎡ with two decimals: 308656 → ``3,086.56``."""
    return f"{area_dm2 // 100:,}.{area_dm2 % 100:02d}"


def amount_text(measure: Measure, number: int, electorate: Electorate) -> str:
    """A number of one measure with its unit: ``11 人``, ``11 户`` or ``2,057.71 ㎡``."""
    return f"{area_text(number)} ㎡" if measure is Measure.AREA else f"{number:,} {HEAD_UNIT[electorate]}"


def share_text(measure: Measure, part: int, whole: int, electorate: Electorate) -> str:
    """A number with its share: ``11 人（68.8%）``. The percentage is for the eye; it decides nothing."""
    return f"{amount_text(measure, part, electorate)}（{percent_text(part, whole)}）"


def instant_text(at: datetime) -> str:
    """An instant as the notice says it; the end of a day is 24:00 of that day, not 0:00 of the next."""
    said = china_text(at)
    return f"{day_text(china_day(at - timedelta(seconds=1)))} 24:00" if said.endswith(" 00:00") else said


opening_text = china_text
"""The instant voting opens, or of whatever has happened: ``2026年11月23日 00:00``."""


def receipt_text(receipt_no: str) -> str:
    """A receipt number as printed: ``7K3M 9QXT 2B``."""
    return f"{receipt_no[:4]} {receipt_no[4:8]} {receipt_no[8:]}"
