"""The counter over HTTP: who may enter where, what a body may hold, what the household reads."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.database import reading
from kernel.people.models import Account
from payments.publications.services import publish_due
from payments.receipt_pdf import receipt_pdf
from payments.services import receipts
from portal.notices import sms
from tests.payments.cash_desk.conftest import FULL, Counter

TERMS = {"terms_shown": True}


@pytest.fixture
def clients(counter: Counter):
    """Signed-in people by name."""
    return {name: counter.make.signed_in(counter.make.account(name)) for name in (*counter.people, "stranger")}


def take(counter: Counter, client, home=None, **body):
    told = {"amount_fen": FULL, "payer_id": counter.owner.public_id, **TERMS, **body}
    return client.post(f"/api/v1/dwellings/{(home or counter.homes[0]).public_id}/takings", json=told)


@pytest.mark.parametrize(
    "amount",
    [0, -1, -50_000, 0.001, 500.5, 10**30, "500", True, None],
    ids=["zero", "minus", "minus500", "tenth-fen", "half", "10^30", "text", "yes", "nothing"],
)
def test_an_amount_that_is_none_is_refused_in_words(counter: Counter, clients, amount: object) -> None:
    answer = take(counter, clients["cashier"], amount_fen=amount)
    assert answer.status_code == 422
    assert answer.json["fields"]["amount_fen"]
    assert counter.balances() == {}


def test_a_day_at_the_counter(counter: Counter, clients) -> None:
    reader = counter.make.account("reader")
    counter.make.tie(reader, counter.homes[0], relation="family")
    cashier, officer = clients["cashier"], clients["one"]
    assert "收多少" in cashier.get("/work/cash").text or "今天收了" in cashier.get("/work/cash").text
    door = cashier.get(f"/work/cash/d/{counter.homes[0].public_id}").text
    assert "陈*" in door
    assert "陈秀英" not in door
    assert take(counter, cashier, terms_shown=False).status_code == 422
    taken = take(counter, cashier)
    assert taken.status_code == 201, taken.json
    counter.run_jobs(clock.now())
    notices = counter.make.signed_in(reader).get("/api/v1/notices").json["notices"]
    assert [one["kind"] for one in notices] == ["money_taken"]
    assert "500.00 元现金已登记，收据 " in notices[0]["text"]
    page = cashier.get(f"/work/cash/t/{taken.json['id']}").text
    assert "现金 500.00 元" in page
    url = f"/api/v1/takings/{taken.json['id']}"
    assert cashier.post(f"{url}/prints", json={}).json == {"nth": 1}
    pdf = cashier.get(f"/work/cash/t/{taken.json['id']}.pdf")
    assert pdf.data.startswith(b"%PDF")
    # Whoever will count the box blind does not read its receipts before; afterwards he may, each look on record.
    checked = f"/work/cash-desk/t/{taken.json['id']}"
    assert [officer.get(checked + end).status_code for end in ("", ".pdf")] == [409, 409]
    session = reading()
    looks = session.scalar(
        sa.text("SELECT count(*) FROM audit_entry WHERE action = 'look.receipt' AND subject = :subject"),
        {"subject": f"taking:{taken.json['id']}"},
    )
    session.close()
    assert looks == 1
    card = {"terminal_no": "43010057", "voucher_no": "000187", "bank": "农商银行"}
    assert take(counter, cashier, counter.homes[1], payer_id="", payer_name="王大爷", card=card).status_code == 422
    dated = {**card, "slip_day": clock.china_day(clock.now()).isoformat()}
    by_card = take(counter, cashier, counter.homes[1], payer_id="", payer_name="王大爷", card=dated)
    assert by_card.status_code == 201, by_card.json
    too_long = {**dated, "voucher_no": "9" * 21}
    assert take(counter, cashier, counter.homes[2], payer_id="", payer_name="王", card=too_long).status_code == 422
    box = counter.box(taken.json["id"])
    checks = officer.get("/work/cash-desk").text
    assert "1 张" in checks
    assert "500.00" not in checks
    count = f"/api/v1/cash-boxes/{box.public_id}/count"
    assert clients["other"].post(count, json={"counted_fen": FULL}).status_code == 403
    wrong = officer.post(count, json={"counted_fen": FULL - 100})
    assert (wrong.status_code, wrong.json["code"]) == (409, "count-differs")
    assert officer.post(count, json={"counted_fen": FULL}).status_code == 200
    listed = officer.get("/work/cash-desk").text
    assert "没有要清点的钱箱" not in listed
    assert checked in listed
    assert "补打收据" in officer.get(checked).text
    assert officer.post(f"/api/v1/checked-takings/{taken.json['id']}/prints", json={}).json == {"nth": 2}
    assert officer.get(f"{checked}.pdf").data.startswith(b"%PDF")
    assert clients["stranger"].get(checked).status_code == 403
    body = {"boxes": [box.public_id], "slip_no": "XJ-7", "evidence": [counter.photo()]}
    assert cashier.post("/api/v1/cash-bankings", json=body).status_code == 201
    assert "银行流水还没有" in officer.get("/work/cash-desk").text
    assert counter.books_hold()


def test_a_void_is_told_to_the_household_and_shows_in_the_books(counter: Counter, clients) -> None:
    reader = counter.make.account("reader")
    counter.make.tie(reader, counter.homes[0], relation="family")
    taken = take(counter, clients["cashier"]).json["id"]
    url = f"/api/v1/takings/{taken}/void-proposals"
    assert clients["cashier"].post(url, json={"why": ""}).status_code == 422
    void = clients["cashier"].post(url, json={"why": "登记错了户"}).json["id"]
    assert "登记错了户" in clients["one"].get("/work/cash-desk").text
    decision = f"/api/v1/taking-voids/{void}/decision"
    assert clients["cashier"].post(decision, json={"agree": True}).status_code == 403
    assert clients["one"].post(decision, json={"agree": True}).status_code == 200
    counter.run_jobs(clock.now())
    kinds = {one["kind"] for one in counter.make.signed_in(reader).get("/api/v1/notices").json["notices"]}
    assert kinds == {"money_taken", "money_voided"}
    publish_due(now=clock.now() + timedelta(days=7))
    rows = clients["stranger"].get(f"/api/v1/estates/{counter.estate.public_id}/books").json["rows"]
    assert {(row["receipt_tail"], row["kind"]) for row in rows} == {("0001", "in"), ("0001", "void")}
    assert sum(row["amount_fen"] for row in rows) == 0
    assert "作废更正" in clients["stranger"].get(f"/books/{counter.estate.public_id}").text
    assert counter.books_hold()


def test_a_household_without_the_app_gets_a_short_message(
    counter: Counter, clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(sms, "send", lambda phone, text: sent.append((phone, text)))
    take(counter, clients["cashier"])
    counter.run_jobs(clock.now())
    assert [phone for phone, _ in sent] == ["13800000001"]
    assert "现金500.00元（收据" in sent[0][1]


@pytest.mark.parametrize("who", ["one", "stranger", "nobody"])
def test_the_counter_is_for_collectors_of_the_place(counter: Counter, clients, who: str, client) -> None:
    visitor = client if who == "nobody" else clients[who]
    wanted = 401 if who == "nobody" else 403
    for path in ("/work/cash", "/work/cash/scan", f"/work/cash/d/{counter.homes[0].public_id}"):
        assert visitor.get(path, headers={"Accept": "application/json"}).status_code in {wanted, 302}
    taken = take(counter, clients["cashier"]).json["id"]
    if who != "nobody":
        assert take(counter, visitor, counter.homes[1]).status_code == 403
        assert visitor.get(f"/work/cash/t/{taken}.pdf").status_code == 403


def test_a_collector_of_another_estate_finds_nothing_here(counter: Counter, clients) -> None:
    taken = take(counter, clients["cashier"]).json["id"]
    far: Account = counter.make.account("far")
    counter.make.grant(far, "cashier", counter.make.estate("别处"))
    visitor = counter.make.signed_in(far)
    assert visitor.get(f"/work/cash/t/{taken}").status_code == 404
    assert take(counter, visitor, counter.homes[1]).status_code == 403
    assert visitor.post(f"/api/v1/takings/{taken}/prints", json={}).status_code == 404
    assert visitor.post(f"/api/v1/takings/{taken}/void-proposals", json={"why": "不是我的"}).status_code == 404


def test_anybody_who_holds_a_receipt_may_check_it_and_reads_no_name_and_no_door(
    counter: Counter, clients, client
) -> None:
    taken = take(counter, clients["cashier"]).json["id"]
    counter.run_jobs(clock.now())
    deposit = counter.deposit_taken(taken)
    view = receipts.view(reading(), deposit, named=True)
    assert view is not None
    assert receipts.address(view.code) == f"https://sg.example.cn/r/{view.code}"
    page = client.get(f"/r/{view.code}")
    assert page.status_code == 200
    for words in ("这张收据是真的", "0001", "500.00 元", "1栋", "现金"):
        assert words in page.text
    for word in ("陈秀英", counter.homes[0].label, view.number):
        assert word not in page.text
    counter.void(taken)
    assert "已经作废" in client.get(f"/r/{view.code}").text
    assert client.get("/r/AAAAAAAAAAAAAAAAAAAAAA").status_code == 404


def test_the_printed_receipt_carries_its_code(counter: Counter, clients) -> None:
    taken = take(counter, clients["cashier"]).json["id"]
    view = receipts.view(reading(), counter.deposit_taken(taken), named=True)
    assert view is not None
    plain, coded = receipt_pdf(view), receipt_pdf(view, receipts.address(view.code))
    assert len(coded) > len(plain)
    assert coded == receipt_pdf(view, receipts.address(view.code))
