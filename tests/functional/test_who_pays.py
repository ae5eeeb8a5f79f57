"""Who pays is not always who owns: a son for his mother, an organisation for all its flats; and the money finds its way
back to whoever paid, whoever owns the flat by then.
"""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel import clock
from kernel.database import reading
from payments import terms
from payments.models import Deposit, PaymentAttempt, Receipt
from payments.services.receipts import FAMILY
from tests.factories import Factory, Visitor
from tests.payments.cash_desk.conftest import FULL, Counter
from tests.payments.statements.support import told
from tests.payments.world import NOW

FLATS = 6
PLANT = "韶关冶炼厂"


@pytest.fixture
def street(app: Flask, make: Factory) -> Counter:
    return Counter(make)


def ok(answer, status: int = 200) -> dict:
    assert answer.status_code == status, answer.text
    return answer.json


def staff(street: Counter, *names: str) -> list[Visitor]:
    return [street.make.signed_in(street.make.account(name)) for name in names]


def receipts(street: Counter) -> dict[int, tuple[Deposit, str]]:
    """Dwelling -> its newest deposit and that one's receipt number."""
    street.run_jobs(clock.now() + timedelta(seconds=1))
    session = reading()
    rows = session.execute(sa.select(Deposit, Receipt.number).join(Receipt).order_by(Deposit.id))
    found = {row[0].dwelling_id: (row[0], row[1]) for row in rows}
    session.close()
    return found


def _trade_no(deposit: Deposit) -> str:
    session = reading()
    found = session.scalars(sa.select(PaymentAttempt.trade_no).where(PaymentAttempt.deposit_id == deposit.id)).one()
    session.close()
    return found


def test_a_son_pays_for_his_mother_both_pay_and_each_has_his_own_back(street: Counter, make: Factory) -> None:
    home = street.homes[1]
    owner, mother_person = make.owner(home, "李桂英", "13812340000")
    boy = make.account()
    make.tie(boy, home, relation="family", person=mother_person)
    mother, son = make.signed_in(owner), make.signed_in(boy)
    body = {"amount_fen": FULL, "terms_version": terms.CURRENT}
    assert "人缴过" not in mother.get(f"/pay/{home.public_id}").text
    paid = street.paid(home, FULL, boy)
    street.run_jobs(NOW)
    receipt = son.get(f"/receipt/{paid.public_id}").text
    assert FAMILY in receipt, "the receipt says that it was not the owner who paid"
    assert "李桂英" not in receipt
    # the owner sees that somebody of her home paid, not who and not how much
    seen = mother.get(f"/pay/{home.public_id}").text
    assert "这一户已有 1 人缴过" in seen
    for path in (f"/receipt/{paid.public_id}", f"/refund/{paid.public_id}", f"/api/v1/deposits/{paid.public_id}"):
        assert mother.get(path).status_code == 404
    asked_for = f"/api/v1/deposits/{paid.public_id}/refund-requests"
    assert mother.post(asked_for, json={}).status_code == 404
    assert son.post(f"/api/v1/dwellings/{home.public_id}/deposits", json=body).status_code == 409
    hers = street.paid(home, 20_000, owner)
    street.run_jobs(NOW)
    assert "李桂英" in mother.get(f"/receipt/{hers.public_id}").text
    # the refund goes back by the very payment that came, and touches nobody else's
    request = ok(son.post(asked_for, json={}), 201)["id"]
    one, two = staff(street, "one", "two")
    for officer in (one, two):
        ok(officer.post(f"/api/v1/refund-requests/{request}/approval", json={}))
    street.run_jobs(clock.now())
    (refund,) = street.refunds()
    assert refund.amount_fen == FULL
    assert refund.refund_no.startswith(_trade_no(paid))
    street.tell(street.gateway.finish_refund(refund.refund_no, now=clock.now()), now=clock.now())
    assert ok(son.get(f"/api/v1/deposits/{paid.public_id}"))["state"] == "refunded"
    assert ok(mother.get(f"/api/v1/deposits/{hers.public_id}"))["state"] == "paid"
    assert street.books_hold()


