"""Pages in a real browser, on a city a test makes itself: the app in a thread, visitors who are already signed in."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.serving import WSGIRequestHandler, make_server

from kernel.people.models import Account
from tests.factories import IDENTITY_HEADER, Factory
from tests.support.browser import Phone


class _Quiet(WSGIRequestHandler):
    """Keeps one line a request out of the test's output."""

    def log_request(self, *args: Any, **named: Any) -> None:
        """Nothing to say."""


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The address of the app of this test, served from a thread."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def visit(served: str, make: Factory, open_phone: Callable[..., Phone]) -> Iterator[Callable[..., Phone]]:
    """``visit(account=None, size="normal", on=None, **phone options) -> Phone`` signed in as ``account``.

    ``size``: normal | large | xlarge, as the 大字 switch leaves it. ``on``: another browser than the shared one.
    """

    others: list[Phone] = []

    def opener(
        account: Account | None = None, *, size: str = "normal", on: Browser | None = None, **options: Any
    ) -> Phone:
        if account is not None:
            make.signed_in(account)
            options["extra_http_headers"] = {IDENTITY_HEADER: account.public_id}
        phone = open_phone(served, **options) if on is None else Phone(on, served, **options)
        if on is not None:
            others.append(phone)
        phone.context.add_cookies([{"name": "type", "value": size, "url": served}])
        return phone

    yield opener
    for phone in others:
        phone.close()
    assert [complaint for phone in others for complaint in phone.complaints] == []
