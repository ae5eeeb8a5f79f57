"""The selects that prove what was published: each row is what its entry moved, each period adds up and follows on."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from payments.models import LedgerAccount, LedgerPosting
from payments.publications.models import Publication, PublishedRow
from payments.rules.publication import MONEY


def rows_apart(session: Session) -> Sequence[Any]:
    """(public_id of the publication, place, amount) of rows that are not what their entry moved."""
    moved = (
        sa.select(LedgerPosting.entry_id, sa.func.sum(LedgerPosting.amount_fen).label("fen"))
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerAccount.kind.in_(MONEY))
        .group_by(LedgerPosting.entry_id)
        .subquery()
    )
    return session.execute(
        sa.select(Publication.public_id, PublishedRow.place, PublishedRow.amount_fen.label("amount"))
        .join(Publication, Publication.id == PublishedRow.publication_id)
        .outerjoin(moved, moved.c.entry_id == PublishedRow.entry_id)
        .where(sa.func.coalesce(moved.c.fen, 0) != PublishedRow.amount_fen)
    ).all()


def periods_apart(session: Session) -> Sequence[Any]:
    """(public_id, number, opening, closing) of publications that do not add up or do not begin where the last ended."""
    before = aliased(Publication)
    rows = (
        sa.select(PublishedRow.publication_id, sa.func.sum(PublishedRow.amount_fen).label("fen"))
        .group_by(PublishedRow.publication_id)
        .subquery()
    )
    moved = sa.func.coalesce(rows.c.fen, 0)
    return session.execute(
        sa.select(
            Publication.public_id,
            Publication.number,
            Publication.opening_fen.label("opening"),
            Publication.closing_fen.label("closing"),
        )
        .outerjoin(rows, rows.c.publication_id == Publication.id)
        .outerjoin(
            before,
            sa.and_(before.collection_id == Publication.collection_id, before.number == Publication.number - 1),
        )
        .where(
            sa.or_(
                Publication.opening_fen + moved != Publication.closing_fen,
                Publication.opening_fen != sa.func.coalesce(before.closing_fen, 0),
            )
        )
    ).all()
