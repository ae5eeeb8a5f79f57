"""Entering, confirming and ending who votes for an owner."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, evidence, grants, idempotency
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.double_keying import must_be_another
from kernel.errors import Conflict, Invalid
from kernel.idempotency import Key
from kernel.people import queries as people
from kernel.people import services as register
from kernel.people.models import HoldingKind, Person, PersonKind
from kernel.places.models import Dwelling
from kernel.places.queries import dwelling_by_id, dwelling_by_public_id, place_by_id
from surveys.votes.representatives import queries as representatives
from surveys.votes.representatives.models import OwnerRepresentative
from surveys.votes.rules.representation import Ground
from surveys.votes.services.preparing import Staff

MANAGE = "roll.manage"
_ONE = Conflict("represented-already", "这位业主已经登记了代表人。要换人，请先终止原来的登记。")


@dataclass(frozen=True)
class NewRepresentative:
    """Who votes for an owner. ``dwelling``, ``owner``: public ids; ``name``, ``phone``: of the representative."""

    dwelling: str
    owner: str
    ground: Ground
    name: str
    phone: str
    evidence: tuple[str, ...] = ()


def _must_manage(session: Session, by: Staff, dwelling: Dwelling, now: datetime) -> None:
    if not by.trusted:
        grants.require(session, by.person_id, MANAGE, place_by_id(session, dwelling.building_id), now)


@use_case
def enter(new: NewRepresentative, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Enter a representative with his papers; he votes once another officer has confirmed it. Gives the public id.

    He is put on the register of the dwelling, so that he can prove himself by the phone entered. Raises NotFound,
    NotAllowed, Invalid (not an owner there, ground does not fit, no papers), Conflict (represented already).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        dwelling = dwelling_by_public_id(session, new.dwelling)
        _must_manage(session, by, dwelling, now)
        owner = next((each for each in people.owners_of(session, dwelling.id) if each.public_id == new.owner), None)
        if owner is None:
            raise Invalid("not-an-owner", "这个人不是这套房屋登记的业主。", {"owner": ["请重新选"]})
        if (owner.kind == PersonKind.ORGANISATION) != (new.ground is Ground.ORGANISATION):
            raise Invalid("ground", "单位只能登记单位的代表；个人只能登记法定代理人。", {"ground": ["和业主不符"]})
        if not new.evidence:
            raise Invalid("proof-missing", "请拍下授权书、户口簿或者判决书。", {"evidence": ["请拍照"]})
        speaker = register.add_person(session, name=new.name.strip(), phone=new.phone)
        register.hold(session, speaker, dwelling.id, HoldingKind.FAMILY, now=now, evidence="representative")
        made = OwnerRepresentative(
            public_id=new_public_id(),
            owner_id=owner.id,
            representative_id=speaker.id,
            dwelling_id=dwelling.id,
            ground=new.ground,
            entered_at=now,
            entered_by=by.actor,
        )
        with translating({"owner_representative_one_live": _ONE}):
            session.add(made)
            session.flush()
        evidence.use(
            session,
            new.evidence,
            subject=f"representative:{made.public_id}",
            purpose="representative",
            account_id=by.uploader(),
        )
        _record(session, by, "representative.entered", made, now)
        idempotency.remember(session, key, made.public_id, now=now)
        return made.public_id


@use_case
def confirm(representative_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Another officer has looked at the papers. Raises NotAllowed for who entered it, Conflict when it is settled."""
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        found = _held(session, representative_id, by, now)
        if found.confirmed_at is not None:
            raise Conflict("confirmed-already", "这条登记已经核对过。")
        must_be_another(by.actor, {found.entered_by})
        found.confirmed_at, found.confirmed_by = now, by.actor
        _record(session, by, "representative.confirmed", found, now)
        idempotency.remember(session, key, found.public_id, now=now)
        return found.public_id


@use_case
def end(representative_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """End a representation: the owner speaks for himself again (or another is entered). What was cast stands."""
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        found = _held(session, representative_id, by, now)
        found.ended_at = now
        _record(session, by, "representative.ended", found, now)
        idempotency.remember(session, key, found.public_id, now=now)
        return found.public_id


def _held(session: Session, representative_id: str, by: Staff, now: datetime) -> OwnerRepresentative:
    found = representatives.representative_by_public_id(session, representative_id)
    _must_manage(session, by, dwelling_by_id(session, found.dwelling_id), now)
    if found.ended_at is not None:
        raise Conflict("ended-already", "这条登记已经终止。")
    return found


def _record(session: Session, by: Staff, action: str, made: OwnerRepresentative, now: datetime) -> None:
    session.flush()
    audit.record(
        session,
        actor=by.actor,
        action=action,
        subject=f"representative:{made.public_id}",
        now=now,
        payload={"owner": session.get_one(Person, made.owner_id).public_id, "ground": made.ground},
    )
