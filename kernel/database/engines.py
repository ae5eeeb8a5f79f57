"""One engine to write and one to read, for each dialect."""

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from kernel.database.base import MIGRATIONS, db, migrate
from kernel.database.beginning import BEGIN
from kernel.database.cities import City, Databases, databases


def init_databases(app: Flask) -> None:
    """Register Flask-SQLAlchemy and the migrations with an application that was pointed at its databases."""
    held: Databases = app.extensions["gongjian.databases"]
    first = next(iter(held.cities.values())).engine.url
    app.config["SQLALCHEMY_DATABASE_URI"] = first.render_as_string(hide_password=False)
    db.init_app(app)
    # Flask-SQLAlchemy makes an engine of its own for that address; it never connects, because db.session is ours.
    migrate.init_app(app, db, directory=str(MIGRATIONS), render_as_batch=True)


def point_at(
    app: Flask,
    url: str,
    *,
    cities: Mapping[str, tuple[str, ...]],
    threads: int = 4,
    migration_url: str | None = None,
    addresses: Mapping[str, str] | None = None,
) -> Databases:
    """Make the engines of every city (nothing connects yet) and let the application use them from now on.

    ``url``: SQLAlchemy address; for SQLite with several cities it must hold ``{city}``. ``cities``: name → host names.
    ``addresses``: a database address of its own for a city that lives elsewhere. ``threads`` sizes the pools.
    """
    made: dict[str, City] = {}
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
            made[name] = City(name, *shared[address])
    hosts = {host.lower(): name for name, its_hosts in cities.items() for host in its_hosts}
    held = Databases(made, hosts, migration_url)
    app.extensions["gongjian.databases"] = held
    return held


_SQLITE_BEGIN = "begin"


def _sqlite_city(name: str, url: str, threads: int) -> City:
    path = Path(sa.make_url(url).database or "")
    path.parent.mkdir(parents=True, exist_ok=True)

    def engine_for(*, writes: bool) -> sa.Engine:
        engine = sa.create_engine(
            url, pool_size=threads, max_overflow=threads, hide_parameters=True, connect_args={"timeout": 10}
        )

        @event.listens_for(engine, "connect")
        def _connected(dbapi: Any, record: Any) -> None:
            record.info[_SQLITE_BEGIN] = "BEGIN IMMEDIATE" if writes else "BEGIN"
            dbapi.isolation_level = None  # we say BEGIN ourselves; sqlite3's own begin comes too late
            for pragma in ("busy_timeout=10000", "foreign_keys=ON", "synchronous=FULL"):
                dbapi.execute(f"PRAGMA {pragma}")
            if writes:
                dbapi.execute("PRAGMA journal_mode=WAL")
            else:
                dbapi.execute("PRAGMA query_only=ON")

        def do_begin(dbapi_connection: Any) -> None:
            dbapi_connection.execute(dbapi_connection.info[_SQLITE_BEGIN])

        engine.dialect.do_begin = do_begin  # type: ignore[method-assign]
        return engine

    return City(name, engine_for(writes=True), engine_for(writes=False), path.with_name(path.name + ".queue"))


_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_RESTED_S = 1.0


def _postgres_engines(url: str, threads: int) -> tuple[sa.Engine, sa.Engine]:
    engine = sa.create_engine(
        url,
        pool_size=threads,
        max_overflow=threads,
        pool_timeout=5,
        hide_parameters=True,  # an error is logged with its statement: what was to be written are names and answers
        connect_args={
            "prepare_threshold": 0,
            "connect_timeout": 3,
            # A server whose machine is gone never answers and never refuses: without these a thread waits for it for a
            # quarter of an hour, beyond every timeout that the server keeps itself.
            "tcp_user_timeout": 15_000,
            **{"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3},
            "options": "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=30s",
        },
    )
    _ask_who_rested(engine)

    @event.listens_for(engine, "connect")
    def _connected(dbapi: Any, record: Any) -> None:
        dbapi.autocommit = True  # we say BEGIN ourselves, together with the city: one message in place of two
        # A sharded database reports a serialization failure found at COMMIT as XX000, with the 40001 in a notice.
        seen = record.info["notices"] = set()
        dbapi.add_notice_handler(lambda diagnostic: seen.add(diagnostic.sqlstate))

    def do_begin(dbapi_connection: Any) -> None:
        info, schema = dbapi_connection.info, databases().of_current_city().schema
        info["notices"].clear()
        how = info.pop(BEGIN, "BEGIN")
        # Two statements in one cannot be prepared.
        dbapi_connection.execute(f"{how}; SET LOCAL search_path TO {schema}", prepare=False)

    engine.dialect.do_begin = do_begin  # type: ignore[method-assign]
    # One snapshot for all reads of a request, as SQLite gives it: figures that are compared must be of one moment.
    return engine, engine.execution_options(**{BEGIN: _SNAPSHOT})


def _ask_who_rested(engine: sa.Engine) -> None:
    """Ask a connection whether it still lives when it has rested for a second, not each time it is taken: on a busy
    server that would be every fifth message. What was lost meanwhile is found by the next statement, and ``use_case``
    runs again. One that failed somebody is asked in any case.
    """

    @event.listens_for(engine, "handle_error")
    def _failed(context: sa.engine.ExceptionContext) -> None:
        if context.connection is not None and not context.is_disconnect:
            context.connection.info["failed"] = True

    @event.listens_for(engine, "checkin")
    def _rests(_dbapi: Any, record: Any) -> None:
        record.info["rests_since"] = 0.0 if record.info.pop("failed", False) else time.monotonic()

    @event.listens_for(engine, "checkout")
    def _taken(dbapi: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("rests_since", time.monotonic()) < _RESTED_S:
            return
        try:
            engine.dialect.do_ping(dbapi)
        except psycopg.Error as error:
            raise sa.exc.InvalidatePoolError from error
