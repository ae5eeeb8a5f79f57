"""How the account at a payment service moved on a day: the lines of its fund-flow bill, and what each of them is.

The trade bill says what was paid and sent back; only this one says what that did to the account: the service's own
fees, withdrawals and those that bounced, adjustments. A fee stands in a line of its own (扣除交易手续费) or inside the
line of its payment or refund, whose remark then says so (结算总金额 500.00 元;含手续费 3.00 元); others have published
bills of both kinds. A line of a kind nobody told us of is ``OTHER``: a person looks at it, nothing is guessed.

Fees are the account holder's cost. They never lessen what a household has paid or may have back.
"""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from kernel.money import Fen, fen_from_text


class Move(StrEnum):
    """What a line of the fund-flow bill is."""

    PAYMENT = "payment"
    REFUND = "refund"
    FEE = "fee"
    FEE_BACK = "fee_back"
    WITHDRAWAL = "withdrawal"
    BOUNCE = "bounce"
    """A withdrawal the bank did not take: the money is back at the service."""
    OTHER = "other"


_FEES = frozenset({"扣除交易手续费", "交易手续费", "手续费"})
_FEES_BACK = frozenset({"退回交易手续费", "交易手续费退回", "退还交易手续费", "手续费退回", "退回手续费"})
_REMARK = re.compile(r"(?:结算|退款)总金额\s*(\d+(?:\.\d{1,2})?)\s*元[;；,，]\s*含手续费\s*(\d+(?:\.\d{1,2})?)\s*元")


def move_of(word: str, *, incoming: bool) -> Move:
    """What a line is, by the service's own word (业务类型) and the way the money went."""
    if word == "交易" and incoming:
        return Move.PAYMENT
    if word == "退款" and not incoming:
        return Move.REFUND
    if word in _FEES and not incoming:
        return Move.FEE
    if word in _FEES_BACK and incoming:
        return Move.FEE_BACK
    if "提现" in word and "费" not in word:
        return Move.BOUNCE if incoming else Move.WITHDRAWAL
    return Move.OTHER


@dataclass(frozen=True)
class FlowLine:
    """One line. ``service_no``, ``flow_no``: the service's numbers of the business and of the movement; ``voucher``:
    the number of ours it is about, where there is one; ``amount_fen`` > 0; ``balance_fen``: of the account after it.
    """

    service_no: str
    flow_no: str
    word: str
    incoming: bool
    amount_fen: Fen
    balance_fen: Fen
    at: datetime
    voucher: str
    remark: str

    @property
    def moved_fen(self) -> Fen:
        """What it did to the account."""
        return self.amount_fen if self.incoming else -self.amount_fen

    @property
    def _told(self) -> tuple[Fen, Fen] | None:
        found = _REMARK.search(self.remark)
        return (fen_from_text(found[1]), fen_from_text(found[2])) if found else None

    @property
    def move(self) -> Move:
        """What it is. A payment or refund whose remark tells sums that its amount is neither with nor without its fee
        is nothing we know.
        """
        move, told = move_of(self.word, incoming=self.incoming), self._told
        if move in (Move.PAYMENT, Move.REFUND) and told and self.amount_fen not in (told[0], told[0] - told[1]):
            return Move.OTHER
        return move

    @property
    def fee_fen(self) -> Fen:
        """What of a fee this line moved: above 0 taken, below 0 given back, 0 when none stands in it."""
        move = self.move
        if move is Move.FEE:
            return self.amount_fen
        if move is Move.FEE_BACK:
            return -self.amount_fen
        if move not in (Move.PAYMENT, Move.REFUND) or not (told := self._told) or self.amount_fen == told[0]:
            return 0
        return told[1] if move is Move.PAYMENT else -told[1]

    @property
    def gross_fen(self) -> Fen:
        """A payment or refund before the fee that stands in it."""
        return self.amount_fen + abs(self.fee_fen)


@dataclass
class Flow:
    """A day of the account: what moved it, in fen, all as positive sums but ``other_fen``. ``closing_fen``: after the
    last line; None on a day on which nothing moved.
    """

    lines: int = 0
    paid_fen: Fen = 0
    refunded_fen: Fen = 0
    fees_fen: Fen = 0
    fees_back_fen: Fen = 0
    withdrawn_fen: Fen = 0
    bounced_fen: Fen = 0
    other_fen: Fen = 0
    closing_fen: Fen | None = None

    @property
    def moved_fen(self) -> Fen:
        """What the day did to the account."""
        came = self.paid_fen + self.fees_back_fen + self.bounced_fen + self.other_fen
        return came - self.refunded_fen - self.fees_fen - self.withdrawn_fen

    @property
    def opening_fen(self) -> Fen | None:
        """Where the account stood before it; None when nothing moved."""
        return None if self.closing_fen is None else self.closing_fen - self.moved_fen

    def add(self, line: FlowLine) -> None:
        """One more line."""
        move, fee = line.move, line.fee_fen
        self.lines += 1
        self.closing_fen = line.balance_fen
        self.fees_fen += max(fee, 0)
        self.fees_back_fen += max(-fee, 0)
        if move is Move.PAYMENT:
            self.paid_fen += line.gross_fen
        elif move is Move.REFUND:
            self.refunded_fen += line.gross_fen
        elif move is Move.WITHDRAWAL:
            self.withdrawn_fen += line.amount_fen
        elif move is Move.BOUNCE:
            self.bounced_fen += line.amount_fen
        elif move is Move.OTHER:
            self.other_fen += line.moved_fen

    def told(self) -> dict[str, int | None]:
        """As it is kept with the day."""
        return asdict(self)


def flow_of(lines: Iterable[FlowLine]) -> Flow:
    """Sum up a day's lines, in the order of the bill."""
    flow = Flow()
    for line in lines:
        flow.add(line)
    return flow
