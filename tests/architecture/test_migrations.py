"""The migrations make exactly the tables the models describe, on both databases, and take them away again."""

import re
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from kernel import audit, database
from kernel.database import reading
from payments.services import checking
from tests.factories import Factory
from tests.functional.everyday import everyday

ROOT = Path(__file__).resolve().parents[2]
MIGRATIONS = str(ROOT / "migrations")
LONGEST_NAME = 50
WITH_PEOPLE = "0040"
"""The oldest release whose tables held sheets, ballots and deposits already; going further down gives them up."""


@pytest.fixture
def migrated(empty_product: Flask) -> Iterator[Flask]:
    with empty_product.app_context():
        flask_migrate.upgrade(directory=MIGRATIONS)
        yield empty_product
        database.dispose_engines()


def _city_connections() -> Iterator[sa.Connection]:
    """A connection to each city, its schema chosen."""
    for _, engine, schema in database.migration_targets():
        with engine.connect() as connection:
            if schema is not None:
                connection.exec_driver_sql(f"SET search_path TO {schema}")
                connection.dialect.default_schema_name = schema
            yield connection


def _tables() -> dict[str, sa.Table]:
    return dict(database.db.metadata.tables)


def test_migrations_up_give_the_tables_of_the_models(migrated: Flask) -> None:
    for connection in _city_connections():
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, database.db.metadata) == []


def test_migrations_give_the_constraints_of_the_models_by_name(migrated: Flask) -> None:
    """Alembic does not compare CHECKs, and names matter: services find out by them what was violated."""
    for connection in _city_connections():
        found = sa.inspect(connection)
        for name, table in _tables().items():
            wanted = {c.name for c in table.constraints if isinstance(c, sa.CheckConstraint)}
            assert {c["name"] for c in found.get_check_constraints(name)} == wanted, name
            wanted = {c.name for c in table.constraints if isinstance(c, sa.UniqueConstraint)}
            wanted |= {i.name for i in table.indexes if i.unique}
            real = {c["name"] for c in found.get_unique_constraints(name)}
            real |= {i["name"] for i in found.get_indexes(name) if i["unique"]}
            assert real == wanted, name
            wanted = {(tuple(c.column_keys), c.referred_table.name) for c in table.foreign_key_constraints}
            keys = found.get_foreign_keys(name)
            assert {(tuple(k["constrained_columns"]), k["referred_table"]) for k in keys} == wanted, name


def _words(text: object) -> set[str]:
    """The words between quotes."""
    return set(re.findall(r"'([a-z][a-z0-9_]*)'", str(text)))


def test_a_list_of_words_in_the_database_is_the_one_of_its_model(migrated: Flask) -> None:
    """Two migrations that each widen the same list must not forget each other's words."""
    for connection in _city_connections():
        found = sa.inspect(connection)
        for name, table in _tables().items():
            real = {check["name"]: _words(check["sqltext"]) for check in found.get_check_constraints(name)}
            for check in table.constraints:
                if isinstance(check, sa.CheckConstraint) and str(check.name).endswith("_known"):
                    assert real[str(check.name)] == _words(check.sqltext), check.name


def test_migrations_down_leave_nothing(migrated: Flask) -> None:
    flask_migrate.downgrade(directory=MIGRATIONS, revision="base")
    for connection in _city_connections():
        assert set(sa.inspect(connection).get_table_names()) <= {"alembic_version"}
        if connection.dialect.name == "postgresql":
            left = connection.exec_driver_sql(
                "SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
            ).all()
            assert left == []


def test_migrations_go_down_and_up_again_under_what_people_did(app: Flask) -> None:
    done = list(everyday(Factory()))
    assert [deed.send().status_code for deed in done] == [201] * len(done)

    def kept() -> dict[str, int]:
        tables = [_tables()[deed.made] for deed in done]
        counts = {t.name: reading().scalar(sa.select(sa.func.count()).select_from(t)) or 0 for t in tables}
        database.end_reading()
        return counts

    before = kept()
    database.dispose_engines()
    flask_migrate.downgrade(directory=MIGRATIONS, revision=WITH_PEOPLE)
    flask_migrate.upgrade(directory=MIGRATIONS)
    assert kept() == before
    assert audit.verify().ok
    assert checking.check().differences == []
    database.end_reading()
    flask_migrate.downgrade(directory=MIGRATIONS, revision="base")
    flask_migrate.upgrade(directory=MIGRATIONS)
    for connection in _city_connections():
        assert set(_tables()) <= set(sa.inspect(connection).get_table_names())


def test_migrations_are_one_numbered_chain() -> None:
    chain = {}
    for path in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        found = re.search(r'^revision(?::[^=]+)? = "(\d{4})"', text, re.MULTILINE)
        below = re.search(r'^down_revision(?::[^=]+)? = (?:"(\d{4})"|None)', text, re.MULTILINE)
        assert found is not None, path.name
        assert below is not None, path.name
        assert path.name.startswith(found.group(1) + "_"), path.name
        chain[found.group(1)] = below.group(1)
    numbers = sorted(chain)
    assert [chain[n] for n in numbers] == [None, *numbers[:-1]]


def test_names_of_constraints_can_be_told_on_both_databases(product: Flask) -> None:
    """Ours, at most 50 characters, and not ending in _digits: a distributed PostgreSQL cuts and numbers names."""
    strays = []
    for table in _tables().values():
        for constraint in table.constraints:
            if isinstance(constraint, sa.UniqueConstraint | sa.CheckConstraint) and constraint.name is None:
                strays.append(f"{table.name}: a nameless {type(constraint).__name__}")
        named = [*table.constraints, *table.indexes]
        for name in [table.name, *(str(item.name) for item in named if item.name is not None)]:
            if len(name) > LONGEST_NAME or re.search(r"_\d+$", name):
                strays.append(f"{table.name}: {name}")
    assert strays == []


def test_every_table_has_one_bigint_primary_key_or_a_natural_one(product: Flask) -> None:
    for table in _tables().values():
        assert table.primary_key.columns, table.name
        for column in table.primary_key.columns:
            whole = isinstance(column.type, sa.Integer) and not isinstance(column.type, sa.BigInteger)
            assert not whole, f"{table.name}.{column.name} overflows at 2^31"


def test_money_is_whole_fen_in_a_column_that_cannot_overflow(product: Flask) -> None:
    strays = [
        f"{table.name}.{column.name}"
        for table in _tables().values()
        for column in table.columns
        if column.name.endswith("_fen") and not isinstance(column.type, sa.BigInteger)
    ]
    assert strays == []


def test_instants_are_kept_in_utc(product: Flask) -> None:
    strays = [
        f"{table.name}.{column.name}"
        for table in _tables().values()
        for column in table.columns
        if isinstance(column.type, sa.DateTime) and not isinstance(column.type, database.UTCDateTime)
    ]
    assert strays == []
