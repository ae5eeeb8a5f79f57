"""Payments out of the account: signed by two or three, within the budget, executed by a cashier, reversed by two."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel import database
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from payments.contributions.services import budgeting
from payments.publications import queries as publications
from payments.rules.spending import SpendingState
from payments.spending import queries, services, showing
from payments.spending.models import SpendingSignature
from tests.payments.contributions.conftest import COST
from tests.payments.spending.conftest import MONEY, Till
from tests.payments.world import NOW


@pytest.fixture(params=["serializable", "read committed"])
def isolation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What keeps it right is the lock on the parent, at both levels."""
    if request.param == "read committed":
        plain = database.transaction
        monkeypatch.setattr(services, "transaction", lambda *, serializable=False: plain())
    return request.param


def test_a_payment_is_asked_for_approved_executed_and_in_the_books(till: Till) -> None:
    made = till.ask()
    assert services.approve(made, now=NOW, **till.who("one")) is SpendingState.APPROVED
    assert services.mark_paid(made, bank_reference="HD001", now=NOW, **till.who("cashier")) is SpendingState.PAID
    assert till.balances() == {"contributions": 3_000_00 - MONEY, "at_wechat": MONEY, "at_bank": -3_000_00}
    assert till.books() == []
    published = queries.published_of(reading(), till.open_collection().id)
    assert [(one.item, one.payee, one.voucher_no, one.amount_fen) for one in published] == [
        ("外墙", "韶关市建工集团", "FP000001", 3_000_00)
    ]


def test_where_three_sign_another_of_the_group_comes_before_the_street(till: Till) -> None:
    assert services.set_signatories(till.estate.public_id, 3, now=NOW, **till.who("one")) == 3
    made = till.ask()
    with pytest.raises(Conflict) as caught:
        services.approve(made, now=NOW, **till.who("one"))
    assert caught.value.code == "cosigner-first"
    with pytest.raises(NotAllowed):
        services.cosign(made, now=NOW, **till.who("leader"))
    services.cosign(made, now=NOW + timedelta(hours=1), **till.who("member"))
    assert services.approve(made, now=NOW + timedelta(hours=2), **till.who("one")) is SpendingState.APPROVED
    signed = [signature.signed_as for signature, _ in queries.signers_of(reading(), till.row(made).id)]
    assert signed == ["maker", "cosigner", "approver"]


def test_where_two_sign_nobody_co_signs(till: Till) -> None:
    with pytest.raises(Conflict):
        services.cosign(till.ask(), now=NOW, **till.who("member"))


def test_who_asked_never_approves_and_who_signed_never_executes(till: Till) -> None:
    made = till.ask(by="one")
    with pytest.raises(NotAllowed) as caught:
        services.approve(made, now=NOW, **till.who("one"))
    assert caught.value.code == "already-signed"
    services.approve(made, now=NOW, **till.who("two"))
    till.make.grant(till.officer("one"), "cashier", till.estate)
    with pytest.raises(NotAllowed):
        services.mark_paid(made, bank_reference="HD", now=NOW, **till.who("one"))


def test_the_database_itself_refuses_a_second_signature_of_one_person(till: Till) -> None:
    made = till.row(till.ask())
    values = {"spending_id": made.id, "person_id": till.people["leader"].id, "signed_as": "approver", "at": NOW}
    with pytest.raises(sa.exc.IntegrityError), transaction() as session:
        session.execute(sa.insert(SpendingSignature).values(**values))


@pytest.mark.parametrize("who", ["leader", "member", "cashier"])
def test_only_the_street_approves(till: Till, who: str) -> None:
    with pytest.raises(NotFound):
        services.approve(till.ask(by="one"), now=NOW, **till.who(who))


def test_without_a_photo_or_with_anothers_nothing_is_asked_for(till: Till) -> None:
    with pytest.raises(Invalid):
        till.ask(photos=[])
    with pytest.raises(Invalid):
        till.ask(photos=[till.photo("member")])
    once = till.photo("leader")
    till.ask(photos=[once])
    with pytest.raises(Invalid):
        till.ask(photos=[once])


