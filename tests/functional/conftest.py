"""The demo city in a file, seeded once for all tests that walk through it."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kernel import clock, database
from portal.app import create_app
from portal.demo import Demo, seed
from tests.conftest import test_config
from tests.support.postgres import fast_folder

SEEDED_AT = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.fixture(scope="session")
def demo_template(var_dir: Path, sqlite_template: Path) -> Path:
    """The demo city on SQLite, as ``sh dev run`` begins with; its other files lie where every test's do."""
    city = var_dir / "demo.db"
    shutil.copy(sqlite_template, city)
    with create_app(test_config(var_dir, f"sqlite:///{city}")).app_context():
        seed(Demo(SEEDED_AT, var_dir), lambda _: None)
        database.dispose_engines()
    return city


@pytest.fixture
def demo_url(demo_template: Path) -> Iterator[str]:
    """A copy of it, on the day it was seeded: ``database_url`` of the tests that say
    ``parametrize("database_url", ["demo"], indirect=True)``.
    """
    with clock.at(SEEDED_AT), tempfile.TemporaryDirectory(prefix="gongjian-db-", dir=fast_folder()) as folder:
        yield f"sqlite:///{shutil.copy(demo_template, Path(folder) / 'city.db')}"
