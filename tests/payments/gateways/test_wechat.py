"""What the WeChat adapter adds to its library: caution with answers and with notices."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from kernel import clock
from payments.gateways.port import Refused, Rejected, Unknown
from payments.gateways.wechat import WeChatGateway
from payments.rules.trade import TradeState
from sandbox.letters import KINDS
from sandbox.testing import Running
from tests.contracts.test_payment_gateway import PAYER, a_refund, an_order, wechat_gateway
from tests.support.patience import impatient


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with Running() as running:
        running.persona(PAYER, "网关测试")
        running.hold_callbacks()
        yield running


@pytest.fixture(scope="module")
def gateway(sandbox: Running) -> WeChatGateway:
    return wechat_gateway(sandbox)


def test_every_kind_of_bad_letter_is_refused_and_causes_no_call(sandbox: Running, gateway: WeChatGateway) -> None:
    order = an_order()
    gateway.place(order)
    sandbox.pay(order.trade_no)
    before = len(sandbox.calls())
    believed = []
    for kind in sandbox.kinds("refuse"):
        headers, raw = sandbox.write_callback(order.trade_no, kind)
        try:
            gateway.read(headers, raw, now=clock.now())
        except Refused:
            continue
        believed.append(kind)
    assert believed == []
    assert len(sandbox.kinds("refuse")) >= 14
    assert len(sandbox.calls()) == before, "a stranger's request never makes us call out"


@pytest.mark.parametrize("kind", sorted(kind for kind, about in KINDS.items() if about.must != "refuse"))
def test_a_rightly_sealed_letter_is_read_whatever_it_says(sandbox: Running, gateway: WeChatGateway, kind: str) -> None:
    order = an_order()
    gateway.place(order)
    sandbox.pay(order.trade_no)
    notice = gateway.read(*sandbox.write_callback(order.trade_no, kind), now=clock.now())
    assert notice.id


@pytest.mark.parametrize(
    "fault",
    ["cut", "half_body", "500", "429", "unsigned", "bad_signature", "stale_signature", "unknown_serial", "not_json"],
)
def test_an_answer_that_cannot_be_believed_leaves_the_outcome_unknown(
    sandbox: Running, gateway: WeChatGateway, fault: str
) -> None:
    order = an_order()
    sandbox.fault("pay.jsapi", fault)
    with pytest.raises(Unknown):
        gateway.place(order)
    assert gateway.place(order), "the very same order again is how it heals"


def test_a_silent_service_is_given_up_in_a_request(sandbox: Running, gateway: WeChatGateway) -> None:
    order = an_order()
    sandbox.fault("pay.jsapi", "timeout", seconds=2)
    with impatient(), pytest.raises(Unknown):
        gateway.place(order, patience="request")
    assert gateway.look(order.trade_no).state is TradeState.NOT_PAID


def test_a_refusal_carries_the_services_own_code_and_no_address(sandbox: Running, gateway: WeChatGateway) -> None:
    sandbox.fault("pay.jsapi", "answer", status=403, answer={"code": "NO_AUTH", "message": "https://x?secret=1"})
    with pytest.raises(Rejected) as refusal:
        gateway.place(an_order())
    assert refusal.value.code == "NO_AUTH"
    assert "secret" not in str(refusal.value)


def test_a_try_later_is_unknown_whatever_its_status(sandbox: Running, gateway: WeChatGateway) -> None:
    sandbox.fault("pay.jsapi", "answer", status=400, answer={"code": "SYSTEM_ERROR", "message": ""})
    with pytest.raises(Unknown):
        gateway.place(an_order())


def test_an_answer_about_another_order_is_not_taken_for_ours(
    sandbox: Running, gateway: WeChatGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = an_order()
    gateway.place(order)
    client = gateway._pay["request"]
    real = client.query
    monkeypatch.setattr(client, "query", lambda out_trade_no: real(out_trade_no=order.trade_no))
    with pytest.raises(Unknown):
        gateway.look("ANOTHERNUMBER01")


def test_a_merchant_with_the_wrong_key_is_refused_by_the_service_and_told_so(sandbox: Running) -> None:
    stranger = wechat_gateway(sandbox, certificate_serial="5157F09EFDC096DE15EBE81A47057A7232F1B8E1")
    with pytest.raises(Rejected) as refusal:
        stranger.place(an_order())
    assert refusal.value.code == "SIGN_ERROR"


def test_a_short_apiv3_key_stops_the_start(sandbox: Running) -> None:
    with pytest.raises(ValueError, match="WECHATPAY_APIV3_KEY"):
        wechat_gateway(sandbox, apiv3_key="short")


def test_a_merchant_balance_that_is_short_is_told_by_its_code(sandbox: Running, gateway: WeChatGateway) -> None:
    order = an_order()
    gateway.place(order)
    sandbox.pay(order.trade_no)
    sandbox.money(balance_fen=0)
    try:
        with pytest.raises(Rejected) as refusal:
            gateway.refund(a_refund(order))
        assert refusal.value.code == "NOT_ENOUGH"
    finally:
        sandbox.money(balance_fen=None)


def test_an_order_expires_at_the_second_we_said(sandbox: Running, gateway: WeChatGateway) -> None:
    order = replace(an_order(), expires_at=clock.now() + timedelta(days=3))
    gateway.place(order)
    asked = sandbox.order(order.trade_no)
    assert order.expires_at.astimezone(clock.CHINA).isoformat(timespec="seconds") in str(asked)
