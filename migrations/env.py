"""Migrate every city, one after another: ``flask --app wsgi db upgrade``.

On PostgreSQL the city's schema is on the search path and holds its own ``alembic_version``; on SQLite it is a file.
"""

from alembic import context
from sqlalchemy import Connection

from kernel.database import db, grant_to_application, migration_targets


def run(connection: Connection, schema: str | None) -> None:
    """Run the wanted migrations on one city's connection."""
    if schema is not None:
        connection.exec_driver_sql(f"SET search_path TO {schema}")
        connection.exec_driver_sql("SET lock_timeout TO '3s'")
        connection.commit()
        connection.dialect.default_schema_name = schema
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        version_table_schema=schema,
        render_as_batch=True,
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def without_checking_keys(connection: Connection, schema: str | None) -> None:
    """Run them on SQLite, where a table is changed by making it anew: keys are checked once, at the end."""
    # Beneath SQLAlchemy, which would begin a transaction, in which SQLite does not hear this.
    plain = connection.connection.dbapi_connection
    plain.execute("PRAGMA foreign_keys=OFF")
    try:
        run(connection, schema)
        astray = plain.execute("PRAGMA foreign_key_check").fetchall()
        if astray:
            raise RuntimeError(f"rows that point nowhere after migrating: {astray[:5]}")
    finally:
        plain.execute("PRAGMA foreign_keys=ON")


for _city, engine, its_schema in migration_targets():
    with engine.connect() as link:
        (without_checking_keys if engine.dialect.name == "sqlite" else run)(link, its_schema)
        if its_schema is not None:
            link.commit()  # where nothing was to migrate, looking at the version has begun a transaction
            with link.begin():
                grant_to_application(link, its_schema)
