"""Asking a deposit back: the payer himself, or staff for him with his receipt in hand; and taking the request back."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import Conflict
from kernel.idempotency import Key, recall, remember
from kernel.money import Fen
from kernel.places.queries import dwelling_by_id, place_by_public_id
from payments import queries as payments
from payments.models import Deposit
from payments.refunds import queries
from payments.refunds.models import DepositRefund
from payments.rules.deposit import COUNTED, DepositState, Purpose
from payments.rules.giving_back import (
    AskedReason,
    Origin,
    RequestState,
    moved,
    must_be_a_deposit,
    must_be_askable,
    must_be_left,
    refundable,
)
from payments.services.deposits import must_have_spoken_for

MANAGE = "collection.manage"


@use_case
def ask(
    deposit: str, *, account_id: int, actor: str, reason: AskedReason | None, now: datetime, key: Key | None = None
) -> str:
    """The payer asks his deposit back, all that is left of it; return the request's public id.

    Whoever sold the flat since may still do so. Raises NotFound (also for somebody else's deposit), NotAllowed below
    level 2, Conflict (not paid, asked before).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found = payments.deposit_of_payer(session, deposit, account_id, lock=True)
        must_have_spoken_for(session, account_id, dwelling_by_id(session, found.dwelling_id))
        made = _open(session, found, origin=Origin.RESIDENT, reason=reason, entered_by=None, actor=actor, now=now)
        remember(session, key, made, now=now)
        return made


@use_case
def ask_for(
    estate: str,
    receipt_number: str,
    *,
    person_id: int | None,
    actor: str,
    reason: AskedReason | None,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Staff enter a request for a payer who shows his receipt; they may not approve it second. As ``ask``."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        place = place_by_public_id(session, estate)
        grants.require(session, person_id, MANAGE, place, now)
        found = queries.deposit_of_receipt(session, place.id, receipt_number)
        made = _open(session, found, origin=Origin.STAFF, reason=reason, entered_by=person_id, actor=actor, now=now)
        remember(session, key, made, now=now)
        return made


@use_case
def cancel(request: str, *, account_id: int, actor: str, now: datetime, key: Key | None = None) -> str:
    """The payer takes his request back while it is not approved by two. Raises NotFound, Conflict."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found, deposit = queries.locked_request(session, request, payer=account_id)
        if found.state == RequestState.CANCELLED:
            return request
        found.state = moved(RequestState(found.state), RequestState.CANCELLED)
        note(session, found, deposit, "deposit_refund.cancelled", actor=actor, now=now)
        remember(session, key, request, now=now)
        return request


def left_of(session: Session, deposit: Deposit) -> Fen:
    """What of a deposit, locked by the caller, may still be sent back."""
    return refundable(
        deposit.amount_fen,
        queries.requests_of_deposit(session, deposit.id),
        converted_fen=queries.converted_fen(session, deposit.id),
    )


def contributed_left(session: Session, deposit: Deposit) -> Fen:
    """What of a payment, locked by the caller, is a contribution and may still be sent back as surplus.

    Nothing of one that is void: no money came.
    """
    if deposit.state not in COUNTED:
        return 0
    whole = deposit.purpose == Purpose.CONTRIBUTION
    return refundable(
        deposit.amount_fen if whole else queries.converted_fen(session, deposit.id),
        queries.requests_of_deposit(session, deposit.id, origin=Origin.SURPLUS),
    )


def ask_in(session: Session, deposit: Deposit, *, reason: AskedReason, actor: str, now: datetime) -> str:
    """The payer asks his deposit back within the caller's transaction, which holds its lock. Raises Conflict."""
    return _open(session, deposit, origin=Origin.RESIDENT, reason=reason, entered_by=None, actor=actor, now=now)


def _open(
    session: Session,
    deposit: Deposit,
    *,
    origin: Origin,
    reason: AskedReason | None,
    entered_by: int | None,
    actor: str,
    now: datetime,
) -> str:
    must_be_a_deposit(Purpose(deposit.purpose))
    must_be_askable(DepositState(deposit.state))
    if queries.live_request(session, deposit.id) is not None:
        raise _asked_before()
    amount_fen = left_of(session, deposit)
    must_be_left(max(1, amount_fen), amount_fen)
    made = DepositRefund(
        public_id=new_public_id(),
        deposit_id=deposit.id,
        state=RequestState.ASKED,
        origin=origin,
        reason=reason,
        amount_fen=amount_fen,
        asked_at=now,
        entered_by=entered_by,
    )
    session.add(made)
    with translating({"deposit_refund_one_live": _asked_before()}):
        session.flush()
    note(session, made, deposit, "deposit_refund.asked", actor=actor, now=now)
    return made.public_id


def _asked_before() -> Conflict:
    return Conflict("already-asked", "您已经申请过了，不用再申请。办到哪一步，在这一页可以看。")


def note(
    session: Session,
    request: DepositRefund,
    deposit: Deposit,
    action: str,
    *,
    actor: str,
    now: datetime,
    **more: object,
) -> None:
    """An audit row about a request. Never holds whose card, or whose name."""
    audit.record(
        session,
        actor=actor,
        action=action,
        subject=f"deposit_refund:{request.public_id}",
        now=now,
        payload={"deposit": deposit.public_id, "amount_fen": request.amount_fen, "state": request.state, **more},
    )
