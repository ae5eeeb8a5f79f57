"""The table of WeChat's own credentials: one row a kind, shared by all workers of all machines."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, one_of


class CredentialKind(StrEnum):
    """What WeChat lends us for two hours at a time."""

    ACCESS_TOKEN = "access_token"  # noqa: S105 - a kind, not a token
    JSAPI_TICKET = "jsapi_ticket"


class WechatCredential(Model):
    """A token or ticket, sealed. ``fetching_until``: one worker is asking WeChat for the next one until then."""

    __tablename__ = "wechat_credential"
    __table_args__ = (one_of("kind", CredentialKind, "wechat_credential"),)

    app_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(24), primary_key=True)
    value_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    fetched_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    fetching_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
