"""The payer's side: pledging, beginning to pay, and asking where it stands."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from kernel import audit, idempotency
from kernel.database import current_city, insert_ignoring, new_public_id, reading, transaction, use_case
from kernel.errors import Conflict, NotAllowed, NotFound, Unavailable
from kernel.idempotency import Key
from kernel.money import Fen
from kernel.people.models import Tie
from kernel.people.queries import tie_of
from kernel.places.models import Dwelling
from kernel.places.queries import dwelling_by_id, dwelling_by_public_id, place_by_id
from kernel.places.rules import CROCKFORD
from payments import queries
from payments.gateways import registry
from payments.gateways.port import Handoff, Order, Rejected, Unknown
from payments.models import Collection, Deposit, PaymentAttempt, Receipt
from payments.rules.attempt import OPEN, ORDER_LIFE, AttemptState, may_move, next_look, prepay_is_fresh
from payments.rules.deposit import DepositState, amount_may_change, checked_amount
from payments.services import crediting, healing
from payments.services.collections import must_be_open

ASK_AGAIN_AFTER = timedelta(seconds=3)
"""How soon a waiting payer's page may make us ask WeChat again."""

UNREACHABLE = "微信支付暂时联系不上，没有扣款，您填的内容都还在。请过几分钟再点一次，不会重复缴。"


def must_speak_for(session: Session, account_id: int, dwelling: Dwelling) -> Tie:
    """The account's tie to a dwelling, of level 2. NotFound without any tie, NotAllowed at level 1 (DESIGN §7)."""
    found = tie_of(session, account_id, dwelling.id)
    if found is None:
        raise NotFound("no-such-dwelling", "没有找到这一户。请重新扫门口的二维码。")
    if found.level < 2:
        raise NotAllowed(
            "tie-not-confirmed",
            "缴款和查看金额前，要先确认您是这一户的人：用登记的手机收一次验证码，或请社区工作人员确认。",
        )
    return found


def new_trade_no(city: str) -> str:
    """A number never used before, 6–32 of ``[0-9A-Z]``, beginning with the city's name."""
    head = "".join(char for char in city.upper() if char.isalnum())[:8]
    return head + "".join(secrets.choice(CROCKFORD) for _ in range(22))


# ---------------------------------------------------------------------------------------------------------- pledging


