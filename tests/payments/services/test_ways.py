"""WeChat's three ways to pay: the pay sheet, its page from another browser, a code on a collector's screen."""

from datetime import timedelta

import pytest
from flask import Flask

from kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from kernel.idempotency import Key
from payments.cash_desk.services import scanning
from payments.rules.attempt import AttemptState, How
from payments.rules.deposit import DepositState
from payments.services import healing, paying
from tests.factories import Factory
from tests.payments.cash_desk.conftest import Counter
from tests.payments.world import FULL, NOW

H5 = paying.Way(How.H5, "192.0.2.7")

SOON = timedelta(seconds=4)


@pytest.fixture
def desk(app: Flask, make: Factory) -> Counter:
    """The payments' world with collectors."""
    return Counter(make)


def begun(desk: Counter, deposit: str, account, way: paying.Way = paying.JSAPI, key: Key | None = None) -> paying.Begun:
    return paying.begin(deposit, account_id=account.id, actor="payer", now=NOW, way=way, key=key)


def code(desk: Counter, fen: int = FULL, *, name: str = "", who: str = "cashier", home=None, **more) -> paying.Begun:
    asked = {"amount_fen": fen, "person": "" if name else desk.owner.public_id, "name": name, "now": NOW}
    return scanning.begin((home or desk.homes[0]).public_id, **{**asked, **desk.who(who), **more})


def test_outside_wechat_the_payer_goes_to_its_page_and_is_credited_once(desk: Counter) -> None:
    account = desk.payer()
    deposit = desk.pledge(account)
    first, again = (begun(desk, deposit, account, H5) for _ in range(2))
    assert first.handoff is None
    assert (first.how, first.attempt) == (How.H5, again.attempt)
    assert first.url.startswith("https://wx.example/pay?")
    attempt = desk.attempt(first.attempt)
    assert (attempt.payer_openid, attempt.payer_ip, attempt.prepay_id) == ("", "192.0.2.7", None)
    letter = desk.gateway.pay(attempt.trade_no, now=NOW)
    for _ in range(2):
        desk.tell(letter)
    assert desk.deposit_of(attempt.trade_no).state == DepositState.PAID
    assert desk.balances() == {"at_wechat": FULL, "deposits_held": -FULL}
    assert desk.books_hold()


def test_another_way_closes_the_order_begun_before_so_that_one_can_be_paid(desk: Counter) -> None:
    account = desk.payer()
    deposit = desk.pledge(account)
    sheet = begun(desk, deposit, account)
    page = begun(desk, deposit, account, H5)
    assert page.attempt != sheet.attempt
    assert desk.attempt(sheet.attempt).state == AttemptState.CLOSED
    assert desk.attempt(page.attempt).state == AttemptState.PLACED
    back = begun(desk, deposit, account)
    assert desk.attempt(page.attempt).state == AttemptState.CLOSED
    assert back.handoff is not None


def test_who_paid_before_changing_the_way_is_told_and_credited(desk: Counter) -> None:
    account = desk.payer()
    deposit = desk.pledge(account)
    trade_no = desk.begin(account, deposit)
    desk.gateway.pay(trade_no, now=NOW)
    with pytest.raises(Conflict) as refused:
        begun(desk, deposit, account, H5)
    assert refused.value.code == "already-paid"
    assert desk.deposit_of(trade_no).state == DepositState.PAID


def test_while_the_first_order_cannot_be_closed_no_second_one_begins(desk: Counter) -> None:
    account = desk.payer()
    deposit = desk.pledge(account)
    sheet = begun(desk, deposit, account)
    desk.gateway.lose_answer("look", "before")
    with pytest.raises(Unavailable):
        begun(desk, deposit, account, H5)
    assert begun(desk, deposit, account, H5).attempt != sheet.attempt


def test_the_same_key_gives_the_same_order_also_after_a_change_of_way(desk: Counter) -> None:
    account = desk.payer()
    deposit = desk.pledge(account)
    begun(desk, deposit, account)
    key = Key("payer", "change-the-way", "0" * 64)
    first, again = (begun(desk, deposit, account, H5, key) for _ in range(2))
    assert first.attempt == again.attempt


def test_a_code_is_paid_by_whoever_scans_it_for_a_person_of_the_roster(desk: Counter) -> None:
    shown = code(desk)
    assert shown.url.startswith("weixin://wxpay/")
    view = scanning.see(shown.attempt, now=NOW, person_id=desk.people["cashier"].id)
    assert (view.paid, view.over, view.deposit.payer_account_id) == (False, False, None)
    desk.gateway.pay(view.attempt.trade_no, now=NOW)
    # No notice came: the collector's page asks.
    view = scanning.see(shown.attempt, now=NOW + SOON, person_id=desk.people["cashier"].id, ask=True)
    assert view.paid
    assert view.deposit.payer_person_id == desk.owner.id
    desk.run_jobs(NOW + SOON)
    assert len(desk.receipts()) == 1
    with pytest.raises(Conflict) as refused:
        code(desk)
    assert refused.value.code == "already-paid"
    assert desk.books_hold()


