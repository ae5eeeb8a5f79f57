"""How columns are declared: instants, documents, identities, public names, closed lists, tables that only grow."""

import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column


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
    """A random name of 22 characters (about 128 bits) for what leaves the machine.

    Never begins with a hyphen: on a command line that would be an option.
    """
    while (name := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return name


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


def forgetting(*columns: str) -> dict[str, Any]:
    """The same for a table whose rows may lose what says whose they are (``append_only_but``)."""
    return {"info": {"append_only": True, "forgets": columns}}


def append_only_but(op: Any, table: str, columns: list[str], forgets: dict[str, str]) -> None:
    """In a migration: an append-only table whose rows may lose what says whose they are, and nothing else.

    ``forgets``: column → what must hold of it afterwards (``{} IS NULL``); every other of ``columns`` stays as it was,
    else the change is refused. The model names the same columns in ``forgetting``, for the application's GRANT.
    """
    kept = [column for column in columns if column not in forgets]
    if op.get_bind().dialect.name == "postgresql":
        same = " AND ".join(f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in kept)
        gone = " AND ".join(state.format(f"NEW.{column}") for column, state in forgets.items())
        op.execute(
            f"CREATE OR REPLACE FUNCTION {table}_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF TG_OP = 'UPDATE' THEN IF {same} AND {gone} THEN RETURN NEW; END IF; END IF; "
            "RAISE EXCEPTION 'append-only' USING ERRCODE = '42501'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in kept)
    gone = " AND ".join(state.format(f"NEW.{column}") for column, state in forgets.items())
    op.execute(
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN NOT ({same} AND {gone}) "
        "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    )
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")


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
