"""The tables of sign-ins under way and of sessions. Both hold hashes only: a copy of the table signs nobody in."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, one_of, public_id


class SessionEnd(StrEnum):
    """Why a session is over."""

    SIGNED_OUT = "signed_out"
    REVOKED = "revoked"
    REPLACED = "replaced"
    ROLE_CHANGED = "role_changed"


class OauthState(Model):
    """A sign-in under way. ``state_hash``, ``cookie_hash``: SHA-256 hex of the state and of the pre-login cookie.

    ``attempt``: how often the sign-in restarted by itself (a used code, a step back in the browser).
    """

    __tablename__ = "oauth_state"
    __table_args__ = (sa.Index("oauth_state_made_at_idx", "made_at"),)

    state_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    cookie_hash: Mapped[str] = mapped_column(sa.String(64))
    next_path: Mapped[str] = mapped_column(sa.String(500))
    attempt: Mapped[int] = mapped_column(sa.Integer)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class WebSession(Model):
    """A signed-in browser. ``token_hash``: SHA-256 hex of the cookie; ``staff``: begun by somebody with a role."""

    __tablename__ = "web_session"
    __table_args__ = (
        sa.UniqueConstraint("token_hash", name="web_session_token_hash_key"),
        sa.Index("web_session_account_id_idx", "account_id"),
        sa.Index("web_session_ends_at_idx", "ends_at"),
        one_of("ended_why", SessionEnd, "web_session"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    token_hash: Mapped[str] = mapped_column(sa.String(64))
    account_id: Mapped[int] = mapped_column(fk("account.id"))
    device: Mapped[str] = mapped_column(sa.String(40))
    staff: Mapped[bool] = mapped_column(sa.Boolean)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_why: Mapped[str | None] = mapped_column(sa.String(24))
