"""A confirmed payment is credited exactly once, whatever the order, number, delay or forgery of what we are told."""

import functools
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from kernel.database import transaction, use_case
from kernel.errors import Unavailable
from payments import queries
from payments.gateways.memory import MemoryGateway
from payments.gateways.port import Refused
from payments.models import NoticeOutcome
from payments.rules.alarm import AlarmKind
from payments.rules.attempt import AttemptState
from payments.rules.deposit import DepositState
from payments.rules.refund import IntentState
from payments.rules.trade import RefundState
from payments.services import crediting, healing, receipts, refunding
from tests.payments.isolation import at_once, isolation
from tests.payments.world import FULL, NOW, World
from tests.support.statements import Asked

__all__ = ["isolation"]

CREDITED_ONCE = {"at_wechat": FULL, "deposits_held": -FULL}


def test_a_notice_told_five_times_counts_once(world: World) -> None:
    trade_no = world.ordered()
    letter = world.gateway.pay(trade_no, now=NOW)
    outcomes = [world.tell(letter) for _ in range(5)]
    assert outcomes == [NoticeOutcome.CREDITED] * 5
    assert world.balances() == CREDITED_ONCE
    assert world.entries() == [("deposit_paid", trade_no)]


def test_crediting_asks_the_database_no_more_than_it_must(world: World) -> None:
    letter = world.gateway.pay(world.ordered(), now=NOW)
    told_again = ["BEGIN", "SELECT deposit", "SELECT payment_attempt", "COMMIT"]
    with Asked() as first:
        world.tell(letter)
    with Asked() as again:
        world.tell(letter)
    assert first.words == [
        *told_again[:3],
        "INSERT audit_entry",
        "INSERT audit_payload",
        "INSERT payment_confirmation",
        "UPDATE payment_attempt",
        "UPDATE deposit",
        "INSERT ledger_entry",
        "INSERT ledger_posting",
        "INSERT outbox",
        "INSERT payment_notice",
        "COMMIT",
    ]
    assert again.words == told_again


def test_a_second_notice_about_the_same_payment_is_a_repeat(world: World) -> None:
    trade_no = world.ordered()
    world.tell(world.gateway.pay(trade_no, now=NOW))
    facts = {"id": "EV-other", "event": "payment", "trade_no": trade_no}
    assert world.tell(world.gateway._signed(facts, NOW)) is NoticeOutcome.REPEATED
    assert world.balances() == CREDITED_ONCE


def test_a_true_notice_under_the_id_of_an_odd_one_is_still_credited(world: World) -> None:
    trade_no = world.ordered()
    letter = world.gateway.pay(trade_no, now=NOW)
    true_notice = world.gateway.read(*letter, now=NOW)
    odd_facts = {**true_notice.facts, "amount": 1}
    odd = replace(true_notice, trade=replace(true_notice.trade, amount_fen=1), facts=odd_facts)
    assert crediting.take_notice("memory", odd, now=NOW) is NoticeOutcome.MISMATCH
    assert world.tell(letter) is NoticeOutcome.CREDITED
    assert world.balances() == CREDITED_ONCE


def test_eight_notices_at_the_same_moment_count_once(app: Flask, world: World, isolation: str) -> None:
    trade_no = world.ordered()
    letter = world.gateway.pay(trade_no, now=NOW)
    facts = {"id": "EV-other", "event": "payment", "trade_no": trade_no}
    other = world.gateway._signed(facts, NOW)
    results = at_once(app, *[lambda: world.tell(letter)] * 5, *[lambda: world.tell(other)] * 3)
    assert not [result for result in results if isinstance(result, Exception)]
    assert world.balances() == CREDITED_ONCE
    assert world.refunds() == []


def test_a_notice_and_our_own_question_at_the_same_moment_count_once(app: Flask, world: World, isolation: str) -> None:
    trade_no = world.ordered()
    attempt = world.attempt_of(trade_no).public_id
    letter = world.gateway.pay(trade_no, now=NOW)

    def ask() -> object:
        return healing.look(attempt, now=NOW, patience="request")

    results = at_once(app, lambda: world.tell(letter), ask, lambda: world.tell(letter), ask)
    assert not [result for result in results if isinstance(result, Exception)]
    assert world.balances() == CREDITED_ONCE


def test_eight_payers_at_the_same_moment_are_all_credited(app: Flask, world: World, isolation: str) -> None:
    homes = world.homes[:8]
    letters = [world.gateway.pay(world.ordered(dwelling=home), now=NOW) for home in homes]

    def tell_until_taken(letter: tuple[dict[str, str], bytes]) -> object:
        for _ in range(5):  # WeChat tells again what was answered with "busy"
            try:
                return world.tell(letter)
            except Unavailable:
                assert isolation == "serializable"  # false conflicts on index pages; nothing else may be refused
        return None

    results = at_once(app, *[functools.partial(tell_until_taken, letter) for letter in letters])
    assert results == [NoticeOutcome.CREDITED] * 8
    assert world.balances() == {"at_wechat": 8 * FULL, "deposits_held": -8 * FULL}
    world.run_jobs(NOW)
    assert world.receipts() == [f"2026-{counted:06d}" for counted in range(1, 9)]


