"""The table of app passwords."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, public_id
from surveys.questionnaires.openrosa.rules import MOST


class OpenrosaPassword(Model):
    """What one phone's app signs in with for an account; ``label`` says which phone. ``hash``: scrypt under ``salt``.

    ``slot``: 1 to MOST, one live password in each, so that two requests at once cannot pass the cap.
    """

    __tablename__ = "openrosa_password"
    __table_args__ = (
        sa.UniqueConstraint("username", name="openrosa_password_username_key"),
        sa.CheckConstraint(f"slot BETWEEN 1 AND {MOST}", name="openrosa_password_slot_known"),
        sa.CheckConstraint("ends_at > made_at", name="openrosa_password_runs_forward"),
        sa.Index(
            "openrosa_password_one_a_slot",
            "account_id",
            "slot",
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL"),
            sqlite_where=sa.text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    account_id: Mapped[int] = mapped_column(fk("account.id"))
    slot: Mapped[int] = mapped_column(sa.Integer)
    username: Mapped[str] = mapped_column(sa.String(16))
    label: Mapped[str] = mapped_column(sa.String(40))
    salt: Mapped[bytes] = mapped_column(sa.LargeBinary)
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
