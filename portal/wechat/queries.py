"""Every select over WeChat's credentials."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from portal.wechat.models import WechatCredential


def credential(session: Session, app_id: str, kind: str) -> WechatCredential | None:
    """The row of a kind, or None before the first fetch."""
    return session.get(WechatCredential, (app_id, kind))


def credential_for_update(session: Session, app_id: str, kind: str) -> WechatCredential:
    """The row, locked; it must exist."""
    return session.scalars(
        for_update(sa.select(WechatCredential).where(WechatCredential.app_id == app_id, WechatCredential.kind == kind))
    ).one()
