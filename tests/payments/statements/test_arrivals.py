"""Lines that show our own money at the bank: cash handed in, card payments less their fee; and taking that back."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel import clock
from kernel.audit.models import AuditEntry
from kernel.database import reading
from kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from kernel.places.queries import ancestors
from payments.cash_desk.services import taking, voiding
from payments.models import CollectionMode
from payments.services import collections
from payments.statements.models import BankLine
from payments.statements.services import deciding, importing
from payments.statements.services.effects import Part
from tests.payments.cash_desk.conftest import FULL, Counter, counter
from tests.payments.statements.support import LATER, L, again, agree, credit, propose, row, told
from tests.payments.world import NOW

__all__ = ["counter"]


def taken_back(counter: Counter, line: BankLine) -> None:
    made = deciding.propose_reversal(line.public_id, why="对错了行", now=LATER, **counter.who("one"))
    deciding.decide_reversal(made, agree=True, now=LATER, **counter.who("two"))


def carded(counter: Counter, homes, *, who: str = "cashier") -> list[str]:
    day = clock.china_day(NOW)
    return [
        counter.take(
            home=home,
            who=who,
            card=taking.Card("43010057", f"00{home.id}{who[:1]}".replace("c", "1").replace("o", "2"), "农商银行", day),
            now=NOW + timedelta(minutes=at),
        )
        for at, home in enumerate(homes)
    ]


# --------------------------------------------------------------------------------------------------- cash that arrived


def _banked(counter: Counter) -> str:
    box = counter.box(counter.take())
    counter.count(box, FULL)
    return counter.bank(box)


def test_cash_handed_in_is_found_on_the_statement(counter: Counter) -> None:
    _banked(counter)
    (line,) = told(counter, row("500.00", "", "现金缴款单 XJ-001"))
    assert line.state == "matched"
    assert counter.balances() == {"at_bank": FULL, "deposits_held": -FULL}
    assert importing.match_all(now=LATER) == 0
    assert counter.books_hold()
    session = reading()
    (kept,) = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "line.matched")).all()
    session.close()
    assert (kept.actor, kept.subject) == ("job:match_statements", f"bank_line:{line.public_id}")


def test_what_somebody_proposes_is_not_overwritten_by_the_matching(
    app: Flask, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    (line,) = told(counter, row("500.00", "", "现金缴款单"))
    _banked(counter)
    said: list[str] = []

    def proposed() -> None:
        with app.app_context():
            try:
                propose(counter, line, parts=[Part(counter.homes[1].public_id, FULL)])
                said.append("proposed")
            except DomainError as no:
                said.append(no.code)

    waiting, find = threading.Thread(target=proposed), importing.certain

    def meanwhile(*given):
        # The matching has read which lines wait: now somebody proposes about one of them.
        waiting.start()
        waiting.join(0.5)
        return find(*given)

    monkeypatch.setattr(importing, "certain", meanwhile)
    importing.match_all(now=LATER)
    waiting.join()
    assert said == ["line-settled"]
    assert again(line).state == "matched"
    assert counter.balances() == {"at_bank": FULL, "deposits_held": -FULL}


def test_cash_somebody_says_another_line_shows_is_not_found_by_itself_and_the_import_goes_on(counter: Counter) -> None:
    banking = _banked(counter)
    (unclear,) = told(counter, row("500.00", "", "转账", "A1"))
    propose(counter, unclear, L.ARRIVED, banking=banking)
    lines = told(counter, row("500.00", "", "转账", "A1"), row("500.00", "", "现金缴款单", "A2"))
    assert [line.state for line in lines] == ["proposed", "waiting"]
    agree(counter, unclear, yes=False)
    assert importing.match_all(now=LATER) == 1
    assert counter.books_hold()


def test_a_line_that_may_be_here_already_is_never_matched_by_itself_even_when_it_was_sent_back(
    counter: Counter,
) -> None:
    told(counter, row("500.00", "", "转账", "A1"))
    doubted = next(line for line in told(counter, row("500.00", "", "现金缴款单", "")) if line.serial == "")
    assert (doubted.state, doubted.amount_fen) == ("review", FULL)
    _banked(counter)
    propose(counter, doubted, L.ACCEPTED)
    agree(counter, doubted, yes=False)
    assert importing.match_all(now=LATER) == 0
    assert again(doubted).state == "review"
    propose(counter, doubted, L.ACCEPTED)
    agree(counter, doubted)
    taken_back(counter, doubted)
    assert importing.match_all(now=LATER) == 0
    assert again(doubted).state == "review"


def test_where_two_lines_fit_two_people_say_which(counter: Counter) -> None:
    banking = _banked(counter)
    first, second = told(counter, row("500.00", "", "现金", "A1"), row("500.00", "", "现金", "A2"))
    assert (first.state, second.state) == ("waiting", "waiting")
    propose(counter, first, L.ARRIVED, banking=banking)
    with pytest.raises(Conflict, match="banking-proposed"):
        propose(counter, second, L.ARRIVED, banking=banking)
    with pytest.raises(NotFound, match="no-such-banking"):
        propose(counter, second, L.ARRIVED, banking="nothing")
    agree(counter, first)
    assert counter.balances() == {"at_bank": FULL, "deposits_held": -FULL}
    with pytest.raises(NotFound, match="no-such-banking"):
        propose(counter, second, L.ARRIVED, banking=banking)
    assert counter.books_hold()


def test_card_payments_are_settled_by_a_line_of_their_sum(counter: Counter) -> None:
    taken = [
        counter.take(
            home=home,
            card=taking.Card("43010057", f"00018{at}", "农商银行", clock.china_day(NOW)),
            now=NOW + timedelta(minutes=at),
        )
        for at, home in enumerate(counter.homes[1:4])
    ]
    odd, line = told(counter, row("999.99", "银联", "POS", "A1"), row("1000.00", "银联", "POS", "A2"))
    with pytest.raises(Conflict, match="cards-differ"):
        propose(counter, odd, L.POS)
    propose(counter, line, L.POS)
    agree(counter, line)
    assert counter.balances() == {"at_bank": 2 * FULL, "at_pos": FULL, "deposits_held": -3 * FULL}
    with pytest.raises(Conflict, match="card-settled"):
        voiding.propose(taken[0], why="登记错了户", now=LATER, **counter.who("cashier"))
    counter.void(taken[2], now=LATER)
    counter.run_jobs(LATER)
    assert counter.books_hold()


def test_a_terminals_fee_is_the_account_holders_cost_and_reconciles_to_the_fen(counter: Counter) -> None:
    carded(counter, counter.homes[1:4])
    (line,) = told(counter, row("1491.00", "银联商务", "POS 结算", "A1"))
    for fee, code in ((0, "cards-differ"), (31_00, "bad-fee"), (-1, "bad-fee"), (8_99, "cards-differ")):
        with pytest.raises(DomainError, match=code):
            propose(counter, line, L.POS, fee_fen=fee)
    propose(counter, line, L.POS, fee_fen=9_00)
    agree(counter, line)
    held = {"at_bank": 1_491_00, "bank_fees": 9_00, "deposits_held": -3 * FULL}
    assert counter.balances() == held, "the households paid 500 each, whatever the terminal costs"
    assert counter.books_hold()
    taken_back(counter, line)
    assert counter.balances() == {"at_pos": 3 * FULL, "deposits_held": -3 * FULL}
    assert again(line).state == "waiting"
    propose(counter, line, L.POS, fee_fen=9_00)
    agree(counter, line)
    assert counter.balances() == held
    assert counter.books_hold()


def test_what_the_bank_takes_for_the_account_is_a_fee_of_one_estate(counter: Counter) -> None:
    fee, income = told(counter, "2026-06-19,,,,12.00,,账户服务费,A1", row(serial="A2"))
    with pytest.raises(Invalid, match="nothing-left"):
        propose(counter, income, L.FEE)
    propose(counter, fee, L.FEE)
    agree(counter, fee)
    assert counter.balances() == {"at_bank": -12_00, "bank_fees": 12_00}
    taken_back(counter, fee)
    assert counter.balances() == {}
    assert counter.books_hold()


def test_cash_matched_wrongly_by_itself_is_taken_back_by_two_and_not_matched_so_again(counter: Counter) -> None:
    _banked(counter)
    (line,) = told(counter, row("500.00", "", "现金缴款单 XJ-001"))
    made = deciding.propose_reversal(line.public_id, why="是另一笔现金", now=LATER, **counter.who("one"))
    with pytest.raises(NotAllowed, match="own-proposal"):
        deciding.decide_reversal(made, agree=True, now=LATER, **counter.who("one"))
    deciding.decide_reversal(made, agree=True, now=LATER, **counter.who("two"))
    assert counter.balances() == {"cash_in_transit": FULL, "deposits_held": -FULL}
    assert importing.match_all(now=LATER) == 0
    assert counter.books_hold()
    credit(counter, line, Part(counter.homes[1].public_id, FULL))
    assert counter.balances() == {"at_bank": FULL, "cash_in_transit": FULL, "deposits_held": -2 * FULL}
    with pytest.raises(Conflict, match="nothing-decided"):
        deciding.propose_reversal(
            told(counter, row(serial="A9"))[-1].public_id, why="没有记过", now=LATER, **counter.who("one")
        )
    assert counter.books_hold()


def test_who_handed_the_cash_in_does_not_agree_that_it_arrived(counter: Counter) -> None:
    counter.make.grant(counter.make.account("cashier"), "street_officer", counter.street())
    banking = _banked(counter)
    (line,) = told(counter, row("500.00", "", "存入"))
    propose(counter, line, L.ARRIVED, banking=banking)
    with pytest.raises(NotAllowed, match="own-taking"):
        agree(counter, line, "cashier")
    agree(counter, line, "two")
    assert counter.books_hold()


def test_of_a_shared_account_each_line_is_decided_by_those_of_the_estates_it_concerns(counter: Counter) -> None:
    elsewhere = counter.make.estate()
    settings = {"account_holder": "东河街道办事处", "account_bank": "韶关农商银行东河支行", "account_tail": "0187"}
    collections.open_collection(
        estate_id=elsewhere.id,
        mode=CollectionMode.DEPOSIT_THEN_CONTRIBUTION,
        merchant_id="",
        series="other",
        largest_fen=5_000_000,
        actor="test",
        now=NOW,
        **settings,
    )
    session = reading()
    street = next(place for place in ancestors(session, elsewhere) if place.kind == "street")
    session.close()
    counter._person("there", "cashier")
    counter.make.grant(counter.make.account("there"), "street_officer", street)
    banking = _banked(counter)
    carded(counter, counter.homes[2:3])
    cash, card, nobodys = told(
        counter,
        row("500.00", "", "存入", "A1"),
        row("500.00", "银联", "POS", "A2"),
        row("8.00", "某公司", "货款", "A3"),
    )
    theirs = ((cash, L.ARRIVED, {"banking": banking}), (card, L.POS, {}), (nobodys, L.ACCEPTED, {}))
    for line, decision, more in theirs:
        with pytest.raises(NotFound, match="not-your-household"):
            propose(counter, line, decision, who="there", **more)
    with pytest.raises(NotFound, match="not-your-household"):
        propose(counter, nobodys, L.ACCEPTED)
    for line, decision, more in theirs[:2]:
        propose(counter, line, decision, **more)
        with pytest.raises(NotFound, match="not-your-household"):
            agree(counter, line, "there")
        agree(counter, line)
    for name in ("one", "two"):
        counter.make.grant(counter.make.account(name), "street_officer", street)
    propose(counter, nobodys, L.ACCEPTED)
    agree(counter, nobodys)
    assert counter.books_hold()
