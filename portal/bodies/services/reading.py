"""What is shown of a body: names as far as the members agreed, the term, the filing, how far the hand-over is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel.masks import mask_name
from kernel.places.models import Place
from kernel.places.queries import place_by_id
from portal.bodies import queries, rules
from portal.bodies.models import Body, BodyFiling, BodyHandover
from portal.bodies.rules import Filed
from portal.bodies.services.forming import kind_of, managed
from surveys.votes.elections.services import recalls
from surveys.votes.models import Candidate, Vote
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
    ended = body.ended_at is not None
    return BodyView(
        body=body,
        kind=kind_of(body),
        place=place_by_id(session, body.place_id),
        vote=session.get_one(Vote, body.vote_id),
        state="ended" if ended else "in_office" if now < body.ends_at else "over",
        members=tuple(
            MemberView(
                session.get_one(Candidate, each.candidate_id).public_id,
                each.name if each.shown or staff else mask_name(each.name),
                Office(each.office),
            )
            for each in queries.members_of(session, body.id)
        ),
        handover=tuple(queries.handover_of(session, body.id)),
        filing=_filing(session, body, now),
        recall=recalls.is_running(session, body.vote_id, now),
    )


def _filing(session: Session, body: Body, now: datetime) -> FilingView | None:
    until = rules.file_until(kind_of(body), body.starts_at)
    if until is None:
        return None
    last = queries.last_filing(session, body.id)
    state = rules.filed(
        until=until,
        filed_at=last.recorded_at if last else None,
        changed_at=queries.last_change(session, body),
        now=now,
    )
    return FilingView(state, until, last)


def managed_view(session: Session, body_id: str, *, by: Staff, now: datetime) -> BodyView:
    """A body for those in charge. Raises NotFound, NotAllowed."""
    return view(session, managed(session, body_id, by, now), now, staff=True)
