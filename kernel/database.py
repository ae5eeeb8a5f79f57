"""The database: two dialects, many cities, one way to write.

The only module that knows which database is behind the product, that a city lives in a schema (PostgreSQL) or a file
(SQLite) of its own, and that Flask-SQLAlchemy exists. Everybody else says ``with transaction() as session`` to write,
``reading()`` to read, and declares tables with ``Model`` and the column helpers below.

What holds, and why:

* **A city is chosen in the begin event of every transaction** (``SET LOCAL search_path``), so that a transaction begun
  without a city fails instead of landing in somebody else's tables. ``public`` is never on the path.
* **SQLite writes** begin with ``BEGIN IMMEDIATE`` and queue on an flock: its own busy handler sleeps and polls, which
  makes the slowest writers thirty times slower. Reads use a second engine that refuses to write.
* **``use_case``** repeats a whole service function when the database asks for it (serialization failure, deadlock, a
  busy file, a connection lost before COMMIT). A COMMIT whose fate is unknown is never repeated blindly: the caller
  comes back with the same idempotency key.
"""

import contextlib
import contextvars
import fcntl
import functools
import random
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import flask_sqlalchemy.session
import sqlalchemy as sa
from flask import Flask, current_app, has_app_context
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, exc
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

from kernel.errors import DomainError, NotFound, Unavailable

P = ParamSpec("P")
R = TypeVar("R")

NAMING = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "ck": "%(constraint_name)s",
}


MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


class Base(DeclarativeBase):
    """Holds the one MetaData: every table of the product, without a schema (the city is chosen when it runs)."""

    metadata = sa.MetaData(naming_convention=NAMING)


class _RequestSession(flask_sqlalchemy.session.Session):
    """``db.session``: reads only, on the engine of the city of this request."""

    def get_bind(self, *args: Any, **kwargs: Any) -> sa.Engine:
        return _databases().of_current_city().read_engine


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"class_": _RequestSession})
migrate = Migrate()

if TYPE_CHECKING:

    class Model(Base):
        """Base of every table class."""

        __abstract__ = True

else:
    Model = db.Model


# ---------------------------------------------------------------------------------------------------------- columns


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """An instant: aware and in UTC on both databases (SQLite would give it back naive)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse a naive time; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone must not reach the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Give back an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


JsonDoc = sa.JSON().with_variant(JSONB(), "postgresql")
BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def big_id() -> Any:
    """The primary key of a table: a bigint identity (SQLite: its rowid). Never shown outside, never ordered by."""
    return mapped_column(BigInt, sa.Identity(), primary_key=True)


def new_public_id() -> str:
    """A random name of 128 bits and 22 characters for what leaves the machine."""
    return secrets.token_urlsafe(16)


def public_id() -> Any:
    """The column of that name: unique, made by the application."""
    return mapped_column(sa.String(22), unique=True, default=new_public_id)


def fk(target: str, **kwargs: Any) -> sa.ForeignKey:
    """A foreign key within the city, named by the convention."""
    return sa.ForeignKey(target, **kwargs)


def one_of(column: str, values: type[StrEnum], table: str) -> sa.CheckConstraint:
    """A CHECK that a text column holds one of an enumeration's values."""
    listed = ", ".join(f"'{value.value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"{table}_{column}_known")


APPEND_ONLY: dict[str, Any] = {"info": {"append_only": True}}
"""Last item of ``__table_args__`` of a table that may only grow; its migration calls ``append_only(op, table)``."""


def append_only(op: Any, table: str) -> None:
    """In a migration: make the database refuse UPDATE, DELETE (and TRUNCATE) on ``table``.

    The lock on PostgreSQL is the GRANT of the application's role (see ``grant_to_application``); this trigger is the
    second wall there and the only one on SQLite. It uses no session variable, no table name and no search path, so that
    it works on a sharded database too.
    """
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'append-only' USING ERRCODE = '42501'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    else:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
            )


# ----------------------------------------------------------------------------------------------------------- cities

_city: contextvars.ContextVar[str | None] = contextvars.ContextVar("city", default=None)
_in_transaction: contextvars.ContextVar[bool] = contextvars.ContextVar("in_transaction", default=False)


@dataclass
class _City:
    """Where one city's tables are."""

    name: str
    engine: sa.Engine
    read_engine: sa.Engine
    lock_file: Path | None = None
    thread_lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def schema(self) -> str:
        return f"city_{self.name}"


