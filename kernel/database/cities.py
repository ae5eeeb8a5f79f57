"""Which cities are served here, where each one's tables are, and which one this code runs for."""

import contextvars
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from flask import current_app

from kernel.errors import NotFound

chosen_city: contextvars.ContextVar[str | None] = contextvars.ContextVar("city", default=None)


@dataclass
class City:
    """Where one city's tables are."""

    name: str
    engine: sa.Engine
    read_engine: sa.Engine
    lock_file: Path | None = None
    lock_descriptor: int | None = None
    """The same, opened by the first writer of this process and kept open as long as the city is served."""
    thread_lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def schema(self) -> str:
        return f"city_{self.name}"


@dataclass
class Databases:
    """All cities of one deployment: name → place, host name → name."""

    cities: dict[str, City]
    hosts: Mapping[str, str]
    migration_url: str | None
    retries: Counter[str] = field(default_factory=Counter)

    def of_current_city(self) -> City:
        name = chosen_city.get()
        if name is None:
            if len(self.cities) == 1:
                return next(iter(self.cities.values()))
            raise RuntimeError("no city chosen: a request chooses it by host name, a job by city_scope()")
        return self.cities[name]


def databases() -> Databases:
    """All cities of the current application."""
    held: Databases = current_app.extensions["gongjian.databases"]
    return held


def cities() -> list[str]:
    """The names of all cities served here."""
    return list(databases().cities)


def current_city() -> str:
    """The name of the city this code runs for."""
    return databases().of_current_city().name


def city_of_host(host: str) -> str:
    """The city served under a host name (with or without port). Raises NotFound for a name nobody serves.

    A deployment with one city and no host names answers under every name.
    """
    held = databases()
    if not held.hosts:
        return next(iter(held.cities))
    name = held.hosts.get(host.rsplit(":", 1)[0].lower())
    if name is None:
        raise NotFound("no-such-city", "这个网址没有开通。请扫门口的二维码，或向社区询问网址。")
    return name


def enter_city(name: str) -> contextvars.Token[str | None]:
    """Choose the city for the rest of a request; ``leave_city`` with the token at its end."""
    return chosen_city.set(name)


def leave_city(token: contextvars.Token[str | None]) -> None:
    """End what ``enter_city`` began."""
    chosen_city.reset(token)
