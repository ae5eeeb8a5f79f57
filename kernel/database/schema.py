"""What the tables stand at: targets of migrations, rights of the application's role, readiness."""

import functools
from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import has_app_context
from sqlalchemy.orm import Session

from kernel.database.base import MIGRATIONS, db
from kernel.database.cities import databases


def migration_targets() -> Iterator[tuple[str, sa.Engine, str | None]]:
    """For ``migrations/env.py``: every city as (name, engine, schema), the schema made, one city after another."""
    held = databases()
    for city in held.cities.values():
        if city.engine.dialect.name == "sqlite":
            yield city.name, city.engine, None
            continue
        engine = city.engine
        if held.migration_url:
            engine = sa.create_engine(held.migration_url, poolclass=sa.NullPool)
        else:
            engine = sa.create_engine(engine.url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {city.schema}")
        yield city.name, engine, city.schema


def grant_to_application(connection: sa.Connection, schema: str) -> None:
    """After migrating with a role of its own: the application's role may use all tables, and only add to those that
    are append-only (ledger, ballots, audit). On PostgreSQL this GRANT is the lock; the triggers are the second wall.
    """
    held = databases()
    application = next(iter(held.cities.values())).engine.url.username
    if not application or connection.engine.url.username == application:
        return
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {application}")
    for table in db.metadata.tables.values():
        rights = "SELECT, INSERT" if table.info.get("append_only") else "SELECT, INSERT, UPDATE, DELETE"
        connection.exec_driver_sql(f"REVOKE ALL ON {schema}.{table.name} FROM {application}")
        connection.exec_driver_sql(f"GRANT {rights} ON {schema}.{table.name} TO {application}")
        if forgets := table.info.get("forgets"):
            some = ", ".join(forgets)
            connection.exec_driver_sql(f"GRANT UPDATE ({some}) ON {schema}.{table.name} TO {application}")
    connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {application}")
    connection.exec_driver_sql(f"GRANT SELECT ON {schema}.alembic_version TO {application}")


@functools.cache
def newest_migration() -> str:
    """The newest revision among the migrations of this code."""
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
        for city in databases().cities.values():
            city.engine.dispose()
            city.read_engine.dispose()
