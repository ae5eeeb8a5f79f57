"""A sandbox for the folder's tests, started once a file and forgotten between tests."""

from collections.abc import Iterator

import pytest
import requests

from sandbox.testing import Running
from tests.sandbox.support import Merchant, Official, Receiver


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with Running(merchant_name="测试商户") as wechat:
        yield wechat


@pytest.fixture
def wechat(running: Running) -> Running:
    running.reset()
    return running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def merchant(wechat: Running, receiver: Receiver) -> Merchant:
    return Merchant(wechat, receiver.url)


@pytest.fixture
def official(wechat: Running) -> Iterator[Official]:
    client = Official(wechat)
    yield client
    client._http.close()


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session
