"""Fixtures every test may ask for: a PostgreSQL server, the running product, a phone to visit it with.

Listed in ``tests/conftest.py`` (``pytest_plugins``). Nothing starts before it is asked for.
"""

import gc
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.live import Live, NotStarted
from tests.support.needs import cannot_run
from tests.support.postgres import NoPostgres, Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.browser import Phone

_FAILED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--all``: what a usual run samples (crash points, made-up input) is done completely."""
    parser.addoption("--all", action="store_true", help="crash at every step instead of at a few, and make up more")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end: the garbage collector need not read it again and again (a tenth of a run)."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


@pytest.fixture(scope="session")
def completely(request: pytest.FixtureRequest) -> bool:
    """Whether this run leaves nothing to chance (``--all``)."""
    return bool(request.config.getoption("--all"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remembers that the test itself failed, for fixtures that keep a picture then."""
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """One PostgreSQL server of this test process (one per xdist worker)."""
    try:
        server = Server().start()
    except NoPostgres as error:
        cannot_run(str(error))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The demo city running under gunicorn with the sandbox and the job runner, on SQLite; shared by the stories."""
    try:
        running = Live(tmp_path_factory.mktemp("live", numbered=True)).start()
    except NotStarted as error:
        pytest.fail(f"the product does not start: {error}", pytrace=False)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """One Chromium of this test process."""
    from tests.support.browser import NoBrowser, launch

    opened = launch()
    try:
        started = opened.__enter__()
    except NoBrowser as error:
        cannot_run(str(error))
    yield started
    opened.__exit__(None, None, None)


@pytest.fixture
def open_phone(browser: "Browser", request: pytest.FixtureRequest) -> Iterator[Callable[..., "Phone"]]:
    """``open_phone(base_url, width=375, look="normal"|"large"|"dark", …) -> Phone``; closed at the end.

    The test fails when a page complained (an uncaught error, a refusal by the content security policy); when it fails
    for another reason, a picture of each phone is kept in var/screenshots.
    """
    from tests.support.browser import Phone, screenshot

    phones: list[Phone] = []

    def opener(base_url: str, **options: Any) -> Phone:
        phones.append(Phone(browser, base_url, **options))
        return phones[-1]

    yield opener
    failed = request.node.stash.get(_FAILED, False)
    complaints: list[str] = []
    for number, phone in enumerate(phones, 1):
        complaints += phone.complaints
        if failed and not phone.page.is_closed():
            screenshot(phone.page, f"{request.node.name}-{number}")
        phone.close()
    assert not complaints, "; ".join(complaints)


@pytest.fixture
def phone(open_phone: Callable[..., "Phone"], live: Live) -> "Phone":
    """A 375 px phone in WeChat, in front of the running demo city, signed in to nothing yet."""
    return open_phone(live.url)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return Path(__file__).resolve().parents[2]
