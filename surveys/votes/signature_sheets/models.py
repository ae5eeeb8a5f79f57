"""The tables of signature sheets. Names are sealed: who signs against or for a neighbour is nobody's business."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, one_of, public_id
from surveys.votes.rules.signature_sheets import LineState, SheetState


class SignatureSheet(Model):
    """A sheet of paper signatures for one cause: a petition or a nominee. Two people stand behind it."""

    __tablename__ = "signature_sheet"
    __table_args__ = (
        one_of("state", SheetState, "signature_sheet"),
        sa.CheckConstraint("(petition_id IS NULL) <> (nominee_id IS NULL)", name="signature_sheet_for_one_cause"),
        sa.CheckConstraint(
            "(state = 'checked') = (checked_by IS NOT NULL) AND (checked_by IS NULL) = (checked_at IS NULL)"
            " AND (checked_by IS NULL OR checked_by <> entered_by)",
            name="signature_sheet_two_people",
        ),
        sa.Index("signature_sheet_petition_id_idx", "petition_id"),
        sa.Index("signature_sheet_nominee_id_idx", "nominee_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    petition_id: Mapped[int | None] = mapped_column(fk("recall_petition.id"))
    nominee_id: Mapped[int | None] = mapped_column(fk("nominee.id"))
    state: Mapped[str] = mapped_column(sa.String(24), default=SheetState.ENTERED)
    entered_by: Mapped[str] = mapped_column(sa.String(80))
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    checked_by: Mapped[str | None] = mapped_column(sa.String(80))
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    why: Mapped[str] = mapped_column(sa.String(200), default="")
    """what the second person found wanting"""


class SignatureLine(Model):
    """A line of a sheet: the door and name as signed, and the dwelling that names its head of the roll."""

    __tablename__ = "signature_line"
    __table_args__ = (
        one_of("state", LineState, "signature_line"),
        sa.UniqueConstraint("sheet_id", "position", name="signature_line_one_place"),
    )

    id: Mapped[int] = big_id()
    sheet_id: Mapped[int] = mapped_column(fk("signature_sheet.id"))
    position: Mapped[int] = mapped_column(sa.Integer)
    door: Mapped[str] = mapped_column(sa.String(60))
    name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    named: Mapped[bool] = mapped_column(sa.Boolean)
    """the name stands on the register for that door"""
    dwelling_id: Mapped[int | None] = mapped_column(fk("dwelling.id"))
    state: Mapped[str] = mapped_column(sa.String(24))
