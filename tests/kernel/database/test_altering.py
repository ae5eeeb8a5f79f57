"""What a migration may change of a table that has rows, the same on both databases."""

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask

from kernel.database import (
    add_check,
    add_unique,
    allow_null,
    allow_values,
    append_only,
    drop_constraint,
    migration_targets,
    replace_check,
)


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


@pytest.fixture
def unchecked(app: Flask):
    """The same as a migration has it on SQLite: foreign keys are checked afterwards, all at once."""
    _, engine, schema = next(iter(migration_targets()))
    with engine.connect() as link:
        if schema is not None:
            link.exec_driver_sql(f"SET search_path TO {schema}")
        else:
            link.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")
        made = Operations(MigrationContext.configure(link))
        made.create_table("tree", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.String(24)))
        made.create_table(
            "leaf",
            sa.Column("id", sa.Integer(), primary_key=True),
            sa.Column("tree_id", sa.Integer(), sa.ForeignKey("tree.id"), nullable=False),
            sa.Column("kind", sa.String(24), nullable=False),
            sa.UniqueConstraint("tree_id", "kind", name="leaf_once"),
        )
        made.create_index("leaf_kind_idx", "leaf", ["kind"])
        append_only(made, "leaf")
        link.exec_driver_sql("INSERT INTO tree VALUES (7, 'oak')")
        link.exec_driver_sql("INSERT INTO leaf VALUES (1, 7, 'green')")
        yield made
        link.rollback()
        if schema is None:
            link.connection.dbapi_connection.execute("PRAGMA foreign_keys=ON")


def _leaf(op: Operations, values: str) -> None:
    with op.get_bind().begin_nested():
        op.execute(f"INSERT INTO leaf VALUES ({values})")


def test_a_unique_is_taken_away_and_rows_indexes_triggers_and_keys_stay(unchecked: Operations) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        _leaf(unchecked, "2, 7, 'green'")
    drop_constraint(unchecked, "leaf", "leaf_once")
    _leaf(unchecked, "2, 7, 'green'")
    found = sa.inspect(unchecked.get_bind())
    assert [index["name"] for index in found.get_indexes("leaf")] == ["leaf_kind_idx"]
    assert [key["referred_table"] for key in found.get_foreign_keys("leaf")] == ["tree"]
    assert unchecked.get_bind().exec_driver_sql("SELECT count(*) FROM leaf").scalar() == 2
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), unchecked.get_bind().begin_nested():
        unchecked.execute("DELETE FROM leaf")


def test_a_unique_added_refuses_what_is_there_twice(unchecked: Operations) -> None:
    add_unique(unchecked, "tree", "tree_name_key", ("name",))
    assert [key["referred_table"] for key in sa.inspect(unchecked.get_bind()).get_foreign_keys("leaf")] == ["tree"]
    with pytest.raises(sa.exc.IntegrityError), unchecked.get_bind().begin_nested():
        unchecked.execute("INSERT INTO tree VALUES (8, 'oak')")


def test_a_check_added_is_asked_of_the_rows_that_are_there_too(op: Operations) -> None:
    with pytest.raises((ValueError, sa.exc.IntegrityError)), op.get_bind().begin_nested():
        add_check(op, "fruit", "fruit_is_sweet", "kind <> 'apple'")
    add_check(op, "fruit", "fruit_is_numbered", "id > 0")
    with pytest.raises(sa.exc.IntegrityError):
        _add(op, "0, 'apple', 'Wang'")


def test_a_table_is_not_made_anew_while_keys_are_checked(op: Operations) -> None:
    if op.get_bind().dialect.name == "sqlite":
        with pytest.raises(RuntimeError):
            drop_constraint(op, "fruit", "fruit_kind_known")


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
