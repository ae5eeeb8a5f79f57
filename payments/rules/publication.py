"""Publishing an estate's books: which period is due, what a published row says, and how the figures hang together.

Weekly while money is collected, monthly afterwards (DOMAIN §3.5); a row says building, receipt tail, amount and day
(DESIGN §7), as far as ``payments.rules.disclosure`` lets it. Published rows never change: a correction is a row of a
later period. What waits for others to go out with is in no figure yet, so that opening, rows and closing always add up.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kernel.errors import Invalid
from kernel.money import Fen
from payments.rules import merkle
from payments.rules.receipt import TAIL_LENGTH

MONEY = frozenset({"at_wechat", "at_bank", "cash_on_hand", "cash_in_transit", "at_pos", "from_wechat"})
"""The ledger accounts whose money the public books follow; between two of them nothing comes in or goes out."""


_PLACE = re.compile(r"([1-9][0-9]{0,8})-([1-9][0-9]{0,8})")


def tail(number: str) -> str:
    """The published end of a receipt number."""
    return number[-TAIL_LENGTH:]


def place_from(text: str | None) -> tuple[int, int] | None:
    """The line a reader wants to go on from, ``"12-7"``: the seventh of the twelfth publication; Invalid for none."""
    if text is None:
        return None
    found = _PLACE.fullmatch(text)
    if found is None:
        raise Invalid("no-such-line", "没有这一页账目。请从第一页看起。")
    return int(found[1]), int(found[2])


class RowKind(StrEnum):
    """What a published row is. The sign of its amount says whether money came or went."""

    IN = "in"
    AGAIN = "again"
    """Paid a second time by mistake; it goes back by itself."""
    REFUND = "refund"
    OUT = "out"
    VOID = "void"
    """An entry of our own counter taken back: it lessens what came in by its channel."""
    FEE = "fee"
    """What the payment service or the bank took for its services, or gave back: the account holder's cost."""
    HOLDER = "holder"
    """The account holder's own money, put into the account or taken out."""
    MADE_GOOD = "made_good"
    """What the account holder (or who took the cash) put in to make fees and shortages good; a surplus given back."""
    CASH = "cash"
    """A box of cash held less than was entered, or more: neither income nor spent."""


ROW_KINDS = {
    "deposit_paid": RowKind.IN,
    "contribution_paid": RowKind.IN,
    "second_payment": RowKind.AGAIN,
    "refund_done": RowKind.REFUND,
    "refund_paid_out": RowKind.REFUND,
    "payment_voided": RowKind.VOID,
    "service_fee": RowKind.FEE,
    "service_fee_back": RowKind.FEE,
    "service_charge": RowKind.FEE,
    "fee_taken": RowKind.FEE,
    "fee_undone": RowKind.FEE,
    "pos_arrived": RowKind.FEE,
    "pos_arrival_undone": RowKind.FEE,
    "service_charge_undone": RowKind.FEE,
    "holder_moved": RowKind.HOLDER,
    "holder_undone": RowKind.HOLDER,
    "settled_at_bank": RowKind.MADE_GOOD,
    "settlement_undone": RowKind.MADE_GOOD,
    "cash_difference": RowKind.CASH,
}
"""Which row an entry of the ledger becomes; any other is told by its sign."""


TELL_OF_TRADES = frozenset(
    {
        "service_fee",
        "service_fee_back",
        "service_charge",
        "service_charge_undone",
        "pos_arrived",
        "pos_arrival_undone",
        "settled_at_bank",
        "settlement_undone",
    }
)
"""Entries whose amount tells of the payments they were taken for: a share of each, on the phone or by card."""


def kind_of(entry_kind: str, amount_fen: Fen) -> RowKind:
    """What a movement is called in public."""
    return ROW_KINDS.get(entry_kind) or (RowKind.IN if amount_fen > 0 else RowKind.OUT)


KIND_WORDS = {
    RowKind.IN: "收款",
    RowKind.AGAIN: "重复缴款（退回中）",
    RowKind.REFUND: "退款",
    RowKind.OUT: "支出",
    RowKind.VOID: "作废更正",
    RowKind.FEE: "手续费（收款单位承担）",
    RowKind.HOLDER: "收款单位自有资金",
    RowKind.MADE_GOOD: "补足手续费、短款，或退还长款",
    RowKind.CASH: "现金长短款",
}


@dataclass(frozen=True)
class Row:
    """One published row. ``mark`` ties it to one receipt without telling which: only who holds it can recompute it."""

    kind: RowKind
    building: str
    receipt_tail: str
    amount_fen: Fen
    day: date
    mark: str

    @property
    def text(self) -> str:
        """The row as it is hashed: tab between the fields, day and amount in plain digits."""
        fields = (self.kind, self.building, self.receipt_tail, str(self.amount_fen), self.day.isoformat(), self.mark)
        return "\t".join(fields)


@dataclass(frozen=True)
class Figures:
    """A period's sums. ``in_fen``: by channel; refunds and payments out are positive here. ``fees_fen``: what services
    cost, less what the account holder put in of its own; ``cash_fen``: what boxes of cash held more than was entered
    (below 0: less), no income and no expense.
    """

    opening_fen: Fen
    in_fen: dict[str, Fen]
    again_fen: Fen
    refunded_fen: Fen
    out_fen: Fen
    fees_fen: Fen = 0
    cash_fen: Fen = 0

    @property
    def closing_fen(self) -> Fen:
        """What is left: it is the opening of the next period."""
        return (
            self.opening_fen
            + sum(self.in_fen.values())
            + self.again_fen
            - self.refunded_fen
            - self.out_fen
            - self.fees_fen
            + self.cash_fen
        )


def mark_of(number: str, audit_hash: str, reference: str) -> str:
    """What ties a row to a receipt: a hash over its full number, its proof number and the payment's own reference.

    The proof number is on the receipt and nowhere else, so nobody can try numbers out.
    """
    return hashlib.sha256(f"{number}\n{audit_hash}\n{reference}".encode()).hexdigest()[:32]


def header_text(estate: str, number: int, first: date, last: date, figures: Figures, previous_root: str) -> str:
    """The first leaf: period, figures and the root before, so that neither can be changed without changing the root."""
    channels = ",".join(f"{name}={fen}" for name, fen in sorted(figures.in_fen.items()))
    return "\t".join(
        (
            estate,
            str(number),
            first.isoformat(),
            last.isoformat(),
            f"opening={figures.opening_fen}",
            f"in:{channels}",
            f"again={figures.again_fen}",
            f"refunds={figures.refunded_fen}",
            f"out={figures.out_fen}",
            f"fees={figures.fees_fen}",
            f"cash={figures.cash_fen}",
            f"closing={figures.closing_fen}",
            f"previous={previous_root}",
        )
    )


def leaves(header: str, rows: Sequence[str]) -> list[bytes]:
    """The leaf hashes of a publication: its header, then its rows in order."""
    return [merkle.leaf_hash(text.encode()) for text in (header, *rows)]


def periods_due(
    opened: date, closed: date | None, published_to: date | None, *, today: date
) -> list[tuple[date, date]]:
    """The periods (first and last day) that are over and not published yet, oldest first.

    A period that begins while the collection is open ends with its week (Sunday), a later one with its month.
    """
    first, due = (published_to + timedelta(days=1) if published_to else opened), []
    while (last := _end(first, closed)) < today:
        due.append((first, last))
        first = last + timedelta(days=1)
    return due


def _end(first: date, closed: date | None) -> date:
    if closed is None or first <= closed:
        return first + timedelta(days=6 - first.weekday())
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return following - timedelta(days=1)
