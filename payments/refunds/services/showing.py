"""Requests in words: for the payer where his money is, for staff what waits for whom."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import grants
from kernel.clock import china_text
from kernel.money import Fen
from kernel.people.queries import names_of
from kernel.places.models import Place
from kernel.places.queries import place_by_public_id, places_by_id
from payments import queries as payments
from payments.handovers import queries as handovers
from payments.handovers.queries import Waiting
from payments.models import Deposit
from payments.refunds import queries
from payments.refunds.queries import Aging, Line
from payments.refunds.services.asking import MANAGE, left_of
from payments.refunds.services.converting import Preview, preview
from payments.refunds.services.proposals import Proposal, people_words, proposals
from payments.rules.deposit import DepositState, Purpose
from payments.rules.giving_back import (
    BACK,
    LIVE,
    OWED,
    REASON_WORDS,
    ROAD_WORDS,
    WAITING,
    WARN_AFTER,
    AskedReason,
    Origin,
    RequestState,
    Road,
    days_left,
    road_for,
)

R = RequestState

STATE_WORDS: dict[RequestState, tuple[str, str]] = {
    R.ASKED: ("待核准", "todo"),
    R.CHECKED: ("待第二人核准", "todo"),
    R.SENDING: ("微信退款中", "wait"),
    R.FAILED: ("微信没有退成", "bad"),
    R.TO_TRANSFER: ("待转账", "wait"),
    R.TRANSFERRED: ("待确认到账", "todo"),
    R.REFUNDED: ("已原路退回", "ok"),
    R.REFUNDED_OFFLINE: ("已转账退回", "ok"),
    R.REFUSED: ("未核准", ""),
    R.CANCELLED: ("本人撤回", ""),
}

# -------------------------------------------------------------------------------------------------------- the payer


@dataclass(frozen=True)
class Step:
    """One step of the way back."""

    word: str
    is_done: bool


@dataclass(frozen=True)
class PayerView:
    """What a payer reads about his request. ``word``: in a few characters; ``text``: what happens, what he can do."""

    id: str | None
    state: str | None
    amount_fen: Fen
    word: str
    tone: str
    text: str
    steps: list[Step]
    may_ask: bool
    may_cancel: bool
    asked_at: datetime | None
    done_at: datetime | None


_PAYER_TEXTS: dict[RequestState, tuple[str, str, str]] = {
    R.ASKED: ("申请已收到", "wait", "两位工作人员核准后就退。核准以前，您可以随时撤回。"),
    R.CHECKED: ("申请已收到", "wait", "已有一位工作人员核准，还要另一位核准。核准以前，您可以随时撤回。"),
    R.SENDING: ("微信退款中", "wait", "已核准。微信一般几分钟退到零钱，退到银行卡要 1 到 3 个工作日。"),
    R.FAILED: (
        "退款没有成功",
        "bad",
        "微信没有退成（例如原来的银行卡已注销）。钱还在收款单位，不会少。不用重新申请：请带本人的银行卡到社区，"
        "登记一个收款账户，改用转账退给您。",
    ),
    R.TO_TRANSFER: (
        "改用转账退",
        "wait",
        "已核准。这笔钱不能原路退回，改用银行转账。请带本人的银行卡到社区登记收款账户；登记过的，等出纳转账就好。",
    ),
    R.TRANSFERRED: ("已转账，待确认", "wait", "出纳已经转账，一般 1 到 3 个工作日到账。"),
    R.REFUNDED: ("已退回", "ok", "已退到您付款的微信零钱或银行卡。在微信的账单里可以看到。"),
    R.REFUNDED_OFFLINE: ("已退回", "ok", "已转账到您登记的银行账户。"),
    R.REFUSED: ("没有核准", "plain", ""),
    R.CANCELLED: ("", "", ""),
}


def payer_view(session: Session, deposit: Deposit) -> PayerView:
    """What the payer of a deposit reads about getting it back."""
    last = queries.last_request(session, deposit.id)
    state = RequestState(last.state) if last else None
    held = deposit.state == DepositState.PAID and deposit.purpose == Purpose.DEPOSIT
    if last is None or state is None or state is R.CANCELLED:
        left = left_of(session, deposit) if held else 0
        return PayerView(None, None, left, "", "", "", [], held, False, None, None)
    word, tone, text = _PAYER_TEXTS[state]
    if state is R.REFUSED:
        text = f"工作人员说明：{last.refused_why}。对结果有疑问，可以到社区或街道当面问；也可以再申请。"
    if last.origin == Origin.CONVERSION:
        text = f"您的诚意金已转为改造出资，多出的部分退给您。{text}"
    if last.origin == Origin.SURPLUS:
        text = f"改造出资多缴的部分，退给您。{text}"
    return PayerView(
        last.public_id,
        last.state,
        last.amount_fen,
        word,
        tone,
        text,
        _steps(state, last.road) if state is not R.REFUSED else [],
        held and state not in LIVE,
        state in WAITING,
        last.asked_at,
        last.done_at,
    )


def _steps(state: RequestState, road: str | None) -> list[Step]:
    """申请已收到 → 已核准 → 退款中 → 已退回."""
    by_bank = road == Road.BANK or state in {R.TO_TRANSFER, R.TRANSFERRED, R.REFUNDED_OFFLINE}
    return [
        Step("申请已收到", True),
        Step("两位工作人员已核准", state in OWED or state in BACK),
        Step("出纳已转账" if by_bank else "微信已退出", state in BACK or state is R.TRANSFERRED),
        Step("已退到您的银行账户" if by_bank else "已退到您的微信", state in BACK),
    ]


# ----------------------------------------------------------------------------------------------------------- staff


@dataclass(frozen=True)
class StaffLine:
    """A request as staff see it. ``may_approve``: by this person now; ``why_not``: who has to, instead."""

    id: str
    label: str
    receipt: str
    amount_fen: Fen
    state: RequestState
    word: str
    tone: str
    asked: str
    reason: str
    road: str
    road_note: str
    people: str
    voucher: str
    refused_why: str
    has_payee: bool
    may_approve: bool
    why_not: str
    may_confirm: bool


@dataclass(frozen=True)
class EstateView:
    """An estate's requests, what can be approved at once, what grows old, and the proposals to convert."""

    estate: Place
    lines: list[StaffLine]
    approvable: list[StaffLine]
    aging: list[tuple[Aging, int]]
    silent: int
    held: Preview | None
    sold: list[Waiting]
    """Deposits of flats that changed hands, whose payers have not said what becomes of them."""
    proposals: list[Proposal]

    @property
    def total_fen(self) -> Fen:
        """What approving everything possible comes to."""
        return sum(line.amount_fen for line in self.approvable)

    def by_road(self, road: Road) -> tuple[int, Fen]:
        """How many of them, and how much, go back on a road."""
        those = [line for line in self.approvable if line.road == ROAD_WORDS[road]]
        return len(those), sum(line.amount_fen for line in those)


