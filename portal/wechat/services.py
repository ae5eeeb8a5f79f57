"""Keeping WeChat's tokens: one row a kind, one worker at a time asks for a new one, all others read it.

Twelve processes that each fetch their own token fetched 670 times and killed each other's 658 times; with one row read
again under its lock they fetch once. Because no transaction may wait on the network, the lock is a short lease in the
row: take it, commit, ask WeChat, store, commit. A worker that dies with the lease delays the others by ``LEASE``.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel import clock
from kernel.database import insert_ignoring, reading, transaction, use_case
from kernel.encryption import vault
from kernel.errors import Unavailable
from portal.wechat import queries
from portal.wechat.models import WechatCredential

MARGIN = timedelta(minutes=5)
"""A value is renewed this long before its end; the platform keeps the old one alive meanwhile."""

STILL_GOOD = timedelta(seconds=30)
LEASE = timedelta(seconds=12)
_WAIT_S = 0.1
_WAITS = 45

Fetch = Callable[[], tuple[str, int]]
"""Asks WeChat; gives the value and how many seconds it lives."""


@dataclass(frozen=True)
class _Turn:
    """What a look at the row gave: a usable value, or the task to fetch (``mine``), or neither: wait."""

    value: str | None
    mine: bool = False


def credential(app_id: str, kind: str, fetch: Fetch, *, not_this: str | None = None) -> str:
    """Give the current value of a credential, fetching it when it is missing, ends soon or is ``not_this``.

    ``not_this``: a value WeChat has just refused; it is renewed only if nobody has done so in between.
    Raises Unavailable when WeChat does not give one.
    """
    row = queries.credential(reading(), app_id, kind)
    value = _usable(row, now=clock.now(), margin=MARGIN)
    if value is not None and value != not_this:
        return value
    for _ in range(_WAITS):
        turn = _take_turn(app_id, kind, now=clock.now(), not_this=not_this)
        if turn.value is not None:
            return turn.value
        if turn.mine:
            return _fetch(app_id, kind, fetch)
        time.sleep(_WAIT_S)
    raise Unavailable("wechat-silent", "微信服务暂时没有响应，请过几分钟再试。其他功能不受影响。")


def _fetch(app_id: str, kind: str, fetch: Fetch) -> str:
    try:
        value, lives_s = fetch()
    except BaseException:
        _give_up(app_id, kind)
        raise
    _store(app_id, kind, value, lives_s, now=clock.now())
    return value


@use_case
def _take_turn(app_id: str, kind: str, *, now: datetime, not_this: str | None) -> _Turn:
    with transaction() as session:
        session.execute(
            insert_ignoring(session, WechatCredential)
            .values(app_id=app_id, kind=kind)
            .on_conflict_do_nothing(index_elements=["app_id", "kind"])
        )
        row = queries.credential_for_update(session, app_id, kind)
        value = _usable(row, now=now, margin=MARGIN)
        if value is not None and value != not_this:
            return _Turn(value)
        if row.fetching_until is not None and row.fetching_until > now:
            old = _usable(row, now=now, margin=STILL_GOOD)
            return _Turn(old if old != not_this else None)
        row.fetching_until = now + LEASE
        return _Turn(None, mine=True)


@use_case
def _store(app_id: str, kind: str, value: str, lives_s: int, *, now: datetime) -> None:
    with transaction() as session:
        row = queries.credential_for_update(session, app_id, kind)
        row.value_sealed = vault().seal(value, context=_context(app_id, kind))
        row.expires_at = now + timedelta(seconds=lives_s)
        row.fetched_at = now
        row.fetching_until = None


@use_case
def _give_up(app_id: str, kind: str) -> None:
    with transaction() as session:
        queries.credential_for_update(session, app_id, kind).fetching_until = None


def _usable(row: WechatCredential | None, *, now: datetime, margin: timedelta) -> str | None:
    if row is None or row.value_sealed is None or row.expires_at is None or row.expires_at - now <= margin:
        return None
    return vault().open(row.value_sealed, context=_context(row.app_id, row.kind))


def _context(app_id: str, kind: str) -> str:
    return f"wechat_credential.value:{app_id}:{kind}"
