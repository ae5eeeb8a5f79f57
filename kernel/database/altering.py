"""In a migration: change what a table already made asks of its rows, on both databases.

SQLite's ALTER TABLE knows neither CHECK nor NOT NULL, and copying a table would lose its triggers and stop at foreign
keys. Where nothing stored changes its form, SQLite's own documentation (lang_altertable, section 7) has the text of the
table in its schema rewritten instead; that is done here, and the schema is read anew at once.
"""

import functools
import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import sqlalchemy as sa


def replace_check(op: Any, table: str, name: str, condition: str) -> None:
    """Let the CHECK ``name`` of ``table`` ask ``condition`` from now on. ValueError when there is none of that name."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})")
    else:
        _rewrite(op, table, lambda text: _with_check(text, name, condition))


def allow_values(op: Any, table: str, column: str, values: type[StrEnum] | tuple[str, ...]) -> None:
    """Let a column that is ``one_of`` a list take these values. A migration names them itself: it must not change."""
    listed = ", ".join(f"'{value!s}'" for value in values)
    replace_check(op, table, f"{table}_{column}_known", f"{column} IN ({listed})")


def allow_null(op: Any, table: str, column: str, *, allowed: bool = True) -> None:
    """Let a column stay empty (or, with ``allowed=False``, no longer)."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} {'DROP' if allowed else 'SET'} NOT NULL")
        return
    old, new = (" NOT NULL", "") if allowed else ("", " NOT NULL")
    # A column stands on a line of its own, or behind the last one, with its key, where it was added later.
    wanted = re.compile(rf"((?:^|,)\s*\"?{column}\"? [A-Z]+(?:\([\d, ]+\))?){old}(?= *(?:,|\)|$)| CONSTRAINT)", re.M)

    def rewritten(text: str) -> str:
        text, many = wanted.subn(rf"\g<1>{new}", text)
        if many != 1:
            raise ValueError(f"{table} has no such column {column}")
        return text

    _rewrite(op, table, rewritten)


def allow_words(op: Any, table: str, column: str, *words: str) -> None:
    """Add words to the closed list of a text column (``one_of``), whatever stands on it by now: the order of two
    migrations that each add theirs does not matter.
    """
    _relist(op, table, column, lambda known: known + [word for word in words if word not in known])


def forbid_words(op: Any, table: str, column: str, *words: str) -> None:
    """Take words off the closed list of a text column (the way down of ``allow_words``). ValueError while a row says
    one of them: SQLite would not notice.
    """
    known = sa.table(table, sa.column(column))
    if op.get_bind().scalar(sa.select(sa.literal(1)).select_from(known).where(known.c[column].in_(words)).limit(1)):
        raise ValueError(f"{table}.{column} still says one of {', '.join(words)}")
    _relist(op, table, column, lambda known: [word for word in known if word not in words])


def add_columns(op: Any, table: str, *columns: sa.Column[Any]) -> None:
    """Add columns (those that may not be NULL with a server default); a key to another table is made with its column.

    SQLite would otherwise refuse the key. Nothing that stands in the table is updated, so append-only ones may grow.
    """
    dialect = op.get_bind().dialect
    for column in columns:
        parts = [f"ALTER TABLE {table} ADD COLUMN {column.name} {column.type.compile(dialect)}"]
        if column.server_default is not None:
            parts.append(f"DEFAULT {column.server_default.arg}")  # type: ignore[attr-defined]
        if not column.nullable:
            parts.append("NOT NULL")
        for key in column.foreign_keys:
            other, _, its_column = key.target_fullname.partition(".")
            parts.append(f"CONSTRAINT {table}_{column.name}_fkey REFERENCES {other}({its_column})")
        op.execute(" ".join(parts))


def rename_column(op: Any, table: str, old: str, new: str) -> None:
    """Give a column another name, and its key to another table with it."""
    op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")
    keys = (f"{table}_{old}_fkey", f"{table}_{new}_fkey")
    link = op.get_bind()
    if link.dialect.name == "sqlite":
        _rewrite(op, table, lambda text: text.replace(*keys))
    elif link.scalar(sa.text("SELECT 1 FROM pg_constraint WHERE conname = :name"), {"name": keys[0]}):
        op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {keys[0]} TO {keys[1]}")


def drop_columns(op: Any, table: str, *names: str) -> None:
    """Take columns away, with the keys made with them."""
    for name in names:
        if op.get_bind().dialect.name == "sqlite":
            key = rf"(\b{name} \w+)(?: *CONSTRAINT {table}_{name}_fkey)? REFERENCES \w+\(\w+\)(?=,)"
            _rewrite(op, table, functools.partial(re.sub, key, r"\1"))
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")


