"""Every select over sign-ins and sessions."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.people.models import Account
from portal.auth.models import OauthState, WebSession


def state_for_update(session: Session, state_hash: str) -> OauthState | None:
    """The sign-in under way with a state, locked; or None."""
    return session.scalar(for_update(sa.select(OauthState).where(OauthState.state_hash == state_hash)))


_LIVE = (  # built once: asked at every request
    sa.select(WebSession, Account)
    .join(Account, Account.id == WebSession.account_id)
    .where(
        WebSession.token_hash == sa.bindparam("token_hash"),
        WebSession.ended_at.is_(None),
        WebSession.ends_at > sa.bindparam("now"),
    )
)


def live_session(session: Session, token_hash: str, now: datetime) -> tuple[WebSession, Account] | None:
    """The session of a cookie and its account, while it lives."""
    row = session.execute(_LIVE, {"token_hash": token_hash, "now": now}).one_or_none()
    return (row.WebSession, row.Account) if row is not None else None


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
