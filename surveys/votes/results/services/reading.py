"""Where a result stands, with its objections and recounts, for everybody and for those in charge."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, evidence
from kernel.database import reading
from kernel.errors import Conflict
from surveys.votes import queries
from surveys.votes.models import Vote
from surveys.votes.results import queries as results
from surveys.votes.results.models import ResultRecount
from surveys.votes.results.rules import Doubt, Ruling, Stage
from surveys.votes.results.services.finishing import doubts_of
from surveys.votes.results.services.objecting import subject_of, text_of
from surveys.votes.services.preparing import Staff, must_manage


@dataclass(frozen=True)
class ObjectionView:
    """An objection: what everybody may read, and for its maker and staff what was written and shown (else "", ())."""

    id: str
    number: int
    made_at: datetime
    ruling: Ruling | None
    answer: str
    answered_at: datetime | None
    text: str
    photos: tuple[str, ...]
    line: int
    mine: bool


@dataclass(frozen=True)
class Standing:
    """Where a result stands, with its objections and recounts. ``takes_objections``: now, from who is on the roll."""

    stage: Stage
    ends_at: datetime
    provisional: bool
    final_at: datetime | None
    takes_objections: bool
    objections: tuple[ObjectionView, ...]
    recounts: tuple[ResultRecount, ...]
    doubts: tuple[Doubt, ...]
    """why the street has to say that it is final; filled once the publicity is over"""

    @property
    def open_objections(self) -> int:
        """How many wait for an answer."""
        return sum(each.answered_at is None for each in self.objections)


def standing(
    session: Session, vote: Vote, now: datetime, *, account_id: int | None = None, staff: bool = False
) -> Standing:
    """Where the result of a vote stands. Raises Conflict before it is out."""
    row = results.standing_of(session, vote.id)
    if row is None:
        raise Conflict("no-result-yet", "结果还没有公布。投票截止、计票之后会在这里公布。")
    views = []
    for made in results.objections_of(session, vote.id):
        mine = account_id is not None and made.account_id == account_id
        views.append(
            ObjectionView(
                id=made.public_id,
                number=made.number,
                made_at=made.made_at,
                ruling=Ruling(made.ruling) if made.ruling else None,
                answer=made.answer or "",
                answered_at=made.answered_at,
                text=text_of(made) if mine or staff else "",
                photos=tuple(proof.file for proof in evidence.of(session, subject_of(made.public_id)))
                if mine or staff
                else (),
                line=results.line_number(session, made) if staff else 0,
                mine=mine,
            )
        )
    return Standing(
        stage=Stage(row.stage),
        ends_at=row.ends_at,
        provisional=row.provisional,
        final_at=row.final_at,
        takes_objections=row.stage == Stage.PRELIMINARY and now < row.ends_at,
        objections=tuple(views),
        recounts=tuple(results.recounts_of(session, vote.id)),
        doubts=tuple(doubts_of(session, vote, row)) if row.stage == Stage.PRELIMINARY and now >= row.ends_at else (),
    )


def managed_standing(vote_id: str, *, by: Staff, now: datetime) -> tuple[Vote, Standing]:
    """A result for those in charge, with what the objectors wrote; the look is on record when somebody wrote.

    Raises NotFound, NotAllowed, Conflict before the result.
    """
    session = reading()
    vote = queries.vote_by_public_id(session, vote_id)
    must_manage(session, by, queries.place_of(session, vote), now)
    if results.objections_of(session, vote.id):
        audit.look(actor=by.actor, what="objections", subject=f"vote:{vote.public_id}", now=now)
        session = reading()
        vote = queries.vote_by_public_id(session, vote_id)
    return vote, standing(session, vote, now, staff=True)
