"""Deciding about a difference of a cash box: one person proposes and says why, another agrees; the collector neither.

The count itself enters the difference as pending. What two agree on moves it to where money that comes to the bank, or
leaves it, later settles it: see ``payments.statements``, decision ``settled``.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.database import new_public_id, transaction, use_case
from kernel.errors import NotFound
from kernel.idempotency import Key, recall, remember
from kernel.people.queries import known_as
from payments.cash_desk import queries as desk
from payments.cash_desk.differences import queries
from payments.cash_desk.differences.models import CashDifference
from payments.cash_desk.differences.rules import OPEN, CashDecision, DifferenceState, must_fit
from payments.cash_desk.models import CashBox
from payments.cash_desk.rules import CHECK, must_not_be_collector
from payments.rules import ledger
from payments.rules.ledger import EntryKind
from payments.services.bookkeeping import enter
from payments.two_people import judge, put_forward, said

WHAT = "这笔长短款"


def found_in(session: Session, box: CashBox, missing_fen: int, *, now: datetime) -> None:
    """A box, locked by the caller, was counted and did not hold what was entered: it is entered as pending."""
    made = CashDifference(
        public_id=new_public_id(), box_id=box.id, missing_fen=missing_fen, state=DifferenceState.WAITING
    )
    session.add(made)
    session.flush()
    postings = ledger.cash_difference(missing_fen)
    enter(session, box.collection_id, EntryKind.CASH_DIFFERENCE, box.public_id, postings, now=now)


@use_case
def propose(
    difference: str,
    *,
    decision: CashDecision,
    why: str,
    person_id: int | None,
    actor: str,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Say what becomes of a difference. Raises NotFound, NotAllowed (the collector), Invalid, Conflict (decided)."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found, _, who = _locked(session, difference, person_id, now=now)
        must_fit(decision, found.missing_fen)
        put_forward(
            found, decision=decision, why=why, by=who, now=now, waiting=OPEN, code="difference-decided", what=WHAT
        )
        _note(session, found, "cash_difference.proposed", actor=actor, now=now)
        remember(session, key, difference, now=now)
        return difference


@use_case
def decide(
    difference: str,
    *,
    agree: bool,
    seen: str,
    person_id: int | None,
    actor: str,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Agree to what was proposed, whereupon it is entered, or send it back. ``seen``: the mark of the proposal read.

    Raises NotFound, NotAllowed (who proposed, the collector), Conflict (nothing proposed, another than was read).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found, box, who = _locked(session, difference, person_id, now=now)
        judge(session, found, agree=agree, by=who, now=now, back_to=DifferenceState.WAITING, what=WHAT, seen=seen)
        session.flush()
        if agree:
            postings = ledger.cash_difference_decided(found.missing_fen)
            enter(session, box.collection_id, EntryKind.CASH_DIFFERENCE_DECIDED, found.public_id, postings, now=now)
        _note(session, found, "cash_difference.decided" if agree else "cash_difference.sent_back", actor=actor, now=now)
        remember(session, key, difference, now=now)
        return difference


def _locked(
    session: Session, difference: str, person_id: int | None, *, now: datetime
) -> tuple[CashDifference, CashBox, int]:
    found, box = queries.locked(session, difference)
    estate = desk.estate_of_collection(session, box.collection_id)
    if person_id is None or not grants.may(session, person_id, CHECK, estate, now):
        raise NotFound("no-such-difference", "没有找到这笔长短款。")
    must_not_be_collector(known_as(session, person_id, [box.collector_id]), box.collector_id)
    return found, box, person_id


def _note(session: Session, found: CashDifference, action: str, *, actor: str, now: datetime) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject=f"cash_difference:{found.public_id}",
        now=now,
        payload={**said(found), "missing_fen": found.missing_fen},
    )