def pledge(
    dwelling_public_id: str,
    *,
    account_id: int,
    actor: str,
    amount_fen: Fen,
    terms_version: str,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Pledge (or change the pledge of) this payer's deposit for a dwelling; return its public id.

    An attempt still open over another amount is closed at the gateway first. Raises NotFound, NotAllowed, Gone,
    Invalid, Conflict (already paid; other terms), Unavailable (an open attempt whose fate is not known).
    """
    for _ in range(2):
        made = _pledge(
            dwelling_public_id,
            account_id=account_id,
            actor=actor,
            amount_fen=amount_fen,
            terms_version=terms_version,
            now=now,
            key=key,
        )
        if made.open_attempt is None:
            return made.deposit
        try:
            healing.look(made.open_attempt, now=now, patience="request", closing=True)
        except Unknown:
            break
    raise Unavailable("wechat-pay-unreachable", UNREACHABLE)


@dataclass(frozen=True)
class _Pledged:
    deposit: str
    open_attempt: str | None = None
    """Public id of an attempt over another amount that has to be closed first; nothing was changed then."""


@use_case
def _pledge(
    dwelling_public_id: str,
    *,
    account_id: int,
    actor: str,
    amount_fen: Fen,
    terms_version: str,
    now: datetime,
    key: Key | None,
) -> _Pledged:
    with transaction(serializable=True) as session:
        if done := idempotency.recall(session, key):
            return _Pledged(done)
        dwelling = dwelling_by_public_id(session, dwelling_public_id)
        tie = must_speak_for(session, account_id, dwelling)
        collection = must_be_open(session, dwelling.estate_id)
        if terms_version != collection.terms_version:
            raise Conflict("terms-changed", "缴款约定有了新版本。请刷新页面，看过后再继续。")
        checked_amount(amount_fen, largest_fen=collection.largest_fen)
        deposit, is_new = _own_or_new(session, collection, dwelling, tie, amount_fen=amount_fen, now=now)
        amount_may_change(DepositState(deposit.state))
        if not is_new:
            waiting = queries.open_attempt(session, deposit.id)
            if waiting is not None and waiting.amount_fen != amount_fen:
                return _Pledged(deposit.public_id, waiting.public_id)
            deposit.amount_fen = amount_fen
            deposit.terms_version, deposit.terms_accepted_at = terms_version, now
        audit.record(
            session,
            actor=actor,
            action="deposit.pledged",
            subject=f"deposit:{deposit.public_id}",
            now=now,
            payload={"amount_fen": amount_fen, "terms": terms_version},
        )
        idempotency.remember(session, key, deposit.public_id, now=now)
        return _Pledged(deposit.public_id)


def _own_or_new(
    session: Session, collection: Collection, dwelling: Dwelling, tie: Tie, *, amount_fen: Fen, now: datetime
) -> tuple[Deposit, bool]:
    """This payer's deposit, locked; made when there is none. Two at once: the constraint lets one make it."""
    inserted = session.execute(
        insert_ignoring(session, Deposit)
        .values(
            public_id=new_public_id(),
            collection_id=collection.id,
            dwelling_id=dwelling.id,
            payer_account_id=tie.account_id,
            payer_person_id=tie.person_id,
            amount_fen=amount_fen,
            state=DepositState.PLEDGED,
            terms_version=collection.terms_version,
            terms_accepted_at=now,
            pledged_at=now,
        )
        .on_conflict_do_nothing(index_elements=["collection_id", "dwelling_id", "payer_account_id"])
        .returning(Deposit.id)
    ).scalar_one_or_none()
    found = queries.own_deposit(
        session, collection_id=collection.id, dwelling_id=dwelling.id, account_id=tie.account_id, lock=True
    )
    if found is None:
        raise Unavailable("database-busy", "系统正忙，没有保存成功。请过一分钟再试。")
    return found, inserted is not None


# ------------------------------------------------------------------------------------------------------------ paying


@dataclass(frozen=True)
class Begun:
    """An attempt the payer can now confirm in WeChat."""

    attempt: str
    handoff: Handoff


def begin(deposit_public_id: str, *, account_id: int, actor: str, now: datetime, key: Key | None = None) -> Begun:
    """Begin to pay a pledge, or take up the attempt already open: opened twice, it is the same order.

    Two transactions with the call between them; a job finishes what a crash leaves between (WECHAT §6 no. 10, 14).
    Raises NotFound, NotAllowed, Gone, Conflict (already paid, attempt over), Unavailable (WeChat does not answer).
    """
    attempt, is_new = _begin(deposit_public_id, account_id=account_id, actor=actor, now=now, key=key)
    gateway = registry.of(attempt.channel, attempt.merchant_id)
    try:
        if not is_new:
            # The notice of an earlier confirmation may be lost: ask before the payer is shown a pay sheet again.
            healing.look(attempt.public_id, now=now, patience="request")
            attempt = _still_open(attempt.public_id)
        if attempt.prepay_id is None or not prepay_is_fresh(attempt.placed_at, now=now):
            attempt = _placed(attempt.public_id, gateway.place(_order(attempt), patience="request"), now=now)
    except Unknown:
        _unknown(attempt.public_id, now=now)
        raise Unavailable("wechat-pay-unreachable", UNREACHABLE) from None
    except Rejected as no:
        return _after_rejection(attempt.public_id, no, now=now)
    return Begun(attempt.public_id, gateway.hand_over(attempt.prepay_id or "", now=now))


def _order(attempt: PaymentAttempt) -> Order:
    return Order(
        attempt.trade_no,
        attempt.amount_fen,
        attempt.description,
        attempt.payer_openid,
        attempt.notify_url,
        attempt.expires_at,
    )


def _after_rejection(attempt: str, no: Rejected, *, now: datetime) -> Begun:
    """The gateway refused the order: learn why from the order itself, never from the code alone."""
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
        raise Conflict("already-paid", "微信已经确认您缴过了，不用再缴。收据可以在这一页查看。")
    if state is AttemptState.FAILED:
        raise Conflict("attempt-refused", "微信没有接受这笔付款。请再点一次；仍不行请联系社区，也可以改天再缴。")
    raise Conflict("attempt-over", "刚才那次付款已经关闭，没有扣款。请再点一次“用微信支付”。")


@use_case
def _begin(
    deposit_public_id: str, *, account_id: int, actor: str, now: datetime, key: Key | None
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
            if known is None:
                idempotency.remember(session, key, waiting.public_id, now=now)
            return waiting, False
        if known is not None:
            raise Conflict("attempt-over", "刚才那次付款已经关闭，没有扣款。请再点一次“用微信支付”。")
        collection = must_be_open(session, dwelling.estate_id)
        attempt = _new_attempt(session, deposit, dwelling, collection, now=now)
        audit.record(
            session,
            actor=actor,
            action="payment.begun",
            subject=f"deposit:{deposit.public_id}",
            now=now,
            payload={"attempt": attempt.public_id, "trade_no": attempt.trade_no, "amount_fen": attempt.amount_fen},
        )
        idempotency.remember(session, key, attempt.public_id, now=now)
        return attempt, True


def _new_attempt(
    session: Session, deposit: Deposit, dwelling: Dwelling, collection: Collection, *, now: datetime
) -> PaymentAttempt:
    gateway = registry.for_new(collection.merchant_id)
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
        description=f"{place_by_id(session, dwelling.estate_id).name} 改造诚意金（自愿）",
        payer_openid=queries.openid_of(session, deposit.payer_account_id),
        notify_url=registry.notify_url(),
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
def _placed(attempt_public_id: str, prepay_id: str, *, now: datetime) -> PaymentAttempt:
    """Keep the prepay id. An attempt that was paid or closed while we asked stays so (Conflict)."""
    with transaction(serializable=True) as session:
        attempt, _ = crediting.locked(session, attempt_public_id)
        if may_move(AttemptState(attempt.state), AttemptState.PLACED):
            attempt.state, attempt.prepay_id, attempt.placed_at = AttemptState.PLACED, prepay_id, now
    return _must_be_open(attempt)


@use_case
def _unknown(attempt_public_id: str, *, now: datetime) -> None:
    with transaction(serializable=True) as session:
        attempt, _ = crediting.locked(session, attempt_public_id)
        attempt.asked_at = now
        if may_move(AttemptState(attempt.state), AttemptState.UNKNOWN):
            attempt.state = AttemptState.UNKNOWN


# ----------------------------------------------------------------------------------------------------------- asking


@dataclass(frozen=True)
class Status:
    """Where a deposit stands. ``attempt``: state of the last one; ``unreachable``: WeChat did not answer just now."""

    deposit: Deposit
    receipt: Receipt | None
    attempt: AttemptState | None
    unreachable: bool = False


def status(deposit_public_id: str, *, account_id: int, now: datetime) -> Status:
    """Tell the payer where his deposit stands; while a payment is open and nothing was heard, ask WeChat."""
    deposit = queries.deposit_of_payer(reading(), deposit_public_id, account_id)
    must_speak_for(reading(), account_id, dwelling_by_id(reading(), deposit.dwelling_id))
    attempt = queries.last_attempt(reading(), deposit.id)
    unreachable = False
    if attempt is not None and AttemptState(attempt.state) in OPEN:
        last = attempt.asked_at or attempt.begun_at
        if now - last >= ASK_AGAIN_AFTER:
            try:
                healing.look(attempt.public_id, now=now, patience="request")
            except Unknown:
                unreachable = True
            deposit = queries.deposit_of_payer(reading(), deposit_public_id, account_id)
            attempt = queries.last_attempt(reading(), deposit.id)
    return Status(
        deposit,
        queries.receipt_of(reading(), deposit.id),
        AttemptState(attempt.state) if attempt else None,
        unreachable,
    )
