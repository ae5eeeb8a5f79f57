"""Statements compiled once for a whole test run instead of once a test.

Every test has a database, and so engines, of its own; SQLAlchemy keeps its compiled statements by engine and dialect.
Compiling them anew was a quarter of the time of the tests that touch a database.
"""

from flask import Flask
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

from kernel.database.cities import Databases

_KEPT: dict[str, tuple[Dialect, LRUCache]] = {}


def share(app: Flask) -> None:
    """Let the fresh engines of ``app`` use what earlier tests compiled, if any did."""
    held: Databases = app.extensions["gongjian.databases"]
    for city in held.cities.values():
        for engine in (city.engine, city.read_engine):
            if engine.dialect.name in _KEPT:
                engine.dialect, engine._compiled_cache = _KEPT[engine.dialect.name]


def keep(app: Flask) -> None:
    """Remember the first dialect that has spoken with its server, for the tests that follow."""
    held: Databases = app.extensions["gongjian.databases"]
    for city in held.cities.values():
        dialect = city.engine.dialect
        if getattr(dialect, "server_version_info", None) is not None:
            _KEPT.setdefault(dialect.name, (dialect, LRUCache(3000)))
