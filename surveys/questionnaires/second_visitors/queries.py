"""Every select over second visitors, and over who may be one."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.grants.models import Grant
from kernel.grants.rules import roles_allowing
from kernel.people.models import Account, Person
from kernel.places.models import Dwelling, Place
from kernel.places.queries import ancestors
from surveys.questionnaires.models import Campaign, Response
from surveys.questionnaires.rules.second_visitors import SecondWord
from surveys.questionnaires.second_visitors.models import SecondVisitor

ACCOMPANY = "visit.accompany"
NO_VISIT = NotFound("no-such-visit", "没有找到这次入户，或者它不归您确认。")


def candidates(session: Session, places: Sequence[Place], now: datetime) -> Sequence[Person]:
    """Persons with an account who may accompany at, above or under some places now."""
    above = {place.id for one in places for place in ancestors(session, one)} | {place.id for place in places}
    under = [Place.path.startswith(place.path, autoescape=True) for place in places]
    mine = (
        sa.select(Grant.person_id)
        .join(Place, Place.id == Grant.place_id)
        .where(
            Grant.role.in_(roles_allowing(ACCOMPANY)),
            Grant.starts_at <= now,
            sa.or_(Grant.ends_at.is_(None), Grant.ends_at > now),
            sa.or_(Grant.revoked_at.is_(None), Grant.revoked_at > now),
            sa.or_(Place.id.in_(above), *under),
        )
    )
    with_account = sa.select(Account.person_id).where(Account.person_id.is_not(None))
    return session.scalars(
        sa.select(Person).where(Person.id.in_(mine), Person.id.in_(with_account)).order_by(Person.id)
    ).all()


def last_of(session: Session, response_ids: Iterable[int]) -> dict[int, SecondVisitor]:
    """Response (inner id) → who was asked last, or who confirmed."""
    rows = session.scalars(
        sa.select(SecondVisitor)
        .where(SecondVisitor.response_id.in_(list(response_ids)))
        .order_by(SecondVisitor.asked_at, SecondVisitor.word.is_(None))
    )
    return {row.response_id: row for row in rows}


def is_confirmed(session: Session, response_id: int) -> bool:
    """Whether a visit has its second visitor."""
    return bool(
        session.scalar(
            sa.select(
                sa.exists().where(SecondVisitor.response_id == response_id, SecondVisitor.word == SecondWord.CONFIRMED)
            )
        )
    )


def named(session: Session, response_ids: Iterable[int]) -> set[int]:
    """Persons who confirmed that they came along to some visits, or are asked whether they did."""
    found = session.scalars(
        sa.select(SecondVisitor.person_id).where(
            SecondVisitor.response_id.in_(list(response_ids)),
            sa.or_(SecondVisitor.word.is_(None), SecondVisitor.word == SecondWord.CONFIRMED),
            SecondVisitor.person_id.is_not(None),
        )
    )
    return {person for person in found if person is not None}


def for_look(session: Session, public_id: str, *, change: bool = False) -> tuple[SecondVisitor, Response, Dwelling]:
    """An asked visitor with the sheet and its dwelling, locked for a ``change``. Raises NotFound."""
    statement = sa.select(SecondVisitor).where(SecondVisitor.public_id == public_id)
    asked = session.scalar(for_update(statement) if change else statement)
    if asked is None:
        raise NO_VISIT
    response = session.get_one(Response, asked.response_id)
    return asked, response, session.get_one(Dwelling, response.dwelling_id)


def asked_for_change(session: Session, response_id: int) -> SecondVisitor | None:
    """Who is asked and has not answered, locked; None for nobody."""
    return session.scalar(
        for_update(
            sa.select(SecondVisitor).where(SecondVisitor.response_id == response_id, SecondVisitor.word.is_(None))
        )
    )


_ESTATE = aliased(Place)


def _waiting(session: Session, mine: sa.ColumnElement[bool], since: datetime) -> list[Any]:
    return list(
        session.execute(
            sa.select(
                SecondVisitor,
                Response,
                Campaign.public_id,
                Campaign.title,
                Dwelling.public_id,
                Dwelling.label,
                _ESTATE.name,
            )
            .join(Response, Response.id == SecondVisitor.response_id)
            .join(Campaign, Campaign.id == Response.campaign_id)
            .join(Dwelling, Dwelling.id == Response.dwelling_id)
            .join(_ESTATE, _ESTATE.id == Dwelling.estate_id)
            .where(mine, SecondVisitor.word.is_(None), Response.submitted_at > since)
            .order_by(Response.submitted_at, Response.id)
            .limit(200)
        )
    )


def waiting_for(session: Session, person_id: int, since: datetime) -> list[Any]:
    """Visits a person is asked about, of sheets handed in after a moment, the oldest first: (SecondVisitor, Response,
    campaign's public id and title, dwelling's public id and label, estate)."""
    return _waiting(session, SecondVisitor.person_id == person_id, since)


def asked_by(session: Session, person_id: int, since: datetime) -> list[Any]:
    """The same for visits a person made, whose second visitor has not answered."""
    return _waiting(session, SecondVisitor.asked_by == person_id, since)


def count_waiting_for(session: Session, person_id: int, since: datetime) -> int:
    """How many a person is asked about."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(SecondVisitor)
            .join(Response, Response.id == SecondVisitor.response_id)
            .where(SecondVisitor.person_id == person_id, SecondVisitor.word.is_(None), Response.submitted_at > since)
        )
        or 0
    )
