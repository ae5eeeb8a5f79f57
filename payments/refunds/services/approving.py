"""Approving by two people, refusing, and releasing the money on the road that is open."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import grants
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, DomainError, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.money import Fen
from kernel.people.queries import known_as
from kernel.places.queries import place_by_id
from payments.models import Deposit
from payments.refunds import queries
from payments.refunds.batches import queries as contributions
from payments.refunds.models import DepositRefund
from payments.refunds.services.asking import MANAGE, contributed_left, left_of, note
from payments.rules import ledger
from payments.rules.alarm import AlarmKind
from payments.rules.batch import must_be_spared
from payments.rules.channel import is_desk
from payments.rules.deposit import DepositState, Purpose
from payments.rules.deposit import moved as deposit_moved
from payments.rules.giving_back import (
    Origin,
    RequestState,
    Road,
    moved,
    must_be_left,
    must_be_second,
    must_not_gain,
    road_for,
)
from payments.rules.ledger import AccountKind, EntryKind
from payments.rules.refund import Reason
from payments.services import refunding
from payments.services.bookkeeping import enter, settle_by_itself


def must_manage(
    session: Session, deposit: Deposit, person_id: int | None, *, now: datetime, action: str = MANAGE
) -> int:
    """The person, who may work on this estate's money. NotFound for another estate's; NotAllowed for his own money."""
    estate = place_by_id(session, queries.estate_id_of(session, deposit))
    if person_id is None or not grants.may(session, person_id, action, estate, now):
        raise NotFound("no-such-request", "没有找到这笔退还申请。")
    must_not_gain(queries.is_own(session, deposit, person_id))
    return person_id


@use_case
def approve(request: str, *, person_id: int | None, actor: str, now: datetime, key: Key | None = None) -> RequestState:
    """Approve a request: the first person, then another, whereupon the money is released. Returns where it stands.

    Raises NotFound, NotAllowed (the maker, the first approver, the payer himself), Conflict (moved on, over-refund).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return RequestState(done)
        queries.lock_for_surplus(session, request)
        found, deposit = queries.locked_request(session, request)
        who = must_manage(session, deposit, person_id, now=now)
        if found.state == RequestState.CHECKED:
            seen = known_as(session, who, [found.first_by, found.entered_by])
            must_be_second(seen, entered_by=found.entered_by, first_by=found.first_by)
            found.second_by, found.second_at = who, now
            release(session, found, deposit, actor=actor, now=now)
        else:
            found.state = moved(RequestState(found.state), RequestState.CHECKED)
            found.first_by, found.first_at = who, now
            note(session, found, deposit, "deposit_refund.checked", actor=actor, now=now)
        remember(session, key, found.state, now=now)
        return RequestState(found.state)


@use_case
def refuse(
    request: str, *, why: str, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> RequestState:
    """Refuse a request not yet approved by two, with a reason the payer reads. Raises as ``approve``."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return RequestState(done)
        found, deposit = queries.locked_request(session, request)
        who = must_manage(session, deposit, person_id, now=now)
        found.state = moved(RequestState(found.state), RequestState.REFUSED)
        found.refused_by, found.refused_why = who, why
        note(session, found, deposit, "deposit_refund.refused", actor=actor, now=now)
        remember(session, key, found.state, now=now)
        return RequestState(found.state)


def release(
    session: Session,
    request: DepositRefund,
    deposit: Deposit,
    *,
    actor: str,
    now: datetime,
    bank_why: str | None = None,
) -> None:
    """Two approved: owe it in the books, and send it on the road that is open. The deposit is locked by the caller.
    ``bank_why``: why the two chose a bank transfer though WeChat were open (the payer has no WeChat any more).

    The refund's number is stored here, before the service hears of it; the call itself is the job's. Of a surplus, the
    collection is locked before: what is spent, or approved to be spent, does not go back.
    """
    surplus = request.origin == Origin.SURPLUS
    if surplus:
        must_be_spared(request.amount_fen, contributions.not_spent(session, deposit.collection_id))
    must_be_left(request.amount_fen, contributed_left(session, deposit) if surplus else left_of(session, deposit))
    payment = queries.credited_payment(session, deposit.id)
    desk = payment is not None and is_desk(payment[0].channel)
    road = Road.BANK if bank_why else road_for(payment[1].paid_at if payment else None, now=now, desk=desk)
    enter(
        session,
        deposit.collection_id,
        EntryKind.REFUND_OWED,
        request.public_id,
        ledger.refund_owed(
            request.amount_fen, held=AccountKind.CONTRIBUTIONS if surplus else AccountKind.DEPOSITS_HELD
        ),
        now=now,
    )
    if deposit.purpose == Purpose.DEPOSIT and deposit.state != DepositState.CONVERTED:
        deposit.state = deposit_moved(DepositState(deposit.state), DepositState.REFUND_PENDING)
    request.road = road
    if payment is not None and road is Road.WECHAT:
        reason = Reason.CONTRIBUTION if surplus else Reason.DEPOSIT
        intent = refunding.want(session, payment[0], reason=reason, amount_fen=request.amount_fen, now=now)
        request.intent_id = intent.id
        request.state = moved(RequestState(request.state), RequestState.SENDING)
    else:
        request.state = moved(RequestState(request.state), RequestState.TO_TRANSFER)
    session.flush()
    for alarm in (AlarmKind.REFUND_ROAD_ENDS, AlarmKind.PAID_BOTH_WAYS):
        settle_by_itself(session, alarm, deposit.public_id, now=now)
    note(session, request, deposit, "deposit_refund.released", actor=actor, now=now, road=road, bank_why=bank_why)


@dataclass(frozen=True)
class BatchResult:
    """What a batch did: how many have one approval now, how many were released, and what could not be done and why."""

    checked: int = 0
    released: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)


def approve_many(
    requests: Sequence[str], *, total_fen: Fen, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> BatchResult:
    """Approve what a preview showed, each in a transaction of its own: what fails is named and stops nothing.

    Raises Conflict when the requests are not together what the preview said. Repeated, nothing is done twice.
    """
    asked = list(dict.fromkeys(requests))
    # Whatever their states: a batch repeated must find the same sum.
    if queries.total_of(reading(), asked) != total_fen:
        raise Conflict("preview-changed", "名单或金额刚刚有变化。请刷新页面，核对后再核准。")
    checked, released, failed = 0, 0, []
    for request in asked:
        try:
            state = approve(request, person_id=person_id, actor=actor, now=now, key=_part(key, request))
        except DomainError as no:
            failed.append((request, no.detail))
        else:
            checked, released = (
                checked + (state is RequestState.CHECKED),
                released + (state is not RequestState.CHECKED),
            )
    return BatchResult(checked, released, failed)


def _part(key: Key | None, request: str) -> Key | None:
    """The key of one request within a batch's key."""
    return None if key is None else replace(key, token=hashlib.sha256(f"{key.token}:{request}".encode()).hexdigest())
