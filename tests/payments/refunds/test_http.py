"""Over HTTP: the payer asks and watches, two officers approve, a cashier transfers; everybody else finds nothing."""

from datetime import timedelta

import pytest
from flask import Flask

from kernel import clock
from kernel.database import reading
from payments.publications.queries import waiting_movements
from payments.queries import collection_of
from payments.refunds.services import transferring
from payments.rules.trade import RefundState
from tests.factories import Factory
from tests.payments.refunds.conftest import Desk
from tests.payments.world import FULL, NOW


@pytest.fixture
def clients(app: Flask, make: Factory, desk: Desk):
    """The payer of a paid deposit, three officers, a cashier, a neighbour: a signed-in client each."""
    deposit, account = desk.held()
    found = {name: make.signed_in(make.account(name)) for name in ("one", "two", "three", "cashier")}
    found["payer"], found["neighbour"] = make.signed_in(account), make.signed_in(desk.payer(desk.homes[1]))
    found["deposit"] = deposit.public_id
    return found


@pytest.fixture(autouse=True)
def today():
    """All of it happens within the year."""
    with clock.at(NOW + timedelta(days=30)):
        yield


def asked(clients, reason: str | None = None) -> str:
    answer = clients["payer"].post(f"/api/v1/deposits/{clients['deposit']}/refund-requests", json={"reason": reason})
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def status(clients) -> dict:
    return clients["payer"].get(f"/api/v1/deposits/{clients['deposit']}/refund-requests").json


def test_the_whole_way_back_as_payer_and_staff_see_it(clients, desk: Desk) -> None:
    payer = clients["payer"]
    receipt = payer.get(f"/receipt/{clients['deposit']}").text
    assert f'href="/refund/{clients["deposit"]}"' in receipt
    page = payer.get(f"/refund/{clients['deposit']}").text
    assert "申请退还 500.00 元" in page
    assert status(clients)["may_ask"] is True
    request = asked(clients, "moved")
    assert "申请已收到" in payer.get(f"/refund/{clients['deposit']}").text
    listed = clients["one"].get("/work/refunds").text
    assert "1 笔待办" in listed
    address = f"/work/refunds/{desk.estate.public_id}"
    work = clients["one"].get(address).text
    for words in ("房子卖了或搬走了", "微信原路退回", "还有 335 天可以原路退", desk.receipts()[0]):
        assert words in work
    approve = f"/api/v1/refund-requests/{request}/approval"
    assert clients["one"].post(approve, json={}).json == {"state": "checked"}
    assert "请另一位工作人员核准" in clients["one"].get(address).text
    assert clients["one"].post(approve, json={}).status_code == 403
    assert clients["two"].post(approve, json={}).json == {"state": "sending"}
    assert "微信退款中" in payer.get(f"/refund/{clients['deposit']}").text
    desk.run_jobs(clock.now())
    desk.tell(desk.gateway.finish_refund(desk.number(request), now=clock.now()), now=clock.now())
    told = status(clients)
    assert (told["state"], told["word"], told["may_ask"], told["may_cancel"]) == ("refunded", "已退回", False, False)
    assert told["done_at"].endswith("+08:00")
    assert "已退到您的微信" in payer.get(f"/refund/{clients['deposit']}").text
    assert "已原路退回" in clients["one"].get(address).text


