"""Every select over written proxies and barred agents."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.people.models import Person, Tie
from kernel.places.models import Place
from kernel.places.rules import is_within
from surveys.votes.models import RollLineHolder
from surveys.votes.proxies.models import BarredAgent, WrittenProxy
from surveys.votes.rules.proxies import LIVE, OPEN, ProxyState
from surveys.votes.rules.roll import VOTING_LEVEL

NO_PROXY = NotFound("no-such-proxy", "没有找到这份委托。请刷新页面后再试。")


def proxy_by_public_id(session: Session, public_id: str, *, lock: bool = False) -> WrittenProxy:
    """A proxy, held for a change if asked. Raises NotFound."""
    statement = sa.select(WrittenProxy).where(WrittenProxy.public_id == public_id)
    found = session.scalar(for_update(statement) if lock else statement)
    if found is None:
        raise NO_PROXY
    return found


def live_proxies_of(session: Session, line_ids: Sequence[int]) -> dict[int, WrittenProxy]:
    """Line id → its live proxy."""
    return {
        found.roll_line_id: found
        for found in session.scalars(
            sa.select(WrittenProxy).where(
                WrittenProxy.roll_line_id.in_(line_ids), WrittenProxy.state.in_([str(state) for state in LIVE])
            )
        )
    }


def used_by(session: Session, ballot_ids: Sequence[int]) -> Sequence[WrittenProxy]:
    """The proxies some ballots were cast with, held for a change."""
    return session.scalars(
        for_update(
            sa.select(WrittenProxy).where(
                WrittenProxy.ballot_id.in_(ballot_ids), WrittenProxy.state == str(ProxyState.USED)
            )
        )
    ).all()


def proxies_of_vote(session: Session, vote_id: int) -> Sequence[WrittenProxy]:
    """All proxies of a vote, the newest first."""
    return session.scalars(
        sa.select(WrittenProxy)
        .where(WrittenProxy.vote_id == vote_id)
        .order_by(WrittenProxy.registered_at.desc(), WrittenProxy.public_id)
    ).all()


def held_by_agent(session: Session, vote_id: int, phone_indexes: Sequence[bytes]) -> int:
    """How many live proxies an agent holds in a vote."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(WrittenProxy)
            .where(
                WrittenProxy.vote_id == vote_id,
                WrittenProxy.agent_phone_index.in_(phone_indexes),
                WrittenProxy.state.in_([str(state) for state in LIVE]),
            )
        )
        or 0
    )


_PRINCIPAL_HOLDS = sa.exists().where(
    RollLineHolder.roll_line_id == WrittenProxy.roll_line_id, RollLineHolder.person_id == WrittenProxy.principal_id
)
"""Who signed it still holds the line: a seller's proxy is good for nothing."""


def usable_of(session: Session, line_id: int, at: datetime) -> WrittenProxy | None:
    """The proxy of a line that is confirmed, in its term at an instant, and of somebody who holds the line."""
    return session.scalar(
        sa.select(WrittenProxy).where(
            WrittenProxy.roll_line_id == line_id,
            WrittenProxy.state == str(ProxyState.CONFIRMED),
            WrittenProxy.valid_until > at,
            _PRINCIPAL_HOLDS,
        )
    )


def of_former_holders(session: Session, line_id: int) -> Sequence[WrittenProxy]:
    """The proxies of a line, registered or confirmed, whose principal does not hold it (any more), held."""
    return session.scalars(
        for_update(
            sa.select(WrittenProxy).where(
                WrittenProxy.roll_line_id == line_id,
                WrittenProxy.state.in_([str(state) for state in OPEN]),
                ~_PRINCIPAL_HOLDS,
            )
        )
    ).all()


def _agents_of(account_id: int) -> sa.Select[bytes | None]:
    """The phones an account proved to be its own: of the persons it is, at level 2."""
    return (
        sa.select(Person.phone_index)
        .join(Tie, Tie.person_id == Person.id)
        .where(
            Tie.account_id == account_id,
            Tie.ended_at.is_(None),
            Tie.level >= VOTING_LEVEL,
            Tie.relation == "self",
            Person.phone_index.is_not(None),
        )
    )


def usable_by(session: Session, line_id: int, account_id: int, now: datetime) -> WrittenProxy | None:
    """The confirmed proxy of a line whose agent this account is, within its term; None without one."""
    return session.scalar(
        sa.select(WrittenProxy).where(
            WrittenProxy.roll_line_id == line_id,
            WrittenProxy.state == str(ProxyState.CONFIRMED),
            WrittenProxy.valid_until > now,
            WrittenProxy.agent_phone_index.in_(_agents_of(account_id)),
            _PRINCIPAL_HOLDS,
        )
    )


def lines_as_agent(session: Session, vote_id: int, account_id: int) -> dict[int, WrittenProxy]:
    """The lines of a vote an account is or was the agent of: confirmed and used proxies by line id."""
    return {
        found.roll_line_id: found
        for found in session.scalars(
            sa.select(WrittenProxy).where(
                WrittenProxy.vote_id == vote_id,
                WrittenProxy.state.in_([str(ProxyState.CONFIRMED), str(ProxyState.USED)]),
                WrittenProxy.agent_phone_index.in_(_agents_of(account_id)),
            )
        )
    }


def holders_of(session: Session, line_id: int) -> Sequence[Person]:
    """The persons a line belongs to."""
    return session.scalars(
        sa.select(Person)
        .join(RollLineHolder, RollLineHolder.person_id == Person.id)
        .where(RollLineHolder.roll_line_id == line_id)
        .order_by(Person.public_id)
    ).all()


def accounts_of(session: Session, person_id: int) -> Sequence[int]:
    """The accounts that proved to be a person."""
    return session.scalars(
        sa.select(Tie.account_id).where(
            Tie.person_id == person_id, Tie.ended_at.is_(None), Tie.level >= VOTING_LEVEL, Tie.relation == "self"
        )
    ).all()


def barred_at(session: Session, place: Place) -> list[BarredAgent]:
    """Who may not be an agent at a place: listed there, above it, or (for an estate) at one of its buildings."""
    rows = session.execute(
        sa.select(BarredAgent, Place.path)
        .join(Place, Place.id == BarredAgent.place_id)
        .where(BarredAgent.ended_at.is_(None))
        .order_by(BarredAgent.added_at)
    )
    return [row.BarredAgent for row in rows if is_within(place.path, row.path) or is_within(row.path, place.path)]


def barred_by_public_id(session: Session, public_id: str) -> BarredAgent:
    """One entry of the list. Raises NotFound."""
    found = session.scalar(sa.select(BarredAgent).where(BarredAgent.public_id == public_id))
    if found is None:
        raise NotFound("no-such-entry", "没有找到这一条。请刷新页面后再试。")
    return found