def test_an_organisation_pays_for_all_its_flats_at_once_and_has_a_part_back(street: Counter, make: Factory) -> None:
    plant = make.person(PLANT, None, kind="organisation")
    flats = street.homes[2 : 2 + FLATS]
    for flat in flats:
        make.holding(plant, flat)
    (line,) = told(street, f"2026-06-19,{PLANT},62284800,{FLATS * 500}.00,,,全部房屋诚意金,A1")
    one, two, three, cashier = staff(street, "one", "two", "three", "cashier")
    parts = [{"home": flat.label, "amount_fen": FULL} for flat in flats]
    where = f"/api/v1/bank-lines/{line.public_id}"
    short = one.post(f"{where}/proposal", json={"decision": "credited", "why": "看了回单", "parts": parts[1:]})
    assert (short.status_code, short.json["code"]) == (422, "parts-differ")
    ok(one.post(f"{where}/proposal", json={"decision": "credited", "why": "看了回单", "parts": parts}))
    page = two.get("/work/statements").text
    seen = page.split('data-seen="')[1].split('"')[0]
    ok(two.post(f"{where}/decision", json={"agree": True, "seen": seen}))
    found = receipts(street)
    deposits = [found[flat.id][0] for flat in flats]
    assert {one.payer_person_id for one in deposits} == {plant.id}
    assert len({found[flat.id][1] for flat in flats}) == FLATS, "a receipt for each flat"
    # a flat is sold: its new owner sees that something was paid, and none of it is his
    sold = flats[0]
    buyer, _ = make.owner(sold, "欧阳建国", "13812349876")
    new = make.signed_in(buyer)
    assert "这一户已有 1 人缴过" in new.get(f"/pay/{sold.public_id}").text
    assert new.get(f"/receipt/{deposits[0].public_id}").status_code == 404
    assert new.post(f"/api/v1/deposits/{deposits[0].public_id}/refund-requests", json={}).status_code == 404
    # the plant asks its money for that flat back at the desk, with the receipt; it goes to the plant's own account
    request = ok(
        three.post(
            f"/api/v1/estates/{street.estate.public_id}/refund-requests",
            json={"receipt_number": found[sold.id][1], "reason": "moved"},
        ),
        201,
    )["id"]
    shown = one.get(f"/work/refunds/{street.estate.public_id}").text
    assert sold.label in shown
    approval = f"/api/v1/refund-requests/{request}/approval"
    for officer in (one, two):
        ok(officer.post(approval, json={}))
    payee = {"name": PLANT, "bank": "工商银行韶关分行", "account": "6222 0800 1234 5678"}
    ok(one.post(f"/api/v1/refund-requests/{request}/payee", json=payee))
    assert PLANT in cashier.get("/work/transfers").text
    ok(cashier.post(f"/api/v1/refund-requests/{request}/transfer", json={"voucher_no": "HD-9"}))
    ok(two.post(f"/api/v1/refund-requests/{request}/confirmation", json={"arrived": True}))
    # the others become contributions of their flats, whoever owns them then; nobody pays a second time
    where = f"/api/v1/estates/{street.estate.public_id}/conversions"
    preview = ok(one.get(where))
    assert (preview["deposits"], preview["amount_fen"]) == (FLATS - 1, (FLATS - 1) * FULL)
    made = ok(one.post(where, json={"basis": "2026 年计划", "total_fen": preview["amount_fen"]}), 201)["id"]
    ok(two.post(f"/api/v1/conversions/{made}/decision", json={"agree": True}))
    street.run_jobs(clock.now() + timedelta(seconds=1))
    states = [found_one.state for found_one, _ in (receipts(street)[flat.id] for flat in flats)]
    assert states == ["refunded_offline"] + ["converted"] * (FLATS - 1)
    assert street.books_hold()
