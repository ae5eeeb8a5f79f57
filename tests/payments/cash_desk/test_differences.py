"""Cash that was missing in a box, or too much: decided by two, neither income nor expense, settled at the bank."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel.database import reading
from kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from payments.cash_desk.differences import services
from payments.cash_desk.differences.models import CashDifference
from payments.cash_desk.differences.rules import CashDecision, DifferenceState, offered
from payments.cash_desk.services import showing
from payments.publications import services as publications
from payments.publications.models import Publication, PublishedRow
from payments.statements.services import deciding
from payments.two_people import mark
from tests.payments.cash_desk.conftest import FULL, Counter
from tests.payments.statements.support import LATER, L, agree, propose, row, told
from tests.payments.world import NOW

C = CashDecision


def counted(counter: Counter, fen: int) -> CashDifference:
    """A box of 500 yuan in which so much was counted; its difference."""
    counter.opened = box = counter.box(counter.take())
    counter.count(box, fen, "点了三遍")
    return found(box.id)


def found(box_id: int) -> CashDifference:
    session = reading()
    one = session.scalars(sa.select(CashDifference).where(CashDifference.box_id == box_id)).one()
    session.close()
    return one


def settled(counter: Counter, one: CashDifference, decision: CashDecision, *, who=("one", "two")) -> None:
    """One proposes, another agrees."""
    services.propose(one.public_id, decision=decision, why="看过监控", now=NOW, **counter.who(who[0]))
    seen = mark(found(one.box_id))
    services.decide(one.public_id, agree=True, seen=seen, now=NOW, **counter.who(who[1]))


def test_what_may_be_decided_depends_on_whether_money_was_missing() -> None:
    assert offered(1) == [C.REPAID, C.BORNE]
    assert offered(-1) == [C.GIVEN_BACK, C.KEPT]


def test_a_shortage_is_decided_by_two_and_made_good_at_the_bank(counter: Counter) -> None:
    one = counted(counter, FULL - 1_000)
    assert counter.balances() == {"cash_on_hand": FULL - 1_000, "cash_differences": 1_000, "deposits_held": -FULL}
    with pytest.raises(Invalid, match="decision-does-not-fit"):
        settled(counter, one, C.KEPT)
    with pytest.raises(NotAllowed, match="own-proposal"):
        settled(counter, one, C.BORNE, who=("one", "one"))
    seen = mark(found(one.box_id))
    services.propose(one.public_id, decision=C.REPAID, why="收款员认了", now=NOW, **counter.who("three"))
    with pytest.raises(Conflict, match="proposal-changed"):
        services.decide(one.public_id, agree=True, seen=seen, now=NOW, **counter.who("two"))
    with pytest.raises(NotFound):
        services.propose(one.public_id, decision=C.BORNE, why="查过", now=NOW, person_id=counter.owner.id, actor="x")
    settled(counter, one, C.REPAID)
    assert counter.balances() == {"cash_on_hand": FULL - 1_000, "cash_short": 1_000, "deposits_held": -FULL}
    with pytest.raises(Conflict, match="difference-decided"):
        settled(counter, one, C.BORNE)
    assert "要补足的短款" in counter.make.signed_in(counter.make.account("one")).get("/work/street-desk").text
    counter.bank(counter.opened)
    more, line, _, fee = told(
        counter,
        row("13.01", "收款员", "补足短款", "A1"),
        row("10.00", "收款员", "补足短款", "A2"),
        row("490.00", "", "现金存入", "A3"),
        "2026-06-19,农商银行,,,3.00,,账户管理费,A4",
    )
    propose(counter, fee, L.FEE)
    agree(counter, fee)
    with pytest.raises(Invalid, match="more-than-open"):
        propose(counter, more, L.SETTLED)
    propose(counter, line, L.SETTLED)
    propose(counter, more, L.ACCEPTED)
    counter.make.grant(counter.make.account("cashier"), "street_officer", counter.street())
    with pytest.raises(NotAllowed, match="own-taking"):
        agree(counter, line, "cashier")
    agree(counter, line)
    assert counter.balances() == {"at_bank": FULL - 300, "bank_fees": 300, "deposits_held": -FULL}, "it paid no fee"
    assert counter.books_hold()
    made = deciding.propose_reversal(line.public_id, why="是别的钱", now=LATER, **counter.who("one"))
    deciding.decide_reversal(made, agree=True, now=LATER, **counter.who("two"))
    assert counter.balances()["cash_short"] == 1_000
    assert counter.books_hold()


def test_a_surplus_is_kept_for_whom_it_belongs_to_and_given_back(counter: Counter) -> None:
    one = counted(counter, FULL + 500)
    settled(counter, one, C.GIVEN_BACK)
    assert counter.balances()["cash_over"] == -500
    (line,) = told(counter, "2026-06-19,王大爷,62284800,,5.00,,退还多付,B1")
    propose(counter, line, L.SETTLED)
    agree(counter, line)
    assert counter.balances() == {"cash_on_hand": FULL + 500, "at_bank": -500, "deposits_held": -FULL}
    assert counter.books_hold()


def test_bank_fees_are_made_good_up_to_what_they_cost(counter: Counter) -> None:
    fee, back = told(
        counter,
        "2026-06-19,农商银行,,,12.00,,账户管理费,C1",
        row("12.00", counter.estate.name, "补手续费", "C2"),
    )
    propose(counter, fee, L.FEE)
    agree(counter, fee)
    propose(counter, back, L.SETTLED)
    agree(counter, back)
    assert counter.balances() == {}
    assert counter.books_hold()


def test_in_public_it_is_a_line_of_its_own_and_the_desk_shows_whose_turn_it_is(counter: Counter) -> None:
    one = counted(counter, FULL - 1_000)
    counter.make.grant(counter.make.account("cashier"), "street_officer", counter.street())
    session = reading()
    turns = {
        who: [(each.turn, bool(each.why_not)) for each in showing.to_check(session, person.id, now=NOW).differences]
        for who, person in counter.people.items()
        if who in ("one", "cashier")
    }
    session.close()
    assert turns == {"one": [("propose", False)], "cashier": [("", True)]}
    with pytest.raises(NotAllowed, match="own-box"):
        services.propose(one.public_id, decision=C.BORNE, why="算了", now=NOW, **counter.who("cashier"))
    client = counter.make.signed_in(counter.make.account("one"))
    assert "短款 10.00 元" in client.get("/work/cash-desk").text
    url = f"/api/v1/cash-differences/{one.public_id}"
    assert client.post(f"{url}/proposal", json={"decision": "borne", "why": "看过监控"}).status_code == 200
    again = client.post(f"{url}/decision", json={"agree": True, "seen": mark(found(one.box_id))})
    assert (again.status_code, again.json["code"]) == (403, "own-proposal")
    assert found(one.box_id).state == DifferenceState.PROPOSED
    counter.run_jobs(NOW)
    publications.publish_due(now=NOW + timedelta(days=120))  # alone, they wait a quarter
    session = reading()
    rows = {row.kind: row.amount_fen for row in session.scalars(sa.select(PublishedRow))}
    last = session.scalars(sa.select(Publication).where(Publication.cash_fen != 0)).one()
    session.close()
    assert rows == {"in": FULL, "cash": -1_000}
    assert (last.in_by_channel, last.out_fen, last.cash_fen) == ({"cash": FULL}, 0, -1_000)
    assert last.closing_fen == FULL - 1_000
    text = client.get(f"/books/{counter.estate.public_id}/{last.number}").text
    assert "现金短款" in text
    assert counter.books_hold()
