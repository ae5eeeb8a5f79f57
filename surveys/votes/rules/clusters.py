"""Assemblies that decide one thing together, each by itself: all must carry it (DOMAIN §2.1, 清远条例 §14(5)). Pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

MOST_ASSEMBLIES = 60


class Verdict(StrEnum):
    """What the assemblies together have decided."""

    CARRIED = "carried"
    LOST = "lost"
    PENDING = "pending"


VERDICT_WORDS: Mapping[Verdict, str] = {
    Verdict.CARRIED: "每个小区都通过，合并事项通过",
    Verdict.LOST: "有小区没有通过，合并事项不通过",
    Verdict.PENDING: "还有小区没有最终结果",
}


def verdict(carried: Iterable[bool | None]) -> Verdict:
    """``carried`` of every assembly: True, False, or None while it has no final result. One lost is enough to lose."""
    known = list(carried)
    if any(each is False for each in known):
        return Verdict.LOST
    return Verdict.CARRIED if known and all(known) else Verdict.PENDING
