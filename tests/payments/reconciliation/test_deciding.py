"""Maker is not checker, and a day is signed when nothing waits."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, NotAllowed, NotFound
from kernel.places.queries import ancestors
from payments.models import CollectionMode
from payments.reconciliation.services import deciding
from payments.rules.reconcile import Decision
from payments.services import collections
from payments.two_people import mark
from tests.payments.reconciliation.conftest import MORNING, Desk


@pytest.fixture
def apart(desk: Desk) -> Desk:
    """One payment in the bill that nobody knows."""
    desk.paid()
    rows = desk.true_rows()
    desk.run(given=desk.bill(*rows, replace(rows[0], number="NOBODYS0001")))
    return desk


def propose(desk: Desk, person_id: int | None, why: str = "银行已核实") -> None:
    deciding.propose(
        desk.difference().public_id,
        decision=Decision.THEIRS,
        why=why,
        person_id=person_id,
        actor="test",
        now=MORNING,
    )


def decide(desk: Desk, person_id: int, agree: bool = True) -> None:
    found = desk.difference()
    deciding.decide(found.public_id, agree=agree, seen=mark(found), person_id=person_id, actor="test", now=MORNING)


def test_a_proposal_changed_after_it_was_read_is_not_agreed_to_unread(apart: Desk) -> None:
    maker, checker = apart.officer("王主任"), apart.officer("李会计")
    propose(apart, maker.id)
    read = apart.difference()
    propose(apart, maker.id, why="其实是记错了账")
    with pytest.raises(Conflict, match="proposal-changed"):
        deciding.decide(read.public_id, agree=True, seen=mark(read), person_id=checker.id, actor="test", now=MORNING)
    assert apart.difference().state == "proposed"
    decide(apart, checker.id)
    assert apart.difference().state == "decided"


def test_who_sees_a_merchants_days_is_asked_once_and_not_for_each_of_a_citys_estates(desk: Desk) -> None:
    maker = desk.officer("王主任")
    asked: list[str] = []

    def count() -> int:
        asked.clear()
        session = reading()
        found = deciding.merchants_of(session, maker.id, now=MORNING)
        session.close()
        assert [one.merchant_id for one in found] == [desk.gateway.merchant_id]
        return len(asked)

    def note(connection, cursor, statement, parameters, context, many):
        asked.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        one = count()
        for series in ("b", "c"):
            collections.open_collection(
                estate_id=desk.make.estate().id,
                mode=CollectionMode.DEPOSIT_THEN_CONTRIBUTION,
                account_holder="东河街道办事处",
                account_bank="韶关农商银行东河支行",
                account_tail="0187",
                merchant_id=desk.gateway.merchant_id,
                series=series,
                largest_fen=5_000_000,
                actor="test",
                now=MORNING,
            )
        assert count() == one
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def test_of_a_shared_merchant_account_nobodys_money_and_the_day_are_for_who_manages_every_estate(apart: Desk) -> None:
    maker, checker = apart.officer("王主任"), apart.officer("李会计")
    elsewhere = apart.make.estate()
    collections.open_collection(
        estate_id=elsewhere.id,
        mode=CollectionMode.DEPOSIT_THEN_CONTRIBUTION,
        account_holder="西河街道办事处",
        account_bank="韶关农商银行西河支行",
        account_tail="0288",
        merchant_id=apart.gateway.merchant_id,
        series="xihe",
        largest_fen=5_000_000,
        actor="test",
        now=MORNING,
    )
    with pytest.raises(NotAllowed, match="not-your-place"):
        propose(apart, maker.id)
    with pytest.raises(NotAllowed, match="not-your-place"):
        deciding.close_day(apart.day().public_id, person_id=maker.id, actor="test", now=MORNING)
    session = reading()
    street = next(place for place in ancestors(session, elsewhere) if place.kind == "street")
    session.close()
    for name in ("王主任", "李会计"):
        apart.make.grant(apart.make.account(name), "street_officer", street)
    propose(apart, maker.id)
    decide(apart, checker.id)
    deciding.close_day(apart.day().public_id, person_id=maker.id, actor="test", now=MORNING)


def test_a_difference_is_settled_by_two_people_and_then_the_day_is_signed(apart: Desk) -> None:
    maker, checker = apart.officer("王主任"), apart.officer("李会计")
    with pytest.raises(Conflict, match="differences-wait"):
        deciding.close_day(apart.day().public_id, person_id=maker.id, actor="test", now=MORNING)
    propose(apart, maker.id)
    with pytest.raises(NotAllowed, match="own-proposal"):
        decide(apart, maker.id)
    with pytest.raises(Conflict, match="differences-wait"):
        deciding.close_day(apart.day().public_id, person_id=maker.id, actor="test", now=MORNING)
    decide(apart, checker.id)
    found = apart.difference()
    assert (found.state, found.decision, found.why) == ("decided", "theirs", "银行已核实")
    assert (found.proposed_by, found.decided_by) == (maker.id, checker.id)
    deciding.close_day(apart.day().public_id, person_id=maker.id, actor="test", now=MORNING)
    assert apart.day().closed_by == maker.id


def test_the_database_itself_refuses_one_person_for_both(apart: Desk) -> None:
    maker = apart.officer("王主任")
    propose(apart, maker.id)

    @use_case
    def by_hand() -> None:
        with transaction() as session:
            session.execute(sa.text("UPDATE bill_difference SET state = 'decided', decided_by = proposed_by"))

    with pytest.raises(sa.exc.IntegrityError):
        by_hand()


def test_a_proposal_sent_back_waits_again(apart: Desk) -> None:
    maker, checker = apart.officer("王主任"), apart.officer("李会计")
    propose(apart, maker.id)
    decide(apart, checker.id, agree=False)
    assert apart.difference().state == "open"
    propose(apart, checker.id, why="再查")
    decide(apart, maker.id)
    with pytest.raises(Conflict):
        propose(apart, maker.id)
    with pytest.raises(Conflict):
        decide(apart, checker.id)


def test_strangers_find_nothing_and_auditors_only_look(apart: Desk) -> None:
    stranger, auditor = apart.make.person("路人"), apart.person_with("auditor", "审计")
    for person_id, error in ((stranger.id, NotFound), (None, NotFound), (auditor.id, NotAllowed)):
        with pytest.raises(error):
            propose(apart, person_id)
