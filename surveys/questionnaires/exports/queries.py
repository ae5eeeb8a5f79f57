"""Every select over exports, and over the responses they hold."""

import json
from array import array
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.people.models import Person
from kernel.places.models import Dwelling, Place
from surveys.questionnaires.exports.models import Export, Progress
from surveys.questionnaires.models import Attachment, Campaign, CampaignPlace, Response, ValidResponse
from surveys.questionnaires.rules.second_visitors import SecondWord
from surveys.questionnaires.second_visitors.models import SecondVisitor

NO_FILE = NotFound("no-such-export", "没有找到这个文件，或者它不是您要的。")


def campaigns_within(session: Session, places: Sequence[Place]) -> Sequence[Campaign]:
    """The campaigns that ask in estates at or under some places, newest first."""
    estates = (
        sa.select(CampaignPlace.campaign_id)
        .join(Place, Place.id == CampaignPlace.place_id)
        .where(sa.or_(sa.false(), *(Place.path.startswith(place.path, autoescape=True) for place in places)))
    )
    return session.scalars(
        sa.select(Campaign).where(Campaign.id.in_(estates)).order_by(Campaign.created_at.desc())
    ).all()


def export_by_public_id(session: Session, public_id: str) -> Export:
    """The export with a public id. Raises NotFound."""
    found = session.scalar(sa.select(Export).where(Export.public_id == public_id))
    if found is None:
        raise NO_FILE
    return found


def exports_of(session: Session, campaign_id: int, account_id: int) -> Sequence[Export]:
    """What an account asked for of a campaign, newest first, twenty at most."""
    return session.scalars(
        sa.select(Export)
        .where(Export.campaign_id == campaign_id, Export.account_id == account_id, Export.state != Progress.GONE)
        .order_by(Export.asked_at.desc())
        .limit(20)
    ).all()


def unfinished(session: Session, account_id: int) -> int:
    """How many files an account waits for."""
    statement = (
        sa.select(sa.func.count())
        .select_from(Export)
        .where(Export.account_id == account_id, Export.state.in_([Progress.WAITING, Progress.MAKING]))
    )
    return session.scalar(statement) or 0


def next_to_make(session: Session, now: datetime) -> Export | None:
    """The oldest export nobody makes (any more), locked."""
    return session.scalar(
        for_update(
            sa.select(Export)
            .where(
                sa.or_(
                    Export.state == Progress.WAITING,
                    sa.and_(Export.state == Progress.MAKING, Export.leased_until < now),
                )
            )
            .order_by(Export.asked_at)
            .limit(1),
            skip_locked=True,
        )
    )


def export_in_turn(session: Session, export_id: int, turn: int) -> Export | None:
    """The export, locked, while it is still being made in this turn; else None."""
    return session.scalar(
        for_update(
            sa.select(Export).where(Export.id == export_id, Export.turn == turn, Export.state == Progress.MAKING)
        )
    )


def out_of_date(session: Session, now: datetime) -> Sequence[Export]:
    """Exports whose days are over and which are not gone."""
    return session.scalars(
        sa.select(Export).where(Export.expires_at <= now, Export.state != Progress.GONE).limit(500)
    ).all()


def valid_ids(
    session: Session, campaign_id: int, estate_ids: Sequence[int], *, by_door: bool
) -> "tuple[array[int], list[int]]":
    """Ids of the responses that count in some estates, eight bytes each: in the order one walks the doors, or in an
    order that tells nothing of them (their random names). And of the questionnaire versions they were given to, oldest
    first."""
    statement = (
        sa.select(Response.id, Response.version_id)
        .join(ValidResponse, ValidResponse.response_id == Response.id)
        .join(Dwelling, Dwelling.id == Response.dwelling_id)
        .join(Place, Place.id == Response.estate_id)
        .where(ValidResponse.campaign_id == campaign_id, Response.estate_id.in_(estate_ids))
        .order_by(Place.path, Dwelling.sort_key if by_door else Response.public_id, Response.id)
        .execution_options(yield_per=1000)
    )
    ids, versions = array("q"), set[int]()
    for response_id, version_id in session.execute(statement):
        ids.append(response_id)
        versions.add(version_id)
    return ids, sorted(versions)


_BUILDING, _ESTATE = aliased(Place), aliased(Place)


class Sheet(NamedTuple):
    """What a file says of a response. ``estate``, ``building``: their names; ``label``: of the door."""

    answers: dict[str, Any]
    id: int
    public_id: str
    version_id: int
    channel: str
    relation: str
    submitted_at: datetime
    private_sealed: bytes | None
    receipt: str
    label: str
    building: str
    estate: str


def sheets(session: Session, ids: Sequence[int]) -> Iterator[Sheet]:
    """What a file says of some responses, in the order of ``ids``.

    Documents come as text and are read one by one as they are wanted: hundreds of them read at once are out of the
    processor's reach before they are written, which costs as much again.
    """
    found = session.execute(
        sa.select(
            sa.cast(Response.answers, sa.Text),
            Response.id,
            Response.public_id,
            Response.version_id,
            Response.channel,
            Response.relation,
            Response.submitted_at,
            Response.private_sealed,
            Response.receipt,
            Dwelling.label,
            _BUILDING.name,
            _ESTATE.name,
        )
        .join(Dwelling, Dwelling.id == Response.dwelling_id)
        .join(_BUILDING, _BUILDING.id == Dwelling.building_id)
        .join(_ESTATE, _ESTATE.id == Response.estate_id)
        .where(Response.id.in_(ids))
    )
    by_id = {row[1]: row for row in found}
    for each in ids:
        answers, *rest = by_id[each]
        yield Sheet(json.loads(answers), *rest)


def second_visitors(session: Session, ids: Sequence[int]) -> dict[int, Person | None]:
    """Response (inner id) → who confirmed that he came along to the visit; None once it is forgotten who he was."""
    rows = session.execute(
        sa.select(SecondVisitor.response_id, Person)
        .outerjoin(Person, Person.id == SecondVisitor.person_id)
        .where(SecondVisitor.response_id.in_(list(ids)), SecondVisitor.word == SecondWord.CONFIRMED)
    )
    return {row[0]: row[1] for row in rows}


def picture(session: Session, public_id: str) -> str | None:
    """Where a photo that is part of a response lies; None when it is not there (any more)."""
    return session.scalar(
        sa.select(Attachment.storage_key).where(Attachment.public_id == public_id, Attachment.response_id.is_not(None))
    )
