"""A day as its page and its print show it: words for people, names of who decided."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from kernel.money import Fen, yuan_text
from kernel.people.queries import names_of
from kernel.people.services import name_of
from payments.reconciliation import queries
from payments.reconciliation.models import BillDifference, DifferenceReversal, ReconciledDay
from payments.reconciliation.queries import reversals
from payments.reconciliation.services import deciding
from payments.reconciliation.services.deciding import Merchant
from payments.rules.fund_flow import Flow
from payments.rules.reconcile import (
    DECISION_WORDS,
    KIND_WORDS,
    WAITING,
    Decision,
    DifferenceKind,
    DifferenceState,
    Item,
    ReversalState,
    may_be_decided,
)
from payments.two_people import mark

STATE_WORDS = {
    DifferenceState.OPEN: ("待处理", "bad"),
    DifferenceState.PROPOSED: ("待复核", "todo"),
    DifferenceState.DECIDED: ("已处理", "ok"),
    DifferenceState.HEALED: ("已核实补记", "ok"),
    DifferenceState.EXPLAINED: ("已查清", "ok"),
}
ITEM_WORDS = {
    Item.PAYMENT: "收款",
    Item.REFUND: "退款",
    Item.TRANSFER: "转账",
    Item.FEE: "手续费",
    Item.OTHER: "账户变动",
    Item.MOVEMENT: "账户当天",
}


@dataclass(frozen=True)
class Figures:
    """One line of the day's comparison; nobody counts fees (None)."""

    title: str
    ours_many: int | None
    ours_fen: Fen
    theirs_many: int | None
    theirs_fen: Fen

    @property
    def cells(self) -> list[str]:
        """As a table shows it."""
        gap = self.theirs_fen - self.ours_fen
        ours, theirs = _counted(self.ours_many, self.ours_fen), _counted(self.theirs_many, self.theirs_fen)
        return [self.title, ours, theirs, yuan_text(gap) if gap else "0"]


def _counted(many: int | None, fen: Fen) -> str:
    return yuan_text(fen) if many is None else f"{many} 笔 {yuan_text(fen)}"


@dataclass(frozen=True)
class Line:
    """One difference in words. ``may_decide``: the reader is not the one who proposed."""

    id: str
    title: str
    number: str
    kind: str
    ours: str
    theirs: str
    state: str
    tone: str
    waits: bool
    proposed: bool
    may_decide: bool
    decision: str
    why: str
    who: str
    seen: str
    """The mark of what is proposed."""
    choices: list[tuple[str, str]]
    """(value, word) of how it may be settled."""
    of_account: bool
    """May it move the account holder's own cost, so that an estate has to be chosen where several share?"""
    undone: list[tuple[str, str]]
    """What was decided before and taken back: (in words, why and by whom)."""
    may_undo: bool
    reversal: str
    """The public id of a reversal that waits, "" when none does."""
    reversal_why: str
    may_reverse: bool


@dataclass(frozen=True)
class DayView:
    """A day for its page."""

    id: str
    day: date
    merchant: Merchant
    trouble: str | None
    compared: bool
    rows: int
    bill_hash: str
    figures: list[Figures]
    lines: list[Line]
    waiting: int
    run_at: datetime
    closed_at: datetime | None
    closed_by: str
    account: list[list[str]]
    """How the account at the service moved, as rows; empty while that bill was not read."""
    estates: list[tuple[str, str]]
    """(public id, name) of the estates that share the merchant's account; empty when it is one."""
    may_close: bool

    @property
    def fees_missing(self) -> bool:
        """Was the account's own bill not read, so that nothing is known of fees?"""
        return self.compared and not self.account

    @property
    def word(self) -> tuple[str, str]:
        """A status word and its tone."""
        return status_word(self.compared, self.trouble, self.waiting, self.closed_at is not None)


def status_word(compared: bool, trouble: str | None, waiting: int, closed: bool) -> tuple[str, str]:
    """How a day stands, in a word, with a tone."""
    if closed:
        return "已日结", "ok"
    if trouble or not compared:
        return "未对账", "bad"
    return (f"{waiting} 条待处理", "todo") if waiting else ("相符", "ok")


