"""Nobody told us: the job asks, until the service says paid or closed."""

from datetime import timedelta

import pytest

from payments.gateways import registry
from payments.gateways.port import Unknown
from payments.rules.attempt import ORDER_LIFE, AttemptState
from payments.rules.deposit import DepositState
from payments.services import deposits
from tests.payments.world import FULL, NOW, World

CREDITED_ONCE = {"at_wechat": FULL, "deposits_held": -FULL}


def looks(world: World) -> int:
    return sum(call == "look" for call, _ in world.gateway.calls)


def test_a_payment_nobody_told_us_of_is_found_thirty_seconds_later(world: World) -> None:
    trade_no = world.ordered()
    world.gateway.pay(trade_no, now=NOW)
    world.run_jobs(NOW + timedelta(seconds=29))
    assert world.balances() == {}
    world.run_jobs(NOW + timedelta(seconds=30))
    assert world.deposit_of(trade_no).state == DepositState.PAID
    assert world.balances() == CREDITED_ONCE


def test_an_unpaid_order_is_asked_about_at_its_moments_and_closed_at_its_expiry(world: World) -> None:
    trade_no = world.ordered()
    asked = []
    moments = [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1)]
    for after in [*moments, *(timedelta(days=day) for day in range(1, 8))]:
        world.run_jobs(NOW + after)
        asked.append(looks(world))
        world.run_jobs(NOW + after + timedelta(seconds=10))
        assert looks(world) == asked[-1], "asked once a moment"
    assert asked == list(range(1, 12))
    assert world.attempt_of(trade_no).state == AttemptState.CLOSED
    assert world.attempt_of(trade_no).expires_at == NOW + ORDER_LIFE
    world.run_jobs(NOW + timedelta(days=30))
    assert looks(world) == 11


def test_a_payment_on_the_last_day_is_still_credited(world: World) -> None:
    trade_no = world.ordered()
    for day in range(1, 7):
        world.run_jobs(NOW + timedelta(days=day))
    world.gateway.pay(trade_no, now=NOW + timedelta(days=6, hours=23))
    world.run_jobs(NOW + ORDER_LIFE)
    assert world.balances() == CREDITED_ONCE


def test_a_crash_between_begun_and_placed_is_cleared_away_by_the_job(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    payer = world.payer()
    deposit = world.pledge(payer)
    with monkeypatch.context() as crash:
        crash.setattr(world.gateway, "place", lambda order, *, patience: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            world.begin(payer, deposit)
    world.run_jobs(NOW + timedelta(seconds=30))
    told = deposits.status(deposit, account_id=payer.id, now=NOW + timedelta(seconds=31))
    assert told.attempt is AttemptState.CLOSED
    assert told.deposit.state == DepositState.PLEDGED
    world.gateway.pay(world.begin(payer, deposit, now=NOW + timedelta(minutes=1)), now=NOW)
    world.run_jobs(NOW + timedelta(minutes=2))
    assert world.balances() == CREDITED_ONCE


def test_a_crash_between_begun_and_placed_does_not_stop_the_payer_who_comes_back_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    payer = world.payer()
    deposit = world.pledge(payer)
    with monkeypatch.context() as crash:
        crash.setattr(world.gateway, "place", lambda order, *, patience: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            world.begin(payer, deposit)
    trade_no = world.begin(payer, deposit, now=NOW + timedelta(seconds=5))
    assert world.attempt_of(trade_no).state == AttemptState.PLACED


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_unknown_outcome_is_healed_by_asking(world: World, when: str) -> None:
    payer = world.payer()
    deposit = world.pledge(payer)
    world.gateway.lose_answer("place", when)
    with pytest.raises(Exception, match="wechat-pay-unreachable"):
        world.begin(payer, deposit)
    world.run_jobs(NOW + timedelta(seconds=30))
    state = deposits.status(deposit, account_id=payer.id, now=NOW + timedelta(seconds=31)).attempt
    assert state is (AttemptState.CLOSED if when == "before" else AttemptState.PLACED)


def test_a_silent_service_is_asked_again_at_the_next_moment(world: World) -> None:
    trade_no = world.ordered()
    world.gateway.pay(trade_no, now=NOW)
    world.gateway.lose_answer("look", "before")
    world.run_jobs(NOW + timedelta(seconds=30))
    assert world.balances() == {}
    world.run_jobs(NOW + timedelta(minutes=2))
    assert world.balances() == CREDITED_ONCE


def test_an_order_whose_end_is_not_known_at_its_expiry_is_asked_about_until_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(number: str, *, patience: str) -> None:
        raise Unknown("silent")

    trade_no = world.ordered()
    world.gateway.pay(trade_no, now=NOW)
    with monkeypatch.context() as outage:
        outage.setattr(world.gateway, "look", silent)
        for hour in range(24 * 8):
            world.run_jobs(NOW + timedelta(hours=hour))
        assert world.attempt_of(trade_no).state == AttemptState.PLACED
    world.run_jobs(NOW + timedelta(days=8, hours=2))
    assert world.balances() == CREDITED_ONCE


def test_a_job_run_twice_asks_once(world: World) -> None:
    from payments.services import healing

    trade_no = world.ordered()
    attempt = world.attempt_of(trade_no)
    payload = {"attempt": attempt.public_id, "at": attempt.next_look_at.isoformat()}
    healing.on_look(payload, now=attempt.next_look_at)
    healing.on_look(payload, now=attempt.next_look_at)
    assert looks(world) == 1


def test_an_attempt_whose_merchant_lost_its_keys_is_asked_about_once_they_are_back(world: World) -> None:
    trade_no = world.ordered()
    world.gateway.pay(trade_no, now=NOW)
    registry.configure([], base_urls={"shaoguan": "https://sg.example.cn"})
    world.run_jobs(NOW + timedelta(seconds=30))
    registry.use(world.gateway)
    world.run_jobs(NOW + timedelta(minutes=2))
    assert world.balances() == CREDITED_ONCE
