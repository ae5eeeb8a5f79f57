"""Bank lines that have an effect: households credited once by two people, cash that arrived, card payments settled."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel import clock, outbox
from kernel.database import reading
from kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, Unavailable
from kernel.people.models import Person
from kernel.people.queries import account_by_openid
from kernel.places.queries import ancestors, dwellings_of_estate
from payments.alarms.services import showing as alarms
from payments.cash_desk.services import scanning
from payments.gateways.port import Rejected
from payments.models import CollectionMode
from payments.queries.totals import estate_totals
from payments.refunds.services import approving, asking
from payments.rules.alarm import AlarmKind
from payments.rules.reference import grouped
from payments.services import collections, receipts
from payments.statements import showing
from payments.statements.services import deciding
from payments.statements.services.effects import Part, Told, reference_of
from payments.two_people import mark
from portal.notices.models import Notice
from tests.payments.cash_desk.conftest import FULL, Counter, counter
from tests.payments.statements.support import LATER, L, again, agree, bank_deposits, credit, propose, row, told
from tests.payments.world import NOW

__all__ = ["counter"]


def test_a_line_two_agree_upon_credits_its_household(counter: Counter) -> None:
    (line,) = told(counter, row())
    home = counter.homes[0]
    propose(counter, line, parts=[Part(grouped(reference_of(home)).lower(), FULL)])
    assert counter.balances() == {}
    with pytest.raises(NotAllowed, match="own-proposal"):
        agree(counter, line, "one")
    agree(counter, line)
    (deposit,) = bank_deposits()
    assert (deposit.state, deposit.dwelling_id, deposit.payer_person_id) == ("paid", home.id, counter.owner.id)
    assert clock.china_day(deposit.paid_at).isoformat() == "2026-06-19"
    assert counter.balances() == {"at_bank": FULL, "deposits_held": -FULL}
    assert again(line).state == "decided"
    counter.run_jobs(LATER)
    assert counter.numbers() == ["2026-000001"]
    view = receipts.view(reading(), deposit, named=True)
    assert view is not None
    assert (view.payer, view.channel) == ("陈秀英", "bank")
    assert estate_totals(reading(), counter.estate.id).paid_fen == FULL
    assert counter.books_hold()


def test_a_proposal_changed_after_it_was_read_is_not_agreed_to_unread(counter: Counter) -> None:
    (line,) = told(counter, row())
    propose(counter, line, parts=[Part(counter.homes[0].public_id, FULL)])
    read = again(line)
    later = LATER + timedelta(seconds=1)
    other = [Part(counter.homes[1].public_id, FULL)]
    deciding.propose(
        line.public_id, decision=L.CREDITED, why="看了回单", told=Told(other), now=later, **counter.who("one")
    )
    with pytest.raises(Conflict, match="proposal-changed"):
        deciding.decide(line.public_id, agree=True, seen=mark(read), now=later, **counter.who("two"))
    assert bank_deposits() == []
    agree(counter, line)
    assert [deposit.dwelling_id for deposit in bank_deposits()] == [counter.homes[1].id]


def test_a_household_of_another_street_on_the_same_account_is_not_credited_from_here(counter: Counter) -> None:
    elsewhere = counter.make.estate()
    collections.open_collection(
        estate_id=elsewhere.id,
        mode=CollectionMode.DEPOSIT_THEN_CONTRIBUTION,
        account_holder="东河街道办事处",
        account_bank="韶关农商银行东河支行",
        account_tail="0187",
        merchant_id="",
        series="other",
        largest_fen=5_000_000,
        actor="test",
        now=NOW,
    )
    session = reading()
    home = dwellings_of_estate(session, elsewhere.id)[0]
    street = next(place for place in ancestors(session, elsewhere) if place.kind == "street")
    session.close()
    for name in ("there", "there too"):
        counter.make.grant(counter.make.account(name), "street_officer", street)
    session = reading()
    for name in ("there", "there too"):
        account = account_by_openid(session, name)
        assert account is not None
        counter.people[name] = session.get_one(Person, account.person_id)
    session.close()
    (line,) = told(counter, row())
    part = [Part(home.public_id, FULL)]
    with pytest.raises(NotFound, match="not-your-household"):
        propose(counter, line, parts=part)
    propose(counter, line, who="there", parts=part)
    with pytest.raises(NotFound, match="not-your-household"):
        agree(counter, line, "one")
    agree(counter, line, "there too")
    with pytest.raises(NotFound, match="not-your-household"):
        deciding.propose_reversal(line.public_id, why="记错了", now=LATER, **counter.who("one"))
    asked = deciding.propose_reversal(line.public_id, why="记错了", now=LATER, **counter.who("there"))
    with pytest.raises(NotFound, match="not-your-household"):
        deciding.decide_reversal(asked, agree=True, now=LATER, **counter.who("one"))
    assert [deposit.state for deposit in bank_deposits()] == ["paid"]


def test_a_line_credits_once_however_often_it_is_agreed_to(app: Flask, counter: Counter) -> None:
    (line,) = told(counter, row())
    propose(counter, line, parts=[Part(counter.homes[0].public_id, FULL)])

    def one(who: str) -> str:
        with app.app_context():
            try:
                agree(counter, line, who)
            except DomainError as no:
                return no.code
            return "done"

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(one, ["two", "three", "two", "three"]))
    assert said.count("done") == 1
    assert counter.balances() == {"at_bank": FULL, "deposits_held": -FULL}
    with pytest.raises(Conflict, match="line-settled"):
        propose(counter, line, parts=[Part(counter.homes[1].public_id, FULL)])


def _code(counter: Counter, home=None) -> str:
    """A code on a collector's screen for somebody without an account; its trade number."""
    told = {"amount_fen": FULL, "person": counter.owner.public_id, "name": ""}
    home = home or counter.homes[0]
    return counter.attempt(scanning.begin(home.public_id, now=LATER, **told, **counter.who("cashier")).attempt).trade_no


