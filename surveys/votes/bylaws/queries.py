"""Every select over adopted rules, and which lines of a vote silence may be counted for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.errors import NotFound
from kernel.places.models import Place
from surveys.votes import queries
from surveys.votes.bylaws.models import Bylaws, DeemedVote
from surveys.votes.delivery import queries as deliveries
from surveys.votes.models import Vote
from surveys.votes.queries import StoredLine
from surveys.votes.rules import bylaws as rules
from surveys.votes.rules import deliveries as delivering
from surveys.votes.rules.bylaws import Adopted, Silence
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.lifecycle import State


def bylaws_by_public_id(session: Session, public_id: str) -> tuple[Bylaws, Place]:
    """Rules on file with their place. Raises NotFound."""
    row = session.execute(
        sa.select(Bylaws, Place).join(Place, Place.id == Bylaws.place_id).where(Bylaws.public_id == public_id)
    ).one_or_none()
    if row is None:
        raise NotFound("no-such-bylaws", "没有找到这份议事规则。")
    return row.Bylaws, row.Place


def bylaws_at(session: Session, places: Sequence[Place]) -> Sequence[sa.Row[Bylaws, Place]]:
    """Rules on file at or under some places, newest first."""
    within = sa.or_(sa.false(), *(Place.path.startswith(place.path, autoescape=True) for place in places))
    return session.execute(
        sa.select(Bylaws, Place)
        .join(Place, Place.id == Bylaws.place_id)
        .where(within)
        .order_by(Bylaws.adopted_on.desc(), Bylaws.public_id)
    ).all()


def usable_for(session: Session, place: Place) -> Sequence[Bylaws]:
    """Confirmed rules that hold at a place and say something of silence, newest first."""
    codes = place.path.strip("/").split("/")
    return session.scalars(
        sa.select(Bylaws)
        .join(Place, Place.id == Bylaws.place_id)
        .where(
            Place.code.in_(codes),
            Bylaws.confirmed_at.is_not(None),
            Bylaws.withdrawn_at.is_(None),
            Bylaws.silence != Silence.NOTHING,
        )
        .order_by(Bylaws.adopted_on.desc(), Bylaws.public_id)
    ).all()


def must_deem(
    session: Session, vote: Vote, place: Place, found: Bylaws, at: Place, *, state: State, today: date
) -> None:
    """May a vote at ``place`` count silence by rules of ``at``? Raises Conflict or Invalid with the reason."""
    rules.may_deem(
        Adopted(
            silence=Silence(found.silence),
            warning=found.warning,
            adopted_on=found.adopted_on,
            confirmed=found.confirmed_at is not None,
            withdrawn=found.withdrawn_at is not None,
            path=at.path,
        ),
        state=state,
        electorate=Electorate(vote.electorate),
        matters=tuple(motion.rule.split("@")[0] for motion in queries.motions_of(session, vote.id)),
        vote_path=place.path,
        today=today,
    )


def must_still_deem(session: Session, vote: Vote, place: Place, *, state: State, today: date) -> None:
    """The rules a vote counts silence by, looked at again when its notice goes out. Raises as ``must_deem``."""
    row = session.execute(
        sa.select(Bylaws, Place)
        .join(Place, Place.id == Bylaws.place_id)
        .join(DeemedVote, DeemedVote.bylaws_id == Bylaws.id)
        .where(DeemedVote.vote_id == vote.id)
    ).one_or_none()
    if row is not None:
        must_deem(session, vote, place, row.Bylaws, row.Place, state=state, today=today)


@dataclass(frozen=True)
class DeemedRule:
    """By which clause a vote counts silence."""

    bylaws: str
    title: str
    adopted_on: date
    silence: Silence
    warning: str


def deemed_rule(session: Session, vote: Vote) -> DeemedRule | None:
    """The rules by which a vote counts silence, or None: it does not (the default)."""
    row = session.scalar(
        sa.select(Bylaws).join(DeemedVote, DeemedVote.bylaws_id == Bylaws.id).where(DeemedVote.vote_id == vote.id)
    )
    if row is None:
        return None
    return DeemedRule(row.public_id, row.title, row.adopted_on, Silence(row.silence), row.warning)


def deemed_lines(session: Session, vote: Vote) -> list[StoredLine]:
    """The lines silence may be counted for: the vote does so, no ballot counts for the line, and delivery is proved,
    before the closing instant, for every flat on it. Empty for a vote that does not count silence.
    """
    if vote.closes_at is None or session.get(DeemedVote, vote.id) is None:
        return []
    reached = delivering.reached(deliveries.deliveries_of(session, vote.id), by=vote.closes_at)
    return [line for line in deliveries.silent_lines(session, vote) if reached.issuperset(line.value.dwellings)]