@dataclass
class Databases:
    """All cities of one deployment: name → place, host name → name."""

    cities: dict[str, _City]
    hosts: Mapping[str, str]
    migration_url: str | None
    retries: Counter[str] = field(default_factory=Counter)

    def of_current_city(self) -> _City:
        name = _city.get()
        if name is None:
            if len(self.cities) == 1:
                return next(iter(self.cities.values()))
            raise RuntimeError("no city chosen: a request chooses it by host name, a job by city_scope()")
        return self.cities[name]


def _databases() -> Databases:
    databases: Databases = current_app.extensions["gongjian.databases"]
    return databases


def init_databases(
    app: Flask,
    url: str,
    *,
    cities: Mapping[str, tuple[str, ...]],
    threads: int = 4,
    migration_url: str | None = None,
    addresses: Mapping[str, str] | None = None,
) -> Databases:
    """Make the engines of every city (nothing connects yet).

    ``url``: SQLAlchemy address; for SQLite with several cities it must hold ``{city}``. ``cities``: name → host names.
    ``addresses``: a database address of its own for a city that lives elsewhere. ``threads`` sizes the pools.
    """
    made: dict[str, _City] = {}
    shared: dict[str, tuple[sa.Engine, sa.Engine]] = {}
    for name in cities:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", name):
            raise ValueError(f"a city's name is lower-case letters, digits and _: {name!r}")
        address = (addresses or {}).get(name, url)
        if address.startswith("sqlite"):
            if len(cities) > 1 and "{city}" not in address:
                raise ValueError("several cities on SQLite need {city} in DATABASE_URL: one file a city")
            made[name] = _sqlite_city(name, address.replace("{city}", name), threads)
        else:
            if address not in shared:
                shared[address] = _postgres_engines(address, threads)
            made[name] = _City(name, *shared[address])
    hosts = {host.lower(): name for name, its_hosts in cities.items() for host in its_hosts}
    databases = Databases(made, hosts, migration_url)
    app.extensions["gongjian.databases"] = databases
    app.config["SQLALCHEMY_DATABASE_URI"] = next(iter(made.values())).engine.url.render_as_string(hide_password=False)
    db.init_app(app)
    # Flask-SQLAlchemy makes an engine of its own for that address; it never connects, because db.session is ours.
    migrate.init_app(app, db, directory=str(MIGRATIONS), render_as_batch=True)
    return databases


def _sqlite_city(name: str, url: str, threads: int) -> _City:
    path = Path(sa.make_url(url).database or "")
    path.parent.mkdir(parents=True, exist_ok=True)

    def engine_for(*, writes: bool) -> sa.Engine:
        engine = sa.create_engine(url, pool_size=threads, max_overflow=threads, connect_args={"timeout": 10})

        @event.listens_for(engine, "connect")
        def _connected(dbapi: Any, _record: Any) -> None:
            dbapi.isolation_level = None  # we say BEGIN ourselves; sqlite3's own begin comes too late
            for pragma in ("busy_timeout=10000", "foreign_keys=ON", "synchronous=FULL"):
                dbapi.execute(f"PRAGMA {pragma}")
            if writes:
                dbapi.execute("PRAGMA journal_mode=WAL")
            else:
                dbapi.execute("PRAGMA query_only=ON")

        @event.listens_for(engine, "begin")
        def _begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        return engine

    return _City(name, engine_for(writes=True), engine_for(writes=False), path.with_name(path.name + ".queue"))


def _postgres_engines(url: str, threads: int) -> tuple[sa.Engine, sa.Engine]:
    engine = sa.create_engine(
        url,
        pool_size=threads,
        max_overflow=threads,
        pool_pre_ping=True,
        pool_timeout=5,
        connect_args={
            "prepare_threshold": 0,
            "connect_timeout": 3,
            "options": "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=30s",
        },
    )

    @event.listens_for(engine, "connect")
    def _connected(dbapi: Any, record: Any) -> None:
        # A sharded database reports a serialization failure found at COMMIT as XX000, with the 40001 in a notice.
        seen = record.info["notices"] = set()
        dbapi.add_notice_handler(lambda diagnostic: seen.add(diagnostic.sqlstate))

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        city = _databases().of_current_city()
        connection.info["notices"].clear()
        connection.exec_driver_sql(f"SET LOCAL search_path TO {city.schema}")

    return engine, engine.execution_options(postgresql_readonly=True)


