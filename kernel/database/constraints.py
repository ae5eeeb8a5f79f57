"""Reading which constraint refused, locks on rows, and inserts that step back."""

import contextlib
import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from kernel.database.base import db
from kernel.errors import DomainError


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


@functools.cache
def insert_once(dialect: str, table: sa.Table, *returning: sa.Column[Any]) -> Any:
    """``INSERT … ON CONFLICT DO NOTHING``, built once a table for the hot path. ``dialect``: the connection's;
    ``returning``: columns given back of a row that was not there (a row count is not to be had of every driver)."""
    insert = (postgres_insert if dialect == "postgresql" else sqlite_insert)(table).on_conflict_do_nothing()
    return insert.returning(*returning) if returning else insert


@functools.cache
def insert_adding(dialect: str, table: sa.Table, column: str) -> Any:
    """``INSERT … ON CONFLICT DO UPDATE`` that adds ``column`` to the row with the same primary key, built once: to be
    executed with a list of rows (many rows in one VALUES are compiled anew each time, ten times as dear)."""
    insert = (postgres_insert if dialect == "postgresql" else sqlite_insert)(table)
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={column: table.c[column] + insert.excluded[column]},
    )


def insert_ignoring(session: Session, table: Any) -> Any:
    """An INSERT that can say ``.on_conflict_do_nothing(…)`` / ``.on_conflict_do_update(…)`` on either database."""
    if session.get_bind().dialect.name == "postgresql":
        return postgres_insert(table)
    return sqlite_insert(table)
