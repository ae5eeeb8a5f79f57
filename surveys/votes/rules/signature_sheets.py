"""Signatures on paper (联名): what becomes of a line of a sheet, and who may check it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kernel.errors import Conflict, Invalid
from surveys.votes.rules.catalogue import Electorate

MOST_LINES = 60


class SheetState(StrEnum):
    """Where a sheet stands: keyed by one, checked by another."""

    ENTERED = "entered"
    CHECKED = "checked"


class LineState(StrEnum):
    """What a line of a sheet is worth."""

    WAITING = "waiting"
    COUNTED = "counted"
    DUPLICATE = "duplicate"
    """its household or owner has signed already, on a phone or another line"""
    UNKNOWN = "unknown"
    """who signed is not of the electorate as the register has it"""
    REFUSED = "refused"
    """the second person could not find it on the photo as it was keyed"""
    WITHDRAWN = "withdrawn"


LINE_WORDS: Mapping[LineState, str] = {
    LineState.WAITING: "待另一人核对",
    LineState.COUNTED: "计入",
    LineState.DUPLICATE: "重复，不计",
    LineState.UNKNOWN: "不在业主名册上，不计",
    LineState.REFUSED: "核对不符，不计",
    LineState.WITHDRAWN: "已撤回",
}


@dataclass(frozen=True, slots=True)
class Signed:
    """A line as keyed: whose line of today's roll (None: none), and whether the name stands on the register there."""

    head: int | None
    named: bool


def judge(lines: Collection[Signed], signed: Collection[int], electorate: Electorate) -> list[LineState]:
    """What each line is worth beside what has been ``signed`` (heads), the first of two alike counting.

    Owners sign themselves, so a name must be an owner's; for a household anybody of it may, known or not.
    """
    seen, found = set(signed), []
    for line in lines:
        if line.head is None or (electorate is Electorate.OWNERS and not line.named):
            found.append(LineState.UNKNOWN)
        elif line.head in seen:
            found.append(LineState.DUPLICATE)
        else:
            seen.add(line.head)
            found.append(LineState.WAITING)
    return found


def must_wait(state: SheetState) -> None:
    """Raises Conflict for a sheet that has been checked."""
    if state is not SheetState.ENTERED:
        raise Conflict("checked-already", "这份签名表已经核对过了。")


def check_refused(refused: Collection[int], positions: Collection[int], why: str) -> None:
    """Raises Invalid for lines that are not on the sheet, or a refusal without a reason."""
    if not set(refused) <= set(positions):
        raise Invalid("no-such-line", "签名表上没有这一行。", {"refused": ["请检查"]})
    if refused and not why.strip():
        raise Invalid("reason-needed", "请写明哪里不符。", {"why": ["请写原因"]})
