"""Deposits become contributions by two people, in the books alone; the rest goes back; who asked first is left out."""

import pytest
from flask import Flask

from kernel.database import reading
from kernel.errors import Conflict, NotAllowed
from payments.queries.totals import estate_totals
from payments.refunds.models import LineState
from payments.refunds.queries import last_request
from payments.refunds.services import converting
from payments.rules.deposit import DepositState
from payments.rules.giving_back import RequestState
from tests.payments.isolation import at_once, isolation
from tests.payments.refunds.conftest import LATER, Desk
from tests.payments.world import FULL

__all__ = ["isolation"]

D = DepositState


def test_all_that_is_held_is_converted_and_no_money_moves(desk: Desk) -> None:
    deposits = [desk.held(home)[0] for home in desk.homes[:2]]
    desk.converted()
    assert {desk.deposit_named(one.public_id).state for one in deposits} == {D.CONVERTED}
    assert desk.balances() == {"at_wechat": 2 * FULL, "contributions": -2 * FULL}
    assert estate_totals(reading(), desk.estate.id).paid_fen == 2 * FULL
    assert desk.refunds() == []
    assert desk.books_hold()


def test_what_a_household_gave_beyond_its_share_goes_back(desk: Desk) -> None:
    deposit, account = desk.held(fen=80_000)
    desk.held(desk.homes[1], fen=20_000)
    desk.converted(due_fen=30_000)
    assert desk.balances() == {"at_wechat": 100_000, "contributions": -50_000, "to_refund": -50_000}
    assert estate_totals(reading(), desk.estate.id).paid_fen == 50_000, "the part counts, the rest does not"
    intent = desk.refunds()[0]
    assert intent.amount_fen == 50_000
    desk.tell(desk.gateway.finish_refund(intent.refund_no, now=LATER), now=LATER)
    assert desk.deposit_named(deposit.public_id).state == D.CONVERTED
    assert desk.balances() == {"at_wechat": 50_000, "contributions": -50_000}
    with pytest.raises(Conflict, match="converted"):
        desk.ask(deposit, account)
    assert desk.books_hold()


def test_who_asked_for_his_money_back_is_not_converted(desk: Desk) -> None:
    desk.asked(desk.homes[0])
    between, account = desk.held(desk.homes[1])
    held, _ = desk.held(desk.homes[2])
    batch = desk.proposed()
    assert len(desk.lines()) == 2
    desk.ask(between, account)
    converting.decide(batch, agree=True, now=LATER, **desk.who("two"))
    desk.run_jobs(LATER)
    assert sorted(line.state for line in desk.lines()) == [LineState.DONE, LineState.SKIPPED]
    assert desk.deposit_named(between.public_id).state == D.PAID
    assert desk.deposit_named(held.public_id).state == D.CONVERTED
    assert desk.books_hold()


def test_one_person_cannot_convert_alone(desk: Desk) -> None:
    desk.held()
    batch = desk.proposed()
    with pytest.raises(NotAllowed, match="own-proposal"):
        converting.decide(batch, agree=True, now=LATER, **desk.who("one"))
    converting.decide(batch, agree=False, now=LATER, **desk.who("one"))
    assert [line.state for line in desk.lines()] == [LineState.DROPPED]
    with pytest.raises(Conflict, match="conversion-decided"):
        converting.decide(batch, agree=True, now=LATER, **desk.who("two"))
    desk.converted()
    assert desk.books_hold()


def test_a_proposal_over_other_figures_than_the_previews_is_refused(desk: Desk) -> None:
    with pytest.raises(Conflict, match="nothing-held"):
        desk.proposed()
    desk.held()
    with pytest.raises(Conflict, match="preview-changed"):
        desk.proposed(total_fen=1)
    desk.proposed()
    with pytest.raises(Conflict, match="conversion-waits"):
        desk.proposed()


def test_a_job_told_twice_or_broken_off_converts_each_deposit_once(desk: Desk) -> None:
    for home in desk.homes[:3]:
        desk.held(home, fen=60_000)
    batch = desk.proposed(due_fen=FULL)
    converting.decide(batch, agree=True, now=LATER, **desk.who("two"))
    converting.convert(desk.lines()[0].public_id, now=LATER)  # and then it died
    for _ in range(2):
        converting.on_convert({"batch": batch}, now=LATER)
    kinds = [kind for kind, _ in desk.entries()]
    assert (kinds.count("converted"), kinds.count("refund_owed")) == (3, 3)
    assert desk.books_hold()


def test_a_proposal_not_agreed_converts_nothing(desk: Desk) -> None:
    deposit, _ = desk.held()
    batch = desk.proposed()
    converting.on_convert({"batch": batch}, now=LATER)
    assert desk.deposit_named(deposit.public_id).state == D.PAID


def test_converting_and_asking_back_at_once_do_one_of_them(app: Flask, desk: Desk, isolation: str) -> None:
    deposit, account = desk.held(fen=80_000)
    batch = desk.proposed(due_fen=FULL)
    converting.decide(batch, agree=True, now=LATER, **desk.who("two"))
    line = desk.lines()[0].public_id
    at_once(
        app,
        lambda: converting.convert(line, now=LATER),
        lambda: desk.ask(deposit, account),
        lambda: converting.convert(line, now=LATER),
    )
    state = desk.deposit_named(deposit.public_id).state
    assert (state, desk.lines()[0].state) in {(D.CONVERTED, LineState.DONE), (D.PAID, LineState.SKIPPED)}
    assert desk.books_hold()


def test_the_rest_of_a_conversion_that_cannot_be_sent_leaves_the_deposit_converted(desk: Desk) -> None:
    deposit, _ = desk.held(fen=80_000)
    desk.gateway.lose_answer("refund", "before")
    desk.converted(due_fen=FULL)
    session = reading()
    rest = last_request(session, deposit.id)
    session.close()
    assert rest is not None
    assert rest.state == RequestState.SENDING
    assert desk.deposit_named(deposit.public_id).state == D.CONVERTED
    assert desk.books_hold()
