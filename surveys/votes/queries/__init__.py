"""Every select over votes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_share, for_update
from kernel.errors import NotFound
from kernel.people.models import Holding, Person, PersonKind, Tie
from kernel.people.queries import OWNING
from kernel.places.models import Dwelling, Place, PlaceKind
from surveys.votes.delegates import queries as delegates
from surveys.votes.models import (
    Candidate,
    Motion,
    RollLine,
    RollLineDwelling,
    RollLineHolder,
    Vote,
)
from surveys.votes.queries.ballots import (
    HeldBallot,
    Turnout,
    ballot_by_public_id,
    ballot_by_receipt,
    ballots_of,
    ballots_of_lines,
    counted_ballots,
    first_result_of,
    held_on,
    late_ballots,
    open_conflicts,
    receipts_of,
    result_of,
    set_aside,
    turnout_of,
    undecided_ballots,
)
from surveys.votes.representatives.queries import grounds_of, represented_by
from surveys.votes.rules import roll
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.representation import IN_PLACE_OF_OWNER, WARD

__all__ = [
    "HeldBallot",
    "Registered",
    "StoredLine",
    "Turnout",
    "all_votes",
    "announced_vote",
    "ballot_by_public_id",
    "ballot_by_receipt",
    "ballots_of",
    "ballots_of_lines",
    "candidates_of",
    "claims_of",
    "counted_ballots",
    "first_result_of",
    "held_on",
    "late_ballots",
    "line_by_public_id",
    "lines_by_id",
    "lines_for_account",
    "motions_of",
    "open_conflicts",
    "place_of",
    "receipts_of",
    "register_near",
    "register_of",
    "result_of",
    "roll_of",
    "set_aside",
    "turnout_of",
    "undecided_ballots",
    "vote_by_id",
    "vote_by_public_id",
    "vote_for_share",
    "vote_for_update",
    "voters_of",
    "votes_for_dwelling",
]


def _found(vote: Vote | None) -> Vote:
    if vote is None:
        raise NotFound("no-such-vote", "没有找到这次表决。请从自家页面或公告上的链接再进一次。")
    return vote


def vote_by_public_id(session: Session, public_id: str) -> Vote:
    """The vote with a public id, drafts included. Raises NotFound."""
    return _found(session.scalar(sa.select(Vote).where(Vote.public_id == public_id)))


def votes_by_id(session: Session, ids: Sequence[int]) -> dict[int, Vote]:
    """Several votes by their inner ids, in one question."""
    return {vote.id: vote for vote in session.scalars(sa.select(Vote).where(Vote.id.in_(ids)))}


def vote_by_id(session: Session, vote_id: int, *, hold: bool = False) -> Vote:
    """The vote with an inner id; ``hold`` it for a change."""
    statement = sa.select(Vote).where(Vote.id == vote_id)
    return session.scalars(for_update(statement) if hold else statement).one()


def announced_vote(session: Session, public_id: str) -> Vote:
    """The vote as the public may know it: its notice is out. Raises NotFound."""
    return _found(session.scalar(sa.select(Vote).where(Vote.public_id == public_id, Vote.state != State.DRAFT)))


def vote_for_share(session: Session, public_id: str) -> Vote:
    """The vote, held open against closing until this transaction ends; casters do not wait for each other."""
    return _found(
        session.scalar(for_share(sa.select(Vote).where(Vote.public_id == public_id, Vote.state != State.DRAFT)))
    )


def vote_for_update(session: Session, public_id: str) -> Vote:
    """The vote for a change of its state; waits for casters in flight and holds off new ones."""
    return _found(session.scalar(for_update(sa.select(Vote).where(Vote.public_id == public_id))))


def place_of(session: Session, vote: Vote) -> Place:
    """Where the vote is held."""
    return session.get_one(Place, vote.place_id)


def all_votes(session: Session, states: Iterable[str] = tuple(State)) -> Sequence[sa.Row[Vote, Place]]:
    """All votes of some states with their places, newest first."""
    return session.execute(
        sa.select(Vote, Place)
        .join(Place, Place.id == Vote.place_id)
        .where(Vote.state.in_([str(state) for state in states]))
        .order_by(Vote.created_at.desc(), Vote.public_id)
    ).all()


def votes_for_dwelling(session: Session, dwelling: Dwelling, *, results_since: datetime) -> Sequence[Vote]:
    """Announced votes at the dwelling's estate, building or unit; results only if published since ``results_since``."""
    unit = sa.select(Place.id).where(
        Place.parent_id == dwelling.building_id, Place.kind == PlaceKind.UNIT, Place.name == f"{dwelling.unit}单元"
    )
    return session.scalars(
        sa.select(Vote)
        .where(
            sa.or_(Vote.place_id.in_([dwelling.estate_id, dwelling.building_id]), Vote.place_id.in_(unit)),
            Vote.state != State.DRAFT,
            sa.or_(Vote.resulted_at.is_(None), Vote.resulted_at >= results_since),
        )
        .order_by(Vote.closes_at)
    ).all()


