"""Every select over signature sheets."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from surveys.votes.elections.models import Nominee, RecallPetition
from surveys.votes.rules.signature_sheets import LineState
from surveys.votes.signature_sheets.models import SignatureLine, SignatureSheet

Cause = RecallPetition | Nominee


def sheet_by_public_id(session: Session, public_id: str, *, hold: bool = False) -> SignatureSheet:
    """A sheet; ``hold`` it for a change. Raises NotFound."""
    statement = sa.select(SignatureSheet).where(SignatureSheet.public_id == public_id)
    found = session.scalar(for_update(statement) if hold else statement)
    if found is None:
        raise NotFound("no-such-sheet", "没有找到这份签名表。")
    return found


def sheets_of(session: Session, cause: Cause) -> Sequence[SignatureSheet]:
    """The sheets for a cause, the first entered first."""
    column = SignatureSheet.petition_id if isinstance(cause, RecallPetition) else SignatureSheet.nominee_id
    return session.scalars(
        sa.select(SignatureSheet).where(column == cause.id).order_by(SignatureSheet.entered_at, SignatureSheet.id)
    ).all()


def lines_of(session: Session, sheet_id: int) -> Sequence[SignatureLine]:
    """A sheet's lines in their order."""
    return session.scalars(
        sa.select(SignatureLine).where(SignatureLine.sheet_id == sheet_id).order_by(SignatureLine.position)
    ).all()


def waiting(session: Session, cause: Cause) -> bool:
    """Whether a sheet for a cause waits for its second person."""
    return any(each.checked_at is None for each in sheets_of(session, cause))


def counted_line(session: Session, cause: Cause, dwelling_id: int) -> SignatureLine | None:
    """The line on paper that counts for a head, or None."""
    column = SignatureSheet.petition_id if isinstance(cause, RecallPetition) else SignatureSheet.nominee_id
    return session.scalar(
        sa.select(SignatureLine)
        .join(SignatureSheet, SignatureSheet.id == SignatureLine.sheet_id)
        .where(
            column == cause.id,
            SignatureLine.dwelling_id == dwelling_id,
            SignatureLine.state == str(LineState.COUNTED),
        )
    )
