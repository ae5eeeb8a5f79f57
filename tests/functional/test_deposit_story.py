"""A household pays 500 yuan over HTTP, with the sandbox playing WeChat Pay: orders, the payer's page, callbacks.

The application listens on a port of its own, so that the sandbox's callbacks come in as WeChat's do.
"""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
from flask import Flask
from werkzeug.serving import make_server

from kernel import clock, database, outbox
from kernel.web.guards import use_identity_loader
from payments import terms
from payments.models import NoticeOutcome, PaymentAttempt
from payments.rules.alarm import AlarmKind
from payments.rules.attempt import AttemptState
from payments.rules.deposit import DepositState
from payments.rules.refund import IntentState
from payments.services import checking
from portal.jobs import HANDLERS
from sandbox.testing import Running
from tests.factories import IDENTITY_HEADER, Factory, session_identity
from tests.payments.world import FULL, World
from tests.support.patience import impatient


@pytest.fixture(scope="module")
def wechat() -> Iterator[Running]:
    with Running() as running:
        running.money(refund_settles_s=10_000)
        yield running


class Story:
    """The served application, its payers as they use it, and the sandbox."""

    def __init__(self, url: str, world: World, wechat: Running) -> None:
        self.url, self.world, self.wechat = url, world, wechat
        self.http = requests.Session()
        self.http.trust_env = False

    def as_payer(self, home: int = 0) -> str:
        """A new payer of a home signs in; requests are his from now on."""
        account = self.world.payer(self.world.homes[home])
        self.world.make.signed_in(account)
        self.wechat.persona(account.openid, "付款人")
        self.http.headers[IDENTITY_HEADER] = account.public_id
        return account.public_id

    def post(self, path: str, body: dict) -> requests.Response:
        headers = {"X-Requested-By": "gongjian", "Idempotency-Key": f"key-{id(body)}-{clock.now().timestamp()}"}
        return self.http.post(self.url + path, json=body, headers=headers, timeout=120)

    def pledged(self, fen: int = FULL, home: int = 0) -> str:
        body = {"amount_fen": fen, "terms_version": terms.CURRENT}
        made = self.post(f"/api/v1/dwellings/{self.world.homes[home].public_id}/deposits", body)
        assert made.status_code == 201, made.text
        return made.json()["id"]

    def begun(self, deposit: str) -> dict[str, str]:
        made = self.post(f"/api/v1/deposits/{deposit}/attempts", {})
        assert made.status_code == 201, made.text
        return made.json()

    def status(self, deposit: str) -> dict:
        return self.http.get(f"{self.url}/api/v1/deposits/{deposit}", timeout=120).json()

    def ordered(self, home: int = 0) -> tuple[str, str]:
        """(deposit, trade number) of a payer who sees the pay sheet."""
        self.as_payer(home)
        deposit = self.pledged(home=home)
        return deposit, self.world.attempt(self.begun(deposit)["id"]).trade_no

    def jobs(self, after: timedelta = timedelta()) -> None:
        while outbox.deliver_due(HANDLERS, now=clock.now() + after):
            pass


@pytest.fixture
def story(make_app: Callable[..., Flask], wechat: Running) -> Iterator[Story]:
    given = wechat.environment
    app = make_app(
        pay_base=wechat.url,
        pay_mchid=given["WECHATPAY_MCHID"],
        pay_merchant_key_file=Path(given["WECHATPAY_MERCHANT_KEY_FILE"]),
        pay_merchant_serial=given["WECHATPAY_MERCHANT_SERIAL"],
        pay_apiv3_key=given["WECHATPAY_APIV3_KEY"],
        pay_public_key_file=Path(given["WECHATPAY_PUBLIC_KEY_FILE"]),
        pay_public_key_id=given["WECHATPAY_PUBLIC_KEY_ID"],
        wechat_app_id=given["WECHAT_APP_ID"],
        threads=16,
    )
    # Callbacks go when the test says so, else one might be on its way while the test already looks.
    wechat.hold_callbacks()
    use_identity_loader(app, session_identity)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    from payments.gateways import registry

    url = f"http://127.0.0.1:{server.server_port}"
    gateway = registry.of("wechat", given["WECHATPAY_MCHID"])
    with app.app_context():
        world = World(Factory(), gateway)
        registry.configure([gateway], base_urls={"shaoguan": url})
        told = Story(url, world, wechat)
        yield told
        told.http.close()
    server.shutdown()
    thread.join()
    server.server_close()
    wechat.reset()
    with app.app_context():
        database.dispose_engines()


