"""What a line of a bank statement is decided to be, and where that stands."""

from datetime import date
from enum import StrEnum

from kernel.errors import Invalid
from kernel.money import Fen


class LineState(StrEnum):
    """What became of a line."""

    REVIEW = "review"
    """It could not be read: somebody has to look at the bank's paper."""
    WAITING = "waiting"
    MATCHED = "matched"
    PROPOSED = "proposed"
    DECIDED = "decided"


class LineDecision(StrEnum):
    """What a line is decided to be. ``WORKS`` have an effect in the books, the others say how it was settled."""

    CREDITED = "credited"
    ARRIVED = "arrived"
    """Cash our collectors handed in."""
    POS = "pos"
    """What a card terminal's bank settled."""
    PAID_OUT = "paid_out"
    """A refund or a payment for the works that the books hold already."""
    FEE = "fee"
    """What the bank took for its services."""
    SETTLED = "settled"
    """What the account holder (or who took the cash) paid in for fees and shortages, or a surplus given back."""
    RETURNED = "returned"
    THEIRS = "theirs"
    ACCEPTED = "accepted"
    ENTERED = "entered"
    DUPLICATE = "duplicate"
    """Another line told again: both stay on record, one counts."""


LINE_WORDS = {
    LineDecision.CREDITED: "记入住户缴款",
    LineDecision.ARRIVED: "收款员送存的现金到账",
    LineDecision.POS: "刷卡到账",
    LineDecision.PAID_OUT: "账上已登记的退款或支出",
    LineDecision.FEE: "银行收的手续费",
    LineDecision.SETTLED: "补足手续费、短款（收款单位或经手人转入），或退还长款",
    LineDecision.RETURNED: "已退回付款人",
    LineDecision.THEIRS: "银行有误，已取得书面说明",
    LineDecision.ACCEPTED: "与住户缴款无关，核实无误",
    LineDecision.ENTERED: "已按规定补记入账",
    LineDecision.DUPLICATE: "和另一行是同一笔（银行重复列出、重复导入）",
}
OFFERED = (
    LineDecision.CREDITED,
    LineDecision.ARRIVED,
    LineDecision.POS,
    LineDecision.PAID_OUT,
    LineDecision.FEE,
    LineDecision.SETTLED,
    LineDecision.RETURNED,
    LineDecision.THEIRS,
    LineDecision.ACCEPTED,
    LineDecision.DUPLICATE,
)
"""What may be proposed; that something was entered elsewhere is only read in old lines."""
WORKS = frozenset(
    {LineDecision.CREDITED, LineDecision.ARRIVED, LineDecision.POS, LineDecision.FEE, LineDecision.SETTLED}
)
"""Decisions with an effect in the books; it is taken back by two."""


class PartState(StrEnum):
    """Where one effect of a line stands."""

    PLANNED = "planned"
    DONE = "done"
    DROPPED = "dropped"
    UNDONE = "undone"


def must_be_the_same(line: tuple[date | None, Fen | None], other: tuple[date | None, Fen | None]) -> None:
    """May one line, (day, amount), be another told again? Raises Invalid unless both are of one day and one amount."""
    if None in line or line != other:
        raise Invalid(
            "not-the-same-line", "这两行的日期或金额不一样，不是同一笔。", {"same_as": ["请选日期和金额都相同的一行。"]}
        )


MOST_FEE = 50
"""A terminal's bank keeps at most the 50th part (2 %); more is a mistake of whoever typed it."""


def checked_fee(fee_fen: Fen, gross_fen: Fen) -> Fen:
    """What a terminal's bank kept of card payments. Raises Invalid below 0, or for more than a terminal costs."""
    if not 0 <= fee_fen * MOST_FEE <= gross_fen:
        raise Invalid(
            "bad-fee", "手续费不对：刷卡手续费不会超过刷卡金额的百分之二。", {"fee": ["请按银行的结算单填。"]}
        )
    return fee_fen


OPEN_LINES = frozenset({LineState.REVIEW, LineState.WAITING, LineState.PROPOSED})