def motions_of(session: Session, vote_id: int) -> Sequence[Motion]:
    """A vote's motions in printed order."""
    return session.scalars(sa.select(Motion).where(Motion.vote_id == vote_id).order_by(Motion.position)).all()


def candidates_of(session: Session, vote_id: int) -> dict[int, list[Candidate]]:
    """Motion id → candidates in printed order, for all elections of a vote."""
    found: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in session.scalars(
        sa.select(Candidate)
        .join(Motion, Motion.id == Candidate.motion_id)
        .where(Motion.vote_id == vote_id)
        .order_by(Candidate.position)
    ):
        found[candidate.motion_id].append(candidate)
    return found


# ------------------------------------------------------------------------------------------------------ the register


@dataclass(frozen=True, slots=True)
class Registered:
    """The register of a place: entries to build a roll from, and inner ids by public id."""

    entries: list[roll.Entry]
    dwelling_ids: dict[str, int]
    person_ids: dict[str, int]


def within(place: Place) -> sa.ColumnElement[bool]:
    """Which dwellings an assembly is made of: those of an estate, of a building, or of a unit of one."""
    if place.kind == PlaceKind.ESTATE:
        return Dwelling.estate_id == place.id
    if place.kind == PlaceKind.BUILDING:
        return Dwelling.building_id == place.id
    # A unit's name is its number with 单元 (portal.register); its dwellings carry the number alone.
    return sa.and_(Dwelling.building_id == place.parent_id, Dwelling.unit == place.name.removesuffix("单元"))


def register_of(session: Session, place: Place) -> Registered:
    """The dwellings of an estate, a building or a unit with their owners of today, in the order one walks them."""
    return _register(session, within(place))


def register_near(session: Session, place: Place, claims: Iterable[tuple[roll.Claim, int, int | None]]) -> Registered:
    """The part of a place's register that an account's lines are built from (see ``claims_of``): its doors, and every
    door of whom it speaks for or of who owns one of its doors.
    """
    doors = {dwelling_id for _, dwelling_id, _ in claims}
    persons = {person_id for _, _, person_id in claims if person_id is not None}
    owning = sa.and_(Holding.held_until.is_(None), Holding.kind.in_([str(kind) for kind in OWNING]))
    owners = sa.select(Holding.person_id).where(owning, Holding.dwelling_id.in_(doors))
    held = sa.select(Holding.dwelling_id).where(
        owning, sa.or_(Holding.person_id.in_(persons), Holding.person_id.in_(owners))
    )
    return _register(session, sa.and_(within(place), sa.or_(Dwelling.id.in_(doors), Dwelling.id.in_(held))))


