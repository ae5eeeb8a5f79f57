"""Beginning to pay: two transactions with the call to the gateway between them."""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, idempotency
from kernel.database import current_city, new_public_id, transaction, use_case
from kernel.errors import Conflict, Unavailable
from kernel.idempotency import Key
from kernel.places.models import Place
from kernel.places.queries import dwelling_by_id, place_by_id
from kernel.places.rules import CROCKFORD
from payments import queries
from payments.gateways import registry
from payments.gateways.port import Handoff, Order, PaymentGateway, Rejected, Unknown
from payments.models import Deposit, PaymentAttempt
from payments.rules.attempt import OPEN, ORDER_LIFE, AttemptState, How, handle_is_fresh, may_move, next_look
from payments.rules.deposit import DepositState, Purpose, amount_may_change
from payments.services import healing
from payments.services.collections import must_be_open
from payments.services.deposits import UNREACHABLE, must_speak_for

log = logging.getLogger(__name__)


ALREADY = "微信已经确认您缴过了，不用再缴。收据可以在这一页查看。"


def new_trade_no(city: str) -> str:
    """A number never used before, 6–32 of ``[0-9A-Z]``, beginning with the city's name."""
    head = "".join(char for char in city.upper() if char.isalnum())[:8]
    return head + "".join(secrets.choice(CROCKFORD) for _ in range(22))


@dataclass(frozen=True)
class Begun:
    """An attempt the payer can now confirm: by the pay sheet (``handoff``), or at ``url`` (a code's text, a page)."""

    attempt: str
    how: How
    handoff: Handoff | None = None
    url: str = ""


@dataclass(frozen=True)
class Way:
    """How the payer is to be handed over; ``ip`` is his own address where he leaves for WeChat's page (H5)."""

    how: How = How.JSAPI
    ip: str = ""


JSAPI = Way()


def begin(
    deposit_public_id: str,
    *,
    account_id: int,
    actor: str,
    now: datetime,
    way: Way = JSAPI,
    key: Key | None = None,
) -> Begun:
    """Begin to pay a pledge, or take up the attempt already open: opened twice, it is the same order.

    An order that was begun another way is closed at the gateway first: a deposit has one open attempt.
    Raises NotFound, NotAllowed, Gone, Conflict (already paid, attempt over), Unavailable (WeChat does not answer).
    """
    attempt, is_new = _begin(deposit_public_id, account_id=account_id, actor=actor, now=now, way=way, key=key)
    if not is_new and attempt.how != way.how:
        end(attempt, now=now)
        attempt, is_new = _begin(deposit_public_id, account_id=account_id, actor=actor, now=now, way=way, key=key)
    return hand_over(attempt, is_new=is_new, now=now)


def end(attempt: PaymentAttempt, *, now: datetime) -> None:
    """Have an open attempt closed at the gateway. Raises Conflict when it was paid, Unavailable while unknown."""
    try:
        state = healing.look(attempt.public_id, now=now, patience="request", closing=True)
    except (Unknown, Rejected):
        raise Unavailable("wechat-pay-unreachable", UNREACHABLE) from None
    if state is AttemptState.PAID:
        raise Conflict("already-paid", ALREADY)
    if state in OPEN:
        raise Unavailable("wechat-pay-unreachable", UNREACHABLE)


def hand_over(attempt: PaymentAttempt, *, is_new: bool, now: datetime) -> Begun:
    """Announce a stored attempt to its gateway and say how the payer is handed over.

    The call stands between two transactions; a job finishes what a crash leaves between (WECHAT §6 no. 10, 14).
    Raises Conflict (paid or closed meanwhile), Unavailable.
    """
    how = How(attempt.how)
    gateway = registry.of(attempt.channel, attempt.merchant_id)
    try:
        if not is_new:
            # The notice of an earlier confirmation may be lost: ask before the payer is shown a pay sheet again.
            healing.look(attempt.public_id, now=now, patience="request")
            attempt = _still_open(attempt.public_id)
        if handle_of(attempt) is None or not handle_is_fresh(how, attempt.placed_at, now=now):
            attempt = _placed(attempt.public_id, gateway.place(order_of(attempt), patience="request"), now=now)
    except Unknown:
        _unknown(attempt.public_id, now=now)
        raise Unavailable("wechat-pay-unreachable", UNREACHABLE) from None
    except Rejected as no:
        return _after_rejection(attempt.public_id, no, now=now)
    if how is How.JSAPI:
        return Begun(attempt.public_id, how, handoff=gateway.hand_over(attempt.prepay_id or "", now=now))
    return Begun(attempt.public_id, how, url=attempt.pay_url or "")


def handle_of(attempt: PaymentAttempt) -> str | None:
    """What the gateway gave to hand the payer over with, or None before it did."""
    return attempt.prepay_id if attempt.how == How.JSAPI else attempt.pay_url


def order_of(attempt: PaymentAttempt) -> Order:
    """The very order an attempt stands for, the same every time."""
    return Order(
        attempt.trade_no,
        attempt.amount_fen,
        attempt.description,
        attempt.payer_openid,
        attempt.notify_url,
        attempt.expires_at,
        How(attempt.how),
        attempt.payer_ip or "",
    )


def _after_rejection(attempt: str, no: Rejected, *, now: datetime) -> Begun:
    """The gateway refused the order: learn what it is now from the order itself, never from the code alone."""
    log.warning("payment order refused", extra={"code": no.code})
    try:
        healing.look(attempt, now=now, patience="request", closing=True, refusal=no.code)
    except Unknown:
        raise Unavailable("wechat-pay-unreachable", UNREACHABLE) from None
    _still_open(attempt)
    raise Unavailable("wechat-pay-unreachable", UNREACHABLE)


