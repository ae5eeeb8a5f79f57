"""How often one caller may ask: Flask-Limiter over a small SQLite file of its own, exact across worker processes.

``memory://`` counts per process and lets four workers through four times. The file is not business data: it may be
deleted at any time, is never backed up and never waits for the disk. With many machines, a setting points to Redis.
What costs money or guards a secret (SMS, claims, votes) is counted in the business database too, by its own service.
"""

import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from limits.storage import Storage

from kernel.web.guards import maybe_identity

_SCHEME = "sqlite-counters"
_SWEEP_EVERY = 500
_TABLE = """
    CREATE TABLE IF NOT EXISTS counter (
        key TEXT PRIMARY KEY, hits INTEGER NOT NULL, ends_at REAL NOT NULL
    ) WITHOUT ROWID
"""
_HIT = """
    INSERT INTO counter (key, hits, ends_at) VALUES (:key, :amount, :ends)
    ON CONFLICT (key) DO UPDATE SET
        hits = CASE WHEN ends_at <= :now THEN :amount ELSE hits + :amount END,
        ends_at = CASE WHEN ends_at <= :now THEN :ends ELSE ends_at END
    RETURNING hits
"""


class CounterFile(Storage):
    """Fixed-window counters in an SQLite file. URI: ``sqlite-counters:///absolute/path``."""

    STORAGE_SCHEME = [_SCHEME]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._path = (uri or "").removeprefix(f"{_SCHEME}://")
        self._local = threading.local()
        self._writes = 0
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(_TABLE)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What this storage may raise by itself."""
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count ``amount`` hits on ``key`` and return the new count; the first opens a window of ``expiry`` s."""
        now = time.time()
        values = {"key": key, "amount": amount, "ends": now + expiry, "now": now}
        row = self._connection().execute(_HIT, values).fetchall()
        self._writes += 1
        if self._writes % _SWEEP_EVERY == 0:
            self._connection().execute("DELETE FROM counter WHERE ends_at <= ?", (now,))
        return int(row[0][0])

    def get(self, key: str) -> int:
        """Hits on ``key`` in the window that is open now, else 0."""
        row = self._read(key)
        return int(row[0]) if row else 0

    def get_expiry(self, key: str) -> float:
        """When the window of ``key`` ends (seconds since 1970); now, if none is open."""
        row = self._read(key)
        return float(row[1]) if row else time.time()

    def check(self) -> bool:
        """Can the file be used?"""
        try:
            return self._connection().execute("SELECT 1").fetchone() == (1,)
        except sqlite3.Error:
            return False

    def reset(self) -> int | None:
        """Forget every counter."""
        return self._connection().execute("DELETE FROM counter").rowcount

    def clear(self, key: str) -> None:
        """Forget one counter."""
        self._connection().execute("DELETE FROM counter WHERE key = ?", (key,))

    def _read(self, key: str) -> Any:
        question = "SELECT hits, ends_at FROM counter WHERE key = ? AND ends_at > ?"
        return self._connection().execute(question, (key, time.time())).fetchone()

    def _connection(self) -> sqlite3.Connection:
        # One connection a thread, in autocommit: each count is a single statement, which SQLite makes atomic over
        # processes. synchronous=OFF: after a power cut a counter may start again, and that is all.
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=5, isolation_level=None)
            connection.execute("PRAGMA synchronous=OFF")
            self._local.connection = connection
        return connection


def caller() -> str:
    """Who is counted: the signed-in account, else the address the request came from."""
    who = maybe_identity()
    return f"account:{who.account_public_id}" if who else f"address:{request.remote_addr or 'unknown'}"


class _OnLimitedViews(Limiter):
    """Flask-Limiter looks for limits before each request, for the sake of limits that hold everywhere. We set none: a
    view that has one asks by itself, and the other views pay nothing.
    """

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


limiter = _OnLimitedViews(
    caller, strategy="fixed-window", headers_enabled=True, in_memory_fallback_enabled=True, key_prefix="gj"
)
"""``@limiter.limit("5 per minute")`` on an endpoint. Past the limit: 429. A broken file stops nothing."""


def install(app: Flask, *, url: str | None, var: Path) -> None:
    """Wire the limiter into ``app``. ``url`` is another storage (``redis://…``), else a file under ``var`` counts."""
    if url is None:
        var.mkdir(parents=True, exist_ok=True)
        url = f"{_SCHEME}://{(var / 'limits.db').resolve()}"
    app.config["RATELIMIT_STORAGE_URI"] = url
    limiter.init_app(app)
