"""Every select over notices."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.errors import NotFound
from kernel.places.models import Dwelling
from portal.notices.models import Notice


def notices_of(session: Session, account_id: int, limit: int = 50) -> Sequence[tuple[Notice, Dwelling]]:
    """The account's notices with their dwellings, newest first."""
    rows = session.execute(
        sa.select(Notice, Dwelling)
        .join(Dwelling, Dwelling.id == Notice.dwelling_id)
        .where(Notice.account_id == account_id)
        .order_by(Notice.at.desc())
        .limit(limit)
    )
    return [(row.Notice, row.Dwelling) for row in rows]


def unread(session: Session, account_id: int) -> int:
    """How many notices the account has not read."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Notice)
            .where(Notice.account_id == account_id, Notice.read_at.is_(None))
        )
        or 0
    )


def unread_of_dwelling(session: Session, account_id: int, dwelling_id: int) -> Sequence[Notice]:
    """The account's unread notices about a dwelling, newest first."""
    return session.scalars(
        sa.select(Notice)
        .where(Notice.account_id == account_id, Notice.dwelling_id == dwelling_id, Notice.read_at.is_(None))
        .order_by(Notice.at.desc())
    ).all()


def notice_of(session: Session, account_id: int, public_id: str) -> Notice:
    """One of the account's notices. Raises NotFound."""
    found = session.scalar(sa.select(Notice).where(Notice.account_id == account_id, Notice.public_id == public_id))
    if found is None:
        raise NotFound("no-such-notice", "没有这条消息。")
    return found
