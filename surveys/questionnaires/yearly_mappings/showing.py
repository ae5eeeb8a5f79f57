"""Proposed mappings as the page that compares two versions shows them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel.people.queries import are_one
from kernel.people.services import name_if_known
from surveys.questionnaires.rules import mapping as rules
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.yearly_mappings import queries
from surveys.questionnaires.yearly_mappings.models import YearlyMapping
from surveys.questionnaires.yearly_mappings.rules import Decision, lines

WORDS = {
    None: ("等另一个人同意", "warn", ""),
    Decision.AGREED: ("同意过，后来换了", "", "同意"),
    Decision.REFUSED: ("没有同意", "", "不同意"),
    Decision.WITHDRAWN: ("撤回了", "", "撤回"),
}


@dataclass(frozen=True)
class Shown:
    """One proposal in words. ``mine``: who looks has made it himself; ``lines``: what becomes what."""

    public_id: str
    reason: str
    who: str
    at: datetime
    decider: str
    decided_at: datetime | None
    did: str
    word: str
    tone: str
    waits: bool
    mine: bool
    lines: tuple[str, ...]


def shown(session: Session, from_id: int, to_id: int, *, person_id: int | None) -> list[Shown]:
    """What was proposed between two versions, the latest first; the one that counts says so."""
    counts = queries.agreed(session, from_id, to_id)
    rows = queries.proposals(session, from_id, to_id)
    return [_shown(session, row, row is counts, person_id) for row in rows]


def _shown(session: Session, row: YearlyMapping, counts: bool, person_id: int | None) -> Shown:
    word, tone, did = WORDS[Decision(row.decision) if row.decision else None]
    step = rules.read(form_of(session, row.from_version_id), form_of(session, row.to_version_id), row.document)
    return Shown(
        row.public_id,
        row.reason,
        name_if_known(session, row.proposed_by),
        row.proposed_at,
        name_if_known(session, row.decided_by),
        row.decided_at,
        did,
        "现在用的" if counts else word,
        "ok" if counts else tone,
        row.decision is None,
        person_id is not None and are_one(session, person_id, row.proposed_by),
        tuple(lines(step)),
    )