def test_a_failed_refund_is_transferred_and_the_account_is_seen_by_the_cashier_alone(clients, desk: Desk) -> None:
    request = asked(clients)
    for name in ("one", "two"):
        clients[name].post(f"/api/v1/refund-requests/{request}/approval", json={})
    desk.run_jobs(clock.now())
    desk.tell(
        desk.gateway.finish_refund(desk.number(request), now=clock.now(), state=RefundState.ABNORMAL), now=clock.now()
    )
    assert "带本人的银行卡" in clients["payer"].get(f"/refund/{clients['deposit']}").text
    one = f"/api/v1/refund-requests/{request}"
    body = {"name": "陈秀英", "bank": "韶关农商银行", "account": "6228 4800 1234 5678"}
    assert clients["one"].post(f"{one}/payee", json={**body, "account": "12 34 56 7x"}).status_code == 422
    assert clients["one"].post(f"{one}/payee", json=body).json == {"state": "to_transfer"}
    for name, address in (
        ("one", f"/work/refunds/{desk.estate.public_id}"),
        ("payer", f"/refund/{clients['deposit']}"),
    ):
        page = clients[name].get(address)
        assert page.status_code == 200
        assert "6228480012345678" not in page.text
    seen = clients["cashier"].get("/work/transfers").text
    assert "6228480012345678" in seen
    assert clients["one"].post(f"{one}/transfer", json={"voucher_no": "HD-1"}).status_code == 403
    assert clients["cashier"].post(f"{one}/transfer", json={"voucher_no": "HD-1"}).json == {"state": "transferred"}
    assert "没有待转账" in clients["cashier"].get("/work/transfers").text
    assert "已转账" in clients["payer"].get(f"/refund/{clients['deposit']}").text
    assert clients["two"].post(f"{one}/confirmation", json={"arrived": True}).json == {"state": "refunded_offline"}
    assert "已退到您的银行账户" in clients["payer"].get(f"/refund/{clients['deposit']}").text
    assert desk.books_hold()


def test_pressing_twice_asks_once_and_a_cancelled_request_can_be_asked_anew(clients) -> None:
    url = f"/api/v1/deposits/{clients['deposit']}/refund-requests"
    made = {clients["payer"].post(url, json={"reason": None}, key="k" * 20).json["id"] for _ in range(2)}
    assert len(made) == 1
    assert clients["payer"].post(url, json={"reason": "other"}, key="k" * 20).status_code == 422
    cancel = f"/api/v1/refund-requests/{made.pop()}/cancellation"
    assert clients["neighbour"].post(cancel, json={}).status_code == 404
    assert clients["payer"].post(cancel, json={}).status_code == 200
    assert status(clients)["may_ask"] is True
    asked(clients)


def test_a_refusal_is_read_with_its_reason(clients) -> None:
    request = asked(clients)
    answer = clients["one"].post(f"/api/v1/refund-requests/{request}/refusal", json={"why": "收据与本人不符"})
    assert answer.json == {"state": "refused"}
    page = clients["payer"].get(f"/refund/{clients['deposit']}").text
    assert "收据与本人不符" in page
    assert "申请退还 500.00 元" in page


def test_a_batch_and_an_entry_for_somebody_with_his_receipt(clients, desk: Desk) -> None:
    first = asked(clients)
    desk.held(desk.homes[2])
    url = f"/api/v1/estates/{desk.estate.public_id}/refund-requests"
    assert clients["three"].post(url, json={"receipt_number": "2026-999999"}).status_code == 404
    second = clients["three"].post(url, json={"receipt_number": desk.receipts()[1], "reason": "not_listed"})
    assert second.status_code == 201, second.json
    page = clients["one"].get(f"/work/refunds/{desk.estate.public_id}").text
    assert "2 笔，1,000.00 元" in page
    body = {"requests": [first, second.json["id"]], "total_fen": 2 * FULL}
    url = "/api/v1/refund-approvals"
    assert clients["one"].post(url, json={**body, "total_fen": FULL}).status_code == 409
    assert clients["one"].post(url, json=body).json == {"checked": 2, "released": 0, "failed": []}
    told = clients["three"].post(url, json=body).json
    assert (told["released"], [one["id"] for one in told["failed"]]) == (1, [second.json["id"]])
    assert clients["two"].post(url, json={**body, "requests": body["requests"][1:], "total_fen": FULL}).json == {
        "checked": 0,
        "released": 1,
        "failed": [],
    }
    assert desk.books_hold()