def test_a_forged_or_stale_notice_is_refused_and_changes_nothing(world: World) -> None:
    trade_no = world.ordered()
    headers, raw = world.gateway.pay(trade_no, now=NOW)
    stranger = MemoryGateway()
    for forged in ((headers, raw + b" "), ({**headers, "Memory-Signature": "00"}, raw), ({}, raw)):
        with pytest.raises(Refused):
            world.gateway.read(*forged, now=NOW)
    with pytest.raises(Refused):
        stranger.read(headers, raw, now=NOW)
    with pytest.raises(Refused):
        world.gateway.read(headers, raw, now=NOW + timedelta(minutes=6))
    assert world.balances() == {}


@pytest.mark.parametrize("fen", [FULL - 1, FULL + 1, 1])
def test_another_amount_than_ordered_is_kept_and_alarmed_and_not_credited(world: World, fen: int) -> None:
    trade_no = world.ordered()
    outcome = world.tell(world.gateway.pay(trade_no, now=NOW, amount_fen=fen))
    assert outcome is NoticeOutcome.MISMATCH
    assert world.balances() == {}
    assert world.alarms() == [(AlarmKind.MISMATCH, trade_no, ("amount_fen",))]
    assert world.deposit_of(trade_no).state == DepositState.PLEDGED


def test_another_merchant_is_kept_and_alarmed_and_not_credited(world: World) -> None:
    trade_no = world.ordered()
    letter = world.gateway.pay(trade_no, now=NOW)
    world.gateway.merchant_id = "1900000002"
    assert world.tell(letter) is NoticeOutcome.MISMATCH
    assert world.alarms() == [(AlarmKind.MISMATCH, trade_no, ("merchant_id",))]
    assert world.balances() == {}


def test_a_payment_we_know_nothing_of_is_kept_and_alarmed_once(world: World) -> None:
    trade_no = world.ordered()
    letter = world.gateway.pay(trade_no, now=NOW)
    world.gateway._orders["STRANGER0001"] = world.gateway._orders[trade_no]
    world.gateway._orders["STRANGER0001"].order = type(world.gateway._orders[trade_no].order)(
        "STRANGER0001", FULL, "x", "o", "https://a", NOW + timedelta(days=1)
    )
    for notice_id in ("EV-1", "EV-1", "EV-2"):
        facts = {"id": notice_id, "event": "payment", "trade_no": "STRANGER0001"}
        assert world.tell(world.gateway._signed(facts, NOW)) is NoticeOutcome.UNMATCHED
    assert world.alarms() == [(AlarmKind.UNMATCHED, "STRANGER0001", ())]
    assert letter


def test_the_late_success_of_a_closed_attempt_is_credited(world: World) -> None:
    payer = world.payer()
    deposit = world.pledge(payer)
    trade_no = world.begin(payer, deposit)
    letter = world.gateway.pay(trade_no, now=NOW)
    # We believed it closed; the service says it was paid.
    world.gateway.close = lambda number, *, patience="request": None
    attempt = world.attempt_of(trade_no)

    @use_case
    def believe_closed() -> None:
        with transaction() as session:
            queries.attempt_and_deposit(session, attempt.public_id)[0].state = AttemptState.CLOSED

    believe_closed()
    assert world.tell(letter) is NoticeOutcome.CREDITED
    assert world.balances() == CREDITED_ONCE


def two_successes(world: World) -> tuple[str, str]:
    """One payer, one deposit: an attempt closed by us and paid all the same, and the one that took its place."""
    payer = world.payer()
    deposit = world.pledge(payer)
    first = world.begin(payer, deposit)
    world.pledge(payer, fen=30_000)
    second = world.begin(payer, deposit)
    held = world.gateway._orders[first]
    held.state = type(held.state).NOT_PAID  # the close was lost on the way
    world.tell(world.gateway.pay(second, now=NOW))
    assert world.tell(world.gateway.pay(first, now=NOW)) is NoticeOutcome.SECOND_PAYMENT
    return first, second


