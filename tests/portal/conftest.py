"""Fixtures of the portal's tests: the product beside a running sandbox, and a browser that walks through it."""

import uuid
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from sandbox.testing import Running


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Running]:
    """One sandbox for the whole test process."""
    with Running() as sandbox:
        yield sandbox


@pytest.fixture
def wechat(running_sandbox: Running) -> Running:
    """The sandbox, with nothing remembered."""
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def product_app(make_app: Callable[..., Flask], wechat: Running) -> Iterator[Flask]:
    """The application wired to the sandbox, as in a deployment; nobody is signed in by a test's trick."""
    app = make_app(
        wechat_app_id=wechat.settings.app_id,
        wechat_app_secret=wechat.settings.app_secret,
        wechat_api_base=wechat.url,
        wechat_open_base=wechat.url,
        sms_base=wechat.url,
        sms_key=wechat.settings.sms_key,
    )
    with app.app_context():
        yield app


class Phone:
    """A browser that follows the way to WeChat and back, step by step."""

    def __init__(self, app: Flask, wechat: Running) -> None:
        self.web: FlaskClient = app.test_client()
        self.wechat = wechat
        self.write = {"X-Requested-By": "gongjian"}

    def leave(self, next_path: str = "/") -> str:
        """Open the sign-in; the address at WeChat it leads to."""
        answer = self.web.get("/signin", query_string={"next": next_path})
        assert answer.status_code == 302, answer.text
        return answer.location

    def choose(self, address: str, openid: str, manner: str = "user") -> str:
        """Be somebody on WeChat's page; the address it sends the browser back to (path and query)."""
        self.wechat.sign_in_as(openid, manner)
        answer = requests.get(address.split("#")[0], allow_redirects=False, timeout=60)
        assert answer.status_code in (302, 303), answer.text
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"

    def sign_in(self, openid: str, next_path: str = "/", manner: str = "user"):
        """The whole way; the last answer."""
        return self.web.get(self.choose(self.leave(next_path), openid, manner))

    def signed_in(self) -> bool:
        """Whether a page for residents opens."""
        return self.web.get("/api/v1/sessions").status_code == 200

    def post(self, path: str, body: dict | None = None, key: str | None = None):
        """A write as our pages send it."""
        headers = {**self.write, "Idempotency-Key": key or str(uuid.uuid4())}
        return self.web.post(path, json=body or {}, headers=headers)


def query_of(address: str) -> dict[str, str]:
    """The query of an address, one value a name."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.fixture
def phone(product_app: Flask, wechat: Running) -> Phone:
    """A phone nobody has used yet."""
    return Phone(product_app, wechat)
