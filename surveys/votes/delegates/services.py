"""Keeping the list of residents' representatives: entered, confirmed by another officer, ended with a reason."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from kernel import audit, evidence, grants, idempotency
from kernel.clock import china_day
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import Conflict, Invalid
from kernel.idempotency import Key
from kernel.people import queries as people
from kernel.people import services as register
from kernel.people.models import HoldingKind, Person, PersonKind
from kernel.places.models import Dwelling
from kernel.places.queries import dwelling_by_public_id, place_by_id
from surveys.votes.delegates import queries as delegates
from surveys.votes.delegates.models import Delegate
from surveys.votes.rules import delegates as rules
from surveys.votes.rules.delegates import Chosen, LeftBecause
from surveys.votes.services.preparing import Staff
from surveys.votes.services.two_people import must_be_another

MANAGE = "roll.manage"
HELD_AS = "delegate"
"""The evidence of a holding that comes of a confirmed representative who was not on the register of the home."""
_TWICE = {
    "delegate_one_a_household": Conflict("household-has-one", "这一户已经有一名居民代表，一户最多一名。"),
    "delegate_one_a_person": Conflict("delegate-already", "这个人已经登记为本小区的居民代表。"),
}


@dataclass(frozen=True)
class NewDelegate:
    """Who was chosen. ``person``: of the register of the home; else ``name`` and ``phone`` of somebody living there."""

    dwelling: str
    group_name: str
    chosen: Chosen
    chosen_on: date
    until: date
    person: str | None = None
    name: str = ""
    phone: str = ""
    evidence: tuple[str, ...] = ()


@use_case
def enter(new: NewDelegate, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Enter a representative with the record of the choice; he votes once another officer has confirmed it.

    Raises NotFound, NotAllowed, Invalid (term, no photo, not of that home), Conflict (the group is full, the household
    or the person has one already). Gives the public id.
    """
    rules.check_term(new.chosen_on, new.until, china_day(now))
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        dwelling = dwelling_by_public_id(session, new.dwelling)
        _must_manage(session, by, dwelling, now)
        if not new.evidence:
            raise Invalid("proof-missing", "请拍下居民小组选举或者推选的记录。", {"evidence": ["请拍照"]})
        delegates.hold_estate(session, dwelling.estate_id)
        group = new.group_name.strip()
        rules.may_join(delegates.of_group(session, dwelling.estate_id, group))
        person, joined = _person(session, new, dwelling)
        made = Delegate(
            public_id=new_public_id(),
            estate_id=dwelling.estate_id,
            group_name=group,
            person_id=person.id,
            dwelling_id=dwelling.id,
            chosen=new.chosen,
            chosen_on=new.chosen_on,
            until=new.until,
            joined_register=joined,
            entered_by=by.actor,
            entered_at=now,
        )
        with translating(_TWICE):
            session.add(made)
            session.flush()
        proofs = evidence.use(
            session,
            new.evidence,
            subject=f"delegate:{made.public_id}",
            purpose="delegate",
            account_id=by.uploader(),
            place=place_by_id(session, dwelling.building_id),
        )
        _record(session, by, "delegate.entered", made, now, proofs=[proof.sha256 for proof in proofs])
        idempotency.remember(session, key, made.public_id, now=now)
        return made.public_id


def _person(session: Session, new: NewDelegate, dwelling: Dwelling) -> tuple[Person, bool]:
    """The person meant, and whether he is new on the register of the home."""
    here = [person for _, person in people.holdings_of(session, dwelling.id) if person.kind == PersonKind.NATURAL]
    if new.person is not None:
        found = next((each for each in here if each.public_id == new.person), None)
        if found is None:
            raise Invalid("not-of-that-home", "这个人不在这一户的登记里，请重新选。", {"person": ["请重新选"]})
        return found, False
    if not new.name.strip() or not new.phone.strip():
        raise Invalid("who", "请从这一户登记的人里选，或者填姓名和手机号。", {"name": ["请填写"]})
    known = next((each for each in here if register.name_of(each) == new.name.strip()), None)
    if known is not None:
        return known, False
    return register.add_person(session, name=new.name.strip(), phone=new.phone.strip()), True


@use_case
def confirm(delegate_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Another officer has compared the entry with its record. Raises NotAllowed (who entered it), Conflict.

    Who was not on the register of the home is from now on, and proves himself by the phone entered.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        found, dwelling = _held(session, delegate_id, by, now)
        if found.confirmed_at is not None:
            raise Conflict("confirmed-already", "这条登记已经核对过。")
        must_be_another(session, by, [found.entered_by])
        found.confirmed_at, found.confirmed_by = now, by.actor
        if found.joined_register:
            person = session.get_one(Person, found.person_id)
            register.hold(session, person, dwelling.id, HoldingKind.FAMILY, now=now, evidence=HELD_AS)
        _record(session, by, "delegate.confirmed", found, now)
        idempotency.remember(session, key, found.public_id, now=now)
        return found.public_id


@use_case
def end(delegate_id: str, why: LeftBecause, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """End a representative's office before its term. A roll that is frozen, and what was cast, stand."""
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        found, dwelling = _held(session, delegate_id, by, now)
        found.ended_at, found.left_because = now, why
        if found.joined_register and why in (LeftBecause.MOVED, LeftBecause.DIED, LeftBecause.MISTAKE):
            _leave(session, found, dwelling, by, now)
        _record(session, by, "delegate.ended", found, now, why=str(why))
        idempotency.remember(session, key, found.public_id, now=now)
        return found.public_id


def _leave(session: Session, found: Delegate, dwelling: Dwelling, by: Staff, now: datetime) -> None:
    """Who came to the register as a representative alone, and lives there no longer, leaves it with his ties."""
    for holding, person in people.holdings_of(session, dwelling.id):
        if person.id == found.person_id and holding.evidence == HELD_AS:
            holding.held_until = now
    for tie in people.ties_to(session, dwelling.id):
        if tie.person_id == found.person_id:
            register.end_tie(session, tie, actor=by.actor, now=now)


def _must_manage(session: Session, by: Staff, dwelling: Dwelling, now: datetime) -> None:
    if not by.trusted:
        grants.require(session, by.person_id, MANAGE, place_by_id(session, dwelling.building_id), now)


def _held(session: Session, delegate_id: str, by: Staff, now: datetime) -> tuple[Delegate, Dwelling]:
    found = delegates.delegate_by_public_id(session, delegate_id, hold=True)
    dwelling = session.get_one(Dwelling, found.dwelling_id)
    _must_manage(session, by, dwelling, now)
    if found.ended_at is not None:
        raise Conflict("ended-already", "这条登记已经终止。")
    return found, dwelling


def _record(session: Session, by: Staff, action: str, found: Delegate, now: datetime, **more: object) -> None:
    session.flush()
    audit.record(
        session,
        actor=by.actor,
        action=action,
        subject=f"delegate:{found.public_id}",
        now=now,
        payload={
            "person": session.get_one(Person, found.person_id).public_id,
            "group": found.group_name,
            "until": found.until.isoformat(),
            **more,
        },
    )
