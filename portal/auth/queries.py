"""Every select over sign-ins and sessions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import core, for_update
from kernel.people.models import Account
from portal.auth.models import OauthState, WebSession


def state_for_update(session: Session, state_hash: str) -> OauthState | None:
    """The sign-in under way with a state, locked; or None."""
    return session.scalar(for_update(sa.select(OauthState).where(OauthState.state_hash == state_hash)))


_SESSIONS, _ACCOUNTS = WebSession.metadata.tables["web_session"], Account.metadata.tables["account"]
_LIVE = (  # built once, plain values: asked at every request
    sa.select(
        _SESSIONS.c.id,
        _SESSIONS.c.public_id,
        _SESSIONS.c.staff,
        _SESSIONS.c.made_at,
        _SESSIONS.c.seen_at,
        _SESSIONS.c.account_id,
        _ACCOUNTS.c.public_id.label("account"),
        _ACCOUNTS.c.person_id,
    )
    .join(_ACCOUNTS, _ACCOUNTS.c.id == _SESSIONS.c.account_id)
    .where(
        _SESSIONS.c.token_hash == sa.bindparam("token_hash"),
        _SESSIONS.c.ended_at.is_(None),
        _SESSIONS.c.ends_at > sa.bindparam("now"),
    )
)


def live_session(session: Session, token_hash: str, now: datetime) -> Any | None:
    """The session of a cookie while it lives: id, public_id, staff, made_at, seen_at, account_id, account (public id),
    person_id; or None."""
    return core(session).execute(_LIVE, {"token_hash": token_hash, "now": now}).one_or_none()


def sessions_of(session: Session, account_id: int, now: datetime) -> Sequence[WebSession]:
    """The account's live sessions, last seen first."""
    return session.scalars(
        sa.select(WebSession)
        .where(WebSession.account_id == account_id, WebSession.ended_at.is_(None), WebSession.ends_at > now)
        .order_by(WebSession.seen_at.desc())
    ).all()


def account_ids_of_person(session: Session, person_id: int) -> Sequence[int]:
    """The accounts of a person (staff sign in with one)."""
    return session.scalars(sa.select(Account.id).where(Account.person_id == person_id)).all()
