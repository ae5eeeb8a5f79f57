"""The order in which tests run, and which worker runs what (a pytest plugin, see ``tests/conftest.py``).

A file is run by one worker. xdist would begin with the files that hold the most tests, which are the quick ones, and
leave one worker alone at the end with a file of few long ones.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

_LONG_WAYS = (
    "tests/payments/test_crashes.py",
    "tests/browser/test_accessibility.py",
    "tests/architecture/test_readme.py",
    "tests/functional/",
    "tests/browser/",
    "tests/architecture/",
    "tests/surveys/votes/test_state_machine.py",
    "tests/surveys/questionnaires/standing/test_machine.py",
    "tests/portal/demo/",
)
"""Where a test takes seconds: begun first."""

_AT_THE_LIVE_CITY = {
    "tests/browser/test_accessibility.py",
    "tests/architecture/test_readme.py",
    "tests/functional/test_served.py",
}
"""Whose tests visit the running demo city (the fixture ``live``): one worker does, a second would seed its own."""
_IN_THE_DEMO_CITY = {"tests/functional/test_foreign_ids.py", "tests/functional/test_statements.py"}
"""Whose tests walk through a seeded file (the fixture ``demo_template``): likewise."""


class _ByFile(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        if file in _AT_THE_LIVE_CITY:
            return "the live city"
        return "the demo city" if file in _IN_THE_DEMO_CITY else file


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, the rest as collected."""

    def place(item: pytest.Item) -> int:
        return next((n for n, start in enumerate(_LONG_WAYS) if item.nodeid.startswith(start)), len(_LONG_WAYS))

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """For ``--dist loadfile``, as ``sh dev test`` says: in our order."""
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    return _ByFile(config, log)
