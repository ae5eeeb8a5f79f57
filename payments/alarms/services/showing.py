"""Alarms in words: what happened, where, what to do, what somebody found."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel.clock import china_text
from kernel.money import yuan_text
from kernel.people.queries import names_of
from kernel.people.services import name_of
from kernel.places.models import Place
from payments import queries as payments
from payments.alarms import queries
from payments.alarms.models import AlarmSettlement
from payments.alarms.services.settling import his
from payments.cash_desk.queries import persons
from payments.models import PaymentAlarm
from payments.queries.twins import twins_of
from payments.rules import channel
from payments.rules.alarm import DECISION_WORDS, WORDS, AlarmDecision, AlarmKind, SettlementState, needs_two


@dataclass(frozen=True)
class AlarmView:
    """One alarm. ``settlement``: what waits for a second person, "" when nothing does."""

    id: str
    title: str
    advice: str
    estate: str
    reference: str
    differs: str
    raised_at: datetime
    settled_at: datetime | None
    settlement: str
    decision: str
    why: str
    who: str
    is_own: bool
    """Is it about the reader's own cash box, which another person looks into?"""
    may_decide: bool
    two: bool
    sides: list[tuple[str, str]]
    """Of money that came twice: how and when each came, and its receipt."""


def open_alarms(session: Session, person_id: int | None, *, now: datetime) -> list[AlarmView]:
    """What somebody has to look at, of the collections he manages and of none."""
    return _views(session, queries.open_alarms(session), person_id, now=now)


def settled_alarms(session: Session, person_id: int | None, *, now: datetime) -> list[AlarmView]:
    """What was settled last."""
    return _views(session, queries.settled_alarms(session), person_id, now=now)


def _views(session: Session, found: Sequence[PaymentAlarm], person_id: int | None, *, now: datetime) -> list[AlarmView]:
    mine = his(session, found, person_id, now=now)
    estates = queries.estates_of(session, [one.reference for one in mine])
    settlements = queries.settlements_of(session, [one.id for one in mine])
    ids = {one.proposed_by for one in settlements.values()} | {one.decided_by for one in settlements.values()}
    names = {number: name_of(person) for number, person in persons(session, {one for one in ids if one}).items()}
    himself, collectors = names_of(session, person_id), queries.collectors_of(session, [one.reference for one in mine])
    return [
        _view(
            one,
            estates.get(one.reference),
            settlements.get(one.id),
            names,
            himself,
            _sides(session, one),
            is_own=collectors.get(one.reference) in himself,
        )
        for one in mine
    ]


def _sides(session: Session, alarm: PaymentAlarm) -> list[tuple[str, str]]:
    if alarm.kind != AlarmKind.PAID_BOTH_WAYS:
        return []
    deposit = payments.deposit_by_public_id(session, alarm.reference)
    told = []
    for one in [deposit, *twins_of(session, deposit)]:
        confirmed, receipt = payments.first_confirmation(session, one.id), payments.receipt_of(session, one.id)
        how = channel.word(confirmed.channel) if confirmed else ""
        when = china_text(one.paid_at) if one.paid_at else ""
        number = receipt.number if receipt else "还没编号"
        told.append((f"{how} {yuan_text(one.amount_fen)} 元", f"{when}，收据 {number}"))
    return told


def _view(
    alarm: PaymentAlarm,
    estate: Place | None,
    settlement: AlarmSettlement | None,
    names: dict[int, str],
    himself: AbstractSet[int],
    sides: list[tuple[str, str]],
    *,
    is_own: bool,
) -> AlarmView:
    title, advice = WORDS[AlarmKind(alarm.kind)]
    waits = settlement is not None and settlement.state == SettlementState.PROPOSED
    made = names.get(settlement.proposed_by or 0, "") if settlement else ""
    checked = names.get(settlement.decided_by or 0, "") if settlement else ""
    return AlarmView(
        alarm.public_id,
        title,
        advice,
        estate.name if estate else "不属于任何小区",
        alarm.reference,
        "、".join(alarm.differs),
        alarm.raised_at,
        alarm.settled_at,
        settlement.public_id if waits and settlement else "",
        DECISION_WORDS[AlarmDecision(settlement.decision)] if settlement and settlement.decision else "",
        settlement.why or "" if settlement else "",
        "，".join(text for text in (f"{made}提出" if made else "", f"{checked}复核" if checked else "") if text),
        is_own,
        waits and not is_own and settlement is not None and settlement.proposed_by not in himself,
        needs_two(AlarmKind(alarm.kind)),
        sides,
    )
