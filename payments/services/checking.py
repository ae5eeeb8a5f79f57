"""Proving the books: they are compared with what WeChat confirmed and with the deposits; differences are named."""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from kernel.database import reading
from kernel.money import Fen, yuan_text
from payments import queries
from payments.cash_desk import checks as counter
from payments.fund_flow import queries as fees
from payments.publications import checks as published
from payments.queries import checks
from payments.reconciliation import checks as decided
from payments.refunds import checks as returns
from payments.spending import queries as spending
from payments.withdrawals import queries as withdrawals


@dataclass(frozen=True)
class Difference:
    """Something that does not hold: which check, where, and what is said there."""

    check: str
    where: str
    says: str


@dataclass(frozen=True)
class Report:
    """What was proved. ``balances``: fen by account kind over all collections; ``waiting_receipts`` and the open
    refunds and alarms are work on its way, not differences.
    """

    entries: int
    confirmations: int
    balances: dict[str, Fen]
    waiting_receipts: int
    open_refunds: int
    open_alarms: dict[str, int]
    differences: list[Difference] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Is there no difference at all?"""
        return not self.differences


def check(session: Session | None = None) -> Report:
    """Prove the current city's books in one snapshot."""
    session = session or reading()
    entries, confirmations = checks.entries_and_confirmations(session)
    balances = checks.balances(session)
    by_kind: dict[str, Fen] = {}
    for (_, kind), fen in balances.items():
        by_kind[kind] = by_kind.get(kind, 0) + fen
    return Report(
        entries,
        confirmations,
        by_kind,
        checks.waiting_for_receipts(session),
        queries.open_refunds(session),
        queries.open_alarms(session),
        [
            *_of_entries(session),
            *_of_confirmations(session),
            *_of_deposits(session),
            *_of_returns(session),
            *_of_counter(session),
            *_of_balances(balances, checks.expected_balances(session)),
            *_of_receipts(session),
            *_of_spending(session),
            *_of_publications(session),
        ],
    )


def _of_entries(session: Session) -> list[Difference]:
    return [
        *(
            Difference(
                "entry-sums-to-zero", row.reference, f"{row.kind}：{row.lines} 行，合计 {yuan_text(int(row.fen))} 元"
            )
            for row in checks.unbalanced_entries(session)
        ),
        *(
            Difference("entry-in-one-collection", row.reference, "有一行记在别的小区账上")
            for row in checks.strayed_postings(session)
        ),
    ]


def _of_confirmations(session: Session) -> list[Difference]:
    return [
        *(
            Difference(
                "confirmed-is-entered",
                row.trade_no,
                f"确认 {yuan_text(row.confirmed)} 元，账上 {yuan_text(int(row.entered))} 元",
            )
            for row in checks.unentered_confirmations(session)
        ),
        *(
            Difference("entered-is-confirmed", row.reference, f"{row.kind}：账上有，没有人确认过")
            for row in checks.unconfirmed_entries(session)
        ),
        *(
            Difference("attempt-is-confirmed", row.trade_no, f"付款状态是 {row.state}，与微信的确认不符")
            for row in checks.attempts_apart(session)
        ),
        *(
            Difference("notice-is-confirmed", row.notice_id, "通知记为已入账，却没有确认")
            for row in checks.notices_apart(session)
        ),
        *(
            Difference(
                "refund-is-entered",
                row.refund_no,
                f"退款 {row.state} {yuan_text(row.amount)} 元，账上 {yuan_text(int(row.entered))} 元",
            )
            for row in checks.refunds_apart(session)
        ),
        *(
            Difference("refund-is-founded", row.reference, "账上有退款，却没有这笔退款")
            for row in checks.unfounded_refunds(session)
        ),
    ]


def _of_deposits(session: Session) -> list[Difference]:
    return [
        Difference(
            "deposit-is-entered",
            row.public_id,
            f"诚意金 {row.state} {yuan_text(row.amount)} 元，账上 {yuan_text(int(row.entered))} 元",
        )
        for row in checks.deposits_apart(session)
    ]


def _of_returns(session: Session) -> list[Difference]:
    return [
        *(
            Difference("return-is-entered", row.public_id, f"{row.state} {yuan_text(row.amount)} 元，账上不是这样记的")
            for row in returns.unentered(session)
        ),
        *(
            Difference("return-is-founded", row.reference, f"{row.kind}：账上有，却没有这笔退还或转出资")
            for row in returns.unfounded(session)
        ),
        *(
            Difference("deposit-is-its-return", row.public_id, f"诚意金 {row.state}，与它的退还申请或转出资不符")
            for row in returns.deposits_apart(session)
        ),
        *(
            Difference(
                "returned-within-paid",
                row.public_id,
                f"缴 {yuan_text(row.paid)} 元，退和转共 {yuan_text(int(row.gone))} 元",
            )
            for row in returns.beyond_paid(session)
        ),
    ]


