"""A deposit goes back once, whole, by two people, on the road that is open; whatever is told twice, late or never."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, NotAllowed, NotFound
from kernel.idempotency import Key
from payments.models import NoticeOutcome
from payments.queries.totals import estate_totals
from payments.refunds.services import aging, approving, asking, transferring
from payments.rules.alarm import AlarmKind
from payments.rules.deposit import DepositState
from payments.rules.giving_back import RequestState
from payments.rules.trade import RefundState
from payments.services import checking
from tests.factories import Factory
from tests.payments.refunds.conftest import LATER, PAYEE, Desk
from tests.payments.world import FULL, NOW

D, R = DepositState, RequestState


def key(token: str, request_hash: str = "h") -> Key:
    return Key("payer", token * 8, request_hash)


# -------------------------------------------------------------------------------------------------------- the way back


def test_a_deposit_asked_back_goes_back_after_two_people_and_the_services_word(desk: Desk) -> None:
    request = desk.asked()
    assert desk.deposit(request).state == D.PAID
    assert desk.approve(request, "one") is R.CHECKED
    assert desk.deposit(request).state == D.PAID
    assert desk.approve(request, "two") is R.SENDING
    assert desk.deposit(request).state == D.REFUND_PENDING
    assert desk.balances() == {"at_wechat": FULL, "to_refund": -FULL}
    desk.run_jobs(LATER)
    assert desk.request(request).state == R.SENDING, "accepted is not done"
    desk.tell(desk.gateway.finish_refund(desk.number(request), now=LATER), now=LATER)
    assert desk.request(request).state == R.REFUNDED
    assert desk.deposit(request).state == D.REFUNDED
    assert desk.balances() == {}
    assert desk.books_hold()


def test_a_refund_told_five_times_counts_once(desk: Desk) -> None:
    request = desk.asked()
    desk.approve(request)
    desk.run_jobs(LATER)
    letter = desk.gateway.finish_refund(desk.number(request), now=LATER)
    assert {desk.tell(letter, now=LATER) for _ in range(5)} == {NoticeOutcome.REFUND}
    assert [kind for kind, _ in desk.entries()].count("refund_done") == 1
    assert desk.books_hold()


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_that_got_lost_is_asked_for_again_under_the_same_number(desk: Desk, when: str) -> None:
    request = desk.asked()
    desk.approve(request)
    desk.gateway.lose_answer("refund", when)
    desk.run_jobs(LATER)
    desk.run_jobs(LATER + timedelta(minutes=1))
    numbers = {number for call, number in desk.gateway.calls if call == "refund"}
    assert numbers == {desk.number(request)}
    desk.gateway.finish_refund(desk.number(request), now=LATER)
    desk.run_jobs(LATER + timedelta(hours=1))
    assert desk.deposit(request).state == D.REFUNDED
    assert desk.books_hold()


def test_what_a_crash_leaves_between_the_intent_and_the_call_is_sent_by_the_job(desk: Desk) -> None:
    request = desk.asked()
    desk.approve(request)
    number = desk.number(request)
    assert [call for call, _ in desk.gateway.calls if call == "refund"] == []
    desk.run_jobs(LATER + timedelta(days=2))
    assert ("refund", number) in desk.gateway.calls
    assert desk.books_hold()


def test_success_told_before_the_answer_to_our_own_call_is_not_undone_by_it(desk: Desk) -> None:
    request = desk.asked()
    desk.approve(request)
    number = desk.number(request)
    desk.gateway.lose_answer("refund", "after")
    desk.run_jobs(LATER)
    desk.tell(desk.gateway.finish_refund(number, now=LATER), now=LATER)
    desk.run_jobs(LATER + timedelta(days=1))
    assert desk.request(request).state == R.REFUNDED
    assert desk.books_hold()


@pytest.mark.parametrize("state", [RefundState.ABNORMAL, RefundState.CLOSED])
def test_what_the_service_cannot_send_goes_back_by_transfer_with_three_people(desk: Desk, state: RefundState) -> None:
    request = desk.asked()
    desk.approve(request)
    desk.run_jobs(LATER)
    desk.tell(desk.gateway.finish_refund(desk.number(request), now=LATER, state=state), now=LATER)
    assert desk.request(request).state == R.FAILED
    assert desk.deposit(request).state == D.REFUND_FAILED
    assert (AlarmKind.REFUND_ABNORMAL, desk.number(request), ()) in desk.alarms()
    desk.transferred(request)
    assert desk.balances() == {"at_wechat": FULL, "to_refund": -FULL}, "executed is not confirmed"
    assert transferring.confirm(request, arrived_there=True, now=LATER, **desk.who("two")) is R.REFUNDED_OFFLINE
    assert desk.deposit(request).state == D.REFUNDED_OFFLINE
    assert desk.balances() == {"at_wechat": FULL, "at_bank": -FULL}
    assert desk.request(request).payee_sealed is None
    assert desk.books_hold()


def test_a_transfer_the_bank_returned_asks_for_the_account_anew(desk: Desk) -> None:
    request = desk.failed()
    desk.transferred(request)
    assert transferring.confirm(request, arrived_there=False, now=LATER, **desk.who("two")) is R.TO_TRANSFER
    with pytest.raises(Conflict, match="no-payee"):
        transferring.execute(request, voucher_no="HD-002", now=LATER, **desk.who("cashier"))
    desk.transferred(request)
    transferring.confirm(request, arrived_there=True, now=LATER, **desk.who("two"))
    assert desk.books_hold()


def test_success_told_late_while_no_transfer_was_made_needs_no_transfer(desk: Desk) -> None:
    request = desk.failed()
    transferring.enter_payee(request, PAYEE, now=LATER, **desk.who("one"))
    facts = {"id": "EV-late", "event": "refund", "refund_no": desk.number(request)}
    desk.gateway.finish_refund(desk.number(request), now=LATER)
    desk.tell(desk.gateway._signed(facts, LATER), now=LATER)
    assert desk.request(request).state == R.REFUNDED
    assert desk.request(request).payee_sealed is None
    with pytest.raises(Conflict):
        transferring.execute(request, voucher_no="HD-001", now=LATER, **desk.who("cashier"))
    assert desk.books_hold()


@pytest.mark.parametrize("arrived", [True, False])
def test_success_told_after_the_transfer_is_an_alarm_and_the_books_tell_both(desk: Desk, arrived: bool) -> None:
    request = desk.failed()
    desk.transferred(request)
    desk.tell(desk.gateway.finish_refund(desk.number(request), now=LATER), now=LATER)
    assert (AlarmKind.REFUNDED_TWICE, desk.number(request), ()) in desk.alarms()
    assert desk.books_hold()
    transferring.confirm(request, arrived_there=arrived, now=LATER, **desk.who("two"))
    both = {"at_bank": -FULL, "to_refund": FULL}
    assert desk.balances() == (both if arrived else {})
    assert desk.request(request).state == (R.REFUNDED_OFFLINE if arrived else R.REFUNDED)
    assert desk.books_hold()


@pytest.mark.parametrize(("days", "state"), [(365, R.SENDING), (366, R.TO_TRANSFER)])
def test_the_way_it_came_is_open_for_365_days(desk: Desk, days: int, state: RequestState) -> None:
    request = desk.asked()
    assert desk.approve(request, now=NOW + timedelta(days=days)) is state
    assert len(desk.refunds()) == (1 if state is R.SENDING else 0)
    assert desk.deposit(request).state == D.REFUND_PENDING
    assert desk.books_hold()


def test_a_payment_too_old_goes_back_by_transfer(desk: Desk) -> None:
    late = NOW + timedelta(days=400)
    request = desk.asked()
    desk.approve(request, now=late)
    desk.transferred(request, now=late)
    transferring.confirm(request, arrived_there=True, now=late, **desk.who("three"))
    assert desk.deposit(request).state == D.REFUNDED_OFFLINE
    assert desk.books_hold()


# ---------------------------------------------------------------------------------------------------------- two people


def test_nobody_approves_twice(desk: Desk) -> None:
    request = desk.asked()
    desk.approve(request, "one")
    with pytest.raises(NotAllowed, match="own-approval"):
        desk.approve(request, "one")
    assert desk.request(request).state == R.CHECKED


def test_who_entered_a_request_may_approve_first_and_never_second(desk: Desk) -> None:
    desk.held()
    number = desk.receipts()[0]
    request = asking.ask_for(desk.estate.public_id, number, reason=None, now=LATER, **desk.who("one"))
    desk.approve(request, "two")
    with pytest.raises(NotAllowed, match="own-entry"):
        desk.approve(request, "one")
    assert desk.approve(request, "three") is R.SENDING


def test_who_paid_does_not_approve_his_own_money(desk: Desk) -> None:
    request = desk.asked()
    payer = desk.deposit(request).payer_person_id
    desk.people["one"].id = payer
    with pytest.raises((NotAllowed, NotFound)):
        desk.approve(request, "one")


def test_the_database_itself_refuses_one_person_in_both_places(desk: Desk) -> None:
    request = desk.asked()
    desk.approve(request, "one")

    @use_case
    def cheat() -> None:
        with transaction() as session:
            session.execute(sa.text("UPDATE deposit_refund SET second_by = first_by"))

    with pytest.raises(sa.exc.IntegrityError):
        cheat()


def test_who_entered_the_account_does_not_transfer_and_who_transferred_does_not_confirm(
    desk: Desk, make: Factory
) -> None:
    request = desk.failed()
    make.grant(make.account("one"), "cashier", desk.street())
    transferring.enter_payee(request, PAYEE, now=LATER, **desk.who("one"))
    with pytest.raises(NotAllowed, match="own-payee"):
        transferring.execute(request, voucher_no="HD-001", now=LATER, **desk.who("one"))
    transferring.enter_payee(request, PAYEE, now=LATER, **desk.who("two"))
    transferring.execute(request, voucher_no="HD-001", now=LATER, **desk.who("one"))
    with pytest.raises(NotAllowed, match="own-transfer"):
        transferring.confirm(request, arrived_there=True, now=LATER, **desk.who("one"))


def test_a_request_of_another_street_does_not_exist(desk: Desk, make: Factory) -> None:
    request = desk.asked()
    make.grant(make.account("far"), "street_officer", make.place("street", make.place("district", make.city())))
    person = make.account("far").person_id
    with pytest.raises(NotFound):
        approving.approve(request, person_id=person, actor="far", now=LATER)


# -------------------------------------------------------------------------------------------------- asking, cancelling


def test_the_payer_takes_his_request_back_until_it_is_approved(desk: Desk) -> None:
    deposit, account = desk.held()
    first = desk.ask(deposit, account)
    desk.approve(first, "one")
    asking.cancel(first, account_id=account.id, actor="payer", now=LATER)
    with pytest.raises(Conflict):
        desk.approve(first, "two")
    second = desk.ask(deposit, account)
    desk.approve(second)
    with pytest.raises(Conflict):
        asking.cancel(second, account_id=account.id, actor="payer", now=LATER)
    assert desk.books_hold()


def test_a_refused_request_may_be_asked_again(desk: Desk) -> None:
    deposit, account = desk.held()
    first = desk.ask(deposit, account)
    approving.refuse(first, why="收据不符", now=LATER, **desk.who("one"))
    assert desk.deposit_named(deposit.public_id).state == D.PAID
    assert desk.ask(deposit, account) != first


def test_nobody_asks_for_anothers_money_and_a_weak_tie_is_not_enough(desk: Desk) -> None:
    deposit, _ = desk.held()
    with pytest.raises(NotFound):
        desk.ask(deposit, desk.payer())
    with pytest.raises(NotFound):
        asking.cancel(desk.asked(desk.homes[1]), account_id=desk.payer().id, actor="x", now=LATER)


def test_a_pledge_is_not_asked_back_and_what_is_asked_is_not_asked_again(desk: Desk) -> None:
    account = desk.payer()
    pledged = desk.deposit_named(desk.pledge(account))
    with pytest.raises(Conflict, match="not-paid"):
        desk.ask(pledged, account)
    deposit, payer = desk.held(desk.homes[1])
    desk.ask(deposit, payer)
    with pytest.raises(Conflict, match="already-asked"):
        desk.ask(deposit, payer)


def test_the_same_key_asks_once(desk: Desk) -> None:
    deposit, account = desk.held()
    assert desk.ask(deposit, account, key=key("k")) == desk.ask(deposit, account, key=key("k"))


def test_a_deposit_with_a_second_payment_gives_both_back_each_once(desk: Desk) -> None:
    account = desk.payer()
    trade_no = desk.ordered(account=account)
    deposit = desk.deposit_of(trade_no)
    desk.tell(desk.gateway.pay(trade_no, now=NOW))
    request = desk.ask(deposit, account)
    desk.approve(request)
    desk.run_jobs(LATER)
    assert desk.number(request) == f"{trade_no}R2"
    assert desk.books_hold()


# ------------------------------------------------------------------------------------------------------------- batches


def test_a_batch_approves_what_its_preview_showed_and_names_what_it_could_not(desk: Desk) -> None:
    requests = [desk.asked(home) for home in desk.homes[:3]]
    first = approving.approve_many(requests, total_fen=3 * FULL, now=LATER, **desk.who("one"))
    assert (first.checked, first.released, first.failed) == (3, 0, [])
    approving.refuse(requests[0], why="重名", now=LATER, **desk.who("three"))
    second = approving.approve_many(requests, total_fen=3 * FULL, now=LATER, **desk.who("two"))
    assert (second.released, [one for one, _ in second.failed]) == (2, [requests[0]])
    assert len(desk.refunds()) == 2
    assert desk.books_hold()


def test_a_batch_repeated_under_its_key_does_nothing_twice(desk: Desk) -> None:
    requests = [desk.asked(home) for home in desk.homes[:2]]
    told = [
        approving.approve_many(requests, total_fen=2 * FULL, now=LATER, key=key("b"), **desk.who("one"))
        for _ in range(2)
    ]
    assert told[0] == told[1]
    assert {desk.request(one).state for one in requests} == {R.CHECKED}


def test_a_batch_that_is_not_what_the_preview_said_is_refused_whole(desk: Desk) -> None:
    requests = [desk.asked(home) for home in desk.homes[:2]]
    with pytest.raises(Conflict, match="preview-changed"):
        approving.approve_many(requests, total_fen=FULL, now=LATER, **desk.who("one"))
    assert {desk.request(one).state for one in requests} == {R.ASKED}


# --------------------------------------------------------------------------------------------------------------- aging


def test_from_day_300_on_a_deposit_still_held_is_an_alarm_once(desk: Desk) -> None:
    deposit, account = desk.held()
    desk.approve(desk.asked(desk.homes[1]))
    assert aging.warn(now=NOW + timedelta(days=300) - timedelta(seconds=1)) == 0
    assert [aging.warn(now=NOW + timedelta(days=300, hours=h)) for h in (0, 24)] == [1, 0]
    assert desk.alarms() == [(AlarmKind.REFUND_ROAD_ENDS, deposit.public_id, ())]
    desk.approve(desk.ask(deposit, account, now=NOW + timedelta(days=302)), now=NOW + timedelta(days=302))
    assert desk._one(sa.text("SELECT count(*) FROM payment_alarm WHERE settled_at IS NULL")) == 0


# --------------------------------------------------------------------------------------------------- boards and checks


def test_a_deposit_going_back_is_not_counted_and_one_merely_asked_for_is(desk: Desk) -> None:
    request = desk.asked()
    session = reading()
    assert estate_totals(session, desk.estate.id).paid_fen == FULL
    session.close()
    desk.approve(request)
    assert estate_totals(reading(), desk.estate.id).paid_fen == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE deposit SET state = 'paid' WHERE state = 'refund_pending'",
        "UPDATE deposit_refund SET amount_fen = 1",
        "UPDATE deposit_refund SET state = 'cancelled'",
        "UPDATE deposit SET state = 'refunded' WHERE state = 'refund_pending'",
    ],
)
def test_a_state_changed_by_hand_is_found_by_the_check(desk: Desk, statement: str) -> None:
    desk.approve(desk.asked())
    desk.books_hold()

    @use_case
    def by_hand() -> None:
        with transaction() as session:
            session.execute(sa.text(statement))

    by_hand()
    assert checking.check().differences
