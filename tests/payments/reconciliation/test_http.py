"""The staff's pages and API: worked through by two people, printed, and closed to everybody else."""

from dataclasses import replace

import pytest
from flask import Flask

from kernel.errors import Unavailable
from payments.two_people import mark
from tests.factories import Factory
from tests.payments.reconciliation.conftest import Desk


@pytest.fixture
def staff(app: Flask, make: Factory, desk: Desk):
    """Two officers of the street, an auditor, a neighbour: a signed-in client each."""
    clients = {}
    for name, role in (("one", "street_officer"), ("two", "street_officer"), ("auditor", "auditor")):
        account = make.account(name)
        make.grant(account, role, desk.street())
        clients[name] = make.signed_in(make.account(name))
    clients["neighbour"] = make.signed_in(make.account("nobody"))
    return clients


@pytest.fixture
def apart(desk: Desk) -> Desk:
    """A day with one payment nobody knows."""
    desk.paid()
    rows = desk.true_rows()
    desk.run(given=desk.bill(*rows, replace(rows[0], number="NOBODYS0001")))
    return desk


def test_a_difference_is_worked_through_by_two_people_over_http(staff, apart: Desk) -> None:
    listed = staff["one"].get("/work/reconciliation")
    assert "1 条待处理" in listed.text
    address = f"/work/reconciliation/{apart.day().public_id}"
    page = staff["one"].get(address)
    for words in ("NOBODYS0001", "对方有、本账没有", "500.00", "1,000.00", "1 笔", "2 笔", "提交，请另一位复核"):
        assert words in page.text
    one = f"/api/v1/bill-differences/{apart.difference().public_id}"
    body = {"decision": "theirs", "why": "微信客服书面说明"}
    key = "k" * 20
    assert [staff["one"].post(f"{one}/proposal", json=body, key=key).status_code for _ in range(2)] == [200, 200]
    assert "请另一位工作人员复核" in staff["one"].get(address).text
    seen = mark(apart.difference())
    answer = {"agree": True, "seen": seen}
    assert staff["one"].post(f"{one}/decision", json=answer).status_code == 403
    read = staff["two"].get(address).text
    assert "复核同意" in read
    assert f'data-seen="{seen}"' in read
    assert staff["two"].post(f"{one}/decision", json={"agree": True, "seen": "0" * 16}).status_code == 409
    assert staff["two"].post(f"{one}/decision", json=answer).status_code == 200
    assert staff["one"].post(f"/api/v1/reconciled-days/{apart.day().public_id}/closing", json={}).status_code == 200
    done = staff["one"].get(address)
    assert "已日结" in done.text
    assert "微信客服书面说明" in done.text
    assert "李工" in done.text
    printed = staff["one"].get(f"{address}.pdf")
    assert printed.data.startswith(b"%PDF")
    assert staff["neighbour"].get(f"{address}.pdf").status_code == 403


def test_an_auditor_looks_and_decides_nothing(staff, apart: Desk) -> None:
    address = f"/audit/reconciliation/{apart.day().public_id}"
    page = staff["auditor"].get(address)
    assert page.status_code == 200
    assert "NOBODYS0001" in page.text
    assert "data-propose" not in page.text
    one = f"/api/v1/bill-differences/{apart.difference().public_id}"
    body = {"decision": "theirs", "why": "微信客服书面说明"}
    assert staff["auditor"].post(f"{one}/proposal", json=body).status_code == 403
    assert staff["auditor"].get("/work/reconciliation").status_code == 403


def test_nobody_else_gets_in(staff, apart: Desk, make: Factory) -> None:
    for path in ("/work/reconciliation", "/audit/reconciliation", f"/work/reconciliation/{apart.day().public_id}"):
        assert staff["neighbour"].get(path).status_code == 403
    elsewhere = make.account("elsewhere")
    make.grant(elsewhere, "street_officer", make.place("street", make.place("district", make.city())))
    other = make.signed_in(make.account("elsewhere"))
    assert "NOBODYS" not in other.get("/work/reconciliation").text
    assert other.get(f"/work/reconciliation/{apart.day().public_id}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"decision": "whatever", "why": "因为"},
        {"decision": "theirs"},
        {"decision": "theirs", "why": ""},
        {"decision": "theirs", "why": "x" * 201},
        {"decision": "theirs", "why": "因为", "state": "decided"},
    ],
)
def test_a_proposal_without_a_reason_is_refused(staff, apart: Desk, body: dict) -> None:
    one = f"/api/v1/bill-differences/{apart.difference().public_id}"
    assert staff["one"].post(f"{one}/proposal", json=body).status_code == 422
    assert apart.difference().state == "open"


def test_a_day_that_could_not_be_compared_says_why(staff, desk: Desk) -> None:
    desk.paid()
    desk.gateway.lose_answer("bill", "before")
    with pytest.raises(Unavailable):
        desk.run()
    page = staff["one"].get(f"/work/reconciliation/{desk.day().public_id}")
    assert "微信支付暂时没有回应" in page.text
    assert "日结签字" not in page.text
