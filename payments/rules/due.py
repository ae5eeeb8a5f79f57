"""What a dwelling bears of a budget against what was contributed for it: open, met, or too much."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kernel.errors import Conflict, Invalid
from kernel.money import Fen, yuan_text


class DueState(StrEnum):
    """Where a dwelling stands, in one word."""

    NOTHING = "nothing"
    """It bears nothing (let off, or not benefited)."""
    OPEN = "open"
    PART = "part"
    MET = "met"
    OVER = "over"
    """More came than it bears: to be asked back."""


DUE_WORDS = {
    DueState.NOTHING: ("不用出", ""),
    DueState.OPEN: ("待缴", "todo"),
    DueState.PART: ("已缴一部分", "wait"),
    DueState.MET: ("已缴清", "ok"),
    DueState.OVER: ("多缴可退", "wait"),
}
"""As the household itself and the staff read it."""


@dataclass(frozen=True)
class Standing:
    """``due_fen`` of the version that counts; ``paid_fen``: what counts as paid (``counts_as_paid``)."""

    due_fen: Fen
    paid_fen: Fen

    @property
    def open_fen(self) -> Fen:
        """What is still to be paid, 0 when nothing is."""
        return max(0, self.due_fen - self.paid_fen)

    @property
    def over_fen(self) -> Fen:
        """What is too much, 0 when nothing is."""
        return max(0, self.paid_fen - self.due_fen)

    @property
    def state(self) -> DueState:
        """The same in one word."""
        if self.over_fen:
            return DueState.OVER
        if not self.due_fen:
            return DueState.NOTHING
        if not self.open_fen:
            return DueState.MET
        return DueState.PART if self.paid_fen else DueState.OPEN


def counts_as_paid(due_fen: Fen, came_fen: Fen, settled_fen: Fen) -> Fen:
    """What counts against a due when ``settled_fen`` of what was contributed went back as surplus of a settlement.

    The works cost less, so that share is no longer owed: it fills the due again as far as it reaches. It never makes
    too much of it: nobody asks back what he has back.
    """
    return came_fen if came_fen >= due_fen else min(due_fen, came_fen + settled_fen)


def must_be_open(amount_fen: Fen, open_fen: Fen) -> Fen:
    """Return an amount between 1 fen and what is open. Raises ``Conflict`` when nothing is, ``Invalid`` above it."""
    if not open_fen:
        raise Conflict("nothing-open", "您家的出资已经缴清，不用再缴。")
    if amount_fen < 1:
        raise Invalid("amount-too-small", "金额要大于 0 元。", {"amount_fen": ["请填写大于 0 的金额。"]})
    if amount_fen > open_fen:
        most = yuan_text(open_fen)
        raise Invalid(
            "more-than-open", f"您家还差 {most} 元，不用多缴。", {"amount_fen": [f"最多 {most} 元，可以分几次缴。"]}
        )
    return amount_fen


def take_back(surplus_fen: Fen, parts: Sequence[tuple[int, Fen]]) -> list[tuple[int, Fen]]:
    """Which payments a surplus goes back from: the last one first. ``parts``: (payment, what of it may go back), oldest
    first. Returns (payment, fen), only what is more than 0; never more than there is.
    """
    taken, left = [], surplus_fen
    for payment, fen in reversed(parts):
        part = min(left, fen)
        if part > 0:
            taken.append((payment, part))
            left -= part
    return taken


def meet(due_open_fen: Fen, deposits: Sequence[tuple[int, Fen]]) -> list[tuple[int, Fen, Fen]]:
    """What of a dwelling's deposits becomes its contribution: the oldest first, up to what is open; the rest of a
    deposit begun goes back. ``deposits``: (deposit, fen). Returns (deposit, taken, rest); a deposit of which nothing is
    taken is not among them: it stays a deposit until its payer says what he wants.
    """
    result, left = [], due_open_fen
    for deposit, fen in deposits:
        taken = min(left, fen)
        if taken > 0:
            result.append((deposit, taken, fen - taken))
            left -= taken
    return result