def test_a_conversion_is_previewed_proposed_agreed_and_told_to_the_household(clients, desk: Desk) -> None:
    url = f"/api/v1/estates/{desk.estate.public_id}/conversions"
    seen = clients["one"].get(f"{url}?due_fen=30000").json
    assert seen == {"deposits": 1, "amount_fen": 30_000, "rest_fen": 20_000}
    body = {"basis": "2026 年改造计划", "due_fen": 30_000, "total_fen": 30_000}
    made = clients["one"].post(url, json=body)
    assert made.status_code == 201, made.json
    decide = f"/api/v1/conversions/{made.json['id']}/decision"
    assert "复核同意" not in clients["one"].get(f"/work/refunds/{desk.estate.public_id}").text
    assert "复核同意" in clients["two"].get(f"/work/refunds/{desk.estate.public_id}").text
    assert clients["one"].post(decide, json={"agree": True}).status_code == 403
    assert clients["two"].post(decide, json={"agree": True}).status_code == 200
    desk.run_jobs(clock.now())
    page = clients["payer"].get(f"/refund/{clients['deposit']}").text
    assert "300.00 元已转为您家的改造出资" in page
    assert "200.00 元" in page
    assert "已办完" in clients["one"].get(f"/work/refunds/{desk.estate.public_id}").text
    assert desk.books_hold()


def test_nobody_else_gets_in(clients, desk: Desk, make: Factory) -> None:
    request = asked(clients)
    neighbour, deposit = clients["neighbour"], clients["deposit"]
    assert neighbour.get(f"/refund/{deposit}").status_code == 404
    assert neighbour.get(f"/api/v1/deposits/{deposit}/refund-requests").status_code == 404
    assert neighbour.post(f"/api/v1/deposits/{deposit}/refund-requests", json={}).status_code == 404
    for path in ("/work/refunds", f"/work/refunds/{desk.estate.public_id}", "/work/transfers"):
        assert neighbour.get(path).status_code == 403
    assert clients["cashier"].get("/work/refunds").status_code == 403
    assert clients["one"].get("/work/transfers").status_code == 403
    far = make.account("far")
    make.grant(far, "street_officer", make.place("street", make.place("district", make.city())))
    stranger = make.signed_in(make.account("far"))
    assert stranger.get(f"/work/refunds/{desk.estate.public_id}").status_code == 403
    assert stranger.post(f"/api/v1/refund-requests/{request}/approval", json={}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"requests": [], "total_fen": 1},
        {"requests": ["x"], "total_fen": 1},
        {"requests": ["a" * 22], "total_fen": 0},
        {"requests": ["a" * 22], "total_fen": 10**30},
        {"requests": ["a" * 22], "total_fen": "1"},
        {"requests": ["a" * 22] * 501, "total_fen": 1},
        {"requests": ["a" * 22], "total_fen": 1, "by": "me"},
    ],
)
def test_an_absurd_batch_is_refused(clients, body: dict) -> None:
    assert clients["one"].post("/api/v1/refund-approvals", json=body).status_code == 422


def test_a_deposit_near_its_year_is_listed_with_the_days_it_has_left(clients, desk: Desk) -> None:
    with clock.at(NOW + timedelta(days=300, minutes=1)):
        page = clients["one"].get(f"/work/refunds/{desk.estate.public_id}").text
    assert "快满一年的" in page
    assert "还有 64 天" in page


def test_home_leads_officers_and_cashiers_to_their_work(clients) -> None:
    assert 'href="/work/refunds"' in clients["one"].get("/").text
    assert 'href="/work/transfers"' in clients["cashier"].get("/").text
    assert "/work/refunds" not in clients["payer"].get("/").text


def test_a_refund_by_transfer_is_published_with_its_receipt_and_building(clients, desk: Desk) -> None:
    request = desk.failed()
    desk.transferred(request)
    transferring.confirm(request, arrived_there=True, now=clock.now(), **desk.who("two"))
    session = reading()
    collection = collection_of(session, desk.estate.id)
    found = [one for one in waiting_movements(session, collection.id, NOW + timedelta(days=90)) if one.amount_fen < 0]
    assert [(one.kind, one.amount_fen, one.deposit_id) for one in found] == [
        ("refund_paid_out", -FULL, desk.deposit(request).id)
    ]
    assert found[0].building
    assert found[0].receipt_number
