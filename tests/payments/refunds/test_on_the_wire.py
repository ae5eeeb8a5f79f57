"""The same over HTTP with the sandbox as WeChat Pay: accepted is not done, a minute between two refunds, one number."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from kernel import clock
from payments.gateways import registry
from payments.rules.deposit import DepositState
from payments.rules.giving_back import RequestState
from sandbox.testing import Running
from tests.contracts.test_payment_gateway import wechat_gateway
from tests.factories import Factory
from tests.payments.refunds.conftest import Desk

R = RequestState


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with Running() as running:
        running.hold_callbacks()
        running.money(refund_settles_s=10_000)
        yield running


@pytest.fixture
def wired(app: Flask, make: Factory, sandbox: Running) -> tuple[Desk, str]:
    """A request for a deposit paid on the wire, with one approval."""
    desk = Desk(make, wechat_gateway(sandbox))
    registry.configure([desk.gateway], base_urls={"shaoguan": "http://127.0.0.1:9"})
    account = desk.payer()
    sandbox.persona(account.openid, "付款人")
    now = clock.now()
    trade_no = desk.begin(account, desk.pledge(account, now=now), now=now)
    sandbox.pay(trade_no)
    desk.tell(sandbox.write_callback(trade_no), now=clock.now())
    request = desk.ask(desk.deposit_of(trade_no), account, now=now)
    desk.approve(request, "one", now=now)
    return desk, request


def test_a_deposit_goes_back_through_the_wire_and_a_lost_answer_sends_it_once(
    wired: tuple[Desk, str], sandbox: Running
) -> None:
    desk, request = wired
    now = clock.now()
    assert desk.approve(request, "two", now=now) is R.SENDING
    sandbox.fault("pay.refund", "cut")
    desk.run_jobs(now)
    desk.run_jobs(now + timedelta(minutes=2))
    number = desk.number(request)
    assert desk.request(request).state == R.SENDING
    sandbox.settle_refund(number, "SUCCESS")
    letter = sandbox.write_callback(number)
    for _ in range(3):
        desk.tell(letter, now=clock.now())
    assert desk.deposit(request).state == DepositState.REFUNDED
    assert [kind for kind, _ in desk.entries()].count("refund_done") == 1
    assert desk.books_hold()


@pytest.mark.parametrize("outcome", ["ABNORMAL", "CLOSED"])
def test_what_the_wire_cannot_send_waits_for_a_person(wired: tuple[Desk, str], sandbox: Running, outcome: str) -> None:
    desk, request = wired
    now = clock.now()
    desk.approve(request, "two", now=now)
    desk.run_jobs(now)
    number = desk.number(request)
    sandbox.settle_refund(number, outcome)
    desk.tell(sandbox.write_callback(number), now=clock.now())
    assert desk.request(request).state == R.FAILED
    assert desk.deposit(request).state == DepositState.REFUND_FAILED
    assert desk.books_hold()


def test_a_busy_service_is_asked_again_under_the_same_number(wired: tuple[Desk, str], sandbox: Running) -> None:
    desk, request = wired
    now = clock.now()
    desk.approve(request, "two", now=now)
    sandbox.fault("pay.refund", "429")
    desk.run_jobs(now)
    assert desk.request(request).state == R.SENDING
    desk.run_jobs(now + timedelta(minutes=2))
    sandbox.settle_refund(desk.number(request), "SUCCESS")
    desk.run_jobs(now + timedelta(days=1))
    assert desk.request(request).state == R.REFUNDED
    assert desk.books_hold()