def test_a_household_pays_on_the_payers_page_and_the_callback_credits_it(story: Story) -> None:
    story.as_payer()
    deposit = story.pledged()
    handoff = story.begun(deposit)["handoff"]
    sheet = {
        "appId": handoff["app_id"],
        "timeStamp": handoff["time_stamp"],
        "nonceStr": handoff["nonce"],
        "package": handoff["package"],
        "signType": handoff["sign_type"],
        "paySign": handoff["pay_sign"],
        "back": f"{story.url}/pay/{story.world.homes[0].public_id}",
    }
    shown = story.http.get(f"{story.wechat.url}/_sandbox/pay", params=sheet, timeout=120)
    assert shown.status_code == 200, "the sandbox verified paySign"
    paid = story.http.post(
        f"{story.wechat.url}/_sandbox/pay", data={**sheet, "deed": "pay"}, allow_redirects=False, timeout=120
    )
    assert paid.headers["Location"].endswith("wcpay=ok")
    story.wechat.deliver()
    story.jobs()

    told = story.status(deposit)
    assert story.world.alarms() == []
    assert (told["state"], told["amount_fen"]) == ("paid", FULL)
    receipt = story.http.get(f"{story.url}/receipt/{deposit}", timeout=120)
    assert told["receipt"]["number"] in receipt.text
    assert story.world.balances() == {"at_wechat": FULL, "deposits_held": -FULL}
    assert checking.check().holds


def test_a_changed_pay_sign_is_refused_by_the_payers_page(story: Story) -> None:
    story.as_payer()
    handoff = story.begun(story.pledged())["handoff"]
    sheet = {
        "appId": handoff["app_id"],
        "timeStamp": handoff["time_stamp"],
        "nonceStr": handoff["nonce"],
        "package": handoff["package"] + "x",
        "signType": handoff["sign_type"],
        "paySign": handoff["pay_sign"],
    }
    assert story.http.get(f"{story.wechat.url}/_sandbox/pay", params=sheet, timeout=120).status_code == 400


@pytest.mark.parametrize("how", ["twice", "concurrent", "probe_first", "forge_first"])
def test_a_callback_however_it_comes_counts_once(story: Story, how: str) -> None:
    _, trade_no = story.ordered()
    story.wechat.next_callback(how, **({"kind": "wrong_key"} if how == "forge_first" else {}))
    story.wechat.pay(trade_no)
    story.wechat.deliver()
    tries = story.wechat.callbacks(trade_no)[0]["attempts"]
    assert [one["accepted"] for one in tries] == (
        [False, True] if how.endswith("first") else [True] * (2 if how in ("twice", "concurrent") else 1)
    )
    assert all(one["status"] in (204, 400) for one in tries)
    assert story.world.balances() == {"at_wechat": FULL, "deposits_held": -FULL}


def test_a_lost_callback_is_healed_by_the_job(story: Story) -> None:
    deposit, trade_no = story.ordered()
    story.wechat.next_callback("lost")
    story.wechat.pay(trade_no)
    story.wechat.deliver()
    assert story.world.balances() == {}
    story.jobs(after=timedelta(seconds=31))
    story.jobs()
    assert story.world.deposit_of(trade_no).state == DepositState.PAID
    assert story.world.receipts() != []
    assert story.status(deposit)["state"] == "paid"


