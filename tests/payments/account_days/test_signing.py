"""The bank side of a day: read, proposed and signed by two people, as the statement and the books tell it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from kernel.database import new_public_id, reading, transaction
from kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from payments.account_days import services, showing
from payments.statements import showing as waiting
from payments.statements.models import BankAccount
from payments.statements.services import deciding, importing
from payments.statements.services.effects import Part
from tests.payments.cash_desk.conftest import FULL, Counter, counter
from tests.payments.statements.support import HEADS, LATER, L, agree, bank_lines, credit, propose, told

__all__ = ["counter"]


def view(counter: Counter, who: str = "one") -> showing.AccountView:
    session = reading()
    (found,) = showing.account_views(session, counter.people[who].id, now=LATER)
    session.close()
    return found


def proposed(counter: Counter, who: str = "one", seen: str = "") -> str:
    found = view(counter)
    assert found.now is not None
    told = {"seen": seen or found.now.mark, "why": "与网银一致", "now": LATER}
    return services.propose(found.account.public_id, **told, **counter.who(who))


def row(serial: str, coming: str, going: str, balance: str, memo: str = "") -> str:
    return f"2026-06-19,陈秀英,62284800,{coming},{going},{balance},{memo},{serial}"


def test_an_account_is_signed_by_two_once_every_line_of_it_is_told(counter: Counter) -> None:
    first, second, _ = told(
        counter,
        row("A1", "500.00", "", "1500.00"),
        row("A2", "", "200.00", "1300.00"),
        row("A4", "7.00", "", "1300.50"),
    )
    with pytest.raises(Conflict, match="account-not-clear") as refusal:
        proposed(counter)
    assert "3 行流水没有处理" in refusal.value.detail
    assert "中间缺了几行" in refusal.value.detail
    told(counter, row("A3", "", "6.50", "1293.50"))
    lines = told(counter, row("A3", "", "6.50", "1293.50"))
    for line in lines[2:]:
        propose(counter, line, L.ACCEPTED)
        agree(counter, line)
    credit(counter, first, Part(counter.homes[0].public_id, FULL))
    # Said to be a transfer the books hold, and they hold none: it is taken back, and is the bank's own fee.
    propose(counter, second, L.PAID_OUT)
    agree(counter, second)
    with pytest.raises(Conflict, match="account-not-clear") as refusal:
        proposed(counter)
    assert "账上却没有" in refusal.value.detail
    made = deciding.propose_reversal(second.public_id, why="没有这笔退款", now=LATER, **counter.who("one"))
    deciding.decide_reversal(made, agree=True, now=LATER, **counter.who("two"))
    propose(counter, second, L.FEE)
    agree(counter, second)
    with pytest.raises(Conflict, match="figures-changed"):
        proposed(counter, seen="0" * 16)
    day = proposed(counter)
    with pytest.raises(Conflict, match="day-taken"):
        proposed(counter, "two")
    seen = view(counter).now.mark
    with pytest.raises(NotAllowed, match="own-proposal"):
        services.decide(day, agree=True, seen=seen, now=LATER, **counter.who("one"))
    box = counter.box(counter.take(home=counter.homes[3], now=LATER))
    with pytest.raises(Conflict, match="figures-changed"):
        services.decide(day, agree=True, seen=seen, now=LATER, **counter.who("two"))
    services.decide(day, agree=False, seen=seen, now=LATER, **counter.who("two"))
    day = proposed(counter)
    services.decide(day, agree=True, seen=view(counter).now.mark, now=LATER, **counter.who("two"))
    session = reading()
    signed = showing.day_view(session, day, person_id=counter.people["three"].id, now=LATER)
    session.close()
    assert (signed.word, signed.figures.unexplained_fen) == ("已签字", 0)
    assert (signed.figures.opening_fen, signed.figures.bank_fen) == (100_000, 130_050)
    assert (signed.figures.books_fen, signed.figures.fees_fen, signed.figures.not_shown_fen) == (30_000, 20_000, 0)
    assert counter.books_hold()
    assert signed.figures.cash_on_hand_fen == FULL
    assert box.closed_at is None


def signed(counter: Counter) -> str:
    day = proposed(counter)
    services.decide(day, agree=True, seen=view(counter).now.mark, now=LATER, **counter.who("two"))
    return day


def test_a_line_the_bank_tells_twice_stays_on_record_and_leaves_the_run_whole_and_two_take_that_back(
    counter: Counter,
) -> None:
    rows = [row("A1", "500.00", "", "1500.00"), row("A1", "500.00", "", "1500.00"), row("A2", "7.00", "", "1507.00")]
    first, again_, other = told(counter, *rows)
    assert view(counter).now.broken, "the balance is reached twice and left once"
    with pytest.raises(Invalid, match="not-the-same-line"):
        propose(counter, again_, L.DUPLICATE, same_as=other.public_id)
    with pytest.raises(NotFound, match="no-such-line"):
        propose(counter, again_, L.DUPLICATE, same_as=again_.public_id)
    propose(counter, again_, L.DUPLICATE, same_as=first.public_id)
    with pytest.raises(Conflict, match="line-is-a-duplicate"):
        propose(counter, first, L.DUPLICATE, same_as=again_.public_id)
    agree(counter, again_)
    credit(counter, first, Part(counter.homes[0].public_id, FULL))
    propose(counter, other, L.ACCEPTED)
    agree(counter, other)
    now = view(counter).now
    assert (now.broken, now.opening_fen, now.bank_fen, now.moved_fen) == (False, 100_000, 150_700, 50_700)
    assert now.reasons == []
    assert counter.balances() == {"at_bank": FULL, "deposits_held": -FULL}
    told(counter, *rows)
    assert len(told(counter, *rows, row("A3", "1.00", "", "1508.00"))) == 4, "both are on record, and known again"
    made = deciding.propose_reversal(again_.public_id, why="是两笔", now=LATER, **counter.who("one"))
    deciding.decide_reversal(made, agree=True, now=LATER, **counter.who("two"))
    assert view(counter).now.broken
    assert counter.books_hold()


def test_a_line_that_comes_after_the_day_was_signed_is_signed_for_by_an_addition(counter: Counter) -> None:
    (line,) = told(counter, row("A1", "500.00", "", "1500.00"))
    propose(counter, line, L.ACCEPTED)
    agree(counter, line)
    day = signed(counter)
    with pytest.raises(Conflict, match="day-taken"):
        proposed(counter)
    after = LATER + timedelta(hours=1)
    data = "\n".join([HEADS, row("A2", "7.00", "", "1507.00")]).encode()
    importing.import_statement(data, tail="0187", actor="test", now=after)
    one = view(counter)
    assert (one.late, one.taken, one.now.reasons) == (1, False, ["有 1 行流水没有处理"])
    (late,) = [line for line in bank_lines() if line.serial == "A2"]
    propose(counter, late, L.ACCEPTED)
    agree(counter, late)
    figures = view(counter).now
    added = services.propose(one.account.public_id, seen=figures.mark, why="迟到一行", now=after, **counter.who("one"))
    services.decide(added, agree=True, seen=figures.mark, now=after, **counter.who("two"))
    both = view(counter).days
    assert [(one.id, one.adds, one.figures.moved_fen) for one in both] == [(added, True, 50_700), (day, False, 50_000)]
    assert view(counter).taken


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE account_day SET why = 'x'",
        "UPDATE account_day SET state = 'sent_back', decided_by = NULL",
        "DELETE FROM account_day",
    ],
)
def test_the_database_itself_refuses_to_change_a_signed_day(counter: Counter, statement: str) -> None:
    (line,) = told(counter, row("A1", "500.00", "", "1500.00"))
    credit(counter, line, Part(counter.homes[0].public_id, FULL))
    day = proposed(counter)
    with pytest.raises(DBAPIError, match="append-only"), transaction() as session:
        session.execute(sa.text("UPDATE account_day SET until = '2020-01-01'"))
    services.decide(day, agree=True, seen=view(counter).now.mark, now=LATER, **counter.who("two"))
    with pytest.raises(DBAPIError, match="append-only"), transaction() as session:
        session.execute(sa.text(statement))


def test_over_http_and_for_auditors(counter: Counter) -> None:
    (line,) = told(counter, row("A1", "500.00", "", "1500.00"))
    credit(counter, line, Part(counter.homes[0].public_id, FULL))
    counter.make.grant(counter.make.account("auditor"), "auditor", counter.street())
    clients = {
        name: counter.make.signed_in(counter.make.account(name)) for name in ("one", "two", "auditor", "cashier")
    }
    page = clients["one"].get("/work/account-days").text
    assert "提请日结，请另一位签字" in page
    found = view(counter)
    url = f"/api/v1/bank-accounts/{found.account.public_id}/days"
    body = {"seen": found.now.mark, "why": "与网银一致"}
    assert clients["cashier"].post(url, json=body).status_code == 403
    made = clients["one"].post(url, json=body)
    assert made.status_code == 201, made.json
    address = f"/work/account-days/{made.json['id']}"
    assert "请另一位工作人员签字" in clients["one"].get(address).text
    assert "看过，签字" in clients["two"].get(address).text
    assert "账户日结待签字" in clients["two"].get("/work/street-desk").text
    decision = f"/api/v1/account-days/{made.json['id']}/decision"
    assert clients["auditor"].post(decision, json={"agree": True, "seen": body["seen"]}).status_code == 403
    assert clients["two"].post(decision, json={"agree": True, "seen": body["seen"]}).status_code == 200
    assert "已签字" in clients["auditor"].get("/audit/account-days").text
    audited = f"/audit/account-days/{made.json['id']}"
    assert "与网银一致" in clients["auditor"].get(audited).text
    assert clients["auditor"].get(f"{audited}.pdf").data.startswith(b"%PDF")
    assert clients["cashier"].get(address).status_code == 403


def test_accounts_of_other_streets_are_not_looked_at_one_by_one(counter: Counter) -> None:
    told(counter, row("A1", "500.00", "", "1500.00"))
    asked: list[str] = []

    def count() -> int:
        asked.clear()
        session = reading()
        for shown in (showing, waiting):
            assert len(shown.account_views(session, counter.people["one"].id, now=LATER)) == 1
        session.close()
        return len(asked)

    def note(connection, cursor, statement, parameters, context, many):
        asked.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        before = count()
        with transaction() as session:
            for tail in ("1111", "2222", "3333"):
                made = {"public_id": new_public_id(), "holder": "别的街道", "bank": "农商银行", "tail": tail}
                session.add(BankAccount(**made, created_at=LATER))
        assert count() == before
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
