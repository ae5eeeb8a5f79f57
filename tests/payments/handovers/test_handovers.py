"""A flat sold between deposit and conversion: the money stays the payer's until he has his say."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel import clock
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, NotAllowed, NotFound
from kernel.people.models import Holding, Tie
from payments.handovers import services
from payments.refunds.models import ConversionLine
from payments.refunds.services import asking, converting
from portal.notices.jobs import dues
from portal.notices.models import Notice
from tests.factories import Factory
from tests.payments.refunds.conftest import LATER, Desk
from tests.payments.world import NOW

BEFORE = NOW - timedelta(days=400)
FULL = 50_000


@pytest.fixture
def desk(app: Flask, make: Factory) -> Desk:
    """An estate that collects, with its staff; every home has an owner of long ago."""
    desk = Desk(make)
    for home in desk.homes:
        make.holding(make.person("老业主"), home, now=BEFORE)
    return desk


@use_case
def _end(home_id: int) -> None:
    with transaction() as session:
        session.execute(
            sa.update(Holding)
            .where(Holding.dwelling_id == home_id, Holding.held_until.is_(None))
            .values(held_until=NOW + timedelta(days=1))
        )
        session.execute(sa.update(Tie).where(Tie.dwelling_id == home_id, Tie.ended_at.is_(None)).values(ended_at=LATER))


def sold(desk: Desk, home):
    """The flat changes hands: the owner's holding and his account's tie end; the new owner's account."""
    _end(home.id)
    buyer = desk.make.person("新业主")
    desk.make.holding(buyer, home, now=NOW + timedelta(days=2))
    account = desk.make.account()
    desk.make.tie(account, home, person=buyer)
    return account


def notices() -> set[tuple[int, str]]:
    session = reading()
    found = {(row.account_id, row.kind) for row in session.scalars(sa.select(Notice))}
    session.close()
    return found & {(one, kind) for one, kind in found if kind in ("flat_sold", "deposit_of_before", "deposit_left")}


def test_a_deposit_of_a_sold_flat_waits_for_its_payer_and_both_sides_are_told(desk: Desk) -> None:
    (left, seller), (asked, other), (stays, _) = (desk.held(home) for home in desk.homes[:3])
    buyer, second = sold(desk, desk.homes[0]), sold(desk, desk.homes[1])
    assert dues.tell_of_handovers(now=LATER) == 2
    assert dues.tell_of_handovers(now=LATER) == 2
    assert notices() == {
        (seller.id, "flat_sold"),
        (buyer.id, "deposit_of_before"),
        (other.id, "flat_sold"),
        (second.id, "deposit_of_before"),
    }, "each once"
    with pytest.raises(Conflict, match="not-handed-over"):
        services.leave(stays.public_id, account_id=stays.payer_account_id, actor="payer", now=LATER)
    with pytest.raises(NotFound):
        services.leave(left.public_id, account_id=buyer.id, actor="buyer", now=LATER)
    desk.converted()
    assert desk.balances() == {"at_wechat": 3 * FULL, "contributions": -FULL, "deposits_held": -2 * FULL}
    page = desk.make.signed_in(seller).get(f"/refund/{left.public_id}").text
    assert "这套房换了业主" in page
    assert "同意留给这套房" in page
    answer = desk.make.signed_in(seller).post(f"/api/v1/deposits/{left.public_id}/handover", json={})
    assert answer.status_code == 200, answer.json
    with pytest.raises(Conflict, match="already-left"):
        services.leave(left.public_id, account_id=seller.id, actor="payer", now=LATER)
    request = asking.ask(asked.public_id, account_id=other.id, actor="payer", reason=None, now=LATER)
    with pytest.raises(Conflict, match="already-asked"):
        services.leave(asked.public_id, account_id=other.id, actor="payer", now=LATER)
    desk.approve(request)
    desk.converted()
    assert desk.deposit_named(left.public_id).state == "converted"
    assert desk.deposit_named(asked.public_id).state == "refund_pending", "his money goes back though he moved away"
    assert desk.books_hold()


def test_a_flat_sold_after_the_proposal_is_skipped_by_the_job(desk: Desk) -> None:
    deposit, _ = desk.held()
    batch = desk.proposed()
    sold(desk, desk.homes[0])
    converting.decide(batch, agree=True, now=LATER, **desk.who("two"))
    desk.run_jobs(LATER)
    assert desk.deposit_named(deposit.public_id).state == "paid"
    assert desk._one(sa.select(ConversionLine)).state == "skipped"


def test_staff_enter_what_a_payer_signed_on_paper_who_is_told_and_see_who_is_waited_for(desk: Desk) -> None:
    deposit, payer = desk.held()
    sold(desk, desk.homes[0])
    client = desk.make.signed_in(desk.make.account("one"))
    page = client.get(f"/work/refunds/{desk.estate.public_id}").text
    assert "房子换了业主的，1 笔" in page
    number = desk.receipts()[0]
    body = {"receipt_number": number, "paper": "2026-07-01 同意书，街道档案 12 号"}
    outsider = desk.make.signed_in(desk.make.account("cashier"))
    assert outsider.post(f"/api/v1/estates/{desk.estate.public_id}/handovers", json=body).status_code == 403
    made = client.post(f"/api/v1/estates/{desk.estate.public_id}/handovers", json=body)
    assert made.status_code == 201, made.json
    desk.run_jobs(clock.now())
    assert notices() == {(payer.id, "deposit_left")}
    session = reading()
    assert session.scalars(sa.select(Notice.facts)).one() == {"page": f"/refund/{deposit.public_id}"}, (
        "the flat is not his"
    )
    session.close()
    assert "房子换了业主的" not in client.get(f"/work/refunds/{desk.estate.public_id}").text
    desk.converted()
    assert desk.deposit_named(deposit.public_id).state == "converted"
    with pytest.raises(NotAllowed):
        services.leave_for(
            desk.estate.public_id, number, paper="x" * 9, person_id=desk.people["cashier"].id, actor="x", now=LATER
        )


def test_a_payer_who_still_owns_it_or_bought_it_is_not_asked(desk: Desk) -> None:
    home = desk.homes[0]
    tenant = desk.make.person("老租户")
    account = desk.make.account()
    desk.make.tie(account, home, person=tenant, relation="tenant")
    deposit = desk.paid(home, FULL, account)
    _end(home.id)
    desk.make.holding(tenant, home, now=NOW + timedelta(days=2))  # the tenant who paid buys it
    desk.run_jobs(NOW)
    desk.converted()
    assert desk.deposit_named(deposit.public_id).state == "converted"