def cities() -> list[str]:
    """The names of all cities served here."""
    return list(_databases().cities)


def current_city() -> str:
    """The name of the city this code runs for."""
    return _databases().of_current_city().name


def city_of_host(host: str) -> str:
    """The city served under a host name (with or without port). Raises NotFound for a name nobody serves.

    A deployment with one city and no host names answers under every name.
    """
    databases = _databases()
    if not databases.hosts:
        return next(iter(databases.cities))
    name = databases.hosts.get(host.rsplit(":", 1)[0].lower())
    if name is None:
        raise NotFound("no-such-city", "这个网址没有开通。请扫门口的二维码，或向社区询问网址。")
    return name


@contextlib.contextmanager
def city_scope(name: str) -> Iterator[None]:
    """Run a block for one city. Raises KeyError for a city not served here."""
    if name not in _databases().cities:
        raise KeyError(name)
    token = _city.set(name)
    try:
        yield
    finally:
        db.session.remove()
        _city.reset(token)


def enter_city(name: str) -> contextvars.Token[str | None]:
    """Choose the city for the rest of a request; ``leave_city`` with the token at its end."""
    return _city.set(name)


def leave_city(token: contextvars.Token[str | None]) -> None:
    """End what ``enter_city`` began."""
    _city.reset(token)


# ------------------------------------------------------------------------------------------------ reading and writing


def reading() -> Session:
    """The read-only session of this request or job: one snapshot, ended when a ``transaction()`` begins."""
    return db.session()


@contextlib.contextmanager
def transaction(*, serializable: bool = False) -> Iterator[Session]:
    """One write unit: commits at the end, rolls back on any exception. Never nested; never waits on the network inside.

    ``serializable``: on PostgreSQL run it SERIALIZABLE (money and votes; correctness also holds at READ COMMITTED by
    constraints and parent locks). SQLite writers are serial anyway.
    """
    if _in_transaction.get():
        raise RuntimeError("a transaction inside a transaction: one use case is one transaction")
    city = _databases().of_current_city()
    db.session.close()
    token = _in_transaction.set(True)
    try:
        with _write_queue(city), Session(city.engine, expire_on_commit=False) as session:
            connection = session.connection(
                execution_options={"isolation_level": "SERIALIZABLE"}
                if serializable and city.engine.dialect.name == "postgresql"
                else None
            )
            notices: set[str] = connection.info.get("notices", set())
            yield session
            session.flush()
            try:
                session.commit()
            except exc.DBAPIError as error:
                raise _CommitFailed(error, retry="40001" in notices or _sqlstate(error) in _AGAIN) from error
    finally:
        _in_transaction.reset(token)


@contextlib.contextmanager
def _write_queue(city: _City) -> Iterator[None]:
    """SQLite only: writers stand in line on an flock (across processes) behind a thread lock (within one)."""
    if city.lock_file is None:
        yield
        return
    with city.thread_lock, city.lock_file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


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
            _databases().retries[reason] += 1
            time.sleep(random.uniform(0, 0.02 * 2**attempt))
        raise unavailable(cause) or Unavailable("database-busy", "系统正忙，没有保存成功。请过一分钟再试。") from cause

    run.__use_case__ = True  # type: ignore[attr-defined]
    return run


def retries() -> Counter[str]:
    """How often use cases were repeated in this process, by reason (deadlocks must stay 0: ``40P01``)."""
    return _databases().retries


# ------------------------------------------------------------------------------------------------------- constraints


def violated(error: exc.IntegrityError) -> str | None:
    """The name of the constraint that refused, without a shard's suffix; None where the database does not tell.

    SQLite names the columns of a broken UNIQUE, not the constraint: it is found among the tables' own declarations.
    """
    text = str(error.orig)
    diagnostic = getattr(error.orig, "diag", None)
    if diagnostic is not None:
        quoted = re.search(r'constraint "([^"]+)"', text)
        name = diagnostic.constraint_name or (quoted and quoted.group(1))
        return re.sub(r"_\d+$", "", name) if name else None
    if match := re.match(r"(?:CHECK constraint failed: |UNIQUE constraint failed: index ')(\w+)", text):
        return match.group(1)
    if match := re.match(r"UNIQUE constraint failed: (.+)", text):
        table_name, columns = "", set()
        for part in match.group(1).split(", "):
            table_name, column = part.split(".")
            columns.add(column)
        return _unique_over(db.metadata.tables.get(table_name), columns)
    return None


