"""Every select over deliveries."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import evidence
from kernel.errors import NotFound
from kernel.people.models import Account, Person
from kernel.places.models import Dwelling, Place
from surveys.votes import queries
from surveys.votes.delivery.models import NoticeDelivery, NoticeDeliveryRevoked
from surveys.votes.models import CountedBallot, RollLineDwelling, Vote
from surveys.votes.rules import deliveries as rules
from surveys.votes.rules.deliveries import Delivery, Recipient, Way
from surveys.votes.rules.lifecycle import State

_STANDS = ~sa.exists().where(NoticeDeliveryRevoked.delivery_id == NoticeDelivery.id)


def deliveries_of(session: Session, vote_id: int) -> list[Delivery]:
    """All deliveries of a vote that were not taken back, as the rules know them."""
    rows = session.execute(
        sa.select(
            Dwelling.public_id,
            NoticeDelivery.way,
            NoticeDelivery.recipient,
            NoticeDelivery.effective_at,
            NoticeDelivery.proofs,
        )
        .join(Dwelling, Dwelling.id == NoticeDelivery.dwelling_id)
        .where(NoticeDelivery.vote_id == vote_id, _STANDS)
    )
    return [
        Delivery(row.public_id, Way(row.way), Recipient(row.recipient), row.effective_at, row.proofs) for row in rows
    ]


def silent_lines(session: Session, vote: Vote) -> list[queries.StoredLine]:
    """The lines of which no ballot counts (so far)."""
    used = set(session.scalars(sa.select(CountedBallot.roll_line_id).where(CountedBallot.vote_id == vote.id)))
    return [line for line in queries.roll_of(session, vote.id) if line.id not in used]


@dataclass(frozen=True)
class DoorDelivery:
    """A flat of the roll with its last delivery. ``proved``: well enough to hold silence against it."""

    dwelling: Dwelling
    last: NoticeDelivery | None
    proved: bool


def doors_of(session: Session, vote: Vote, *, by: datetime, building_id: int | None = None) -> list[DoorDelivery]:
    """The flats on a vote's roll (of one building, or all) in the order one walks them, each with its last delivery."""
    here = [RollLineDwelling.vote_id == vote.id]
    if building_id is not None:
        here.append(Dwelling.building_id == building_id)
    dwellings = session.scalars(
        sa.select(Dwelling)
        .join(RollLineDwelling, RollLineDwelling.dwelling_id == Dwelling.id)
        .where(*here)
        .order_by(Dwelling.sort_key, Dwelling.label)
    ).all()
    rows: dict[int, list[NoticeDelivery]] = defaultdict(list)
    for row in session.scalars(
        sa.select(NoticeDelivery)
        .join(Dwelling, Dwelling.id == NoticeDelivery.dwelling_id)
        .join(
            RollLineDwelling,
            sa.and_(RollLineDwelling.dwelling_id == Dwelling.id, RollLineDwelling.vote_id == NoticeDelivery.vote_id),
        )
        .where(*here, NoticeDelivery.vote_id == vote.id, _STANDS)
        .order_by(NoticeDelivery.delivered_at, NoticeDelivery.public_id)
    ):
        rows[row.dwelling_id].append(row)
    return [
        DoorDelivery(
            dwelling,
            rows[dwelling.id][-1] if rows[dwelling.id] else None,
            any(rules.proved(_value(dwelling, row), by=by) for row in rows[dwelling.id]),
        )
        for dwelling in dwellings
    ]


def _value(dwelling: Dwelling, row: NoticeDelivery) -> Delivery:
    return Delivery(dwelling.public_id, Way(row.way), Recipient(row.recipient), row.effective_at, row.proofs)


@dataclass(frozen=True)
class BuildingShare:
    """How far a building is: flats on the roll, told, and told with proof."""

    building: Place
    flats: int
    told: int
    proved: int


def shares_of(session: Session, vote: Vote, *, by: datetime) -> list[BuildingShare]:
    """Delivery by building, in the order of their codes."""
    doors: dict[int, list[DoorDelivery]] = defaultdict(list)
    for door in doors_of(session, vote, by=by):
        doors[door.dwelling.building_id].append(door)
    buildings = session.scalars(sa.select(Place).where(Place.id.in_(doors)).order_by(Place.code)).all()
    return [
        BuildingShare(
            building,
            len(doors[building.id]),
            sum(door.last is not None for door in doors[building.id]),
            sum(door.proved for door in doors[building.id]),
        )
        for building in buildings
    ]


