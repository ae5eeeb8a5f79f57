"""Fixtures of all tests. ``app`` comes twice: on SQLite and on PostgreSQL, each test on a fresh migrated copy."""

import base64
import hashlib
import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import flask_migrate
import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Config
from kernel import database
from kernel.web.guards import use_identity_loader
from kernel.web.kept import KeptPages
from portal.app import create_app
from portal.settings import hand_down
from tests.factories import Factory, session_identity
from tests.support import compiled, patience
from tests.support.postgres import Server, fast_folder

pytest_plugins = ["tests.support.plugin", "tests.support.schedule"]

# A test says nothing about the speed of a busy machine.
for _profile, _examples in (("usual", 50), ("completely", 500)):
    hypothesis.settings.register_profile(
        _profile,
        deadline=None,
        max_examples=_examples,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
hypothesis.settings.load_profile("usual")


def pytest_configure(config: pytest.Config) -> None:
    """``--all``: ten times as much made-up input."""
    if config.getoption("--all"):
        hypothesis.settings.load_profile("completely")


_numbers = itertools.count(1)
_APPS: dict[str, Flask] = {}


def _key(name: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(name.encode()).digest()).decode()


def test_config(var_dir: Path, database_url: str, **changes: Any) -> Config:
    """Settings of a test: fixed keys, a folder of its own, nobody outside."""
    nobody = "http://127.0.0.1:9"
    config = Config(
        environment="test",
        var_dir=var_dir,
        database_url=database_url,
        migration_database_url=None,
        city_addresses={},
        cities={"shaoguan": ()},
        public_base_url="http://localhost",
        host_in_words="localhost",
        threads=8,
        secret_key=_key("secret"),
        vault_key=_key("vault"),
        index_key=_key("index"),
        audit_signing_key=_key("audit"),
        wechat_app_id="wxsandbox000000001",
        wechat_app_secret="s" * 32,
        wechat_api_base=nobody,
        wechat_open_base=nobody,
        pay_base=nobody,
        pay_mchid="1900000001",
        pay_merchant_key_file=None,
        pay_merchant_serial="",
        pay_apiv3_key="",
        pay_public_key_file=None,
        pay_public_key_id="",
        pay_fetch_certificates=False,
        pay_merchants_file=None,
        sms_base=nobody,
        sms_key="k" * 32,
        sandbox_url=None,
        rate_limit_url=None,
        proxies=0,
        most_deposit_fen=5_000_000,
    )
    return replace(config, **changes)


test_config.__test__ = False  # type: ignore[attr-defined]


def migrated(config: Config) -> Flask:
    """An application whose cities stand at the newest migration."""
    app = create_app(config)
    with app.app_context():
        flask_migrate.upgrade()
        database.dispose_engines()
    return app


@pytest.fixture(scope="session", autouse=True)
def _patient() -> Iterator[None]:
    """See ``tests.support.patience``."""
    with patience.patient():
        yield


@pytest.fixture(scope="session")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what applications of this test process keep (assets, files, limits)."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="session")
def sqlite_template(var_dir: Path) -> Path:
    """A migrated, empty SQLite city."""
    path = var_dir / "template.db"
    migrated(test_config(var_dir, f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template(var_dir: Path, postgres_server: Server) -> str:
    """The name of a migrated, empty PostgreSQL database."""
    migrated(test_config(var_dir, postgres_server.create("tpl")))
    return "tpl"


@pytest.fixture
def sqlite_url(sqlite_template: Path) -> Iterator[str]:
    """A fresh copy of the SQLite city."""
    with tempfile.TemporaryDirectory(prefix="gongjian-db-", dir=fast_folder()) as folder:
        copy = Path(folder) / "city.db"
        shutil.copy(sqlite_template, copy)
        yield f"sqlite:///{copy}"


@pytest.fixture
def postgres_url(postgres_server: Server, postgres_template: str) -> Iterator[str]:
    """A fresh copy of the PostgreSQL city."""
    name = f"t{next(_numbers)}"
    yield postgres_server.create(name, template=postgres_template)
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh migrated city, once on each database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def make_app(var_dir: Path, database_url: str) -> Iterator[Callable[..., Flask]]:
    """``make_app(**settings) -> Flask`` on this test's database; connections closed at the end.

    Making an application costs more than most tests, so one is kept for each set of settings and pointed at the fresh
    database. ``fresh=True``: one of the test's own, to add routes to.
    """
    made: list[Flask] = []

    def make(*, fresh: bool = False, **changes: Any) -> Flask:
        config = test_config(var_dir, database_url, **changes)
        kept = _APPS.get(repr(sorted(changes.items())))
        if fresh or kept is None or kept in made:
            app = create_app(config)
            if not fresh:
                _APPS.setdefault(repr(sorted(changes.items())), app)
        else:
            app = kept
            hand_down(app, config)
        app.extensions["gongjian_kept_pages"] = KeptPages(a_second=False)  # tests write and look again at once
        made.append(app)
        compiled.share(app)
        return app

    yield make
    for app in made:
        compiled.keep(app)
        with app.app_context():
            database.dispose_engines()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The application on a fresh city, in an application context; requests may claim an identity (see factories)."""
    app = make_app()
    real = app.extensions.get("gongjian.identity_loader")
    use_identity_loader(app, lambda: session_identity() or (real() if real else None))
    with app.app_context():
        yield app


@pytest.fixture
def make(app: Flask) -> Factory:
    """Makers of places, dwellings, people, accounts and grants."""
    return Factory()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor nobody knows."""
    return app.test_client()
