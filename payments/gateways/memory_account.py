"""The account behind the simulator: what payments and refunds cost, what left for the bank and came back, and both
bills of a day.
"""

import secrets
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from kernel import clock
from kernel.money import Fen
from payments.rules.bill import BillRow, RowKind
from payments.rules.fund_flow import FlowLine


@dataclass(frozen=True)
class Traded:
    """A payment, or a refund (``number`` is then the refund's) of a payment of ``paid_fen``, the ``before_fen`` of it
    gone earlier. ``moves``: False for a refund that was closed again.
    """

    at: datetime
    kind: RowKind
    number: str
    outside_id: str
    transaction_id: str
    fen: Fen
    state: str
    paid_fen: Fen
    before_fen: Fen = 0
    moves: bool = True


@dataclass
class MemoryAccount:
    """What the account costs and what else moved it. ``fee_per_10000``: of each payment, rounded half up to the fen;
    ``fees_within``: fees stand inside the lines of their payments and refunds, not in lines of their own.
    """

    fee_per_10000: int = 0
    fees_within: bool = False
    _others: list[FlowLine] = field(default_factory=list)

    def fee_of(self, one: Traded) -> Fen:
        """What a payment costs; below 0 what a refund gives back: what the rest of the payment would cost less."""
        if one.kind is RowKind.PAYMENT:
            return self._fee(one.fen)
        left = one.paid_fen - one.before_fen
        return self._fee(left - one.fen) - self._fee(left)

    def _fee(self, fen: Fen) -> Fen:
        return (fen * self.fee_per_10000 + 5_000) // 10_000

    def withdraw(self, fen: Fen, *, at: datetime) -> str:
        """Money leaves for the bank; the service's number of it."""
        number = f"1{secrets.randbelow(10**29):029d}"
        self._others.append(FlowLine(number, number, "提现", False, fen, 0, at, "", ""))
        return number

    def bounce(self, number: str, *, at: datetime) -> None:
        """The bank did not take a withdrawal."""
        left = next(line for line in self._others if line.service_no == number)
        self._others.append(replace(left, word="提现", incoming=True, at=at, remark="提现失败退回"))

    def move(self, fen: Fen, word: str, *, at: datetime) -> str:
        """Something else moves the account; its number."""
        number = f"9{secrets.randbelow(10**29):029d}"
        self._others.append(FlowLine(number, number, word, fen > 0, abs(fen), 0, at, "", ""))
        return number

    def rows(self, traded: list[Traded], day: date) -> list[BillRow]:
        """The trade bill's rows of a day."""
        return [
            BillRow(one.kind, one.number, one.outside_id, one.fen, one.state, one.at, self.fee_of(one))
            for one in sorted(traded, key=lambda one: one.at)
            if clock.china_day(one.at) == day
        ]

    def lines(self, traded: list[Traded], day: date) -> list[FlowLine]:
        """The fund-flow bill's lines of a day; the balance counts from the first day."""
        moved = [line for one in sorted(traded, key=lambda one: one.at) if one.moves for line in self._of(one)]
        balance, lines = 0, []
        for line in sorted(moved + self._others, key=lambda line: line.at):
            balance += line.moved_fen
            if clock.china_day(line.at) == day:
                lines.append(replace(line, balance_fen=balance))
        return lines

    def _of(self, one: Traded) -> list[FlowLine]:
        payment, fee = one.kind is RowKind.PAYMENT, abs(self.fee_of(one))
        remark = f"{'结算' if payment else '退款'}总金额{_yuan(one.fen)}元;含手续费{_yuan(fee)}元"
        moved = one.fen - fee if self.fees_within else one.fen
        word = "交易" if payment else "退款"
        line = FlowLine(one.outside_id, one.transaction_id, word, payment, moved, 0, one.at, one.number, remark)
        if self.fees_within or not fee:
            return [line]
        word = "扣除交易手续费" if payment else "退回交易手续费"
        return [line, replace(line, word=word, incoming=not payment, amount_fen=fee)]


def _yuan(fen: Fen) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