def test_a_voucher_and_a_bank_reference_serve_once(till: Till) -> None:
    till.ask(voucher_no="FP1")
    with pytest.raises(Conflict) as caught:
        till.ask(voucher_no="FP1")
    assert caught.value.code == "voucher-used"
    till.paid(reference="HD1")
    with pytest.raises(Conflict) as caught:
        till.paid(reference="HD1")
    assert caught.value.code == "reference-used"


def test_a_voucher_is_free_again_when_nothing_was_paid_by_it(till: Till) -> None:
    """Refused, taken back by whoever asked, reversed: the same invoice may be paid after all."""
    refused = till.ask(voucher_no="FP1")
    services.refuse(refused, why="金额写错", now=NOW, **till.who("one"))
    taken_back = till.ask(voucher_no="FP1")
    with pytest.raises(NotAllowed):
        services.withdraw(taken_back, now=NOW, **till.who("member"))
    assert services.withdraw(taken_back, now=NOW, **till.who("leader")) is SpendingState.WITHDRAWN
    paid = till.ask(voucher_no="FP1")
    services.approve(paid, now=NOW, **till.who("one"))
    with pytest.raises(Conflict):
        services.withdraw(paid, now=NOW, **till.who("leader"))
    services.mark_paid(paid, bank_reference="HD1", now=NOW, **till.who("cashier"))
    with pytest.raises(Conflict):
        till.ask(voucher_no="FP1")
    services.propose_reversal(paid, why="银行退票", now=NOW, **till.who("one"))
    services.reverse(paid, now=NOW, **till.who("two"))
    assert till.ask(voucher_no="FP1")


def test_no_more_is_approved_than_households_have_contributed(till: Till) -> None:
    till.publish(30_000_00, why="增项")
    till.approved(15_000_00)
    more = till.ask(6_000_00)
    with pytest.raises(Conflict) as caught:
        services.approve(more, now=NOW, **till.who("one"))
    assert caught.value.code == "not-enough-money"
    assert "还剩 5,000.00 元，不够付 6,000.00 元" in caught.value.detail
    assert services.approve(till.ask(5_000_00), now=NOW, **till.who("one")) is SpendingState.APPROVED


def test_fewer_signatories_need_two_of_the_street_more_do_not(till: Till) -> None:
    place, one, two = till.estate.public_id, till.who("one"), till.who("two")
    assert services.set_signatories(place, 3, now=NOW, **one) == 3
    assert services.set_signatories(place, 2, now=NOW, **one) == 3, "proposed"
    with pytest.raises(NotAllowed):
        services.set_signatories(place, 2, now=NOW, **one)
    assert services.set_signatories(place, 3, now=NOW, **two) == 3, "kept: the proposal is off"
    assert services.set_signatories(place, 2, now=NOW, **one) == 3
    assert "同意改为两方签字" in till.make.signed_in(till.officer("two")).get(f"/work/spending/{place}").text
    assert services.set_signatories(place, 2, now=NOW, **two) == 2


def test_an_item_is_never_approved_beyond_its_budget(till: Till) -> None:
    first, second = till.ask(8_000_00), till.ask(5_000_00)
    services.approve(first, now=NOW, **till.who("one"))
    with pytest.raises(Conflict) as caught:
        services.approve(second, now=NOW, **till.who("one"))
    assert caught.value.code == "over-budget"
    with pytest.raises(Conflict):
        till.ask(4_000_01)
    services.refuse(first, why="发票不全", now=NOW, **till.who("two"))
    assert services.approve(second, now=NOW, **till.who("one")) is SpendingState.APPROVED