def test_a_second_success_for_the_same_deposit_goes_back_by_itself_and_leaves_once(world: World) -> None:
    first, second = two_successes(world)
    assert world.balances() == {"at_wechat": 80_000, "deposits_held": -30_000, "to_refund": -50_000}
    assert world.alarms() == [(AlarmKind.SECOND_PAYMENT, first, ())]

    world.gateway.lose_answer("refund", "after")
    world.run_jobs(NOW)
    assert world.refunds()[0].state == IntentState.WANTED
    world.run_jobs(NOW + timedelta(minutes=1))
    assert world.refunds()[0].state == IntentState.PROCESSING
    letter = world.gateway.finish_refund(f"{first}R1", now=NOW)
    assert [world.tell(letter) for _ in range(3)] == [NoticeOutcome.REFUND] * 3
    world.run_jobs(NOW + timedelta(days=1))

    assert world.refunds()[0].state == IntentState.DONE
    assert set(world.gateway._refunds) == {f"{first}R1"}
    assert world.balances() == {"at_wechat": 30_000, "deposits_held": -30_000}
    assert world.deposit_of(second).amount_fen == 30_000


def test_a_refund_whose_notice_was_lost_is_found_by_asking(world: World) -> None:
    first, _ = two_successes(world)
    world.run_jobs(NOW)
    world.gateway.finish_refund(f"{first}R1", now=NOW)
    world.run_jobs(NOW + timedelta(minutes=5))
    assert world.refunds()[0].state == IntentState.DONE
    assert world.balances() == {"at_wechat": 30_000, "deposits_held": -30_000}


def test_a_refund_that_cannot_go_on_is_put_before_a_person(world: World) -> None:
    first, _ = two_successes(world)
    world.run_jobs(NOW)
    world.tell(world.gateway.finish_refund(f"{first}R1", now=NOW, state=RefundState.ABNORMAL))
    assert world.refunds()[0].state == IntentState.ABNORMAL
    assert (AlarmKind.REFUND_ABNORMAL, f"{first}R1", ()) in world.alarms()
    assert world.balances()["to_refund"] == -50_000


def test_paying_one_attempt_closes_the_other_one_at_the_service(world: World) -> None:
    payer = world.payer()
    deposit = world.pledge(payer)
    first = world.begin(payer, deposit)
    world.pledge(payer, fen=30_000)
    second = world.begin(payer, deposit)
    held = world.gateway._orders[first]
    held.state = type(held.state).NOT_PAID
    world.tell(world.gateway.pay(first, now=NOW))
    world.run_jobs(NOW)
    assert world.attempt_of(second).state == AttemptState.CLOSED
    assert world.deposit_of(first).amount_fen == FULL
    assert ("close", second) in world.gateway.calls


def test_two_payers_at_the_same_moment_for_one_dwelling_are_both_kept(app: Flask, world: World, isolation: str) -> None:
    letters = [world.gateway.pay(world.ordered(fen), now=NOW) for fen in (20_000, 30_000)]
    assert (
        at_once(app, *[(lambda letter=letter: world.tell(letter)) for letter in letters])
        == [NoticeOutcome.CREDITED] * 2
    )
    assert world.balances() == {"at_wechat": 50_000, "deposits_held": -50_000}
    assert world.refunds() == []


def test_a_payer_who_presses_in_two_windows_at_once_has_one_attempt(app: Flask, world: World, isolation: str) -> None:
    payer = world.payer()
    deposit = world.pledge(payer)
    numbers = at_once(app, *[lambda: world.begin(payer, deposit)] * 4)
    assert len(set(numbers)) == 1, numbers


def test_a_family_member_who_pledges_in_two_windows_at_once_has_one_deposit(
    app: Flask, world: World, isolation: str
) -> None:
    payer = world.payer()
    made = at_once(app, *[lambda: world.pledge(payer)] * 4)
    assert len(set(made)) == 1, made


def test_receipts_numbered_at_the_same_moment_have_no_gap_and_no_twin(app: Flask, world: World, isolation: str) -> None:
    paid = [world.paid(home).public_id for home in world.homes[:6]]
    numbers = at_once(app, *[(lambda one=one: receipts.issue(one, now=NOW)) for one in [*paid, paid[0], paid[1]]])
    assert not [number for number in numbers if isinstance(number, Exception)], numbers
    assert sorted(set(numbers)) == [f"2026-{counted:06d}" for counted in range(1, 7)]
    assert (numbers[0], numbers[1]) == (numbers[6], numbers[7])


def test_a_refund_told_by_several_at_once_is_entered_once(app: Flask, world: World, isolation: str) -> None:
    first, _ = two_successes(world)
    world.run_jobs(NOW)
    letter = world.gateway.finish_refund(f"{first}R1", now=NOW)
    payload = {"refund": f"{first}R1", "at": world.refunds()[0].next_try_at.isoformat()}

    def ask() -> object:
        return refunding.on_refund(payload, now=NOW)

    results = at_once(app, lambda: world.tell(letter), ask, lambda: world.tell(letter), ask)
    assert not [result for result in results if isinstance(result, Exception)], results
    assert world.balances() == {"at_wechat": 30_000, "deposits_held": -30_000}
