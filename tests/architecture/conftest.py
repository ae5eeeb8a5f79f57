"""Applications for the tests that walk routes and tables: settings of their own, no shared database."""

import os
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from flask import Flask

from tests.support.live import development_secrets

MakeProduct = Callable[..., Flask]


def _make(var: Path, database_url: str | None = None) -> Flask:
    settings = {**development_secrets(), "ENVIRONMENT": "test", "VAR_DIR": str(var), "PATH": os.environ["PATH"]}
    if database_url is not None:
        settings["DATABASE_URL"] = database_url
    with mock.patch.dict(os.environ, settings, clear=True):
        from config import Config
        from portal.app import create_app

        return create_app(Config.from_env())


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The product with every blueprint; no table exists and none is needed."""
    return _make(tmp_path_factory.mktemp("product"))


@pytest.fixture(params=["sqlite", "postgres"])
def empty_product(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    """The product in front of an empty database, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return _make(tmp_path)
    server = request.getfixturevalue("postgres_server")
    server.drop("architecture")
    return _make(tmp_path, server.create("architecture"))