def _register(session: Session, scope: sa.ColumnElement[bool]) -> Registered:
    dwellings = session.execute(
        sa.select(Dwelling.id, Dwelling.public_id, Dwelling.label, Dwelling.area_dm2, Dwelling.use)
        .where(scope)
        .order_by(Dwelling.sort_key, Dwelling.label)
    ).all()
    holders: dict[int, list[roll.Holder]] = defaultdict(list)
    person_ids: dict[str, int] = {}
    for row in session.execute(
        sa.select(Holding.dwelling_id, Person.id, Person.public_id, Person.kind)
        .join(Dwelling, Dwelling.id == Holding.dwelling_id)
        .join(Person, Person.id == Holding.person_id)
        .where(scope, Holding.held_until.is_(None), Holding.kind.in_([str(kind) for kind in OWNING]))
    ):
        holders[row.dwelling_id].append(roll.Holder(row.public_id, row.kind == PersonKind.ORGANISATION))
        person_ids[row.public_id] = row.id
    return Registered(
        entries=[
            roll.Entry(row.public_id, row.label, row.area_dm2, roll.Use(row.use), tuple(holders[row.id]))
            for row in dwellings
        ],
        dwelling_ids={row.public_id: row.id for row in dwellings},
        person_ids=person_ids,
    )


def voters_of(session: Session, place: Place, electorate: Electorate, day: date) -> Registered:
    """What a roll of an electorate is built from at a place on a day: the register, or the list of representatives."""
    if electorate is not Electorate.REPRESENTATIVES:
        return register_of(session, place)
    rows = delegates.on_day(session, within(place), day)
    return Registered(
        entries=[
            roll.Entry(home.public_id, home.label, home.area_dm2, roll.Use(home.use), (roll.Holder(person.public_id),))
            for _, person, home in rows
        ],
        dwelling_ids={home.public_id: home.id for _, _, home in rows},
        person_ids={person.public_id: person.id for _, person, _ in rows},
    )


# ---------------------------------------------------------------------------------------------------------- the roll


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line as stored: its inner and public ids with the value the rules know."""

    id: int
    public_id: str
    value: roll.RollLine


def roll_of(session: Session, vote_id: int) -> list[StoredLine]:
    """The whole roll of a vote in the order of its numbers."""
    return _lines(session, RollLine.vote_id == vote_id)


def line_by_public_id(session: Session, vote_id: int, public_id: str) -> StoredLine | None:
    """One line of a vote, or None."""
    found = _lines(session, RollLine.vote_id == vote_id, RollLine.public_id == public_id)
    return found[0] if found else None


def lines_by_id(session: Session, ids: Sequence[int]) -> list[StoredLine]:
    """Lines by their inner ids."""
    return _lines(session, RollLine.id.in_(ids))


def lines_for_account(session: Session, vote_id: int, account_id: int) -> list[StoredLine]:
    """The lines an account's live ties touch: by a dwelling, or by the person it proved to be."""
    ties = sa.select(Tie.dwelling_id, Tie.person_id).where(Tie.account_id == account_id, Tie.ended_at.is_(None))
    known = session.execute(ties).all()
    by_dwelling = sa.select(RollLineDwelling.roll_line_id).where(
        RollLineDwelling.vote_id == vote_id, RollLineDwelling.dwelling_id.in_([row.dwelling_id for row in known])
    )
    persons = [row.person_id for row in known if row.person_id is not None]
    persons += [owner_id for _, owner_id, _ in represented_by(session, persons)]
    by_person = sa.select(RollLineHolder.roll_line_id).where(RollLineHolder.person_id.in_(persons))
    return _lines(
        session, RollLine.vote_id == vote_id, sa.or_(RollLine.id.in_(by_dwelling), RollLine.id.in_(by_person))
    )


