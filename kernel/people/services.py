"""Opening and making persons, accounts and ties. Callers hold the transaction: these are steps of their use cases."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import insert_ignoring, new_public_id
from kernel.encryption import vault
from kernel.people import queries
from kernel.people.models import Account, Holding, Person, PersonKind, Tie


def name_of(person: Person) -> str:
    """The person's name in clear. Mask it before it leaves its scope (``kernel.masks``)."""
    return vault().open(person.name_sealed, context=f"person.name:{person.public_id}")


def name_if_known(session: Session, person_id: int | None) -> str:
    """The same by inner id; "" where it is not said, or forgotten, who it was."""
    person = session.get(Person, person_id) if person_id is not None else None
    return name_of(person) if person is not None else ""


def phone_of(person: Person) -> str | None:
    """The person's phone in clear, or None when none is on record."""
    if person.phone_sealed is None:
        return None
    return vault().open(person.phone_sealed, context=f"person.phone:{person.public_id}")


def seal_person(person: Person, *, name: str, phone: str | None) -> None:
    """Put a name and a phone into a person, sealed, with the phone's blind index."""
    person.public_id = person.public_id or new_public_id()
    person.name_sealed = vault().seal(name, context=f"person.name:{person.public_id}")
    person.phone_sealed = vault().seal(phone, context=f"person.phone:{person.public_id}") if phone else None
    person.phone_index = vault().blind_index("phone", phone) if phone else None


def add_person(session: Session, *, name: str, phone: str | None, kind: str = PersonKind.NATURAL) -> Person:
    """Make a person or an organisation."""
    person = Person(public_id=new_public_id(), kind=kind)
    seal_person(person, name=name, phone=phone)
    session.add(person)
    session.flush()
    return person


def hold(session: Session, person: Person, dwelling_id: int, kind: str, *, now: datetime, evidence: str) -> Holding:
    """Join a person to a dwelling from now on."""
    holding = Holding(person_id=person.id, dwelling_id=dwelling_id, kind=kind, held_from=now, evidence=evidence)
    session.add(holding)
    session.flush()
    return holding


def make_sure_account(session: Session, openid: str, *, now: datetime) -> Account:
    """The account of an openid, made on first sight; two first sights at once make one."""
    session.execute(
        insert_ignoring(session, Account)
        .values(public_id=new_public_id(), openid=openid, created_at=now)
        .on_conflict_do_nothing(index_elements=["openid"])
    )
    account = queries.account_by_openid(session, openid)
    assert account is not None
    return account


def make_sure_staff(session: Session, openid: str, *, name: str, phone: str | None, now: datetime) -> Account:
    """The account of a member of staff or a post-holder, with a person that grants can hang on."""
    account = make_sure_account(session, openid, now=now)
    if account.person_id is None:
        account.person_id = add_person(session, name=name, phone=phone).id
        session.flush()
    return account


def tie(
    session: Session,
    account: Account,
    dwelling_id: int,
    *,
    level: int,
    relation: str,
    person_id: int | None,
    actor: str,
    now: datetime,
) -> Tie:
    """Let an account speak for a dwelling, or raise the tie it has to a higher level; audited."""
    found = queries.tie_of(session, account.id, dwelling_id)
    if found is None:
        found = Tie(
            public_id=new_public_id(),
            account_id=account.id,
            dwelling_id=dwelling_id,
            level=level,
            relation=relation,
            person_id=person_id,
            since=now,
        )
        session.add(found)
    elif found.level < level or (found.person_id is None and person_id is not None):
        found.level, found.relation = max(found.level, level), relation
        found.person_id = person_id or found.person_id
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="tie.made",
        subject=f"tie:{found.public_id}",
        now=now,
        payload={
            "account": account.public_id,
            "dwelling": dwelling_id,
            "level": found.level,
            "relation": relation,
            "person": found.person_id,
        },
    )
    return found


def end_tie(session: Session, ended: Tie, *, actor: str, now: datetime) -> None:
    """End a tie: the account no longer speaks for the dwelling; audited."""
    session.execute(sa.update(Tie).where(Tie.id == ended.id).values(ended_at=now))
    audit.record(session, actor=actor, action="tie.ended", subject=f"tie:{ended.public_id}", now=now)
