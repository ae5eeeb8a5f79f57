"""Every select over a roll's objections, changes and frozen copy."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.errors import NotFound
from kernel.people.models import Person, Tie
from kernel.places.models import Dwelling, Place
from surveys.votes.models import CountedBallot, RollLine, RollLineDwelling, Vote
from surveys.votes.queries import within
from surveys.votes.rolls.models import RollChange, RollObjection, RollSnapshot
from surveys.votes.rules.roll import NEIGHBOUR
from surveys.votes.rules.roll_changes import ChangeKind, ObjectionState, Override, Row


def lines_of(vote_id: int) -> sa.Select[int]:
    """The inner ids of a vote's lines, to be asked for within another statement."""
    return sa.select(RollLine.id).where(RollLine.vote_id == vote_id)


def open_objections(session: Session, vote_id: int) -> int:
    """How many objections to a vote's roll wait for an answer."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(RollObjection)
            .where(RollObjection.vote_id == vote_id, RollObjection.state == ObjectionState.OPEN)
        )
        or 0
    )


def objections_of(session: Session, vote_id: int) -> Sequence[sa.Row[RollObjection, Dwelling]]:
    """A vote's objections with their dwellings, those that wait first, then the newest."""
    return session.execute(
        sa.select(RollObjection, Dwelling)
        .join(Dwelling, Dwelling.id == RollObjection.dwelling_id)
        .where(RollObjection.vote_id == vote_id)
        .order_by(RollObjection.state != ObjectionState.OPEN, RollObjection.raised_at.desc(), RollObjection.public_id)
    ).all()


def my_objections(session: Session, vote_id: int, account_id: int) -> Sequence[sa.Row[RollObjection, Dwelling]]:
    """What an account objected to a vote's roll, newest first."""
    return session.execute(
        sa.select(RollObjection, Dwelling)
        .join(Dwelling, Dwelling.id == RollObjection.dwelling_id)
        .where(RollObjection.vote_id == vote_id, RollObjection.account_id == account_id)
        .order_by(RollObjection.raised_at.desc(), RollObjection.public_id)
    ).all()


def objection_by_public_id(session: Session, vote_id: int, public_id: str) -> RollObjection:
    """An objection to this vote's roll. Raises NotFound."""
    found = session.scalar(
        sa.select(RollObjection).where(RollObjection.vote_id == vote_id, RollObjection.public_id == public_id)
    )
    if found is None:
        raise NotFound("no-such-objection", "没有找到这条异议。")
    return found


def doors_of_account(session: Session, account_id: int, place: Place) -> Sequence[Dwelling]:
    """The dwellings of a place an account speaks for (a neighbour's help is not enough), oldest tie first."""
    return session.scalars(
        sa.select(Dwelling)
        .join(Tie, Tie.dwelling_id == Dwelling.id)
        .where(within(place), Tie.account_id == account_id, Tie.ended_at.is_(None), Tie.relation != NEIGHBOUR)
        .order_by(Tie.since)
    ).all()


def doors_like(session: Session, place: Place, words: str, most: int) -> Sequence[Dwelling]:
    """Dwellings of a place whose label holds some words, the first ``most`` in the order one walks them."""
    return session.scalars(
        sa.select(Dwelling)
        .where(within(place), Dwelling.label.contains(words, autoescape=True))
        .order_by(Dwelling.sort_key, Dwelling.label)
        .limit(most)
    ).all()


def is_of(session: Session, dwelling: Dwelling, place: Place) -> bool:
    """Whether a dwelling belongs to the assembly of a place."""
    return session.scalar(sa.select(Dwelling.id).where(within(place), Dwelling.id == dwelling.id)) is not None


def changes_of(session: Session, vote_id: int) -> Sequence[sa.Row[RollChange, Dwelling]]:
    """The corrections and amendments of a vote's roll with their dwellings, in their order."""
    return session.execute(
        sa.select(RollChange, Dwelling)
        .join(Dwelling, Dwelling.id == RollChange.dwelling_id)
        .where(RollChange.vote_id == vote_id)
        .order_by(RollChange.number)
    ).all()