def _of_counter(session: Session) -> list[Difference]:
    return [
        *(
            Difference("taking-is-its-payment", row[0], f"登记 {yuan_text(row[1])} 元，与收款不符")
            for row in counter.takings_apart(session)
        ),
        *(
            Difference(
                "box-is-its-takings",
                row.public_id,
                f"日结登记 {yuan_text(row.entered)} 元、清点 {yuan_text(row.counted)} 元，与收据或分录不符",
            )
            for row in counter.boxes_apart(session)
        ),
        *(
            Difference(
                "difference-is-decided-by-two", row.public_id, f"差 {yuan_text(row.missing)} 元，长短款不是这样记的"
            )
            for row in counter.differences_apart(session)
        ),
        *(
            Difference("banked-is-counted", row.public_id, f"解款 {yuan_text(row.amount)} 元，与钱箱或分录不符")
            for row in counter.bankings_apart(session)
        ),
        *(
            Difference("line-is-its-credits", row[0], f"流水 {yuan_text(row[1])} 元，与记入的不符")
            for row in counter.lines_apart(session)
        ),
        *(
            Difference("withdrawal-is-shared", row.number, f"提现 {yuan_text(row.amount)} 元，与记到各小区的不符")
            for row in withdrawals.apart(session)
        ),
        *(
            Difference(
                "fee-is-entered",
                row.booking,
                f"微信手续费 {yuan_text(int(row.fees))} 元，账上 {yuan_text(int(row.entered))} 元",
            )
            for row in fees.apart(session)
        ),
        *(
            Difference("difference-is-entered", row.public_id, f"差异处理为 {row.decision}，账上不是这样记的")
            for row in decided.apart(session)
        ),
        *(
            Difference("fee-is-told-once", row.number, "手续费两人补记过，资金账单又列出一次")
            for row in decided.told_twice(session)
        ),
        *(
            Difference("void-is-reversed", row.public_id, f"{yuan_text(row.amount_fen)} 元，作废与冲销不符")
            for row in counter.voids_apart(session)
        ),
    ]


def _of_balances(found: dict[tuple[str, str], Fen], expected: dict[tuple[str, str], Fen]) -> list[Difference]:
    return [
        Difference(
            "balance-is-its-facts",
            f"{place[0]} {place[1]}",
            f"账户余额 {yuan_text(found.get(place, 0))} 元，按事实应为 {yuan_text(expected.get(place, 0))} 元",
        )
        for place in sorted(set(found) | set(expected))
        if found.get(place, 0) != expected.get(place, 0)
    ]


def _of_spending(session: Session) -> list[Difference]:
    return [
        *(
            Difference(
                "spending-is-entered", row.public_id, f"{row.state} {yuan_text(row.amount)} 元，账上不是这样记的"
            )
            for row in spending.apart(session)
        ),
        *(
            Difference("spending-is-founded", row.reference, "账上有支出，却没有这笔付款")
            for row in spending.unfounded(session)
        ),
    ]


def _of_publications(session: Session) -> list[Difference]:
    return [
        *(
            Difference(
                "published-is-entered",
                f"{row.public_id} {row.place}",
                f"公示 {yuan_text(row.amount)} 元，账上不是这样记的",
            )
            for row in published.rows_apart(session)
        ),
        *(
            Difference(
                "publication-adds-up",
                f"{row.public_id} {row.number}",
                f"期初 {yuan_text(row.opening)} 元，期末 {yuan_text(row.closing)} 元，与各行或上一期不符",
            )
            for row in published.periods_apart(session)
        ),
    ]


def _of_receipts(session: Session) -> list[Difference]:
    return [
        *(
            Difference(
                "receipts-have-no-gap",
                f"{row.series} {row.year}",
                f"计数 {row.last}，收据 {row.many} 张，最大号 {row.highest}",
            )
            for row in checks.receipt_series(session)
            if not row.last == row.many == row.highest
        ),
        *(
            Difference(
                "receipt-is-its-deposit",
                row.number,
                f"收据 {yuan_text(row.amount)} 元，诚意金 {yuan_text(row.deposit)} 元",
            )
            for row in checks.receipts_apart(session)
        ),
    ]
