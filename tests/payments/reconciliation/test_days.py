"""A day's ledger against the service's bill: what differs is named, and what was never told is credited once."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel.database import end_reading, reading
from kernel.errors import Conflict, Invalid, Unavailable
from kernel.storage import store
from payments.reconciliation.models import BillFile
from payments.reconciliation.services import days, deciding
from payments.rules.bill import RowKind
from payments.services import checking
from payments.statements.models import BankLine
from payments.statements.services import importing as statements
from tests.payments.isolation import at_once
from tests.payments.reconciliation.conftest import DAY, MORNING, Desk
from tests.payments.services.test_crediting import two_successes
from tests.payments.world import NOW


def bills() -> list[BillFile]:
    session = reading()
    found = list(session.scalars(sa.select(BillFile)).all())
    session.close()
    return found


def test_a_day_that_agrees_has_no_difference_and_its_bill_is_kept(desk: Desk) -> None:
    for home, fen in zip(desk.homes[:3], (50_000, 20_001, 1), strict=True):
        desk.paid(home, fen)
    told = desk.run()
    assert (told.rows, told.matched, told.healed, told.waiting) == (3, 3, 0, 0)
    day = desk.day()
    assert (day.ours_payments, day.ours_paid_fen) == (day.theirs_payments, day.theirs_paid_fen) == (3, 70_002)
    kept, account = bills()
    assert (account.kind, account.row_count) == ("fund_flow", 3)
    assert hashlib.sha256(store().get(kept.storage_key or "")).hexdigest() == kept.sha256


def test_compared_twice_it_is_written_once(desk: Desk) -> None:
    desk.paid()
    desk.ordered(dwelling=desk.homes[1])
    rows = desk.true_rows()
    bill = desk.bill(*rows, replace(rows[0], number="NOBODYS0001", outside_id="429"))
    desk.run(given=bill)
    desk.run(given=bill)
    assert desk.differences() == [("missing_here", "NOBODYS0001", "open")]
    assert len(bills()) == 1


def test_a_payment_whose_notice_was_lost_is_credited_through_the_ordinary_path_exactly_once(desk: Desk) -> None:
    trade_no = desk.ordered()
    letter = desk.gateway.pay(trade_no, now=NOW)
    told = desk.run()
    assert (told.healed, told.waiting) == (1, 0)
    assert desk.deposit_of(trade_no).state == "paid"
    assert desk.differences() == [("missing_here", trade_no, "healed")]
    assert desk.entries() == [("deposit_paid", trade_no)]
    desk.tell(letter)  # and now the notice comes after all
    desk.run()
    desk.run_jobs(MORNING)
    assert desk.entries() == [("deposit_paid", trade_no)]
    assert len(desk.receipts()) == 1
    assert checking.check().differences == []
    assert desk.day().ours_paid_fen == desk.day().theirs_paid_fen == 50_000


def test_a_late_success_of_an_attempt_we_had_closed_is_found_too(desk: Desk) -> None:
    first, _ = two_successes(desk)
    told = desk.run()
    assert told.waiting == 0
    assert told.matched == 2
    assert first in {number for _, number in desk.entries()}


def test_the_bill_alone_credits_nothing(desk: Desk) -> None:
    trade_no = desk.ordered()
    desk.paid(desk.homes[1])
    row = replace(desk.true_rows()[0], number=trade_no, outside_id="4299")
    told = desk.run(given=desk.bill(*desk.true_rows(), row))
    assert (told.healed, told.waiting) == (0, 1)
    assert desk.deposit_of(trade_no).state == "pledged"
    assert desk.differences() == [("missing_here", trade_no, "open")]


def test_each_way_of_differing_is_named(desk: Desk) -> None:
    numbers = [desk.paid(home, 50_000 + at) and None for at, home in enumerate(desk.homes[:5])]
    assert len(numbers) == 5
    rows = desk.true_rows()
    changed = [
        replace(rows[0], amount_fen=1),
        replace(rows[1], outside_id="4200000"),
        rows[2],
        rows[2],
        replace(rows[3], number="NOBODYS0001"),
        rows[4],
    ]
    desk.run(given=desk.bill(*changed))
    assert desk.differences() == sorted(
        [
            ("amount", rows[0].number, "open"),
            ("state", rows[1].number, "open"),
            ("twice", rows[2].number, "open"),
            ("missing_there", rows[3].number, "open"),
            ("missing_here", "NOBODYS0001", "open"),
        ]
    )
    assert checking.check().differences == [], "comparing changes no money"


def test_what_stands_under_another_day_there_is_explained_on_both_days(desk: Desk) -> None:
    desk.paid()
    (row,) = desk.true_rows()
    desk.run(given=desk.bill())
    assert desk.differences() == [("missing_there", row.number, "open")]
    other = replace(desk.bill(replace(row, at=row.at + timedelta(days=1))), day=DAY + timedelta(days=1))
    later = MORNING + timedelta(days=1)
    days.reconcile_day(desk.gateway, other.day, actor="test", now=later, given=other)
    assert desk.differences() == [
        ("missing_there", row.number, "explained"),
        ("other_day", row.number, "explained"),
    ]
    desk.run(given=desk.bill())
    assert ("missing_there", row.number, "explained") in desk.differences()


def test_a_refund_done_there_and_not_here_is_asked_about_and_entered(desk: Desk) -> None:
    first, _ = two_successes(desk)
    desk.run_jobs(NOW)
    desk.gateway.finish_refund(f"{first}R1", now=NOW)  # its notice is lost
    told = desk.run()
    assert (told.healed, told.waiting) == (1, 0)
    assert ("refund_done", f"{first}R1") in desk.entries()
    assert checking.check().differences == []


def test_a_refund_we_never_wanted_waits_for_a_person(desk: Desk) -> None:
    desk.paid()
    rows = desk.true_rows()
    stray = replace(rows[0], kind=RowKind.REFUND, number="CONSOLE1", amount_fen=100)
    told = desk.run(given=desk.bill(*rows, stray))
    assert told.waiting == 1
    assert desk.differences() == [("missing_here", "CONSOLE1", "open")]


def test_the_job_waits_for_the_bill_and_catches_up_on_days_it_missed(desk: Desk) -> None:
    desk.paid()
    early = NOW + timedelta(hours=16)
    desk.gateway.now = lambda: early
    assert days.reconcile_due(now=early) == 1, "the day before holds nothing and is compared"
    assert "10 点" in (
        desk._one(sa.select(days.queries.ReconciledDay).where(days.queries.ReconciledDay.day == DAY)).trouble or ""
    )
    late = NOW + timedelta(days=3)
    desk.gateway.now = lambda: late
    assert days.reconcile_due(now=late) == 3
    assert days.reconcile_due(now=late) == 0


def test_a_service_that_does_not_answer_leaves_the_day_for_later(desk: Desk) -> None:
    desk.paid()
    desk.gateway.lose_answer("bill", "before")
    with pytest.raises(Unavailable):
        desk.run()
    assert desk.day().bill_id is None
    assert desk.run().waiting == 0
    assert desk.day().trouble is None


def test_a_day_that_is_not_over_and_a_bill_of_somebody_else_are_refused_in_words(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Invalid, match="day-not-over"):
        desk.run(now=NOW)
    desk.paid()
    (row,) = desk.true_rows()
    monkeypatch.setattr(days.comparing, "MOST_DIFFERENCES", 3)
    with pytest.raises(Invalid, match="bad-bill"):
        desk.run(given=desk.bill(*(replace(row, number=f"THEIRS{at:04}") for at in range(9))))
    assert desk.differences() == []
    assert "别的商户号" in (desk.day().trouble or "")


def test_a_closed_day_stays_as_it_was_signed(desk: Desk) -> None:
    desk.paid()
    desk.run()
    officer = desk.officer("王主任")
    deciding.close_day(desk.day().public_id, person_id=officer.id, actor="test", now=MORNING)
    with pytest.raises(Conflict):
        desk.run()


def test_two_reconciliations_and_the_late_notice_at_once_credit_once(app: Flask, desk: Desk) -> None:
    trade_no = desk.ordered()
    letter = desk.gateway.pay(trade_no, now=NOW)
    desk.gateway.now = lambda: MORNING

    def run() -> None:
        days.reconcile_day(desk.gateway, DAY, actor="test", now=MORNING)

    results = at_once(app, run, run, lambda: desk.tell(letter))
    assert [one for one in results if isinstance(one, Exception)] == []
    assert desk.entries() == [("deposit_paid", trade_no)]
    assert desk.deposit_of(trade_no).state == "paid"
    told = desk.run()
    assert (told.matched, told.waiting) == (1, 0)
    assert checking.check().differences == []


def test_two_imports_of_one_statement_at_once_keep_each_line_once(app: Flask, desk: Desk) -> None:
    data = "日期,对方户名,收入金额\n2026-06-18,陈秀英,500.00\n2026-06-18,陈秀英,500.00\n".encode()

    def run() -> None:
        statements.import_statement(data, tail="0187", actor="test", now=MORNING)

    end_reading()
    assert at_once(app, run, run, run) == [None] * 3
    session = reading()
    assert session.scalar(sa.select(sa.func.count()).select_from(BankLine)) == 2
    session.close()