def _lines(session: Session, *which: sa.ColumnElement[bool]) -> list[StoredLine]:
    lines = session.execute(
        sa.select(RollLine.id, RollLine.public_id, RollLine.number, RollLine.kind, RollLine.heads, RollLine.area_dm2)
        .where(*which)
        .order_by(RollLine.number)
    ).all()
    if not lines:
        return []
    doors: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for row in session.execute(
        sa.select(RollLineDwelling.roll_line_id, Dwelling.public_id, RollLineDwelling.label)
        .join(RollLine, RollLine.id == RollLineDwelling.roll_line_id)
        .join(Dwelling, Dwelling.id == RollLineDwelling.dwelling_id)
        .where(*which)
        .order_by(Dwelling.sort_key, Dwelling.label)
    ):
        doors[row.roll_line_id].append((row.public_id, row.label))
    holders: dict[int, list[str]] = defaultdict(list)
    for holder in session.execute(
        sa.select(RollLineHolder.roll_line_id, Person.public_id)
        .join(RollLine, RollLine.id == RollLineHolder.roll_line_id)
        .join(Person, Person.id == RollLineHolder.person_id)
        .where(*which)
        .order_by(Person.public_id)
    ):
        holders[holder.roll_line_id].append(holder.public_id)
    return [
        StoredLine(
            row.id,
            row.public_id,
            roll.RollLine(
                number=row.number,
                kind=roll.LineKind(row.kind),
                heads=row.heads,
                area_dm2=row.area_dm2,
                dwellings=tuple(dwelling for dwelling, _ in doors[row.id]),
                labels=tuple(label for _, label in doors[row.id]),
                holders=tuple(holders[row.id]),
            ),
        )
        for row in lines
    ]


def accounts_on_roll(session: Session, vote_id: int) -> list[tuple[int, int]]:
    """Every account that speaks for a dwelling of a vote's roll (no neighbour's), with one of those dwellings."""
    rows = session.execute(
        sa.select(Tie.account_id, sa.func.min(Tie.dwelling_id))
        .join(RollLineDwelling, RollLineDwelling.dwelling_id == Tie.dwelling_id)
        .where(RollLineDwelling.vote_id == vote_id, Tie.ended_at.is_(None), Tie.relation != roll.NEIGHBOUR)
        .group_by(Tie.account_id)
    )
    return [(account, dwelling) for account, dwelling in rows]


def accounts_at(session: Session, place: Place) -> list[tuple[int, int]]:
    """Every account that speaks for a dwelling of an assembly (no neighbour's), with one of those dwellings."""
    rows = session.execute(
        sa.select(Tie.account_id, sa.func.min(Tie.dwelling_id))
        .join(Dwelling, Dwelling.id == Tie.dwelling_id)
        .where(within(place), Tie.ended_at.is_(None), Tie.relation != roll.NEIGHBOUR)
        .group_by(Tie.account_id)
    )
    return [(account, dwelling) for account, dwelling in rows]


def claims_of(session: Session, account_id: int) -> list[tuple[roll.Claim, int, int | None]]:
    """An account's live ties as claims, each with the inner ids of its dwelling and person.

    Who was confirmed as a representative claims for the owners he votes for as well; an owner with a legal
    representative claims as a ward.
    """
    rows = session.execute(
        sa.select(
            Tie.level,
            Tie.relation,
            Tie.dwelling_id,
            Tie.person_id,
            Dwelling.public_id.label("dwelling"),
            Person.public_id.label("person"),
        )
        .join(Dwelling, Dwelling.id == Tie.dwelling_id)
        .outerjoin(Person, Person.id == Tie.person_id)
        .where(Tie.account_id == account_id, Tie.ended_at.is_(None))
        .order_by(Tie.since)
    ).all()
    persons = [row.person_id for row in rows if row.person_id is not None]
    owners: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for speaker, owner_id, owner in represented_by(session, persons):
        owners[speaker].append((owner_id, owner))
    wards = {owner for owner, ground in grounds_of(session, persons).items() if ground in IN_PLACE_OF_OWNER}
    claims: list[tuple[roll.Claim, int, int | None]] = []
    for row in rows:
        relation = WARD if row.person_id in wards else row.relation
        claims.append((roll.Claim(row.dwelling, row.level, relation, row.person), row.dwelling_id, row.person_id))
        for owner_id, owner in owners.get(row.person_id, ()):
            claims.append((roll.Claim(row.dwelling, row.level, "representative", owner), row.dwelling_id, owner_id))
    return claims