def _relist(op: Any, table: str, column: str, change: Callable[[list[str]], list[str]]) -> None:
    name, link = f"{table}_{column}_known", op.get_bind()
    if link.dialect.name == "postgresql":
        told = link.scalar(
            sa.text(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE conname = :name AND conrelid = CAST(:table AS regclass)"
            ),
            {"name": name, "table": table},
        )
    else:
        whole = link.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = :table"), {"table": table})
        told = next(line for line in whole.splitlines() if f"CONSTRAINT {name} CHECK" in line)
    known = re.findall(r"'([^']+)'", told)
    replace_check(op, table, name, f"{column} IN ({', '.join(repr(word) for word in change(known))})")


def _with_check(text: str, name: str, condition: str) -> str:
    found = re.search(rf"CONSTRAINT \"?{name}\"? CHECK \(", text)
    if found is None:
        raise ValueError(f"no CHECK {name}")
    depth, at, quoted = 1, found.end(), False
    while depth:
        char = text[at]
        quoted ^= char == "'"
        depth += 0 if quoted else (char == "(") - (char == ")")
        at += 1
    return text[: found.end()] + condition + text[at - 1 :]


def _rewrite(op: Any, table: str, rewritten: Callable[[str], str]) -> None:
    link = op.get_bind()
    where = {"name": table}
    text = link.execute(sa.text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = :name"), where).scalar()
    link.exec_driver_sql("PRAGMA writable_schema = ON")
    link.execute(
        sa.text("UPDATE sqlite_schema SET sql = :sql WHERE type = 'table' AND name = :name"),
        {"sql": rewritten(text), **where},
    )
    version = link.exec_driver_sql("PRAGMA schema_version").scalar()
    link.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    link.exec_driver_sql("PRAGMA writable_schema = RESET")


def add_check(op: Any, table: str, name: str, condition: str) -> None:
    """Let a table ask one thing more of its rows; every row there is has to hold it."""
    said = f"CONSTRAINT {name} CHECK ({condition})"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} ADD {said}")
        return
    astray = op.get_bind().exec_driver_sql(f"SELECT 1 FROM {table} WHERE NOT ({condition}) LIMIT 1").first()  # noqa: S608
    if astray is not None:
        raise ValueError(f"a row of {table} does not hold {name}")
    _rewrite(op, table, lambda text: _and(text, said))


def drop_constraint(op: Any, table: str, name: str) -> None:
    """Take a named CHECK or UNIQUE away."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    else:
        _make_anew(op, table, lambda text: _but(text, name))


def add_unique(op: Any, table: str, name: str, columns: tuple[str, ...]) -> None:
    """Let a table keep some columns unique; fails on rows that are not."""
    said = f"CONSTRAINT {name} UNIQUE ({', '.join(columns)})"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} ADD {said}")
    else:
        _make_anew(op, table, lambda text: _and(text, said))


def _and(text: str, constraint: str) -> str:
    """A CREATE TABLE with one constraint more at its end."""
    head, _, tail = text.rpartition(")")
    return f"{head.rstrip()}, \n\t{constraint}\n){tail}"


def _but(text: str, name: str) -> str:
    """A CREATE TABLE without one named constraint."""
    found = re.search(rf",\s*CONSTRAINT \"?{name}\"? (?:CHECK|UNIQUE) \(", text)
    if found is None:
        raise ValueError(f"no constraint {name}")
    depth, at, quoted = 1, found.end(), False
    while depth:
        char = text[at]
        quoted ^= char == "'"
        depth += 0 if quoted else (char == "(") - (char == ")")
        at += 1
    return text[: found.start()] + text[at:]


def _make_anew(op: Any, table: str, changed: Callable[[str], str]) -> None:
    """On SQLite a UNIQUE is an index stored with its table: the table is made anew from its changed text, rows are
    copied, its indexes and triggers made again as they were. ``migrations/env.py`` checks the foreign keys afterwards.
    """
    link = op.get_bind()
    if link.exec_driver_sql("PRAGMA foreign_keys").scalar():
        raise RuntimeError("a table is made anew with foreign keys unchecked, or what points at it would be lost")
    found = link.exec_driver_sql(
        "SELECT type, sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL", (table,)
    ).all()
    text = changed(next(row.sql for row in found if row.type == "table"))
    link.exec_driver_sql(re.sub(rf"^CREATE TABLE \"?{table}\"?", f"CREATE TABLE {table}__new", text, count=1))
    columns = ", ".join(f'"{row.name}"' for row in link.exec_driver_sql(f"PRAGMA table_info({table})"))
    link.exec_driver_sql(f"INSERT INTO {table}__new ({columns}) SELECT {columns} FROM {table}")  # noqa: S608
    link.exec_driver_sql(f"DROP TABLE {table}")
    link.exec_driver_sql(f"ALTER TABLE {table}__new RENAME TO {table}")
    for row in found:
        if row.type != "table":
            link.exec_driver_sql(row.sql)