def test_a_code_left_open_is_closed_before_the_transfer_is_credited(counter: Counter) -> None:
    number = _code(counter)
    (line,) = told(counter, row())
    credit(counter, line)
    assert counter.attempt_of(number).state == "closed"
    with pytest.raises(Rejected):
        counter.gateway.pay(number, now=LATER)
    assert counter.balances() == {"at_bank": FULL, "deposits_held": -FULL}
    assert counter.alarms() == []
    assert counter.books_hold()


def test_a_code_paid_meanwhile_stops_the_agreement_and_a_second_payment_is_never_silent(counter: Counter) -> None:
    (line,) = told(counter, row("500.00", "陈先生"))
    propose(counter, line, parts=[Part(counter.homes[0].public_id, FULL)])
    counter.gateway.pay(_code(counter), now=LATER)
    with pytest.raises(Conflict, match="already-paid"):
        agree(counter, line)
    assert counter.balances() == {"at_wechat": FULL, "deposits_held": -FULL}
    agree(counter, line)
    (second,) = bank_deposits()
    assert counter.balances() == {"at_wechat": FULL, "at_bank": FULL, "deposits_held": -2 * FULL}
    assert counter.alarms() == [(AlarmKind.PAID_BOTH_WAYS, second.public_id, ())]
    assert counter.books_hold()


def test_a_code_whose_success_is_heard_after_the_transfer_raises_the_same_alarm(counter: Counter) -> None:
    number = _code(counter)
    letter = counter.gateway.pay(number, now=LATER)
    counter.gateway.lose_answer("look", "before")
    (line,) = told(counter, row("500.00", "陈先生"))
    propose(counter, line, parts=[Part(counter.homes[0].public_id, FULL)])
    with pytest.raises(Unavailable):
        agree(counter, line)
    assert bank_deposits() == []
    counter.tell(letter, now=LATER)
    agree(counter, line)
    assert [kind for kind, _, _ in counter.alarms()] == [AlarmKind.PAID_BOTH_WAYS]
    assert counter.books_hold()


def test_a_phone_payment_after_a_transfer_of_an_unknown_name_is_asked_about_and_nothing_goes_back_by_itself(
    counter: Counter,
) -> None:
    (line,) = told(counter, row("500.00", "陈先生", memo="3栋缴款"))
    credit(counter, line)
    counter.run_jobs(LATER)
    phone = counter.payer(counter.homes[0])
    deposit = counter.paid(counter.homes[0], account=phone)
    counter.run_jobs(LATER)
    counter.run_jobs(LATER)
    assert counter.alarms() == [(AlarmKind.PAID_BOTH_WAYS, deposit.public_id, ())], "once, whoever looks"
    assert counter.balances() == {"at_wechat": FULL, "at_bank": FULL, "deposits_held": -2 * FULL}
    assert counter.refunds() == []
    session = reading()
    (alarm,) = alarms.open_alarms(session, counter.people["one"].id, now=LATER)
    (asked,) = session.scalars(sa.select(Notice).where(Notice.kind == "maybe_paid_twice"))
    session.close()
    assert sorted(what for what, _ in alarm.sides) == ["微信支付 500.00 元", "银行转账 500.00 元"]
    assert (asked.account_id, (asked.facts or {})["amount_fen"]) == (phone.id, FULL)
    assert counter.books_hold()


def test_whoever_places_a_transfer_sees_that_the_household_has_paid_already(counter: Counter) -> None:
    counter.paid(counter.homes[0])
    code = reference_of(counter.homes[0])
    told(counter, row("500.00", "陈先生", memo=f"诚意金 {code}"))
    session = reading()
    (view,) = showing.account_views(session, counter.people["one"].id, now=LATER)
    session.close()
    (_, _, why) = view.lines[0].suggested[0]
    assert "已经缴过同样的金额" in why
    assert "微信支付" in why


