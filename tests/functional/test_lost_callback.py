"""A payment nobody told us of, found the next morning in WeChat's bill: over the wire, with the real library."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask

from kernel import clock
from payments.gateways import registry
from payments.services import checking
from sandbox.testing import Running
from tests.factories import Factory
from tests.payments.world import World
from tests.support.merchants import merchant_of


@pytest.fixture(scope="module")
def wechat() -> Iterator[Running]:
    with Running() as running:
        yield running


@pytest.fixture
def app(make_app: Callable[..., Flask], wechat: Running) -> Iterator[Flask]:
    """The application as a merchant of the sandbox."""
    wechat.reset()
    app = make_app(threads=16, **merchant_of(wechat))
    with app.app_context():
        yield app


def test_a_payment_whose_callback_was_lost_is_found_in_the_bill_and_credited_once(
    app: Flask, make: Factory, wechat: Running
) -> None:
    now = clock.now()
    yesterday = clock.china_day(now) - timedelta(days=1)
    gateway = registry.of("wechat", wechat.environment["WECHATPAY_MCHID"])
    world = World(make, gateway, now=now - timedelta(days=3))  # type: ignore[arg-type]
    registry.configure([gateway], base_urls={"shaoguan": "http://127.0.0.1:9"})
    accounts = [world.payer(), world.payer(world.homes[1])]
    for account in accounts:
        wechat.persona(account.openid, "陈秀英")
    wechat.hold_callbacks()
    wechat.post("clock", at=clock.china_moment(yesterday, 12).isoformat())
    numbers = []
    for account, home in zip(accounts, world.homes, strict=False):
        deposit = world.pledge(account, home, now=now)
        numbers.append(world.begin(account, deposit, now=now))
    for number in numbers:
        wechat.pay(number)

    def reconcile():
        arguments = ["payments", "reconcile", "--date", yesterday.isoformat(), "--json"]
        return app.test_cli_runner().invoke(args=arguments)

    early = reconcile()
    assert early.exit_code == 2
    assert "10 点" in early.output
    assert world.entries() == []

    wechat.post("clock", at=(clock.china_moment(yesterday, 12) + timedelta(days=1)).isoformat())
    wechat.fault("pay.tradebill", "wrong_hash")
    refused = reconcile()
    assert refused.exit_code == 2
    assert "SHA1" in refused.output
    assert world.entries() == []

    done = reconcile()
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert (told["rows"], told["matched"], told["healed"], told["waiting"]) == (2, 2, 2, 0)
    assert world.entries() == sorted(("deposit_paid", number) for number in numbers)
    assert {one["state"] for one in told["differences"]} == {"healed"}
    again = json.loads(reconcile().output)
    assert (again["matched"], again["healed"]) == (2, 0)
    world.run_jobs(clock.now())
    assert len(world.receipts()) == 2
    assert checking.check().differences == []
