"""In migrations: changing the rules of a table that has rows, without moving them.

SQLite cannot alter a CHECK or a NOT NULL. The usual way round, copying the table, would need foreign keys switched off
and would drop the triggers of an append-only table; so the stored text of the table is edited in place, as SQLite's
manual describes for changes that do not touch what is stored (ALTER TABLE, "other kinds of table schema changes").
"""

import functools
import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa


def replace_check(op: Any, table: str, name: str, condition: str) -> None:
    """Give the CHECK ``name`` of ``table`` another condition, or add it when there is none of that name."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})")
        return
    rule = f"CONSTRAINT {name} CHECK ({condition})"

    def change(text: str) -> str:
        found = re.search(rf"CONSTRAINT {name} CHECK \(.*\)(?=,? *\n)", text)
        if found:
            return text[: found.start()] + rule + text[found.end() :]
        end = text.rindex(")")
        return text[:end].rstrip() + f", \n\t{rule}\n" + text[end:]

    _edit(op, table, change)


def allow_words(op: Any, table: str, column: str, *words: str) -> None:
    """Add words to the closed list of a text column (``one_of``), whatever stands on it by now: the order of two
    migrations that each add theirs does not matter.
    """
    _relist(op, table, column, lambda known: known + [word for word in words if word not in known])


def forbid_words(op: Any, table: str, column: str, *words: str) -> None:
    """Take words off the closed list of a text column (the way down of ``allow_words``)."""
    _relist(op, table, column, lambda known: [word for word in known if word not in words])


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


def drop_check(op: Any, table: str, name: str) -> None:
    """Take the CHECK ``name`` of ``table`` away."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        return
    _edit(op, table, lambda text: re.sub(rf", *\n?\s*CONSTRAINT {name} CHECK \(.*\)(?=,? *\n)", "", text))


def set_not_null(op: Any, table: str, column: str, *, wanted: bool) -> None:
    """Let a column be NULL, or no longer."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} {'SET' if wanted else 'DROP'} NOT NULL")
        return
    before, after = (r"\1", r"\1 NOT NULL") if wanted else (r"\1 NOT NULL", r"\1")
    pattern = rf"(\n\s*{column} \w+(?:\(\d+\))?){re.escape(before[2:])}(?=,)"
    _edit(op, table, lambda text: re.sub(pattern, after, text))


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


def drop_columns(op: Any, table: str, *names: str) -> None:
    """Take columns away, with the keys made with them."""
    for name in names:
        if op.get_bind().dialect.name == "sqlite":
            key = rf"(\b{name} \w+)(?: *CONSTRAINT {table}_{name}_fkey)? REFERENCES \w+\(\w+\)(?=,)"
            _edit(op, table, functools.partial(re.sub, key, r"\1"), may_be_same=True)
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")


def _edit(op: Any, table: str, change: Callable[[str], str], *, may_be_same: bool = False) -> None:
    link = op.get_bind()
    text = link.scalar(sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), {"name": table})
    changed = change(text)
    if changed == text:
        if may_be_same:
            return
        raise ValueError(f"{table}: there is nothing to change")
    version = link.exec_driver_sql("PRAGMA schema_version").scalar()
    link.exec_driver_sql("PRAGMA writable_schema=ON")
    link.execute(
        sa.text("UPDATE sqlite_master SET sql = :text WHERE type = 'table' AND name = :name"),
        {"text": changed, "name": table},
    )
    link.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    link.exec_driver_sql("PRAGMA writable_schema=OFF")
