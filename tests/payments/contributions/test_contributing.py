"""Paying what a dwelling bears: by the steps of a deposit, exactly once, by several people, against a deposit held."""

import pytest

from kernel.database import reading
from kernel.errors import Conflict, Invalid, NotAllowed
from payments.contributions.services import showing, surplus
from payments.models import CollectionMode
from payments.queries.totals import estate_totals
from payments.refunds.services import approving, asking, converting
from payments.rules.due import DueState
from payments.rules.giving_back import RequestState
from tests.factories import Factory
from tests.payments.contributions.conftest import EACH, Works
from tests.payments.refunds.conftest import LATER
from tests.payments.world import NOW


@pytest.fixture
def due(works: Works) -> Works:
    """A budget is published: every home bears 1,000.00."""
    works.publish()
    return works


def test_a_due_is_paid_once_receipted_and_entered_as_a_contribution(due: Works) -> None:
    payment, _ = due.contributed(due.homes[0], EACH)
    assert (payment.purpose, payment.state, payment.amount_fen) == ("contribution", "paid", EACH)
    assert due.stands(due.homes[0]).state is DueState.MET
    assert due.balances() == {"at_wechat": EACH, "contributions": -EACH}
    assert len(due.receipts()) == 1
    assert due.books() == []


def test_a_notice_told_twice_pays_a_due_once(due: Works) -> None:
    account = due.payer()
    trade_no = due.begin(account, due.contribute(account, due.homes[0], EACH))
    letter = due.gateway.pay(trade_no, now=NOW)
    due.tell(letter)
    due.tell(letter)
    assert due.stands(due.homes[0]).paid_fen == EACH
    assert due.books() == []


def test_a_due_is_paid_in_parts_and_by_several_people(due: Works) -> None:
    home = due.homes[0]
    _, first = due.contributed(home, 300_00)
    due.contributed(home, 200_00, first)
    due.contributed(home, 500_00)
    assert due.stands(home).state is DueState.MET
    assert len(due.receipts()) == 3
    with pytest.raises(Conflict) as caught:
        due.contribute(first, home, 1)
    assert caught.value.code == "nothing-open"


@pytest.mark.parametrize("fen", [0, -1, EACH + 1])
def test_no_more_than_what_is_open_is_promised(due: Works, fen: int) -> None:
    with pytest.raises(Invalid):
        due.contribute(due.payer(), due.homes[0], fen)


def test_one_promise_waits_and_its_amount_may_change(due: Works) -> None:
    account, home = due.payer(), due.homes[0]
    first = due.contribute(account, home, 300_00)
    due.begin(account, first)
    assert due.contribute(account, home, 400_00) == first, "the open order over 300.00 was closed first"
    trade_no = due.begin(account, first)
    due.tell(due.gateway.pay(trade_no, now=NOW))
    assert due.stands(home).paid_fen == 400_00


def test_a_payer_of_level_one_is_asked_to_prove_himself_first(due: Works) -> None:
    with pytest.raises(NotAllowed):
        due.contribute(due.payer(level=1), due.homes[0], EACH)


def test_who_looked_at_an_older_budget_looks_again(due: Works) -> None:
    old = due.current().public_id
    due.publish(24_000_00)
    with pytest.raises(Conflict) as caught:
        due.contribute(due.payer(), due.homes[0], EACH, version=old)
    assert caught.value.code == "budget-changed"


def test_once_shares_are_published_no_deposit_is_taken(due: Works) -> None:
    with pytest.raises(Conflict) as caught:
        due.pledge(due.payer())
    assert caught.value.code == "contribution-stage"


def test_where_all_is_collected_once_there_are_no_deposits_and_the_gate_counts_contributions(
    app, make: Factory
) -> None:
    works = Works(make, None, mode=CollectionMode.ONE_SHOT)
    with pytest.raises(Conflict) as caught:
        works.pledge(works.payer())
    assert caught.value.code == "one-shot"
    works.publish()
    works.contributed(works.homes[0], EACH)
    totals = estate_totals(reading(), works.estate.id)
    assert (totals.paid_households, totals.paid_fen) == (1, EACH)


def test_contributions_do_not_count_for_a_gate_of_deposits(due: Works) -> None:
    due.contributed(due.homes[0], EACH)
    assert estate_totals(reading(), due.estate.id).paid_fen == 0


