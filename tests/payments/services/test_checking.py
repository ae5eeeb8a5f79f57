"""The books prove themselves, and a tampered row is found and named."""

import json
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from kernel.database import end_reading, transaction, use_case
from payments.queries import checks
from payments.services import checking
from tests.payments.services.test_crediting import two_successes
from tests.payments.world import NOW, World

APPEND_ONLY = [
    "payment_confirmation",
    "payment_notice",
    "receipt",
    "ledger_account",
    "ledger_entry",
    "ledger_posting",
]


@use_case
def run(*statements: str) -> None:
    """What somebody with SQL does."""
    with transaction() as session:
        for statement in statements:
            session.execute(sa.text(statement))


@use_case
def unlocked(table: str, statement: str) -> None:
    """What somebody does who can also take the second wall away."""
    with transaction() as session:
        if session.get_bind().dialect.name == "sqlite":
            for verb in ("update", "delete"):
                session.execute(sa.text(f"DROP TRIGGER {table}_no_{verb}"))
        else:
            session.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        session.execute(sa.text(statement))


def found(world: World) -> set[str]:
    return {one.check for one in checking.check().differences}


@pytest.fixture
def busy(world: World) -> World:
    """Three paid, one pledged, one paid twice and sent back."""
    for home, fen in zip(world.homes[1:4], (20_000, 50_000, 1), strict=True):
        world.paid(home, fen=fen)
    world.ordered(dwelling=world.homes[5])
    first, _ = two_successes(world)
    world.run_jobs(NOW)
    world.tell(world.gateway.finish_refund(f"{first}R1", now=NOW))
    world.run_jobs(NOW + timedelta(seconds=1))
    return world


def test_the_books_hold_after_payments_a_second_payment_and_its_refund(busy: World) -> None:
    report = checking.check()
    assert report.differences == []
    assert report.holds
    assert (report.entries, report.confirmations) == (6, 5)
    assert {kind: fen for kind, fen in report.balances.items() if fen} == {
        "at_wechat": 100_001,
        "deposits_held": -100_001,
    }
    assert report.open_alarms == {"second_payment": 1}
    assert report.waiting_receipts == 0


def test_the_books_hold_while_receipts_and_refunds_are_on_their_way(world: World) -> None:
    two_successes(world)
    report = checking.check()
    assert report.differences == []
    assert (report.waiting_receipts, report.open_refunds) == (1, 1)


def test_empty_books_hold(world: World) -> None:
    assert checking.check().holds


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_what_only_grows_is_refused_any_change_by_the_database(busy: World, table: str, verb: str) -> None:
    key = "account_id" if table == "ledger_posting" else "id"
    statement = f"DELETE FROM {table}" if verb == "DELETE" else f"UPDATE {table} SET {key} = {key}"
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        run(statement)
    assert checking.check().holds


@pytest.mark.parametrize(
    ("table", "statement", "check"),
    [
        (
            "ledger_posting",
            "UPDATE ledger_posting SET amount_fen = amount_fen + 1 WHERE amount_fen = 20000",
            "entry-sums-to-zero",
        ),
        ("ledger_posting", "DELETE FROM ledger_posting WHERE amount_fen = -20000", "entry-sums-to-zero"),
        ("ledger_posting", "UPDATE ledger_posting SET amount_fen = 2 * amount_fen", "confirmed-is-entered"),
        ("ledger_entry", "UPDATE ledger_entry SET reference = 'X' WHERE kind = 'deposit_paid'", None),
        ("payment_confirmation", "UPDATE payment_confirmation SET amount_fen = 1", "confirmed-is-entered"),
        ("payment_confirmation", "DELETE FROM payment_confirmation", "entered-is-confirmed"),
        ("receipt", "UPDATE receipt SET amount_fen = amount_fen + 1", "receipt-is-its-deposit"),
        ("receipt", "DELETE FROM receipt WHERE counted = 2", "receipts-have-no-gap"),
    ],
)
def test_a_tampered_row_is_found_by_the_check(busy: World, table: str, statement: str, check: str | None) -> None:
    if "'X'" in statement:
        kind = statement.split("WHERE ")[1]
        one = f"reference = (SELECT min(reference) FROM ledger_entry WHERE {kind})"
        statement = statement.replace("WHERE", f"WHERE {one} AND")
    unlocked(table, statement)
    differing = found(busy)
    assert differing
    assert check is None or check in differing


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("UPDATE deposit SET amount_fen = amount_fen + 1 WHERE state = 'paid'", "deposit-is-entered"),
        ("UPDATE deposit SET state = 'pledged', paid_at = NULL WHERE state = 'paid'", "deposit-is-entered"),
        ("UPDATE payment_attempt SET state = 'closed'", "attempt-is-confirmed"),
        ("UPDATE refund_intent SET state = 'processing'", "refund-is-entered"),
        ("UPDATE refund_intent SET amount_fen = 1", "refund-is-entered"),
        ("UPDATE receipt_counter SET last = last + 1", "receipts-have-no-gap"),
    ],
)
def test_a_state_that_was_changed_by_hand_is_found_by_the_check(busy: World, statement: str, check: str) -> None:
    run(statement)
    assert check in found(busy)


def test_a_deposit_made_paid_by_hand_is_found_by_the_check(busy: World) -> None:
    run(f"UPDATE deposit SET state = 'paid', paid_at = '{NOW:%Y-%m-%d %H:%M:%S}' WHERE state = 'pledged'")
    assert {"deposit-is-entered", "balance-is-its-facts"} <= found(busy)


def test_the_command_says_that_the_books_hold(app: Flask, busy: World) -> None:
    done = app.test_cli_runner().invoke(args=["books", "check"])
    assert done.exit_code == 0, done.output
    assert "账目相符" in done.output
    assert "1,000.01" in done.output


def test_the_command_names_the_place_and_fails_on_a_difference(app: Flask, busy: World) -> None:
    unlocked("ledger_posting", "UPDATE ledger_posting SET amount_fen = amount_fen + 1 WHERE amount_fen = 20000")
    done = app.test_cli_runner().invoke(args=["books", "check", "--json"])
    assert done.exit_code == 1
    told = json.loads(done.output)
    assert told["holds"] is False
    assert told["differences"][0]["check"] == "entry-sums-to-zero"
    assert told["differences"][0]["where"].startswith("SHAOGUAN")
    assert app.test_cli_runner().invoke(args=["books", "check"]).exit_code == 1


def test_a_payment_in_the_middle_of_the_check_is_no_difference(
    app: Flask, busy: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = busy.gateway.pay(busy.ordered(dwelling=busy.homes[6]), now=NOW)
    real = checks.expected_balances

    def in_the_middle(session: Session) -> dict[tuple[str, str], int]:
        def pay() -> None:
            with app.app_context():
                busy.tell(letter)

        thread = threading.Thread(target=pay)
        thread.start()
        thread.join()
        return real(session)

    monkeypatch.setattr(checks, "expected_balances", in_the_middle)
    report = checking.check()
    assert report.differences == []
    assert report.confirmations == 5
    monkeypatch.setattr(checks, "expected_balances", real)
    end_reading()
    assert checking.check().confirmations == 6
