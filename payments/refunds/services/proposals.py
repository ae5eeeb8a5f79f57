"""Proposals to convert deposits into contributions, in words for staff: what each does, and who may agree."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy.orm import Session

from kernel.money import Fen
from kernel.people.models import Person
from kernel.people.services import name_of
from payments.models import Collection
from payments.refunds.models import BatchState, LineState
from payments.refunds.queries import conversions
from payments.refunds.services.converting import Preview


@dataclass(frozen=True)
class Proposal:
    """A proposal to convert, as staff see it."""

    id: str
    basis: str
    due_fen: Fen | None
    word: str
    tone: str
    waits: bool
    may_agree: bool
    planned: Preview
    done: Preview
    skipped: int
    people: str


_BATCH_WORDS = {
    BatchState.PROPOSED: ("待第二人复核", "todo"),
    BatchState.AGREED: ("办理中", "wait"),
    BatchState.WITHDRAWN: ("已撤回", ""),
}


def proposals(session: Session, collection: Collection, himself: AbstractSet[int]) -> list[Proposal]:
    """A collection's proposals, newest first; ``himself``: all the names the reader goes by."""
    found = []
    for batch in conversions.batches_of_collection(session, collection.id):
        sums = {one.state: one for one in conversions.sums_of_batch(session, batch.id)}
        planned, done = (
            Preview(sums[state].many, sums[state].amount_fen, sums[state].rest_fen)
            if state in sums
            else Preview(0, 0, 0)
            for state in (LineState.PLANNED, LineState.DONE)
        )
        word, tone = _BATCH_WORDS[BatchState(batch.state)]
        if batch.state == BatchState.AGREED and not planned.deposits:
            word, tone = "已办完", "ok"
        waits = batch.state == BatchState.PROPOSED
        skipped = sums[LineState.SKIPPED].many if LineState.SKIPPED in sums else 0
        found.append(
            Proposal(
                batch.public_id,
                batch.basis,
                batch.due_fen,
                word,
                tone,
                waits,
                waits and batch.made_by not in himself,
                planned,
                done,
                skipped,
                people_words(session, [("提出", batch.made_by), ("复核", batch.decided_by)]),
            )
        )
    return found


def people_words(session: Session, deeds: Sequence[tuple[str, int | None]]) -> str:
    """Who did what, in a line: (deed, person) each, those nobody did left out."""
    named = []
    for deed, person_id in deeds:
        person = session.get(Person, person_id) if person_id is not None else None
        if person is not None:
            named.append(f"{deed} {name_of(person)}")
    return "，".join(named)
