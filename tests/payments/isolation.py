"""Deeds at the same moment, at both levels: constraints and locks keep money right; SERIALIZABLE stands above them."""

import sys
import threading
from collections.abc import Callable

import pytest
from flask import Flask

from kernel.database import transaction

LEVELS = ("serializable", "read committed")


@pytest.fixture(params=LEVELS)
def isolation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every use case of payments runs at this level throughout, whatever it asks for."""
    forced = request.param == "serializable"
    for name, module in list(sys.modules.items()):
        if name.startswith("payments.") and getattr(module, "transaction", None) is transaction:
            monkeypatch.setattr(module, "transaction", lambda *, serializable=False: transaction(serializable=forced))
    return request.param


def at_once(app: Flask, *deeds: Callable[[], object]) -> list[object]:
    """Do all deeds in threads that start together; their results, exceptions included."""
    results: list[object] = [None] * len(deeds)
    barrier = threading.Barrier(len(deeds))

    def run(place: int, deed: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                results[place] = deed()
            except Exception as error:
                results[place] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