def next_change(session: Session, vote_id: int) -> int:
    """The number of the next change; the vote's row is held while it is used."""
    return (session.scalar(sa.select(sa.func.max(RollChange.number)).where(RollChange.vote_id == vote_id)) or 0) + 1


def changes_made(session: Session, vote_id: int) -> int:
    """How many changes a roll has had: a caster who reads the same before and after has read one roll."""
    return session.scalar(sa.select(sa.func.count()).select_from(RollChange).where(RollChange.vote_id == vote_id)) or 0


def overrides_of(session: Session, vote_id: int) -> dict[str, Override]:
    """Dwelling public id → what the corrections of a vote, taken in order, say of it."""
    areas: dict[str, int] = {}
    left_out: dict[str, bool] = {}
    for change, dwelling in changes_of(session, vote_id):
        if change.kind == ChangeKind.AREA:
            areas[dwelling.public_id] = change.new["area_dm2"]
        elif change.kind in (ChangeKind.LEFT_OUT, ChangeKind.PUT_BACK):
            left_out[dwelling.public_id] = change.new["left_out"]
    return {dwelling: Override(areas.get(dwelling), left_out.get(dwelling, False)) for dwelling in {*areas, *left_out}}


def amendments_of(session: Session, vote_id: int) -> Sequence[RollChange]:
    """The changes made after the roll was frozen, in their order."""
    return session.scalars(
        sa.select(RollChange).where(RollChange.vote_id == vote_id, RollChange.frozen).order_by(RollChange.number)
    ).all()


def snapshot_of(session: Session, vote_id: int) -> bytes | None:
    """The canonical roll as frozen, None before the opening."""
    return session.scalar(sa.select(RollSnapshot.canonical).where(RollSnapshot.vote_id == vote_id))


def frozen_rows(canonical: bytes) -> list[Row]:
    """The rows of a frozen copy, without its first line (the name of the vote)."""
    rows: list[Any] = [json.loads(line) for line in canonical.decode().splitlines()]
    return rows[1:]


def line_of_dwelling(session: Session, vote_id: int, dwelling_id: int) -> RollLine | None:
    """The line a dwelling stands on, or None."""
    return session.scalar(
        sa.select(RollLine)
        .join(RollLineDwelling, RollLineDwelling.roll_line_id == RollLine.id)
        .where(RollLineDwelling.vote_id == vote_id, RollLineDwelling.dwelling_id == dwelling_id)
    )


def highest_number(session: Session, vote_id: int) -> int:
    """The highest number on a vote's roll."""
    return session.scalar(sa.select(sa.func.max(RollLine.number)).where(RollLine.vote_id == vote_id)) or 0


def is_used(session: Session, line_id: int) -> bool:
    """Whether a ballot counts for a line."""
    return session.scalar(sa.select(sa.exists().where(CountedBallot.roll_line_id == line_id))) or False


def waiting_by_vote(session: Session) -> dict[int, int]:
    """Vote → how many objections to its roll wait for an answer."""
    rows = session.execute(
        sa.select(RollObjection.vote_id, sa.func.count().label("many"))
        .where(RollObjection.state == ObjectionState.OPEN)
        .group_by(RollObjection.vote_id)
    )
    return {row.vote_id: row.many for row in rows}


def paths_of(session: Session, vote_ids: Iterable[int]) -> Sequence[tuple[int, str]]:
    """(vote, path of its place) of some votes."""
    rows = session.execute(
        sa.select(Vote.id, Place.path).join(Place, Place.id == Vote.place_id).where(Vote.id.in_(list(vote_ids)))
    )
    return [(row.id, row.path) for row in rows]


def persons_of(session: Session, holders: Collection[str]) -> Sequence[int]:
    """The inner ids of a line's holders (public ids)."""
    return session.scalars(sa.select(Person.id).where(Person.public_id.in_(holders))).all()


def dwellings_named(session: Session, dwellings: Collection[str]) -> Sequence[int]:
    """The inner ids of a line's dwellings (public ids)."""
    return session.scalars(sa.select(Dwelling.id).where(Dwelling.public_id.in_(dwellings))).all()
