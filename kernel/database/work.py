"""Reading and writing: one snapshot to read, one transaction a use case to write, repeated when the database asks."""

import contextlib
import contextvars
import fcntl
import functools
import os
import random
import time
import weakref
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection, exc
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from kernel.database.base import Model, db
from kernel.database.beginning import BEGIN, begin
from kernel.database.cities import City, chosen_city, databases
from kernel.database.constraints import violated
from kernel.errors import Unavailable

P = ParamSpec("P")
R = TypeVar("R")

_in_transaction: contextvars.ContextVar[bool] = contextvars.ContextVar("in_transaction", default=False)


@contextlib.contextmanager
def city_scope(name: str) -> Iterator[None]:
    """Run a block for one city. Raises KeyError for a city not served here."""
    if name not in databases().cities:
        raise KeyError(name)
    db.session.remove()  # a snapshot belongs to the city it was begun in
    token = chosen_city.set(name)
    try:
        yield
    finally:
        db.session.remove()
        chosen_city.reset(token)


def reading() -> Session:
    """The read-only session of this request or job: one snapshot, ended when a ``transaction()`` begins."""
    return db.session()


def end_reading() -> None:
    """End the reading session: the next one begins with a fresh snapshot (each request ends its own)."""
    db.session.remove()


def once(session: Session, question: Hashable, ask: Callable[[], R]) -> R:
    """The answer to a question that a page asks in many places (a person's grants): asked once a snapshot.

    A reading sees one moment, so the answer cannot change under it. Within a transaction every question is asked.
    """
    answers: dict[Hashable, R] | None = getattr(session, "answers", None)
    if answers is None:
        return ask()
    if question not in answers:
        answers[question] = ask()
    return answers[question]


@contextlib.contextmanager
def transaction(*, serializable: bool = False) -> Iterator[Session]:
    """One write unit: commits at the end, rolls back on any exception. Never nested; never waits on the network inside.

    ``serializable``: on PostgreSQL run it SERIALIZABLE (money and votes; correctness also holds at READ COMMITTED by
    constraints and parent locks). SQLite writers are serial anyway.
    """
    if _in_transaction.get():
        raise RuntimeError("a transaction inside a transaction: one use case is one transaction")
    city = databases().of_current_city()
    db.session.close()
    token = _in_transaction.set(True)
    try:
        with _write_queue(city), city.engine.connect() as link:
            unit = begin(link.execution_options(**_SERIALIZABLE) if serializable else link)
            notices: set[str] = link.info.get("notices", set())
            # The transaction is the connection's: a use case of plain statements never wakes the session, which would
            # cost as much as several of them.
            session = Session(link, expire_on_commit=False, info={_CONNECTION: link})
            try:
                yield session
                session.flush()
                try:
                    unit.commit()
                except exc.DBAPIError as error:
                    raise _CommitFailed(error, retry="40001" in notices or _sqlstate(error) in _AGAIN) from error
            finally:
                if session.in_transaction():
                    session.close()
    finally:
        _in_transaction.reset(token)


_CONNECTION = "gongjian.connection"
_SERIALIZABLE = {BEGIN: "BEGIN ISOLATION LEVEL SERIALIZABLE"}  # SQLite knows no other


def core(session: Session) -> Connection:
    """The connection a session speaks through, for Core statements of the hot path: the session itself asks what to do
    about objects, binds and loading each time, which costs as much as a small statement. Nothing is flushed before.
    """
    return session.info.get(_CONNECTION) or session.connection()


def change(session: Session, row: Model, **values: Any) -> None:
    """Change columns of one loaded row by a statement that is built once, at once, and keep the object in step: for the
    hot path, since a flush looks through everything the session holds. The caller holds the row's lock.
    """
    statement = _changing(type(row).metadata.tables[row.__tablename__], tuple(values))
    of = {f"of_{column.name}": getattr(row, column.name) for column in statement.table.primary_key.columns}
    core(session).execute(statement, of | {f"to_{name}": value for name, value in values.items()})
    for name, value in values.items():
        set_committed_value(row, name, value)


