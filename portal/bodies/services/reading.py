"""What is shown of a body: names as far as the members agreed, the term, the filing, how far the hand-over is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel.masks import mask_name
from kernel.places.models import Place
from kernel.places.queries import places_by_id
from portal.bodies import queries, rules
from portal.bodies.models import Body, BodyFiling, BodyHandover
from portal.bodies.rules import Filed
from portal.bodies.services.forming import kind_of, managed
from surveys.votes.elections.queries import running_against
from surveys.votes.models import Vote
from surveys.votes.queries import votes_by_id
from surveys.votes.rules.bodies import BodyKind, Office
from surveys.votes.services.preparing import Staff


@dataclass(frozen=True)
class MemberView:
    """A member as the public sees it; ``candidate``: the public id on the ballot paper."""

    candidate: str
    name: str
    office: Office


@dataclass(frozen=True)
class FilingView:
    """How a body stands with its filing: until when it is due, and the last filing if there is one."""

    state: Filed
    until: datetime
    last: BodyFiling | None


@dataclass(frozen=True)
class BodyView:
    """A body as anyone may see it. ``state``: in_office | over | ended. ``filing``: None for a kind that is not filed.
    ``recall``: somebody collects signatures against it.
    """

    body: Body
    kind: BodyKind
    place: Place
    vote: Vote
    state: str
    members: tuple[MemberView, ...]
    handover: tuple[BodyHandover, ...]
    filing: FilingView | None
    recall: bool

    @property
    def title(self) -> str:
        """Its estate and kind."""
        return f"{self.place.name} {self.kind.title}"


def view(session: Session, body: Body, now: datetime, *, staff: bool = False) -> BodyView:
    """A body with its members' names as far as they agreed (``staff``: in full)."""
    return views(session, [body], now, staff=staff)[0]


def views(session: Session, bodies: Sequence[Body], now: datetime, *, staff: bool = False) -> list[BodyView]:
    """The same of several bodies, in as many questions as for one."""
    ids, elections = [body.id for body in bodies], [body.vote_id for body in bodies]
    places, votes = places_by_id(session, (body.place_id for body in bodies)), votes_by_id(session, elections)
    members, handovers = queries.members_by_body(session, ids), queries.handovers_by_body(session, ids)
    filings, changes = queries.last_filings(session, ids), queries.last_changes(session, bodies)
    recalled = running_against(session, elections, now)
    return [
        BodyView(
            body=body,
            kind=kind_of(body),
            place=places[body.place_id],
            vote=votes[body.vote_id],
            state="ended" if body.ended_at is not None else "in_office" if now < body.ends_at else "over",
            members=tuple(
                MemberView(
                    candidate,
                    each.name if each.shown or staff else mask_name(each.name),
                    Office(each.office),
                )
                for each, candidate in members[body.id]
            ),
            handover=tuple(handovers[body.id]),
            filing=_filing(body, filings.get(body.id), changes[body.id], now),
            recall=body.vote_id in recalled,
        )
        for body in bodies
    ]


def _filing(body: Body, last: BodyFiling | None, changed_at: datetime, now: datetime) -> FilingView | None:
    until = rules.file_until(kind_of(body), body.starts_at)
    if until is None:
        return None
    state = rules.filed(until=until, filed_at=last.recorded_at if last else None, changed_at=changed_at, now=now)
    return FilingView(state, until, last)


def managed_view(session: Session, body_id: str, *, by: Staff, now: datetime) -> BodyView:
    """A body for those in charge. Raises NotFound, NotAllowed."""
    return view(session, managed(session, body_id, by, now), now, staff=True)
