"""What is shown of a roll's changes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from surveys.votes.models import Vote
from surveys.votes.rolls import queries as rolls
from surveys.votes.rules.roll_changes import ChangeKind, Effect


@dataclass(frozen=True)
class ChangeView:
    """A change as everybody may see it: the door and the areas, never who owns."""

    id: str
    number: int
    door: str
    kind: ChangeKind
    frozen: bool
    effect: Effect
    reason: str
    old_area_dm2: int | None
    new_area_dm2: int | None
    made_at: datetime


def changes(session: Session, vote: Vote) -> list[ChangeView]:
    """The corrections and amendments of a vote's roll in their order."""
    return [
        ChangeView(
            id=change.public_id,
            number=change.number,
            door=dwelling.label,
            kind=ChangeKind(change.kind),
            frozen=change.frozen,
            effect=Effect(change.effect),
            reason=change.reason,
            old_area_dm2=change.old.get("area_dm2"),
            new_area_dm2=change.new.get("area_dm2"),
            made_at=change.made_at,
        )
        for change, dwelling in rolls.changes_of(session, vote.id)
    ]