def _still_open(attempt_public_id: str) -> PaymentAttempt:
    """The attempt as it stands now. Raises Conflict when it was paid or closed meanwhile."""
    attempt, _ = healing.as_it_stands(attempt_public_id)
    if attempt is None:
        raise LookupError("an attempt is never deleted")
    return _must_be_open(attempt)


def _must_be_open(attempt: PaymentAttempt) -> PaymentAttempt:
    state = AttemptState(attempt.state)
    if state in OPEN:
        return attempt
    if state is AttemptState.PAID:
        raise Conflict("already-paid", ALREADY)
    if state is AttemptState.FAILED:
        raise Conflict("attempt-refused", "微信没有接受这笔付款。请再点一次；仍不行请联系社区，也可以改天再缴。")
    raise Conflict("attempt-over", "刚才那次付款已经关闭，没有扣款。请再点一次“用微信支付”。")


@use_case
def _begin(
    deposit_public_id: str, *, account_id: int, actor: str, now: datetime, way: Way, key: Key | None
) -> tuple[PaymentAttempt, bool]:
    with transaction(serializable=True) as session:
        deposit = queries.deposit_of_payer(session, deposit_public_id, account_id, lock=True)
        dwelling = dwelling_by_id(session, deposit.dwelling_id)
        must_speak_for(session, account_id, dwelling)
        amount_may_change(DepositState(deposit.state))
        done = idempotency.recall(session, key)
        known = queries.attempt_by_public_id(session, done) if done else None
        waiting = queries.open_attempt(session, deposit.id)
        if waiting is not None:
            if known is None and waiting.how == way.how:
                idempotency.remember(session, key, waiting.public_id, now=now)
            return waiting, False
        if known is not None:
            raise Conflict("attempt-over", "刚才那次付款已经关闭，没有扣款。请再点一次“用微信支付”。")
        collection = must_be_open(session, dwelling.estate_id)
        attempt = new_attempt(
            session,
            deposit,
            estate=place_by_id(session, dwelling.estate_id),
            gateway=registry.for_new(collection.merchant_id),
            notify_url=registry.notify_url(),
            way=way,
            now=now,
        )
        record_begun(session, attempt, deposit, actor=actor, now=now)
        idempotency.remember(session, key, attempt.public_id, now=now)
        return attempt, True


DESCRIPTIONS = {Purpose.DEPOSIT: "改造诚意金（自愿）", Purpose.CONTRIBUTION: "改造出资"}


def record_begun(session: Session, attempt: PaymentAttempt, deposit: Deposit, *, actor: str, now: datetime) -> None:
    """Write into the audit chain that a payment was begun."""
    audit.record(
        session,
        actor=actor,
        action="payment.begun",
        subject=f"deposit:{deposit.public_id}",
        now=now,
        payload={
            "attempt": attempt.public_id,
            "trade_no": attempt.trade_no,
            "amount_fen": attempt.amount_fen,
            "how": attempt.how,
        },
    )


def new_attempt(
    session: Session,
    deposit: Deposit,
    *,
    estate: Place,
    gateway: PaymentGateway,
    notify_url: str,
    now: datetime,
    way: Way = JSAPI,
) -> PaymentAttempt:
    """Store an attempt over the pledged amount with its number, before the gateway hears of it."""
    expires_at = now + ORDER_LIFE
    look_at = next_look(now, expires_at, after=now)
    attempt = PaymentAttempt(
        public_id=new_public_id(),
        deposit_id=deposit.id,
        channel=gateway.channel,
        merchant_id=gateway.merchant_id,
        app_id=gateway.app_id,
        trade_no=new_trade_no(current_city()),
        amount_fen=deposit.amount_fen,
        # Shown in WeChat's own bill: the estate, never the door.
        description=f"{estate.name} {DESCRIPTIONS[Purpose(deposit.purpose)]}",
        how=way.how,
        payer_ip=way.ip or None,
        payer_openid=queries.openid_of(session, deposit.payer_account_id) if way.how is How.JSAPI else "",
        notify_url=notify_url,
        state=AttemptState.BEGUN,
        begun_at=now,
        expires_at=expires_at,
        next_look_at=look_at,
    )
    session.add(attempt)
    session.flush()
    healing.stage_look(session, attempt, now=now)
    return attempt


@use_case
def _placed(attempt_public_id: str, handle: str, *, now: datetime) -> PaymentAttempt:
    """Keep what the gateway gave. An attempt that was paid or closed while we asked stays so (Conflict)."""
    with transaction(serializable=True) as session:
        attempt, _ = queries.attempt_and_deposit(session, attempt_public_id)
        if may_move(AttemptState(attempt.state), AttemptState.PLACED):
            attempt.state, attempt.placed_at = AttemptState.PLACED, now
            if attempt.how == How.JSAPI:
                attempt.prepay_id = handle
            else:
                attempt.pay_url = handle
    return _must_be_open(attempt)


@use_case
def _unknown(attempt_public_id: str, *, now: datetime) -> None:
    with transaction(serializable=True) as session:
        attempt, _ = queries.attempt_and_deposit(session, attempt_public_id)
        attempt.asked_at = now
        if may_move(AttemptState(attempt.state), AttemptState.UNKNOWN):
            attempt.state = AttemptState.UNKNOWN
