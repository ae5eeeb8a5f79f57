"""Deciding what differs: one person proposes and says why, another agrees or sends it back; then the day is signed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.database import transaction, use_case
from kernel.errors import Conflict, NotAllowed, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.places.rules import is_within
from payments.alarms.queries import estates_of
from payments.reconciliation import queries
from payments.reconciliation.models import BillDifference, ReconciledDay
from payments.reconciliation.services import booking
from payments.rules.reconcile import WAITING, Decision, DifferenceState
from payments.two_people import judge, put_forward, said

MANAGE = "collection.manage"
LOOK = "audit.read"


@dataclass(frozen=True)
class Merchant:
    """A merchant account whose days somebody may see; ``may_manage``: also decide what concerns his estates, ``whole``:
    he manages all that are paid into it, and signs its days.
    """

    merchant_id: str
    account_holder: str
    may_manage: bool
    whole: bool


def merchants_of(session: Session, person_id: int | None, *, now: datetime) -> list[Merchant]:
    """The merchants of estates where the person manages collections, or reads as an auditor."""
    # Asked once, not for each of a city's estates.
    at, looks_at = (grants.places_for(session, person_id, action, now) for action in (MANAGE, LOOK))
    found: dict[str, Merchant] = {}
    elsewhere: set[str] = set()
    for merchant_id, holder, estate in queries.estates_of_merchants(session):
        manages = any(is_within(estate.path, place.path) for place in at)
        if not manages:
            elsewhere.add(merchant_id)
        if manages or any(is_within(estate.path, place.path) for place in looks_at):
            known = found.get(merchant_id)
            manages = manages or bool(known and known.may_manage)
            found[merchant_id] = Merchant(merchant_id, known.account_holder if known else holder, manages, True)
    return [replace(one, whole=one.merchant_id not in elsewhere) for one in found.values()]


def must_see(session: Session, day: ReconciledDay, person_id: int | None, *, now: datetime) -> Merchant:
    """The day's merchant as the person may see it. Raises NotFound: somebody else's days do not exist for him."""
    for merchant in merchants_of(session, person_id, now=now):
        if merchant.merchant_id == day.merchant_id:
            return merchant
    raise NotFound("no-such-day", "没有找到这一天的对账。")


def his(
    session: Session, merchant: Merchant, numbers: Sequence[str], person_id: int | None, *, now: datetime
) -> set[str]:
    """The numbers of a merchant's differences that somebody decides about: those of the estates he manages; those of
    nobody's in particular for who manages every estate paid into the account.
    """
    if not merchant.may_manage:
        return set()
    estates = estates_of(session, numbers)
    places = grants.places_for(session, person_id, MANAGE, now)

    def is_his(number: str) -> bool:
        estate = estates.get(number)
        return merchant.whole if estate is None else any(is_within(estate.path, place.path) for place in places)

    return {number for number in numbers if is_his(number)}


def must_decide(
    session: Session,
    day: ReconciledDay,
    person_id: int | None,
    *,
    now: datetime,
    number: str | None = None,
    signed_too: bool = False,
) -> int:
    """Who may decide about a ``number`` manages the estate whose money it is; about one of nobody's in particular, and
    about the day itself, who manages every estate paid into the merchant's account. Raises NotFound, NotAllowed;
    Conflict once the day is signed, unless ``signed_too``.
    """
    merchant = must_see(session, day, person_id, now=now)
    may = number in his(session, merchant, [number], person_id, now=now) if number else merchant.whole
    if not may or person_id is None:
        raise NotAllowed("not-your-place", "您可以查看，但不能处理这里的账。如有疑问请联系街道。")
    if day.closed_at is not None and not signed_too:
        raise Conflict("day-closed", "这一天已经日结签字，不能再改。有处理错的，请在那一条上申请撤销。")
    return person_id


@use_case
def propose(
    difference: str,
    *,
    decision: Decision,
    why: str,
    person_id: int | None,
    actor: str,
    now: datetime,
    key: Key | None = None,
    estate: str = "",
) -> str:
    """Propose how a difference is settled; ``estate``: whose books it moves, where it does and several estates share
    the merchant's account. Raises NotFound, NotAllowed, Invalid for a decision that does not fit, Conflict when it does
    not wait any more.
    """
    with transaction(serializable=True) as session:
        done = recall(session, key)
        if done:
            return done
        found, day = queries.difference_by_public_id(session, difference, lock=True)
        who = must_decide(session, day, person_id, now=now, number=found.number)
        put_forward(
            found,
            decision=decision,
            why=why,
            by=who,
            now=now,
            waiting=WAITING,
            code="difference-settled",
            what="这一条",
        )
        booking.plan(session, found, day, decision, estate)
        _note(session, found, "difference.proposed", actor=actor, now=now)
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
    """Agree to a proposal, whereupon the books move where it says so, or send it back. The one who proposed cannot:
    NotAllowed. ``seen``: the mark of the proposal that was read. Conflict without one, or with another.
    """
    with transaction(serializable=True) as session:
        done = recall(session, key)
        if done:
            return done
        found, day = queries.difference_by_public_id(session, difference, lock=True)
        who = must_decide(session, day, person_id, now=now, number=found.number)
        judge(session, found, agree=agree, by=who, now=now, back_to=DifferenceState.OPEN, what="这一条", seen=seen)
        found.settled_at = now if agree else None
        session.flush()
        if agree:
            booking.book(session, found, day, actor=actor, now=now)
        _note(session, found, "difference.decided" if agree else "difference.sent_back", actor=actor, now=now)
        remember(session, key, difference, now=now)
        return difference


def lacks_fees(day: ReconciledDay) -> bool:
    """Had a day fees, and nobody has read the bill that tells them?"""
    return day.flow is None and bool(day.theirs_fees_fen)


@use_case
def close_day(day: str, *, person_id: int | None, actor: str, now: datetime, key: Key | None = None) -> str:
    """Sign a day. Conflict while it has no bill, a trouble, or a difference that waits."""
    with transaction(serializable=True) as session:
        done = recall(session, key)
        if done:
            return done
        found = queries.day_by_public_id(session, day, lock=True)
        who = must_decide(session, found, person_id, now=now)
        if found.bill_id is None or found.trouble is not None:
            raise Conflict("day-not-compared", "这一天还没有和账单对过，不能日结。")
        if lacks_fees(found):
            raise Conflict("flow-not-read", "这一天有手续费，资金账单还没有读到，手续费没有入账，不能日结。")
        waiting = queries.waiting_of(session, found.id)
        if waiting:
            raise Conflict("differences-wait", f"还有 {waiting} 条差异没有处理完，不能日结。")
        found.closed_at, found.closed_by = now, who
        audit.record(
            session,
            actor=actor,
            action="reconciliation.closed",
            subject=f"reconciled_day:{found.public_id}",
            now=now,
            payload={"day": found.day.isoformat(), "bill": found.bill_id},
        )
        remember(session, key, day, now=now)
        return day


def _note(session: Session, found: BillDifference, action: str, *, actor: str, now: datetime) -> None:
    payload = {"number": found.number, "kind": found.kind, **said(found)}
    audit.record(
        session, actor=actor, action=action, subject=f"bill_difference:{found.public_id}", now=now, payload=payload
    )