def test_eight_approvals_at_the_same_moment_stay_within_the_budget(app: Flask, till: Till, isolation: str) -> None:
    requests = [till.ask(4_000_00) for _ in range(8)]
    till.run_jobs(NOW)
    barrier, done = threading.Barrier(8), []

    def approve(request: str) -> None:
        with app.app_context(), database.city_scope("shaoguan"):
            barrier.wait()
            try:
                services.approve(request, now=NOW, **till.who("one"))
                done.append("approved")
            except DomainError as refusal:
                done.append(refusal.code)

    threads = [threading.Thread(target=approve, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert isolation
    assert sorted(done) == ["approved"] * 3 + ["over-budget"] * 5


def test_a_new_budget_gives_no_item_less_than_is_approved_of_it(till: Till) -> None:
    till.approved(9_000_00)
    smaller = till.propose(8_000_00, why="压缩")
    with pytest.raises(Conflict) as caught:
        budgeting.decide(smaller, agree=True, now=NOW, **till.who("two"))
    assert caught.value.code == "below-spent"
    budgeting.decide(smaller, agree=False, now=NOW, **till.who("two"))
    till.publish(COST + 5_000_00, why="增项")
    assert till.approved(7_000_00)


def test_a_mistake_is_reversed_by_two_and_stays_to_be_seen(till: Till) -> None:
    made = till.paid(9_000_00)
    with pytest.raises(Conflict):
        services.reverse(made, now=NOW, **till.who("two"))
    services.propose_reversal(made, why="银行退票", now=NOW, **till.who("one"))
    with pytest.raises(NotAllowed):
        services.reverse(made, now=NOW, **till.who("one"))
    assert services.reverse(made, now=NOW, **till.who("two")) is SpendingState.REVERSED
    assert till.balances() == {"contributions": -MONEY, "at_wechat": MONEY}
    assert till.books() == []
    assert [one.is_reversed for one in queries.published_of(reading(), till.open_collection().id)] == [True]
    assert till.paid(12_000_00, reference="HD2"), "the item has its money back"


def test_what_was_done_is_not_done_again(till: Till) -> None:
    made = till.paid()
    for again in (
        lambda: services.approve(made, now=NOW, **till.who("two")),
        lambda: services.refuse(made, why="再看", now=NOW, **till.who("two")),
        lambda: services.mark_paid(made, bank_reference="HD9", now=NOW, **till.who("cashier")),
    ):
        with pytest.raises((Conflict, NotAllowed)):
            again()
    assert till.balances()["at_bank"] == -3_000_00


def test_a_payment_changed_by_hand_is_found_by_the_check(till: Till) -> None:
    made = till.paid()

    @use_case
    def by_hand() -> None:
        with transaction() as session:
            session.execute(
                sa.text("UPDATE spending SET amount_fen = amount_fen - 1 WHERE public_id = :name"), {"name": made}
            )

    by_hand()
    assert {one.check for one in till.books()} >= {"spending-is-entered"}


def test_a_published_movement_out_carries_its_voucher(till: Till) -> None:
    till.paid()
    moved = publications.waiting_movements(reading(), till.open_collection().id, NOW + timedelta(days=1))
    assert ("spent", -3_000_00, "FP000001") in {(one.kind, one.amount_fen, one.voucher_no) for one in moved}


def test_over_http_each_does_his_part_and_a_neighbour_sees_nothing_but_the_books(till: Till) -> None:
    leader, street, cashier = (till.make.signed_in(till.officer(name)) for name in ("leader", "one", "cashier"))
    place = till.estate.public_id
    asked = {**till.asking(3_000_00, "leader"), "payee": "欧阳建国师傅", "payee_is_person": True}
    made = leader.post(f"/api/v1/estates/{place}/spendings", json=asked)
    assert made.status_code == 201, made.text
    where = f"/api/v1/spendings/{made.json['id']}"
    assert leader.post(f"{where}/approval", json={}).status_code == 403
    assert "核准付款" in street.get(f"/work/spending/{place}").text
    assert "还能核准" in street.get(f"/work/spending/{place}").text
    assert "还能核准" not in leader.get(f"/work/spending/{place}").text, "the newest payment could be read off it"
    assert street.post(f"{where}/approval", json={}).json == {"state": "approved"}
    assert "已付款，登记" in cashier.get(f"/cash/spending/{place}").text
    assert cashier.post(f"{where}/payment", json={"bank_reference": "HD001"}).json == {"state": "paid"}
    neighbour = till.make.signed_in(till.payer())
    assert neighbour.get(f"/work/spending/{place}").status_code == 403
    books = neighbour.get(f"/books/{place}").text
    for words in ("支出", "FP000001", "欧阳*", "3,000.00"):
        assert words in books
    assert "欧阳建国" not in books


def test_the_list_says_where_something_waits(till: Till) -> None:
    till.ask()
    rows = showing.overview(reading(), till.people["one"].id, now=NOW)
    assert [(estate.id, waiting) for estate, waiting in rows] == [(till.estate.id, 1)]