def estates_of(session: Session, person_id: int | None, action: str, *, now: datetime) -> list[Place]:
    """The estates that collect where a person may do an action."""
    found = places_by_id(session, queries.estates_collecting(session)).values()
    return sorted((one for one in found if grants.may(session, person_id, action, one, now)), key=lambda one: one.name)


def overview(session: Session, person_id: int | None, *, now: datetime) -> list[tuple[Place, int, int]]:
    """(estate, requests waiting for people, requests on their way) where a person manages collections."""
    estates = estates_of(session, person_id, MANAGE, now=now)
    counts = queries.counts_of_estates(session, [one.id for one in estates])
    on_their_way = (R.SENDING,)
    return [
        (
            one,
            sum(counts.get((one.id, state), 0) for state in LIVE if state not in on_their_way),
            sum(counts.get((one.id, state), 0) for state in on_their_way),
        )
        for one in estates
    ]


def estate_view(session: Session, estate: str, *, person_id: int | None, now: datetime) -> EstateView:
    """All of an estate for who manages its collection. Raises NotFound, NotAllowed."""
    place = place_by_public_id(session, estate)
    grants.require(session, person_id, MANAGE, place, now)
    himself, found = names_of(session, person_id), queries.requests_of_estate(session, place.id)
    own = queries.own_among(session, found, himself)
    lines = [_staff_line(session, one, himself, own=one.request.id in own, now=now) for one in found]
    collection = payments.collection_of(session, place.id)
    held = preview(session, collection, None) if collection else None
    return EstateView(
        place,
        lines,
        [line for line in lines if line.may_approve],
        [
            (one, days_left(one.paid_at, now=now))
            for one in queries.aging(session, now - WARN_AFTER, estate_id=place.id)
        ],
        held.deposits if held else 0,
        held,
        handovers.waiting_of(session, collection.id) if collection else [],
        proposals(session, collection, himself) if collection else [],
    )


def _staff_line(session: Session, one: Line, himself: AbstractSet[int], *, own: bool, now: datetime) -> StaffLine:
    request, state = one.request, RequestState(one.request.state)
    word, tone = STATE_WORDS[state]
    road = Road(request.road) if request.road else road_for(one.paid_at, now=now)
    note = ""
    if state in WAITING and one.paid_at is not None:
        left = days_left(one.paid_at, now=now)
        note = f"还有 {left} 天可以原路退" if left else "付款已满一年，不能原路退"
    if state is R.TO_TRANSFER and request.payee_sealed is None:
        word, tone = "待登记收款账户", "todo"
    why_not = ""
    if own:
        why_not = "这是您自己家的钱，要由其他人办理。"
    elif state is R.CHECKED and request.first_by in himself:
        why_not = "第一道是您核准的，请另一位工作人员核准。"
    elif state is R.CHECKED and request.entered_by in himself:
        why_not = "这笔是您代为登记的，请另一位工作人员核准。"
    return StaffLine(
        request.public_id,
        one.label,
        one.receipt or "",
        request.amount_fen,
        state,
        word,
        tone,
        china_text(request.asked_at),
        REASON_WORDS[AskedReason(request.reason)] if request.reason else "",
        ROAD_WORDS[road],
        note,
        people_words(
            session,
            [
                ("代为登记", request.entered_by),
                ("核准", request.first_by),
                ("核准", request.second_by),
                ("未核准", request.refused_by),
                ("登记账户", request.payee_by),
                ("转账", request.executed_by),
                ("确认", request.confirmed_by),
            ],
        ),
        request.voucher_no or "",
        request.refused_why or "",
        request.payee_sealed is not None,
        state in WAITING and not why_not,
        why_not if state in WAITING else "",
        state is R.TRANSFERRED and request.executed_by not in himself and not own,
    )
