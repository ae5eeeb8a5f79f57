"""Entering, confirming and ending who votes for an owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, evidence, grants, idempotency
from kernel.database import new_public_id, transaction, translating, use_case
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
from surveys.votes.services.two_people import must_be_another

MANAGE = "roll.manage"
HELD_AS = "representative"
"""The evidence of a holding that comes of a confirmed representation, and ends with it."""
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

    Until then he stands on no register: one officer's word proves nobody. Raises NotFound, NotAllowed, Invalid (not an
    owner there, ground does not fit, no papers), Conflict (represented already).
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
        proofs = evidence.use(
            session,
            new.evidence,
            subject=f"representative:{made.public_id}",
            purpose="representative",
            account_id=by.uploader(),
            place=place_by_id(session, dwelling.building_id),
        )
        _record(session, by, "representative.entered", made, now, proofs)
        idempotency.remember(session, key, made.public_id, now=now)
        return made.public_id


@use_case
def confirm(representative_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Another officer has looked at the papers. Raises NotAllowed for who entered it, Conflict when it is settled.

    From now on the representative is on the register of the dwelling and can prove himself by the phone entered.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        found = _held(session, representative_id, by, now)
        if found.confirmed_at is not None:
            raise Conflict("confirmed-already", "这条登记已经核对过。")
        must_be_another(session, by, [found.entered_by])
        found.confirmed_at, found.confirmed_by = now, by.actor
        speaker = session.get_one(Person, found.representative_id)
        register.hold(session, speaker, found.dwelling_id, HoldingKind.FAMILY, now=now, evidence=HELD_AS)
        _record(session, by, "representative.confirmed", found, now)
        idempotency.remember(session, key, found.public_id, now=now)
        return found.public_id


@use_case
def end(representative_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """End a representation: the owner speaks for himself again (or another is entered). What was cast stands.

    The representative leaves the register of the dwelling, and his account no longer speaks for it.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        found = _held(session, representative_id, by, now)
        found.ended_at = now
        _leave(session, found, by, now)
        _record(session, by, "representative.ended", found, now)
        idempotency.remember(session, key, found.public_id, now=now)
        return found.public_id


def _leave(session: Session, found: OwnerRepresentative, by: Staff, now: datetime) -> None:
    """Take the representative off the dwelling, unless he is there in his own right as well."""
    here = [
        holding
        for holding, person in people.holdings_of(session, found.dwelling_id)
        if person.id == found.representative_id
    ]
    for holding in here:
        if holding.evidence == HELD_AS:
            holding.held_until = now
    if all(holding.evidence == HELD_AS for holding in here):
        for tie in people.ties_to(session, found.dwelling_id):
            if tie.person_id == found.representative_id:
                register.end_tie(session, tie, actor=by.actor, now=now)


def _held(session: Session, representative_id: str, by: Staff, now: datetime) -> OwnerRepresentative:
    found = representatives.representative_by_public_id(session, representative_id)
    _must_manage(session, by, dwelling_by_id(session, found.dwelling_id), now)
    if found.ended_at is not None:
        raise Conflict("ended-already", "这条登记已经终止。")
    return found


def _record(
    session: Session,
    by: Staff,
    action: str,
    made: OwnerRepresentative,
    now: datetime,
    proofs: Sequence[evidence.Proof] = (),
) -> None:
    session.flush()
    audit.record(
        session,
        actor=by.actor,
        action=action,
        subject=f"representative:{made.public_id}",
        now=now,
        payload={
            "owner": session.get_one(Person, made.owner_id).public_id,
            "ground": made.ground,
            "proofs": [proof.sha256 for proof in proofs],
        },
    )
