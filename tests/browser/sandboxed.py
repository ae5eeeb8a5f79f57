"""Fixtures of browser tests that pay: the sandbox as WeChat, and the application as its merchant."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from kernel.web.guards import use_identity_loader
from sandbox.testing import Running
from tests.factories import session_identity


@pytest.fixture(scope="module")
def wechat() -> Iterator[Running]:
    """A sandbox of the module's own."""
    with Running() as running:
        yield running


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Pages are the same on either database."""
    return sqlite_url


@pytest.fixture
def app(make_app: Callable[..., Flask], wechat: Running) -> Iterator[Flask]:
    """The application as a merchant of the sandbox."""
    given = wechat.environment
    app = make_app(
        pay_base=wechat.url,
        sandbox_url=wechat.url,
        pay_mchid=given["WECHATPAY_MCHID"],
        pay_merchant_key_file=Path(given["WECHATPAY_MERCHANT_KEY_FILE"]),
        pay_merchant_serial=given["WECHATPAY_MERCHANT_SERIAL"],
        pay_apiv3_key=given["WECHATPAY_APIV3_KEY"],
        pay_public_key_file=Path(given["WECHATPAY_PUBLIC_KEY_FILE"]),
        pay_public_key_id=given["WECHATPAY_PUBLIC_KEY_ID"],
        wechat_app_id=given["WECHAT_APP_ID"],
        threads=16,
    )
    use_identity_loader(app, session_identity)
    with app.app_context():
        yield app
    wechat.reset()
