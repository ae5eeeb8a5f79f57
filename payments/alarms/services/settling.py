"""Settling an alarm: one person says what was found, another agrees; a mere warning takes one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import Conflict, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.people.queries import known_as
from payments.alarms import queries
from payments.alarms.models import AlarmSettlement
from payments.cash_desk.rules import must_not_be_collector
from payments.models import PaymentAlarm
from payments.rules.alarm import AlarmDecision, AlarmKind, SettlementState, needs_two
from payments.two_people import judge, said

MANAGE = "collection.manage"


def may_settle(session: Session, alarm: PaymentAlarm, person_id: int | None, *, now: datetime) -> bool:
    """Does the person manage the collection an alarm is about? See ``his``."""
    return bool(his(session, [alarm], person_id, now=now))


def his(
    session: Session, alarms: Sequence[PaymentAlarm], person_id: int | None, *, now: datetime
) -> list[PaymentAlarm]:
    """Those of some alarms that are about what the person manages: an estate's collection; for a withdrawal, and for a
    notice about none of our payments, every estate that collects through its merchant, as nobody can say whose it is.
    What is about no merchant of ours either is everybody's who manages a collection, so that it is never nobody's.
    """
    estates = queries.estates_of(session, [one.reference for one in alarms])
    sharing = queries.estates_of_merchants(session, alarms)
    anywhere = grants.may_anywhere(session, person_id, MANAGE, now)

    def is_his(alarm: PaymentAlarm) -> bool:
        if alarm.reference in sharing:
            theirs = sharing[alarm.reference]
            return bool(theirs) and all(grants.may(session, person_id, MANAGE, one, now) for one in theirs)
        estate = estates.get(alarm.reference)
        return anywhere if estate is None else grants.may(session, person_id, MANAGE, estate, now)

    return [one for one in alarms if is_his(one)]


def _must_settle(session: Session, alarm: PaymentAlarm, person_id: int | None, *, now: datetime) -> int:
    if person_id is None or not may_settle(session, alarm, person_id, now=now):
        raise NotFound("no-such-alarm", "没有找到这条提醒。")
    if alarm.settled_at is not None:
        raise Conflict("alarm-settled", "这条提醒已经处理过了。请刷新页面。")
    # Settled by its own collector, cash over night in his hands would be put before nobody.
    for collector in queries.collectors_of(session, [alarm.reference]).values():
        must_not_be_collector(known_as(session, person_id, [collector]), collector)
    return person_id


@use_case
def propose(
    alarm: str,
    *,
    decision: AlarmDecision,
    why: str,
    person_id: int | None,
    actor: str,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Say what was found about an alarm; return the settlement's public id. A warning is settled with it.

    Raises NotFound, Conflict (settled, or somebody else said something that waits).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found = queries.alarm_by_public_id(session, alarm)
        who = _must_settle(session, found, person_id, now=now)
        two = needs_two(AlarmKind(found.kind))
        made = AlarmSettlement(
            public_id=new_public_id(),
            alarm_id=found.id,
            state=SettlementState.PROPOSED if two else SettlementState.NOTED,
            decision=decision,
            why=why,
            proposed_by=who,
            proposed_at=now,
        )
        session.add(made)
        waits = Conflict("settlement-waits", "这条提醒已经有人提出处理意见，等待复核。请刷新页面。")
        with translating({"alarm_settlement_one": waits}):
            session.flush()
        if not two:
            found.settled_at = now
        _note(session, found, made, "alarm.settlement_proposed" if two else "alarm.settled", actor=actor, now=now)
        remember(session, key, made.public_id, now=now)
        return made.public_id


@use_case
def decide(
    settlement: str, *, agree: bool, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> str:
    """Agree to what somebody found, or send it back. NotAllowed for whoever found it; NotFound, Conflict."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found = queries.settlement_by_public_id(session, settlement)
        alarm = queries.alarm_by_public_id(session, queries.alarm_public_id(session, found))
        session.refresh(found)
        who = _must_settle(session, alarm, person_id, now=now)
        judge(session, found, agree=agree, by=who, now=now, back_to=SettlementState.SENT_BACK, what="这条提醒")
        if agree:
            alarm.settled_at = now
        session.flush()
        word = "alarm.settled" if agree else "alarm.settlement_sent_back"
        _note(session, alarm, found, word, actor=actor, now=now)
        remember(session, key, settlement, now=now)
        return settlement


def _note(
    session: Session, alarm: PaymentAlarm, settlement: AlarmSettlement, action: str, *, actor: str, now: datetime
) -> None:
    payload = {**said(settlement), "kind": alarm.kind, "reference": alarm.reference}
    audit.record(
        session, actor=actor, action=action, subject=f"payment_alarm:{alarm.public_id}", now=now, payload=payload
    )