def _unique_over(table: sa.Table | None, columns: set[str]) -> str | None:
    if table is None:
        return None
    uniques = [c for c in table.constraints if isinstance(c, sa.UniqueConstraint | sa.PrimaryKeyConstraint)]
    for item in [*uniques, *(index for index in table.indexes if index.unique)]:
        if {column.name for column in item.columns} == columns:
            return str(item.name)
    return None


@contextlib.contextmanager
def translating(refusals: Mapping[str, DomainError]) -> Iterator[None]:
    """Turn the refusal of a named constraint into a domain error; flush inside the block.

    >>> with translating({"ballot_one_a_line": Conflict("already-cast", "这一票已经投过了。")}):
    ...     session.execute(sa.insert(Ballot).values(...))
    """
    try:
        yield
    except exc.IntegrityError as error:
        refusal = refusals.get(violated(error) or "")
        if refusal is None:
            raise
        raise refusal from error


def for_share(statement: sa.Select[Any]) -> sa.Select[Any]:
    """Lock the rows against change, together with others who only read them (SQLite: writers are alone anyway)."""
    return statement.with_for_update(read=True)


def for_update(statement: sa.Select[Any], *, skip_locked: bool = False) -> sa.Select[Any]:
    """Lock the rows for this transaction alone (SQLite: writers are alone anyway)."""
    return statement.with_for_update(skip_locked=skip_locked)


def insert_ignoring(session: Session, table: Any) -> Any:
    """An INSERT that can say ``.on_conflict_do_nothing(…)`` / ``.on_conflict_do_update(…)`` on either database."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgres_insert

        return postgres_insert(table)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return sqlite_insert(table)


# -------------------------------------------------------------------------------------------- migrations, readiness


def migration_targets() -> Iterator[tuple[str, sa.Engine, str | None]]:
    """For ``migrations/env.py``: every city as (name, engine, schema), the schema made, one city after another."""
    databases = _databases()
    for city in databases.cities.values():
        if city.engine.dialect.name == "sqlite":
            yield city.name, city.engine, None
            continue
        engine = city.engine
        if databases.migration_url:
            engine = sa.create_engine(databases.migration_url, poolclass=sa.NullPool)
        else:
            engine = sa.create_engine(engine.url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {city.schema}")
        yield city.name, engine, city.schema


def grant_to_application(connection: sa.Connection, schema: str) -> None:
    """After migrating with a role of its own: the application's role may use all tables, and only add to those that
    are append-only (ledger, ballots, audit). On PostgreSQL this GRANT is the lock; the triggers are the second wall.
    """
    databases = _databases()
    application = next(iter(databases.cities.values())).engine.url.username
    if not application or connection.engine.url.username == application:
        return
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {application}")
    for table in db.metadata.tables.values():
        rights = "SELECT, INSERT" if table.info.get("append_only") else "SELECT, INSERT, UPDATE, DELETE"
        connection.exec_driver_sql(f"REVOKE ALL ON {schema}.{table.name} FROM {application}")
        connection.exec_driver_sql(f"GRANT {rights} ON {schema}.{table.name} TO {application}")
    connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {application}")
    connection.exec_driver_sql(f"GRANT SELECT ON {schema}.alembic_version TO {application}")


@functools.cache
def newest_migration() -> str:
    """The newest revision among the migrations of this code."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


def applied_migration(session: Session) -> str | None:
    """The revision the current city's tables stand at; None before the first migration."""
    inspector = sa.inspect(session.connection())
    if not inspector.has_table("alembic_version"):
        return None
    return session.scalar(sa.text("SELECT version_num FROM alembic_version"))


def seconds_ahead(session: Session, now: datetime) -> float:
    """How far the database's clock is ahead of ours, in seconds (SQLite shares ours: 0.0)."""
    if session.get_bind().dialect.name == "sqlite":
        return 0.0
    theirs: datetime = session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    return (theirs - now).total_seconds()


def dispose_engines() -> None:
    """Close all connections: at the end of a process, and in a child after fork."""
    if has_app_context():
        for city in _databases().cities.values():
            city.engine.dispose()
            city.read_engine.dispose()