def test_one_transfer_pays_for_several_flats_when_the_sum_is_right(counter: Counter) -> None:
    (line,) = told(counter, row("1500.00", "韶关钢铁厂"))
    homes = counter.homes
    with pytest.raises(Invalid, match="parts-differ"):
        propose(counter, line, parts=[Part(homes[1].label, FULL), Part(homes[2].label, FULL)])
    with pytest.raises(Invalid, match="household-twice"):
        propose(counter, line, parts=[Part(homes[1].label, FULL), Part(homes[1].public_id, 2 * FULL)])
    with pytest.raises(Invalid, match="no-household"):
        propose(counter, line)
    with pytest.raises(NotFound, match="no-such-household"):
        propose(counter, line, parts=[Part("9栋9单元901", 3 * FULL)])
    credit(counter, line, Part(homes[1].label, FULL), Part(homes[2].label, 2 * FULL))
    assert [(one.amount_fen, one.dwelling_id) for one in bank_deposits()] == [
        (FULL, homes[1].id),
        (2 * FULL, homes[2].id),
    ]
    counter.run_jobs(LATER)
    view = receipts.view(reading(), bank_deposits()[0], named=True)
    assert view is not None
    assert view.payer == "韶关钢铁厂"
    assert counter.books_hold()


@pytest.mark.parametrize("amount", ["伍佰元整", "5OO", "500.001", "1e3", ""])
def test_what_cannot_be_read_credits_nothing(counter: Counter, amount: str) -> None:
    (line,) = told(counter, row(amount))
    assert (line.state, line.amount_fen) == ("review", None)
    with pytest.raises(Invalid, match="nothing-came"):
        propose(counter, line, parts=[Part(counter.homes[0].public_id, FULL)])
    assert counter.balances() == {}


def test_money_that_left_credits_nothing(counter: Counter) -> None:
    (line,) = told(counter, "2026-06-19,某人,62,,500.00,,手续费,A1")
    with pytest.raises(Invalid, match="nothing-came"):
        propose(counter, line, parts=[Part(counter.homes[0].public_id, FULL)])


def test_a_household_that_paid_meanwhile_stops_the_agreement_and_nothing_is_half_done(counter: Counter) -> None:
    (line,) = told(counter, row("1000.00"))
    homes = counter.homes
    propose(counter, line, parts=[Part(homes[1].public_id, FULL), Part(homes[0].public_id, FULL)])
    counter.take()
    with pytest.raises(Conflict, match="already-paid"):
        agree(counter, line)
    assert counter.balances() == {"cash_on_hand": FULL, "deposits_held": -FULL}
    agree(counter, line, yes=False)
    assert again(line).state == "waiting"
    credit(counter, line, Part(homes[1].public_id, 2 * FULL))
    assert counter.books_hold()


def test_a_wrong_credit_is_taken_back_by_two_and_the_line_waits_again(counter: Counter) -> None:
    (line,) = told(counter, row())
    credit(counter, line, Part(counter.homes[1].public_id, FULL))
    made = deciding.propose_reversal(line.public_id, why="记错了户", now=LATER, **counter.who("one"))
    with pytest.raises(Conflict, match="reversal-waits"):
        deciding.propose_reversal(line.public_id, why="再说一遍", now=LATER, **counter.who("two"))
    with pytest.raises(NotAllowed, match="own-proposal"):
        deciding.decide_reversal(made, agree=True, now=LATER, **counter.who("one"))
    deciding.decide_reversal(made, agree=True, now=LATER, **counter.who("two"))
    assert counter.balances() == {}
    assert [kind for kind, _ in counter.entries()] == ["deposit_paid", "payment_voided"]
    assert again(line).state == "waiting"
    assert bank_deposits()[0].state == "voided"
    counter.run_jobs(LATER)
    assert (outbox.counts()["waiting"], counter.numbers()) == (0, []), "void before it had a receipt, it gets none"
    credit(counter, line)
    credited = [one for one in bank_deposits() if one.state == "paid"]
    assert [one.dwelling_id for one in credited] == [counter.homes[0].id]
    counter.run_jobs(LATER)
    assert counter.books_hold()


def test_a_credit_that_is_on_its_way_back_is_not_reversed(counter: Counter) -> None:
    (line,) = told(counter, row())
    credit(counter, line)
    counter.run_jobs(LATER)
    request = asking.ask_for(counter.estate.public_id, "2026-000001", reason=None, now=LATER, **counter.who("three"))
    made = deciding.propose_reversal(line.public_id, why="记错了户", now=LATER, **counter.who("one"))
    with pytest.raises(Conflict, match="deposit-moved-on"):
        deciding.decide_reversal(made, agree=True, now=LATER, **counter.who("two"))
    for who in ("one", "two"):
        approving.approve(request, now=LATER, **counter.who(who))
    assert counter.request(request).road == "bank"
