"""News of a refund is believed only about that refund: its merchant, its payment, its amount."""

from dataclasses import replace

import pytest
from flask import Flask

from payments.gateways.port import Notice
from payments.models import NoticeOutcome
from payments.rules.alarm import AlarmKind
from payments.rules.trade import Refund
from payments.services import crediting
from tests.factories import Factory
from tests.payments.refunds.conftest import LATER, Desk


@pytest.fixture
def desk(app: Flask, make: Factory) -> Desk:
    """An estate that collects, with its staff."""
    return Desk(make)


def sent(desk: Desk) -> tuple[str, Refund]:
    """A request whose refund the service is at; what the service will say once it is done."""
    request = desk.asked()
    desk.approve(request)
    desk.run_jobs(LATER)
    told = desk.gateway.read(*desk.gateway.finish_refund(desk.number(request), now=LATER), now=LATER).refund
    assert told is not None
    return request, told


def tell(desk: Desk, told: Refund) -> NoticeOutcome:
    """The service says it in a notice of its own."""
    return crediting.take_notice("wechat", Notice("EV-1", {"said": repr(told)}, refund=told), now=LATER)


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("merchant_id", "1900000002"),
        ("merchant_id", None),
        ("trade_no", "SOMEBODYELSES01"),
        ("trade_no", None),
        ("refund_fen", 1),
        ("refund_fen", None),
    ],
)
def test_news_of_anothers_refund_under_this_number_moves_nothing(desk: Desk, fact: str, value: object) -> None:
    request, told = sent(desk)
    before = desk.balances()
    assert tell(desk, replace(told, **{fact: value})) is NoticeOutcome.MISMATCH
    assert desk.request(request).state == "sending"
    assert desk.balances() == before
    assert (AlarmKind.MISMATCH, told.refund_no, (fact,)) in desk.alarms()
    # The genuine news still arrives.
    assert tell(desk, told) is NoticeOutcome.REFUND
    assert desk.request(request).state == "refunded"
    assert desk.books_hold()