@functools.cache
def _changing(table: sa.Table, columns: tuple[str, ...]) -> Any:
    of = [column == sa.bindparam(f"of_{column.name}") for column in table.primary_key.columns]
    return sa.update(table).where(*of).values({table.c[name]: sa.bindparam(f"to_{name}") for name in columns})


@contextlib.contextmanager
def _write_queue(city: City) -> Iterator[None]:
    """SQLite only: writers stand in line on an flock (across processes) behind a thread lock (within one)."""
    if city.lock_file is None:
        yield
        return
    with city.thread_lock:
        if city.lock_descriptor is None:
            city.lock_descriptor = os.open(city.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            weakref.finalize(city, os.close, city.lock_descriptor)
        fcntl.flock(city.lock_descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(city.lock_descriptor, fcntl.LOCK_UN)


_AGAIN = {"40001", "40P01", "55P03"}
_FULL = {"53100", "53200", "53300", "57014", "57P01", "57P02", "57P03", "08000", "08001", "08003", "08004", "08006"}


class _CommitFailed(Exception):
    """COMMIT itself did not answer well. ``retry``: the database said that nothing was stored."""

    def __init__(self, error: exc.DBAPIError, *, retry: bool) -> None:
        super().__init__(str(error.orig))
        self.error = error
        self.retry = retry


def _sqlstate(error: exc.DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _reason_to_retry(error: exc.DBAPIError) -> str | None:
    """Why the whole use case may safely run again, or None."""
    state = _sqlstate(error)
    if state in _AGAIN:
        return state
    if error.connection_invalidated:
        return "connection-lost"
    text = str(error.orig)
    if "database is locked" in text or "database table is locked" in text:
        return "busy"
    if isinstance(error, exc.IntegrityError) and violated(error) == "idempotency_pkey":
        return "same-key-twice"  # its twin has just committed: run again and recall what it made
    return None


def unavailable(error: exc.DBAPIError) -> Unavailable | None:
    """The refusal for a database that cannot be reached or has no room; None when the fault is the program's."""
    text = str(error.orig)
    if "disk is full" in text or "disk I/O error" in text or _sqlstate(error) == "53100":
        return Unavailable("no-room", "系统存储已满，暂时不能保存。您填的内容还在手机上，请稍后再试，或联系社区。")
    if isinstance(error, exc.OperationalError) or error.connection_invalidated or _sqlstate(error) in _FULL:
        return Unavailable("database-busy", "系统正忙，没有保存成功。您填的内容还在手机上，请过一分钟再试。")
    return None


def use_case(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a service: one use case, one transaction, repeated as a whole when the database asks for it.

    Raises Unavailable when the database does not answer, has no room, or still refuses after six tries; also when the
    fate of a COMMIT is unknown (then the caller repeats with the same idempotency key).
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(6):
            try:
                return function(*args, **kwargs)
            except _CommitFailed as failure:
                cause: exc.DBAPIError = failure.error
                reason = "commit-refused" if failure.retry else None
                if reason is None and not unavailable(cause):
                    raise cause from failure
            except exc.DBAPIError as error:
                cause = error
                reason = _reason_to_retry(error)
                if reason is None and unavailable(error) is None:
                    raise
            if reason is None or attempt == 5:
                break
            databases().retries[reason] += 1
            # What a use case reads before its transaction it reads anew: a lost connection would fail it for ever.
            end_reading()
            time.sleep(random.uniform(0, 0.02 * 2**attempt))
        raise unavailable(cause) or Unavailable("database-busy", "系统正忙，没有保存成功。请过一分钟再试。") from cause

    run.__use_case__ = True  # type: ignore[attr-defined]
    return run


def retries() -> Counter[str]:
    """How often use cases were repeated in this process, by reason (deadlocks must stay 0: ``40P01``)."""
    return databases().retries