def test_a_code_of_the_same_amount_is_shown_again_and_of_another_replaces_it(desk: Counter) -> None:
    first, same, other = code(desk), code(desk), code(desk, 30_000)
    assert first.attempt == same.attempt != other.attempt
    assert desk.attempt(first.attempt).state == AttemptState.CLOSED
    view = scanning.see(first.attempt, now=NOW, person_id=desk.people["cashier"].id)
    assert view.over
    desk.gateway.pay(desk.attempt(other.attempt).trade_no, now=NOW)
    assert scanning.see(other.attempt, now=NOW + SOON, person_id=desk.people["cashier"].id, ask=True).paid
    assert desk.balances() == {"at_wechat": 30_000, "deposits_held": -30_000}


def test_an_owner_with_an_account_has_one_deposit_whichever_screen_the_code_is_on(desk: Counter) -> None:
    account = desk.make.account()
    desk.make.tie(account, desk.homes[0], person=desk.owner)
    sheet = begun(desk, desk.pledge(account), account)
    shown = code(desk)
    assert desk.attempt(sheet.attempt).state == AttemptState.CLOSED
    assert desk.attempt(shown.attempt).deposit_id == desk.attempt(sheet.attempt).deposit_id


@pytest.mark.parametrize("name", ["", "王大爷"], ids=["of the roster", "only named"])
def test_a_code_that_was_shown_is_closed_before_cash_is_taken(desk: Counter, name: str) -> None:
    shown = code(desk, name=name)
    desk.take(name=name)
    assert desk.attempt(shown.attempt).state == AttemptState.CLOSED
    assert desk.balances() == {"cash_on_hand": FULL, "deposits_held": -FULL}
    assert desk.books_hold()


def test_cash_is_not_taken_on_top_of_a_code_that_was_just_paid_or_while_nobody_knows(desk: Counter) -> None:
    shown = code(desk, name="王大爷")
    desk.gateway.lose_answer("close", "before")
    with pytest.raises(Unavailable):
        desk.take(name="王大爷")
    desk.gateway.pay(desk.attempt(shown.attempt).trade_no, now=NOW)
    with pytest.raises(Conflict, match="already-paid") as told:
        desk.take(name="王大爷")
    assert "另收一笔" in told.value.detail
    assert desk.balances() == {"at_wechat": FULL, "deposits_held": -FULL}
    # Another of the family pays as well: said knowingly, it goes.
    desk.take(name="王大妈")
    assert desk.balances()["deposits_held"] == -2 * FULL
    assert desk.books_hold()


def test_a_dwelling_has_one_code_to_scan_whoever_is_named(desk: Counter) -> None:
    shown = [code(desk, fen, name=name) for fen, name in ((FULL, "王大爷"), (FULL, "王大爷"), (30_000, "李大妈"))]
    shown.append(code(desk))
    states = [desk.attempt(one.attempt).state for one in shown]
    assert states == [AttemptState.CLOSED] * 3 + [AttemptState.PLACED]


def test_the_collectors_page_asks_wechat_only_now_and_then(desk: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, asked = code(desk), []
    monkeypatch.setattr(healing, "look", lambda attempt, **_: asked.append(attempt))
    who = desk.people["cashier"].id
    scanning.see(shown.attempt, now=NOW + timedelta(seconds=1), person_id=who, ask=True)
    assert asked == []
    scanning.see(shown.attempt, now=NOW + timedelta(seconds=4), person_id=who, ask=True)
    assert asked == [shown.attempt]


def test_a_code_is_for_collectors_of_the_place_and_amounts_make_sense(desk: Counter) -> None:
    with pytest.raises(NotAllowed):
        code(desk, who="one")
    for fen in (0, -1, 5_000_001):
        with pytest.raises(Invalid):
            code(desk, fen)
    shown = code(desk, name="王大爷")
    for person in (desk.people["one"].id, None):
        with pytest.raises(NotFound):
            scanning.see(shown.attempt, now=NOW, person_id=person)
    with pytest.raises(NotFound):
        scanning.see("nobody", now=NOW, person_id=desk.people["cashier"].id)
    assert scanning.see(shown.attempt, now=NOW + SOON, person_id=desk.people["cashier"].id, ask=True).over is False


def test_while_wechat_is_silent_a_code_stays_as_it_is(desk: Counter) -> None:
    shown = code(desk)
    desk.gateway.lose_answer("look", "before")
    view = scanning.see(shown.attempt, now=NOW + SOON, person_id=desk.people["cashier"].id, ask=True)
    assert (view.paid, view.over) == (False, False)