def day_view(session: Session, day_id: str, *, person_id: int | None, now: datetime) -> DayView:
    """A day as the person may see it. Raises NotFound."""
    day = queries.day_by_public_id(session, day_id)
    merchant = deciding.must_see(session, day, person_id, now=now)
    bill = queries.bill_of(session, day)
    found = queries.differences_of(session, day.id)
    ids = {one.proposed_by for one in found} | {one.decided_by for one in found} | {day.closed_by}
    undone = reversals.reversals_of(session, [one.id for one in found])
    ids |= {who for some in undone.values() for one in some for who in (one.proposed_by, one.decided_by, one.signed_by)}
    people = queries.persons(session, [one for one in ids if one is not None])
    names = {number: name_of(person) for number, person in people.items()}
    mine = deciding.his(session, merchant, [one.number for one in found], person_id, now=now)
    estates, himself = queries.collections_of_merchant(session, day.merchant_id), names_of(session, person_id)
    signed, waiting = day.closed_at is not None, sum(one.state in WAITING for one in found)
    return DayView(
        day.public_id,
        day.day,
        merchant,
        day.trouble,
        bill is not None,
        bill.row_count if bill else 0,
        bill.sha256 if bill else "",
        _figures(day),
        [_line(one, names, undone.get(one.id, []), himself, is_his=one.number in mine, signed=signed) for one in found],
        waiting,
        day.run_at,
        day.closed_at,
        names.get(day.closed_by or 0, ""),
        account_rows(day),
        [(place.public_id, place.name) for _, place in estates] if len(estates) > 1 else [],
        merchant.whole and bill is not None and not (day.trouble or waiting or signed or deciding.lacks_fees(day)),
    )


def account_rows(day: ReconciledDay) -> list[list[str]]:
    """How the merchant's account moved on the day, in yuan; empty while its bill was not read."""
    if day.flow is None:
        return []
    flow = Flow(**day.flow)
    rows = [
        ("期初余额", flow.opening_fen),
        ("收款", flow.paid_fen),
        ("退款", -flow.refunded_fen),
        ("手续费（收款单位承担）", -flow.fees_fen),
        ("随退款退回的手续费", flow.fees_back_fen),
        ("提现到银行", -flow.withdrawn_fen),
        ("提现被退回", flow.bounced_fen),
        ("其他，逐笔见下", flow.other_fen),
        ("期末余额", flow.closing_fen),
    ]
    always = {"期初余额", "期末余额"}
    return [[name, "没有变动" if fen is None else yuan_text(fen)] for name, fen in rows if fen or name in always]


def _figures(day: ReconciledDay) -> list[Figures]:
    return [
        Figures("收款", day.ours_payments, day.ours_paid_fen, day.theirs_payments, day.theirs_paid_fen),
        Figures("退款", day.ours_refunds, day.ours_refunded_fen, day.theirs_refunds, day.theirs_refunded_fen),
        Figures("手续费", None, day.ours_fees_fen, None, day.theirs_fees_fen),
    ]


def _line(
    one: BillDifference,
    names: dict[int, str],
    undone: Sequence[DifferenceReversal],
    himself: AbstractSet[int],
    *,
    is_his: bool,
    signed: bool,
) -> Line:
    asked = next((each for each in undone if each.state == ReversalState.PROPOSED), None)
    may_manage = is_his and not signed
    word, tone = STATE_WORDS[DifferenceState(one.state)]
    made, checked = names.get(one.proposed_by or 0, ""), names.get(one.decided_by or 0, "")
    proposed = one.state == DifferenceState.PROPOSED
    return Line(
        one.public_id,
        ITEM_WORDS[Item(one.item)],
        one.number,
        KIND_WORDS[DifferenceKind(one.kind)],
        _side(one.ours_fen, one.ours_says),
        _side(one.theirs_fen, one.theirs_says),
        word,
        tone,
        may_manage and one.state in WAITING,
        proposed,
        may_manage and proposed and one.proposed_by not in himself,
        DECISION_WORDS[Decision(one.decision)] if one.decision and one.state != DifferenceState.OPEN else "",
        one.why or "",
        "，".join(text for text in (f"{made}提出" if made else "", f"{checked}复核" if checked else "") if text),
        mark(one),
        [(choice.value, word) for choice, word in DECISION_WORDS.items() if may_be_decided(one.item, choice)],
        one.item in (Item.OTHER, Item.FEE),
        [_undone(each, names) for each in undone if each.state in reversals.TAKEN_BACK],
        is_his and one.state == DifferenceState.DECIDED and one.decision != Decision.BOUNCED and asked is None,
        asked.public_id if asked else "",
        asked.why or "" if asked else "",
        is_his and asked is not None and asked.proposed_by not in himself,
    )


def _undone(one: DifferenceReversal, names: dict[int, str]) -> tuple[str, str]:
    made, checked, signed = (names.get(who or 0, "") for who in (one.proposed_by, one.decided_by, one.signed_by))
    told = [
        one.why or "",
        f"{made}提出，{checked}复核" if made and checked else "",
        f"这一天原由{signed}签字，要重新签" if signed else "",
    ]
    return f"撤销了：{DECISION_WORDS[Decision(one.undid)]}", "；".join(text for text in told if text)


SAID_WORDS = {
    "SUCCESS": "成功",
    "PROCESSING": "处理中",
    "CHANGE": "退款异常",
    "FAIL": "退款失败",
    "wanted": "待发出",
    "processing": "处理中",
    "done": "已退",
    "abnormal": "退款异常",
}
"""Either side's own words for a state; another side's number is shown as it is."""


def _side(fen: Fen | None, says: str) -> str:
    if fen is None:
        return "没有"
    return f"{yuan_text(fen)} 元" + (f"（{SAID_WORDS.get(says, says)}）" if says else "")