def test_a_late_callback_after_the_job_asked_changes_nothing(story: Story) -> None:
    _, trade_no = story.ordered()
    story.wechat.next_callback("late", seconds=3600)
    story.wechat.pay(trade_no)
    story.jobs(after=timedelta(seconds=31))
    assert story.wechat.advance(3601) == 1
    assert story.wechat.callbacks(trade_no)[0]["state"] == "delivered"
    assert story.world.balances() == {"at_wechat": FULL, "deposits_held": -FULL}


def test_every_forged_letter_gets_a_4xx_and_every_odd_one_is_kept_and_not_credited(story: Story) -> None:
    _, trade_no = story.ordered()
    story.wechat.pay(trade_no)
    for kind in story.wechat.kinds("refuse"):
        said = story.wechat.send_callback(trade_no, kind)
        assert 400 <= said["status"] < 500, (kind, said)
        assert not said["accepted"]
    for kind in story.wechat.kinds("keep"):
        said = story.wechat.send_callback(trade_no, kind)
        assert said["status"] == 204, (kind, said)
        assert story.world.balances() == {}, kind
    kinds = {kind for kind, _, _ in story.world.alarms()}
    assert kinds == {AlarmKind.MISMATCH, AlarmKind.UNMATCHED}
    assert checking.check().holds


def test_a_notice_longer_than_any_is_refused_unread(story: Story) -> None:
    said = story.http.post(f"{story.url}/payments/wechat/notices", data=b"x" * (65 << 10), timeout=120)
    assert said.status_code == 413


def test_a_notice_that_cannot_be_stored_gets_a_5xx_and_comes_again(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    from payments.services import crediting

    _, trade_no = story.ordered()
    story.wechat.pay(trade_no)

    def broken(*_args: object, **_more: object) -> NoticeOutcome:
        raise RuntimeError("no room")

    with monkeypatch.context() as fault:
        fault.setattr(crediting, "take_notice", broken)
        assert story.wechat.send_callback(trade_no)["status"] == 500
    assert story.wechat.send_callback(trade_no)["status"] == 204
    assert story.world.balances() == {"at_wechat": FULL, "deposits_held": -FULL}


def test_wechat_silent_while_ordering_says_so_and_the_next_tap_goes_on(story: Story) -> None:
    story.as_payer()
    deposit = story.pledged()
    story.wechat.fault("pay.jsapi", "timeout", seconds=2)
    with impatient():
        said = story.post(f"/api/v1/deposits/{deposit}/attempts", {})
    assert (said.status_code, said.json()["code"]) == (503, "wechat-pay-unreachable")
    attempt = story.begun(deposit)["id"]
    story.wechat.pay(story.world.attempt(attempt).trade_no)
    story.wechat.deliver()
    assert len(story.wechat.orders()) == 1
    assert story.status(deposit)["state"] == "paid"


def test_a_second_success_goes_back_through_wechat_once(story: Story) -> None:
    deposit, first = story.ordered()
    # We believe the first attempt closed (as when WeChat's word of it is wrong); WeChat still takes money for it.
    give_up(first)
    second = story.world.attempt(story.begun(deposit)["id"]).trade_no
    assert second != first
    story.wechat.pay(second)
    story.wechat.pay(first)
    story.wechat.deliver()
    assert story.world.balances() == {"at_wechat": 2 * FULL, "deposits_held": -FULL, "to_refund": -FULL}

    story.wechat.fault("pay.refund", "cut")
    story.jobs()
    story.jobs(after=timedelta(minutes=1))
    story.wechat.settle_refund(f"{story.world.refunds()[0].refund_no}")
    story.wechat.deliver()
    assert story.world.refunds()[0].state == IntentState.DONE
    assert story.world.balances() == {"at_wechat": FULL, "deposits_held": -FULL}
    assert len(story.wechat.calls("pay.refund")) >= 2
    assert [story.wechat.order(number)["trade_state"] for number in (first, second)].count("REFUND") == 1
    assert checking.check().holds


@database.use_case
def give_up(trade_no: str) -> None:
    """Close an attempt with us only."""
    with database.transaction() as session:
        session.execute(
            sa.update(PaymentAttempt).where(PaymentAttempt.trade_no == trade_no).values(state=AttemptState.CLOSED)
        )
