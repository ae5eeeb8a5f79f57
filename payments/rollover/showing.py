"""Where a question whether deposits stay stands, for staff."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from payments import queries as payments
from payments.rollover import queries
from payments.rollover.models import RolloverQuestion
from payments.rules.rollover import RolloverChoice


@dataclass(frozen=True)
class StaffView:
    """How many keep, how many want theirs back, how many said nothing; ``held``: deposits there are to ask about."""

    question: RolloverQuestion | None
    keep: int = 0
    give_back: int = 0
    silent: int = 0
    held: int = 0


def staff_view(session: Session, estate_id: int) -> StaffView:
    """The estate's open question, or how many deposits could be asked about."""
    collection = payments.collection_of(session, estate_id)
    if collection is None:
        return StaffView(None)
    question = queries.open_question(session, collection.id)
    if question is None:
        return StaffView(None, held=queries.held_of(session, collection.id))
    counts = queries.counts_of(session, question.id)
    return StaffView(
        question,
        counts.get(RolloverChoice.KEEP, 0),
        counts.get(RolloverChoice.GIVE_BACK, 0),
        len(queries.unanswered(session, question)),
    )
