"""The payer's side: pledging, paying, asking."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel.database import reading
from kernel.errors import Conflict, Gone, Invalid, NotAllowed, NotFound, Unavailable
from kernel.idempotency import Key
from payments.models import Deposit, PaymentAttempt
from payments.rules.attempt import HANDLE_LIFE, AttemptState, How
from payments.rules.deposit import DepositState
from payments.services import deposits, paying
from tests.payments.world import FULL, NOW, World


def attempts(world: World) -> int:
    session = reading()
    many = session.scalar(sa.select(sa.func.count()).select_from(PaymentAttempt))
    session.close()
    return many


def test_a_household_pledges_pays_and_gets_its_receipt(world: World) -> None:
    payer = world.payer()
    deposit = world.pledge(payer)
    trade_no = world.begin(payer, deposit)
    assert world.attempt_of(trade_no).state == AttemptState.PLACED
    assert deposits.status(deposit, account_id=payer.id, now=NOW).deposit.state == DepositState.PLEDGED

    world.tell(world.gateway.pay(trade_no, now=NOW))
    world.run_jobs(NOW)

    told = deposits.status(deposit, account_id=payer.id, now=NOW)
    assert told.deposit.state == DepositState.PAID
    assert told.deposit.amount_fen == FULL
    assert told.receipt is not None
    assert told.receipt.number == "2026-000001"
    assert world.balances() == {"at_wechat": FULL, "deposits_held": -FULL}


def test_a_trade_number_carries_the_city_and_keeps_to_wechats_alphabet() -> None:
    number = paying.new_trade_no("shao_guan")
    assert number.startswith("SHAOGUAN")
    assert 6 <= len(number) <= 32
    assert number.isalnum()
    assert number == number.upper()


def test_the_pay_page_opened_twice_is_the_same_open_attempt(world: World) -> None:
    payer = world.payer()
    deposit = world.pledge(payer)
    first = world.begin(payer, deposit)
    second = world.begin(payer, deposit, now=NOW + timedelta(minutes=1))
    assert first == second
    assert attempts(world) == 1


def test_an_old_prepay_id_is_replaced_under_the_same_number(world: World) -> None:
    payer = world.payer()
    deposit = world.pledge(payer)
    trade_no = world.begin(payer, deposit)
    old = world.attempt_of(trade_no).prepay_id
    assert world.begin(payer, deposit, now=NOW + HANDLE_LIFE[How.JSAPI]) == trade_no
    assert world.attempt_of(trade_no).prepay_id != old


def test_a_payer_whose_notice_was_lost_is_told_that_he_has_paid_when_he_presses_again(world: World) -> None:
    payer = world.payer()
    deposit = world.pledge(payer)
    world.gateway.pay(world.begin(payer, deposit), now=NOW)
    with pytest.raises(Conflict) as refusal:
        world.begin(payer, deposit, now=NOW + timedelta(minutes=1))
    assert refusal.value.code == "already-paid"
    assert world.balances() == {"at_wechat": FULL, "deposits_held": -FULL}


def test_another_amount_closes_the_open_attempt_first(world: World) -> None:
    payer = world.payer()
    deposit = world.pledge(payer)
    first = world.begin(payer, deposit)
    assert world.pledge(payer, fen=30_000) == deposit
    assert world.attempt_of(first).state == AttemptState.CLOSED
    second = world.begin(payer, deposit)
    assert second != first
    assert world.attempt_of(second).amount_fen == 30_000


def test_another_amount_after_paying_is_refused_and_what_was_paid_is_credited(world: World) -> None:
    payer = world.payer()
    deposit = world.pledge(payer)
    world.gateway.pay(world.begin(payer, deposit), now=NOW)
    with pytest.raises(Conflict) as refusal:
        world.pledge(payer, fen=30_000)
    assert refusal.value.code == "already-paid"
    assert world.balances() == {"at_wechat": FULL, "deposits_held": -FULL}


def test_the_same_key_pledges_once_and_pays_once(world: World) -> None:
    payer = world.payer()
    pledge_key, pay_key = Key("a", "k" * 8, "h"), Key("a", "p" * 8, "h")
    deposit = world.pledge(payer, key=pledge_key)
    assert world.pledge(payer, key=pledge_key) == deposit
    trade_no = world.begin(payer, deposit, key=pay_key)
    assert world.begin(payer, deposit, key=pay_key) == trade_no
    assert attempts(world) == 1


def test_a_key_of_an_attempt_that_was_closed_begins_no_other_one(world: World) -> None:
    payer = world.payer()
    deposit = world.pledge(payer)
    key = Key("a", "p" * 8, "h")
    world.begin(payer, deposit, key=key)
    world.pledge(payer, fen=30_000)
    with pytest.raises(Conflict) as refusal:
        world.begin(payer, deposit, key=key)
    assert refusal.value.code == "attempt-over"
    assert attempts(world) == 1


def test_somebody_without_a_tie_finds_no_such_dwelling(world: World) -> None:
    stranger = world.payer(world.homes[3])
    with pytest.raises(NotFound):
        world.pledge(stranger, world.homes[0])


def test_a_level_one_tie_may_not_pay_nor_see_amounts(world: World) -> None:
    neighbour = world.payer(level=1)
    with pytest.raises(NotAllowed) as refusal:
        world.pledge(neighbour)
    assert refusal.value.code == "tie-not-confirmed"


def test_another_payers_deposit_is_not_found(world: World) -> None:
    deposit = world.pledge(world.payer())
    other = world.payer()
    with pytest.raises(NotFound):
        deposits.status(deposit, account_id=other.id, now=NOW)
    with pytest.raises(NotFound):
        world.begin(other, deposit)


def test_two_payers_for_one_dwelling_have_a_deposit_each_and_both_are_kept(world: World) -> None:
    first, second = world.payer(), world.payer()
    world.paid(account=first, fen=20_000)
    world.paid(account=second, fen=30_000)
    assert world.balances() == {"at_wechat": 50_000, "deposits_held": -50_000}
    assert world.refunds() == []


def test_terms_other_than_the_collections_are_refused(world: World) -> None:
    payer = world.payer()
    with pytest.raises(Conflict) as refusal:
        deposits.pledge(
            world.homes[0].public_id,
            account_id=payer.id,
            actor="a",
            amount_fen=FULL,
            terms_version="deposit-1999-1",
            now=NOW,
        )
    assert refusal.value.code == "terms-changed"


def test_an_estate_that_does_not_collect_says_so(world: World) -> None:
    other = world.make.estate(name="工商局宿舍", floors=1, doors=1)
    from kernel.places.queries import dwellings_of_estate

    home = dwellings_of_estate(reading(), other.id)[0]
    with pytest.raises(NotFound) as refusal:
        world.pledge(world.payer(home), home)
    assert refusal.value.code == "no-collection"


@pytest.mark.parametrize("fen", [0, -50_000, 5_000_001, 10**30])
def test_no_pledge_of_nothing_or_of_the_absurd(world: World, fen: int) -> None:
    with pytest.raises(Invalid):
        world.pledge(world.payer(), fen=fen)


def test_a_gateway_that_does_not_answer_loses_nothing_and_the_next_tap_goes_on(world: World) -> None:
    payer = world.payer()
    deposit = world.pledge(payer)
    world.gateway.lose_answer("place", "after")
    with pytest.raises(Unavailable) as refusal:
        world.begin(payer, deposit)
    assert refusal.value.code == "wechat-pay-unreachable"
    trade_no = world.gateway.calls[-1][1]
    assert world.attempt_of(trade_no).state == AttemptState.UNKNOWN
    assert world.begin(payer, deposit, now=NOW + timedelta(seconds=9)) == trade_no
    assert world.attempt_of(trade_no).state == AttemptState.PLACED


def test_a_payer_waiting_on_an_unknown_outcome_makes_us_ask(world: World) -> None:
    payer = world.payer()
    deposit = world.pledge(payer)
    trade_no = world.begin(payer, deposit)
    world.gateway.pay(trade_no, now=NOW)
    asked = len(world.gateway.calls)
    early = deposits.status(deposit, account_id=payer.id, now=NOW + timedelta(seconds=1))
    assert early.deposit.state == DepositState.PLEDGED
    assert len(world.gateway.calls) == asked
    late = deposits.status(deposit, account_id=payer.id, now=NOW + timedelta(seconds=4))
    assert late.deposit.state == DepositState.PAID


def test_a_status_while_wechat_is_silent_says_so_and_changes_nothing(world: World) -> None:
    payer = world.payer()
    deposit = world.pledge(payer)
    world.begin(payer, deposit)
    world.gateway.lose_answer("look", "before")
    told = deposits.status(deposit, account_id=payer.id, now=NOW + timedelta(seconds=4))
    assert told.unreachable
    assert told.attempt is AttemptState.PLACED


def test_a_refused_order_fails_and_a_new_one_may_be_tried(world: World) -> None:
    payer = world.payer()
    deposit = world.pledge(payer)
    trade_no = world.begin(payer, deposit)
    # The service closed it on its own; a repeat under the number is refused there.
    world.gateway.close(trade_no)
    with pytest.raises(Conflict):
        world.begin(payer, deposit, now=NOW + HANDLE_LIFE[How.JSAPI])
    assert world.begin(payer, deposit, now=NOW + HANDLE_LIFE[How.JSAPI]) != trade_no


def test_a_closed_collection_takes_no_more_pledges(world: World) -> None:
    from kernel.database import transaction, use_case
    from payments.models import Collection

    @use_case
    def close() -> None:
        with transaction() as session:
            session.execute(sa.update(Collection).values(closed_at=NOW))

    close()
    with pytest.raises(Gone):
        world.pledge(world.payer())


def test_a_paid_deposit_is_never_deleted_with_its_payers_second_visit(world: World) -> None:
    paid = world.paid()
    session = reading()
    assert session.scalars(sa.select(Deposit.state)).all() == [DepositState.PAID]
    session.close()
    assert paid.amount_fen == FULL
