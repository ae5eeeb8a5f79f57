"""A household's money that came twice by two ways, which no constraint can tell from two people who each pay.

Two payments of one payer are one deposit, and its second success goes back by itself. Somebody whom nobody knows (a
transfer under a strange name, a code somebody scanned) has no such deposit: his payment and another one of the
household look like two. Then the household is asked and a person decides. What came to the bank never goes back by
itself, whichever came first.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import outbox
from kernel.database import end_reading, reading, transaction, use_case
from payments import queries
from payments.models import Deposit
from payments.queries import twins
from payments.rules.alarm import AlarmKind
from payments.rules.deposit import Purpose
from payments.services.bookkeeping import raise_alarm

TWICE_TOPIC = "deposit.maybe_twice"


def on_paid(payload: dict[str, Any], *, now: datetime) -> None:
    """Job: a payment was credited. Nearly always nothing else came, which is read without a lock."""
    session = reading()
    deposit = queries.deposit_by_public_id(session, payload["deposit"])
    found = _twin_of(session, deposit) is not None
    end_reading()
    if found:
        _watch(deposit.id, now=now)


@use_case
def _watch(deposit_id: int, *, now: datetime) -> None:
    with transaction() as session:
        watch(session, queries.deposit_by_id(session, deposit_id, lock=True), now=now)


def watch(session: Session, deposit: Deposit, *, now: datetime) -> None:
    """Raise an alarm and ask the household when a deposit just credited has a twin: the same household and amount, and
    not surely of two people. The deposit is credited and locked by the caller. Contributions are not watched: what is
    paid beyond the share is shown as too much, and goes back.
    """
    other = _twin_of(session, deposit)
    if other is None or twins.is_asked_about(session, [deposit, *twins.twins_of(session, deposit)]):
        return
    raise_alarm(session, AlarmKind.PAID_BOTH_WAYS, deposit.public_id, now=now)
    outbox.stage(session, TWICE_TOPIC, {"deposit": deposit.public_id}, now=now)


def _twin_of(session: Session, deposit: Deposit) -> Deposit | None:
    if deposit.purpose != Purpose.DEPOSIT:
        return None
    payer = twins.payer_person(session, deposit)
    for other in twins.twins_of(session, deposit):
        theirs = twins.payer_person(session, other)
        if payer is None or theirs is None or payer == theirs:
            return other
    return None