def test_two_of_a_household_pay_the_whole_at_once_both_are_credited_and_the_excess_goes_back(due: Works) -> None:
    home, one, two = due.homes[0], due.payer(), due.payer()
    orders = [due.begin(who, due.contribute(who, home, EACH)) for who in (one, two)]
    for trade_no in orders:
        due.tell(due.gateway.pay(trade_no, now=NOW))
    due.run_jobs(NOW)
    assert due.stands(home).over_fen == EACH
    with pytest.raises(Conflict):
        asking.ask(due.deposit_of(orders[0]).public_id, account_id=one.id, actor="x", reason=None, now=NOW)
    assert surplus.ask(home.public_id, account_id=two.id, actor="two", now=LATER) == 1
    with pytest.raises(Conflict):
        surplus.ask(home.public_id, account_id=two.id, actor="two", now=LATER)
    with pytest.raises(Conflict):
        surplus.ask(home.public_id, account_id=one.id, actor="one", now=LATER)
    request = due.request_of(due.deposit_of(orders[1]))
    approving.approve(request.public_id, now=LATER, **due.who("one"))
    assert approving.approve(request.public_id, now=LATER, **due.who("two")) is RequestState.SENDING
    assert due.stands(home).over_fen == 0
    assert due.books() == []
    due.run_jobs(LATER)
    number = due.refunds()[0].refund_no
    due.tell(due.gateway.finish_refund(number, now=LATER), LATER)
    assert due.deposit_of(orders[1]).state == "paid", "a contribution stays one; what went back is a request of its own"
    assert due.balances() == {"at_wechat": EACH, "contributions": -EACH}
    assert due.books() == []


def test_staff_enter_everything_that_is_too_much_after_a_smaller_budget(due: Works) -> None:
    for home in due.homes[:3]:
        due.contributed(home, EACH)
    due.publish(6_000_00)
    assert surplus.ask_for_all(due.estate.public_id, now=LATER, **due.who("one")) == 3
    requests = [due.request_of(one) for one in due.contributions()]
    assert {one.amount_fen for one in requests} == {500_00}
    with pytest.raises(Conflict):
        surplus.ask_for_all(due.estate.public_id, now=LATER, **due.who("one"))
    approving.approve(requests[0].public_id, now=LATER, **due.who("two"))
    with pytest.raises(NotAllowed):
        approving.approve(requests[0].public_id, now=LATER, **due.who("one"))
    approving.approve(requests[0].public_id, now=LATER, **due.who("three"))
    assert due.books() == []


def test_the_same_payment_goes_back_in_parts_under_a_number_each(due: Works) -> None:
    payment, _ = due.contributed(due.homes[0], EACH)
    for fen in (9_600_00, 6_000_00):
        due.publish(fen)
        surplus.ask_for_all(due.estate.public_id, now=LATER, **due.who("one"))
        request = due.request_of(payment)
        approving.approve(request.public_id, now=LATER, **due.who("two"))
        approving.approve(request.public_id, now=LATER, **due.who("three"))
        due.run_jobs(LATER)
        due.tell(due.gateway.finish_refund(due.number(request.public_id), now=LATER), LATER)
    assert sorted(one.refund_no[-2:] for one in due.refunds()) == ["R2", "R3"]
    assert due.stands(due.homes[0]).paid_fen == 500_00
    assert due.books() == []


def test_held_deposits_meet_the_due_of_their_own_dwelling_and_the_rest_goes_back(works: Works) -> None:
    small, large, home = works.homes[0], works.homes[1], works.homes[2]
    works.held(small, 500_00)
    works.held(large, 1_300_00)
    works.held(home, 700_00)
    works.held(home, 600_00)
    works.publish()
    seen = converting.preview(reading(), works.open_collection(), None)
    assert (seen.deposits, seen.amount_fen, seen.rest_fen) == (4, 500_00 + EACH + EACH, 300_00 + 300_00)
    batch = converting.propose(
        works.estate.public_id, basis="计划", due_fen=None, total_fen=seen.amount_fen, now=LATER, **works.who("one")
    )
    converting.decide(batch, agree=True, now=LATER, **works.who("two"))
    works.run_jobs(LATER)
    assert [works.stands(one).open_fen for one in (small, large, home)] == [500_00, 0, 0]
    assert works.balances()["contributions"] == -2_500_00
    assert works.books() == []
    works.contributed(small, 500_00)
    view = showing.home_view(reading(), works.open_collection(), small, 0)
    assert view is not None
    assert {(one.word, one.fen) for one in view.paid} == {("诚意金转入", 500_00), ("缴纳出资", 500_00)}


def test_surplus_goes_back_from_a_converted_deposit_too(works: Works) -> None:
    home = works.homes[0]
    deposit, account = works.held(home, EACH)
    works.publish()
    batch = converting.propose(
        works.estate.public_id, basis="计划", due_fen=None, total_fen=EACH, now=LATER, **works.who("one")
    )
    converting.decide(batch, agree=True, now=LATER, **works.who("two"))
    works.run_jobs(LATER)
    works.publish(9_600_00)
    assert surplus.ask(home.public_id, account_id=account.id, actor="a", now=LATER) == 1
    request = works.request_of(deposit)
    approving.approve(request.public_id, now=LATER, **works.who("one"))
    approving.approve(request.public_id, now=LATER, **works.who("two"))
    assert works.stands(home).over_fen == 0
    assert works.books() == []


def test_one_pays_for_several_dwellings_and_each_has_its_own_receipt(due: Works, make: Factory) -> None:
    account = make.account()
    for home in due.homes[:3]:
        make.tie(account, home)
        due.contributed(home, EACH, account)
    assert len(due.receipts()) == 3
    assert due.books() == []
