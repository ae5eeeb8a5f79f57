"""Changing the rules of a table that has rows, on both databases: nothing that stands in it is touched."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask

from kernel.database import BigInt, append_only, migration_targets
from kernel.database.altering import (
    add_check,
    add_columns,
    allow_null,
    allow_words,
    drop_columns,
    forbid_words,
    replace_check,
)


@pytest.fixture
def op(app: Flask) -> Iterator[Operations]:
    """A table that only grows, with one row, in a transaction that is taken back."""
    (_, engine, schema) = next(iter(migration_targets()))
    with engine.connect() as link:
        if schema is not None:
            link.exec_driver_sql(f"SET search_path TO {schema}")
        made = Operations(MigrationContext.configure(link))
        made.create_table(
            "slip",
            sa.Column("id", BigInt, primary_key=True),
            sa.Column("kind", sa.String(length=24), nullable=False),
            sa.Column("place_id", BigInt, nullable=False),
            sa.CheckConstraint("kind IN ('a', 'b')", name="slip_kind_known"),
            sa.CheckConstraint("place_id > 0", name="slip_place_positive"),
        )
        append_only(made, "slip")
        link.exec_driver_sql("INSERT INTO slip (id, kind, place_id) VALUES (1, 'a', 7)")
        yield made
        link.rollback()


def accepted(op: Operations, values: str) -> bool:
    link = op.get_bind()
    with link.begin_nested() as step:
        try:
            link.exec_driver_sql(f"INSERT INTO slip {values}")
        except sa.exc.IntegrityError:
            step.rollback()
            return False
    return True


def test_words_are_added_to_a_closed_list_and_taken_off_in_any_order(op: Operations) -> None:
    assert not accepted(op, "(id, kind, place_id) VALUES (2, 'd', 7)")
    allow_words(op, "slip", "kind", "c")
    allow_words(op, "slip", "kind", "d", "c")
    assert accepted(op, "(id, kind, place_id) VALUES (2, 'c', 7), (3, 'd', 7), (4, 'b', 7)")
    assert not accepted(op, "(id, kind, place_id) VALUES (5, 'e', 7)")
    allow_words(op, "slip", "kind", "e")
    forbid_words(op, "slip", "kind", "e")
    assert not accepted(op, "(id, kind, place_id) VALUES (5, 'e', 7)")
    with pytest.raises(ValueError, match="kind still says one of c"):
        forbid_words(op, "slip", "kind", "c")


def test_a_column_may_become_empty_and_rules_are_added_and_replaced(op: Operations) -> None:
    allow_null(op, "slip", "place_id")
    assert accepted(op, "(id, kind, place_id) VALUES (2, 'a', NULL)")
    add_check(op, "slip", "slip_small", "id < 10")
    assert not accepted(op, "(id, kind, place_id) VALUES (10, 'a', 1)")
    replace_check(op, "slip", "slip_small", "id < 20")
    assert accepted(op, "(id, kind, place_id) VALUES (10, 'a', 1)")
    assert not accepted(op, "(id, kind, place_id) VALUES (21, 'a', 0)"), "the other rules stand"


def test_columns_are_added_and_taken_away_without_touching_what_stands_there(op: Operations) -> None:
    add_columns(
        op,
        "slip",
        sa.Column("channel", sa.String(length=24), server_default="'phone'", nullable=False),
        sa.Column("helper_id", BigInt, sa.ForeignKey("account.id"), nullable=True),
    )
    row = op.get_bind().exec_driver_sql("SELECT id, kind, place_id, channel, helper_id FROM slip").one()
    assert tuple(row) == (1, "a", 7, "phone", None)
    assert not accepted(op, "(id, kind, place_id, helper_id) VALUES (2, 'a', 7, 4711)")
    drop_columns(op, "slip", "channel", "helper_id")
    assert tuple(op.get_bind().exec_driver_sql("SELECT * FROM slip").one()) == (1, "a", 7)
    with pytest.raises(sa.exc.DBAPIError):
        op.get_bind().exec_driver_sql("DELETE FROM slip")
