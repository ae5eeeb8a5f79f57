"""What a migration may change of a table that has rows, the same on both databases."""

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask

from kernel.database import allow_null, allow_values, append_only, migration_targets, replace_check


@pytest.fixture
def op(app: Flask):
    """A migration's operations, with one table of its own that has a row and may only grow."""
    _, engine, schema = next(iter(migration_targets()))
    with engine.connect() as link:
        if schema is not None:
            link.exec_driver_sql(f"SET search_path TO {schema}")
        made = Operations(MigrationContext.configure(link))
        made.create_table(
            "fruit",
            sa.Column("id", sa.Integer(), primary_key=True),
            sa.Column("kind", sa.String(24), nullable=False),
            sa.Column("eaten_by", sa.String(24), nullable=False),
            sa.CheckConstraint("kind IN ('apple', 'pear (green)')", name="fruit_kind_known"),
            sa.CheckConstraint("length(eaten_by) > 1", name="fruit_eaten_by_somebody"),
        )
        append_only(made, "fruit")
        link.exec_driver_sql("INSERT INTO fruit VALUES (1, 'apple', 'Li')")
        yield made
        link.rollback()


def _add(op: Operations, values: str) -> None:
    with op.get_bind().begin_nested():
        op.execute(f"INSERT INTO fruit VALUES ({values})")


def test_a_list_takes_a_new_value_and_still_refuses_others(op: Operations) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        _add(op, "2, 'plum', 'Wang'")
    allow_values(op, "fruit", "kind", ("apple", "plum"))
    _add(op, "2, 'plum', 'Wang'")
    with pytest.raises(sa.exc.IntegrityError):
        _add(op, "3, 'pear (green)', 'Wang'")
    with pytest.raises(sa.exc.IntegrityError):
        _add(op, "3, 'plum', 'W'")


def test_a_column_may_stay_empty_and_then_no_more(op: Operations) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        _add(op, "2, 'apple', NULL")
    allow_null(op, "fruit", "eaten_by")
    allow_null(op, "fruit", "eaten_by", allowed=False)
    with pytest.raises(sa.exc.IntegrityError):
        _add(op, "2, 'apple', NULL")
    allow_null(op, "fruit", "eaten_by")
    _add(op, "2, 'apple', NULL")


def test_the_table_may_still_only_grow(op: Operations) -> None:
    replace_check(op, "fruit", "fruit_kind_known", "kind <> ''")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), op.get_bind().begin_nested():
        op.execute("DELETE FROM fruit")


def test_a_name_nobody_knows_is_refused(op: Operations) -> None:
    with pytest.raises((ValueError, sa.exc.ProgrammingError)):
        replace_check(op, "fruit", "fruit_taste_known", "1 = 1")
