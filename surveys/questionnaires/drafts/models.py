"""The table of drafts."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, fk


class Draft(Model):
    """A sheet begun by an account for a dwelling. ``number`` grows with every save; ``sealed`` is all of it as JSON
    under the vault, since words not yet submitted are nobody else's business. ``sheets``: how many the account had
    handed in for the dwelling when it was saved; once there are more, the draft has been submitted (no clock says)."""

    __tablename__ = "draft"
    __table_args__ = (
        sa.CheckConstraint("number > 0", name="draft_number_positive"),
        sa.Index("draft_saved_at_idx", "saved_at"),
    )

    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"), primary_key=True, autoincrement=False)
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"), primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(fk("account.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(sa.Integer)
    sheets: Mapped[int] = mapped_column(sa.Integer, server_default=sa.text("0"))
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
