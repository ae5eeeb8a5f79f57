"""A PostgreSQL city as in production: one role migrates it, another, with fewer rights, is the application's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import sqlalchemy as sa
from flask import Flask

from kernel import database
from kernel.web.guards import use_identity_loader
from portal.app import create_app
from tests.conftest import test_config
from tests.factories import session_identity
from tests.support.postgres import Server

ROLE = "gongjian_app"


@contextmanager
def two_roles(server: Server, var_dir: Path, template: str) -> Iterator[Flask]:
    """The application under its own role, in a copy of a migrated city; everything is gone afterwards."""
    owner_url = server.create("two_roles", template)
    admin = sa.create_engine(owner_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP ROLE IF EXISTS {ROLE}"))
        connection.execute(sa.text(f"CREATE ROLE {ROLE} LOGIN"))
    app_url = sa.make_url(owner_url).set(username=ROLE).render_as_string(hide_password=False)
    app = create_app(test_config(var_dir, app_url, migration_database_url=owner_url))
    try:
        use_identity_loader(app, session_identity)
        with app.app_context():
            flask_migrate.upgrade()
            yield app
    finally:
        with app.app_context():  # after the other: leaving it gives its connections back
            database.dispose_engines()
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP OWNED BY {ROLE}"))
            connection.execute(sa.text(f"DROP ROLE {ROLE}"))
        admin.dispose()
        server.drop("two_roles")
