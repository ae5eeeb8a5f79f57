"""Signing in and out. The secrets themselves live in the browser's cookies only."""

import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.database import reading, transaction, use_case
from kernel.errors import NotFound, Unavailable
from kernel.people.services import make_sure_account
from kernel.web.guards import Identity
from portal.auth import queries, rules
from portal.auth.models import OauthState, SessionEnd, WebSession
from portal.wechat.port import Visitor


@dataclass(frozen=True)
class Begun:
    """A sign-in under way: what goes to WeChat and comes back (``state``), what stays in the browser (``cookie``)."""

    state: str
    cookie: str


@use_case
def begin(*, next_path: str, cookie: str | None, attempt: int, now: datetime) -> Begun:
    """Begin a sign-in. The state has 128 random bits, counts once, and only in the browser with the cookie."""
    begun = Begun(secrets.token_hex(16), cookie or secrets.token_urlsafe(16))
    with transaction() as session:
        session.add(
            OauthState(
                state_hash=rules.hashed(begun.state),
                cookie_hash=rules.hashed(begun.cookie),
                next_path=next_path,
                attempt=attempt,
                made_at=now,
            )
        )
    return begun


@dataclass(frozen=True)
class Return:
    """What a state that came back says. ``good``: it is ours, young, unused and this browser's.

    ``known``: it is this browser's, but used or old (a step back in the browser): start again kindly.
    """

    good: bool
    known: bool
    next_path: str
    attempt: int


@use_case
def use_state(state: str, cookie: str | None, *, now: datetime) -> Return:
    """Use a state up. Two at once: the row is locked, so one of them is good."""
    with transaction() as session:
        row = queries.state_for_update(session, rules.hashed(state))
        if row is None or not cookie or not secrets.compare_digest(row.cookie_hash, rules.hashed(cookie)):
            return Return(good=False, known=False, next_path="/", attempt=0)
        good = row.used_at is None and now - row.made_at <= rules.SIGN_IN_TERM
        row.used_at = row.used_at or now
        return Return(good=good, known=True, next_path=row.next_path, attempt=row.attempt)


@use_case
def sign_in(visitor: Visitor, *, device: str, replaced_token: str | None, now: datetime) -> str:
    """Open a session for who came back from WeChat and give its token (256 bits, for the cookie).

    A session this browser had before ends: nobody can be given a session to sign in with. The caller has refused
    snapshot visitors, whose openid belongs to nobody.
    """
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        account = make_sure_account(session, visitor.openid, now=now)
        if replaced_token:
            _end(session, SessionEnd.REPLACED, now, WebSession.token_hash == rules.hashed(replaced_token))
        staff = bool(grants.grants_of(session, account.person_id, now))
        opened = WebSession(
            token_hash=rules.hashed(token),
            account_id=account.id,
            device=device,
            staff=staff,
            made_at=now,
            seen_at=now,
            ends_at=rules.ends_at(staff=staff, made_at=now, seen_at=now),
        )
        session.add(opened)
        session.flush()
        audit.record(
            session,
            actor=f"account:{account.public_id}",
            action="session.begun",
            subject=f"session:{opened.public_id}",
            now=now,
            payload={"staff": staff, "device": device},
        )
    return token


@dataclass(frozen=True)
class Signed:
    """A live session and who it is."""

    identity: Identity
    session_public_id: str


def identify(token: str, *, now: datetime) -> Signed | None:
    """Who a cookie's token is, or None. Notes now and then that the session was seen, which puts off its idle end.

    A session ends when its account's first role begins or its last one ends: staff sit at shorter terms than
    residents, and lose access the same moment. Signing in again is silent.
    """
    session = reading()
    row = queries.live_session(session, rules.hashed(token), now)
    if row is None:
        return None
    signed = Signed(Identity(row.account_id, row.account, row.person_id), row.public_id)
    if row.person_id is not None and row.staff != bool(grants.grants_of(session, row.person_id, now)):
        _end_one(row.id, SessionEnd.ROLE_CHANGED, now=now)
        return None
    if rules.worth_noting(staff=row.staff, seen_at=row.seen_at, now=now):
        with contextlib.suppress(Unavailable):  # a full disk must not stop people from reading
            _note_seen(row.id, staff=row.staff, made_at=row.made_at, now=now)
    return signed


@use_case
def _note_seen(session_id: int, *, staff: bool, made_at: datetime, now: datetime) -> None:
    with transaction() as session:
        session.execute(
            sa.update(WebSession)
            .where(WebSession.id == session_id, WebSession.ended_at.is_(None))
            .values(seen_at=now, ends_at=rules.ends_at(staff=staff, made_at=made_at, seen_at=now))
        )


@use_case
def _end_one(session_id: int, why: SessionEnd, *, now: datetime) -> None:
    with transaction() as session:
        _end(session, why, now, WebSession.id == session_id)


@use_case
def sign_out(who: Identity, token: str, *, everywhere: bool, now: datetime) -> int:
    """End this browser's session, or all of the account's; how many ended."""
    with transaction() as session:
        which = WebSession.account_id == who.account_id
        if not everywhere:
            which = sa.and_(which, WebSession.token_hash == rules.hashed(token))
        ended = _end(session, SessionEnd.SIGNED_OUT, now, which)
        audit.record(
            session,
            actor=who.actor,
            action="session.ended",
            subject=who.actor,
            now=now,
            payload={"everywhere": everywhere, "ended": ended},
        )
        return ended


@use_case
def end_session(who: Identity, session_public_id: str, *, now: datetime) -> int:
    """End one of one's own sessions (a lost phone). Raises NotFound for anybody else's."""
    with transaction() as session:
        mine = queries.sessions_of(session, who.account_id, now)
        found = next((each for each in mine if each.public_id == session_public_id), None)
        if found is None:
            raise NotFound("no-such-session", "没有这个登录，或它已经退出了。")
        ended = _end(session, SessionEnd.REVOKED, now, WebSession.id == found.id)
        audit.record(
            session,
            actor=who.actor,
            action="session.ended",
            subject=f"session:{found.public_id}",
            now=now,
            payload=None,
        )
        return ended


def my_sessions(who: Identity, *, now: datetime) -> Sequence[WebSession]:
    """The account's live sessions, last seen first."""
    return queries.sessions_of(reading(), who.account_id, now)


def end_sessions_of_person(session: Session, person_id: int, *, now: datetime) -> int:
    """In the caller's transaction: sign a person out everywhere, because a role was taken away."""
    ids = queries.account_ids_of_person(session, person_id)
    return _end(session, SessionEnd.ROLE_CHANGED, now, WebSession.account_id.in_(ids)) if ids else 0


def _end(session: Session, why: SessionEnd, now: datetime, which: sa.ColumnElement[bool]) -> int:
    done = session.execute(
        sa.update(WebSession).where(which, WebSession.ended_at.is_(None)).values(ended_at=now, ended_why=why)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


@use_case
def forget_old(*, now: datetime) -> int:
    """Drop sign-ins never finished and sessions over for thirty days; how many rows."""
    with transaction() as session:
        states = session.execute(sa.delete(OauthState).where(OauthState.made_at < now - 6 * rules.SIGN_IN_TERM))
        over = session.execute(sa.delete(WebSession).where(WebSession.ends_at < now - rules.RESIDENT_TERM))
        return int(states.rowcount + over.rowcount)  # type: ignore[attr-defined]