def told_by_vote(session: Session, vote_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Vote -> flats on its roll that a standing delivery reached, and all flats on it; votes without any left out."""
    reached = sa.exists().where(
        NoticeDelivery.vote_id == RollLineDwelling.vote_id,
        NoticeDelivery.dwelling_id == RollLineDwelling.dwelling_id,
        _STANDS,
    )
    rows = session.execute(
        sa.select(RollLineDwelling.vote_id, sa.func.sum(sa.case((reached, 1), else_=0)), sa.func.count())
        .where(RollLineDwelling.vote_id.in_(vote_ids))
        .group_by(RollLineDwelling.vote_id)
    )
    return {vote_id: (int(told), flats) for vote_id, told, flats in rows}


def untold(session: Session, vote: Vote) -> Sequence[int]:
    """Inner ids of the flats on the roll that no standing delivery reached."""
    told = sa.select(NoticeDelivery.dwelling_id).where(NoticeDelivery.vote_id == vote.id, _STANDS)
    return session.scalars(
        sa.select(RollLineDwelling.dwelling_id).where(
            RollLineDwelling.vote_id == vote.id, RollLineDwelling.dwelling_id.not_in(told)
        )
    ).all()


def on_the_roll(session: Session, vote_id: int, public_ids: Sequence[str]) -> dict[str, Dwelling]:
    """Those of the dwellings that stand on a vote's roll, by public id."""
    found = session.scalars(
        sa.select(Dwelling)
        .join(RollLineDwelling, RollLineDwelling.dwelling_id == Dwelling.id)
        .where(RollLineDwelling.vote_id == vote_id, Dwelling.public_id.in_(public_ids))
    )
    return {each.public_id: each for each in found}


def delivery_by_public_id(session: Session, vote_id: int, public_id: str) -> NoticeDelivery:
    """A delivery of this vote. Raises NotFound."""
    found = session.scalar(
        sa.select(NoticeDelivery).where(NoticeDelivery.vote_id == vote_id, NoticeDelivery.public_id == public_id)
    )
    if found is None:
        raise NotFound("no-such-delivery", "没有找到这条送达记录。")
    return found


def is_revoked(session: Session, delivery_id: int) -> bool:
    """Whether a delivery was taken back."""
    return session.get(NoticeDeliveryRevoked, delivery_id) is not None


def running_votes(session: Session) -> Sequence[sa.Row[Vote, Place]]:
    """The votes whose notice is to be delivered: announced or open."""
    return queries.all_votes(session, (State.PUBLISHED, State.OPEN))


@dataclass(frozen=True)
class DeliveryRecord:
    """One delivery to a flat as it is on file. ``by``: who recorded it (None: the app, when the notice was opened);
    ``proved``: well enough to hold silence against it; ``files``: its photos; ``revoked``: taken back, and why.
    """

    row: NoticeDelivery
    by: Person | None
    proved: bool
    files: tuple[str, ...]
    revoked: NoticeDeliveryRevoked | None


def records_of(session: Session, vote: Vote, dwelling: Dwelling, *, by: datetime) -> list[DeliveryRecord]:
    """Every delivery of a vote's notice to a flat, those taken back too, newest first."""
    rows = session.execute(
        sa.select(NoticeDelivery, NoticeDeliveryRevoked)
        .outerjoin(NoticeDeliveryRevoked, NoticeDeliveryRevoked.delivery_id == NoticeDelivery.id)
        .where(NoticeDelivery.vote_id == vote.id, NoticeDelivery.dwelling_id == dwelling.id)
        .order_by(NoticeDelivery.delivered_at.desc(), NoticeDelivery.public_id)
    ).all()
    names = [row.NoticeDelivery.recorded_by.removeprefix("account:") for row in rows]
    people = session.execute(
        sa.select(Account.public_id, Person)
        .join(Person, Person.id == Account.person_id)
        .where(Account.public_id.in_(names))
    )
    known = {row.public_id: row.Person for row in people}
    return [
        DeliveryRecord(
            row=each,
            by=None if each.way == Way.APP else known.get(each.recorded_by.removeprefix("account:")),
            proved=revoked is None and rules.proved(_value(dwelling, each), by=by),
            files=tuple(proof.file for proof in evidence.of(session, f"delivery:{each.batch}")),
            revoked=revoked,
        )
        for each, revoked in rows
    ]


def running_at(session: Session, dwelling: Dwelling) -> Sequence[Vote]:
    """The announced or open votes on whose roll a flat stands, the first to close first."""
    return session.scalars(
        sa.select(Vote)
        .join(RollLineDwelling, RollLineDwelling.vote_id == Vote.id)
        .where(RollLineDwelling.dwelling_id == dwelling.id, Vote.state.in_([str(State.PUBLISHED), str(State.OPEN)]))
        .order_by(Vote.closes_at, Vote.public_id)
    ).all()


def told_of(session: Session, vote_id: int, public_ids: Sequence[str]) -> list[tuple[str, NoticeDelivery]]:
    """The standing deliveries to some flats with the flat's label, the oldest first: for those who live there."""
    rows = session.execute(
        sa.select(Dwelling.label, NoticeDelivery)
        .join(Dwelling, Dwelling.id == NoticeDelivery.dwelling_id)
        .where(NoticeDelivery.vote_id == vote_id, Dwelling.public_id.in_(public_ids), _STANDS)
        .order_by(NoticeDelivery.delivered_at, NoticeDelivery.public_id)
    )
    return [(row.label, row.NoticeDelivery) for row in rows]
