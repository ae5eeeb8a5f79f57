"""Every select over proofs."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.evidence.models import EvidenceFile, EvidenceUse
from kernel.people.models import Account, Tie
from kernel.places.models import Dwelling, Place

VERIFIED = 2
NO_FILE = NotFound("no-such-file", "没有找到这张照片。")


def file_by_public_id(session: Session, public_id: str) -> EvidenceFile:
    """The file with a public id. Raises NotFound."""
    found = session.scalar(sa.select(EvidenceFile).where(EvidenceFile.public_id == public_id))
    if found is None:
        raise NO_FILE
    return found


def files_by_public_id(session: Session, public_ids: Sequence[str]) -> dict[str, EvidenceFile]:
    """Those of the files that exist, by public id."""
    found = session.scalars(sa.select(EvidenceFile).where(EvidenceFile.public_id.in_(public_ids)))
    return {each.public_id: each for each in found}


def files_of(session: Session, subject: str) -> Sequence[EvidenceFile]:
    """The files that prove a record, in the order they were given."""
    return session.scalars(
        sa.select(EvidenceFile)
        .join(EvidenceUse, EvidenceUse.file_id == EvidenceFile.id)
        .where(EvidenceUse.subject == subject)
        .order_by(EvidenceUse.position)
    ).all()


def subject_of(session: Session, file_id: int) -> str | None:
    """The record a file proves, None while it is loose."""
    return session.scalar(sa.select(EvidenceUse.subject).where(EvidenceUse.file_id == file_id))


def hold_account(session: Session, account_id: int) -> None:
    """Hold an account's row until the transaction ends: its uploads are counted one after another."""
    session.execute(for_update(sa.select(Account.id).where(Account.id == account_id)))


def count_loose(session: Session, account_id: int) -> int:
    """How many files of an account prove nothing yet."""
    return session.scalar(sa.select(sa.func.count()).where(EvidenceFile.account_id == account_id, _loose())) or 0


def forgotten(session: Session, before: datetime, limit: int) -> Sequence[EvidenceFile]:
    """Loose files older than ``before``."""
    return session.scalars(sa.select(EvidenceFile).where(EvidenceFile.created_at < before, _loose()).limit(limit)).all()


def lives_at(session: Session, account_id: int, place: Place) -> bool:
    """Whether the account speaks, proved at level 2, for a dwelling of an estate or building."""
    live = (
        sa.select(Tie.id)
        .join(Dwelling, Dwelling.id == Tie.dwelling_id)
        .where(
            Tie.account_id == account_id,
            Tie.ended_at.is_(None),
            Tie.level >= VERIFIED,
            sa.or_(Dwelling.estate_id == place.id, Dwelling.building_id == place.id),
        )
    )
    return session.scalar(live.limit(1)) is not None


def _loose() -> sa.ColumnElement[bool]:
    return ~sa.exists().where(EvidenceUse.file_id == EvidenceFile.id)
