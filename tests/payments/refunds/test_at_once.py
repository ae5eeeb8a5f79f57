"""Refunds at the same moment, at both levels: one of two wins, and the books tell which."""

import sqlalchemy as sa
from flask import Flask

from kernel.errors import DomainError
from payments.cash_desk.models import CashBox
from payments.cash_desk.services import boxes
from payments.refunds.batches.services import proposing, releasing
from payments.refunds.services import approving, asking, transferring
from payments.rules.alarm import AlarmKind
from payments.rules.giving_back import RequestState as R
from payments.statements.services import deciding
from payments.statements.services.effects import Part
from tests.payments.cash_desk.conftest import FULL, Counter, counter
from tests.payments.isolation import at_once, isolation
from tests.payments.refunds.batches.test_batches import propose
from tests.payments.refunds.conftest import LATER, PAYEE, Desk
from tests.payments.statements.support import credit, row, told
from tests.payments.world import NOW

__all__ = ["counter", "isolation"]


def test_many_who_ask_and_approve_at_once_send_it_back_once(app: Flask, desk: Desk, isolation: str) -> None:
    deposit, account = desk.held()
    made = at_once(app, *[lambda: desk.ask(deposit, account)] * 4)
    requests = [one for one in made if isinstance(one, str)]
    assert len(requests) == 1, made
    desk.approve(requests[0], "one")
    told = at_once(
        app, *[lambda name=name: desk.approve(requests[0], name) for name in ("two", "three", "two", "three")]
    )
    assert told.count(R.SENDING) == 1, told
    assert len(desk.refunds()) == 1
    assert [kind for kind, _ in desk.entries()].count("refund_owed") == 1
    assert desk.books_hold()


def test_approval_and_cancellation_at_once_leave_one_of_them(app: Flask, desk: Desk, isolation: str) -> None:
    deposit, account = desk.held()
    request = desk.ask(deposit, account)
    desk.approve(request, "one")
    at_once(
        app,
        lambda: desk.approve(request, "two"),
        lambda: asking.cancel(request, account_id=account.id, actor="payer", now=LATER),
    )
    assert (desk.request(request).state, len(desk.refunds())) in {(R.SENDING, 1), (R.CANCELLED, 0)}
    assert desk.books_hold()


def test_a_transfer_and_late_success_at_once_are_both_in_the_books(app: Flask, desk: Desk, isolation: str) -> None:
    request = desk.failed()
    transferring.enter_payee(request, PAYEE, now=LATER, **desk.who("one"))
    letter = desk.gateway.finish_refund(desk.number(request), now=LATER)
    at_once(
        app,
        lambda: transferring.execute(request, voucher_no="HD-001", now=LATER, **desk.who("cashier")),
        lambda: desk.tell(letter, now=LATER),
    )
    alarmed = any(kind is AlarmKind.REFUNDED_TWICE for kind, _, _ in desk.alarms())
    assert (desk.request(request).state, alarmed) in {(R.TRANSFERRED, True), (R.REFUNDED, False)}
    assert desk.books_hold()


def test_two_runners_of_a_batch_and_a_single_approval_at_once_send_each_payment_once(
    app: Flask, counter: Counter, isolation: str
) -> None:
    deposit, account = counter.held(counter.homes[1])
    for home in counter.homes[2:4]:
        counter.held(home)
    batch = propose(counter)
    request = counter.ask(deposit, account)
    approving.approve(request, now=LATER, **counter.who("one"))
    decided = at_once(
        app,
        *[
            lambda who=who: proposing.decide(batch, agree=True, now=LATER, **counter.who(who))
            for who in ("two", "three", "two")
        ],
    )
    assert decided.count(batch) == 1, decided
    runner = [lambda: releasing.on_batch({"batch": batch, "again": False}, now=LATER)] * 2
    at_once(app, *runner, lambda: approving.approve(request, now=LATER, **counter.who("three")))
    assert len({one.attempt_id for one in counter.refunds()}) == len(counter.refunds()) == 3
    assert counter.balances()["to_refund"] == -3 * FULL
    assert counter.books_hold()


def test_a_transfer_taken_back_and_sent_back_at_once_is_one_of_them(
    app: Flask, counter: Counter, isolation: str
) -> None:
    (line,) = told(counter, row())
    credit(counter, line, Part(counter.homes[0].public_id, FULL))
    counter.run_jobs(LATER)
    reversal = deciding.propose_reversal(line.public_id, why="记错了户", now=LATER, **counter.who("one"))
    batch = propose(counter, who="three")
    proposing.decide(batch, agree=True, now=LATER, **counter.who("two"))
    at_once(
        app,
        lambda: deciding.decide_reversal(reversal, agree=True, now=LATER, **counter.who("two")),
        lambda: releasing.on_batch({"batch": batch, "again": False}, now=LATER),
    )
    assert counter.balances() in ({}, {"at_bank": FULL, "to_refund": -FULL})
    assert counter.books_hold()


def test_a_box_counted_while_its_collector_takes_more_holds_what_was_counted(
    app: Flask, counter: Counter, isolation: str
) -> None:
    box = counter.box(counter.take())
    told_ = {"counted_fen": FULL, "why": None, "now": NOW}
    counts = [lambda who=who: boxes.close(box.public_id, **told_, **counter.who(who)) for who in ("one", "two")]
    done = at_once(app, *counts, lambda: counter.take(home=counter.homes[1]))
    counted = counter._one(sa.select(CashBox).where(CashBox.public_id == box.public_id))
    if counted.closed_at is None:
        # The second receipt was in it first: nobody is told how much is missing, and nothing is closed.
        assert all(isinstance(one, DomainError) for one in done[:2]), done
    else:
        assert counted.entered_fen == counted.counted_fen == FULL
        assert done.count(box.public_id) == 1, done
    assert counter.balances() == {"cash_on_hand": 2 * FULL, "deposits_held": -2 * FULL}
    assert counter.books_hold()
