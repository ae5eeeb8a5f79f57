"""A decision about a bill taken back, by two or by what a later bill tells: the books hold a fee once."""

from dataclasses import replace

import pytest
from flask import Flask

from kernel.database import reading
from kernel.errors import Conflict, NotAllowed
from payments.fund_flow import services as fund_flow
from payments.gateways.bill import from_file
from payments.gateways.writing import write_fund_flow_bill
from payments.reconciliation.models import BillDifference
from payments.reconciliation.services import deciding, showing, undoing
from payments.rules.bill import BillKind
from payments.rules.reconcile import Decision
from payments.services import checking
from payments.two_people import mark
from tests.payments.reconciliation.conftest import DAY, MORNING, Desk
from tests.payments.reconciliation.test_fees import costing, differences, settle
from tests.payments.world import FULL, NOW


def _lacking_fee(desk: Desk):
    """A day whose trade bill tells a fee of 3.00 that its fund-flow bill leaves out, and the whole one."""
    costing(desk).paid()
    rows = desk.true_rows()
    whole = desk.gateway.bill(DAY, BillKind.FUND_FLOW)
    lines = [line for line in whole.lines() if not line.fee_fen]
    return desk.bill(*rows), from_file(DAY, BillKind.FUND_FLOW, write_fund_flow_bill(lines)), whole


def _undone(desk: Desk, one: BillDifference, *, now=MORNING) -> None:
    maker, checker = desk.two
    made = undoing.propose(one.public_id, why="看错了", person_id=maker.id, actor="maker", now=now)
    with pytest.raises(NotAllowed, match="own-proposal"):
        undoing.decide(made, agree=True, person_id=maker.id, actor="maker", now=now)
    undoing.decide(made, agree=True, person_id=checker.id, actor="checker", now=now)


def test_what_two_decided_about_a_line_is_taken_back_by_two_and_the_day_signed_again(app: Flask, desk: Desk) -> None:
    desk.paid()
    desk.gateway.account.move(-5_000, "商户年费", at=NOW)
    desk.run()
    (one,) = differences()
    settle(desk, one, Decision.CHARGE)
    maker, checker = desk.two
    deciding.close_day(desk.day().public_id, person_id=maker.id, actor="maker", now=MORNING)
    with pytest.raises(Conflict, match="day-closed"):
        settle(desk, one, Decision.HOLDER)
    _undone(desk, one)
    assert desk.day().closed_at is None
    assert desk.balances() == {"at_wechat": FULL, "deposits_held": -FULL}
    session = reading()
    (line,) = showing.day_view(session, desk.day().public_id, person_id=checker.id, now=MORNING).lines
    session.close()
    assert (line.state, line.decision, line.may_undo) == ("待处理", "", False)
    assert line.undone == [
        (
            "撤销了：微信支付的收费或退费，由收款单位承担",
            "看错了；李工提出，李工复核；这一天原由李工签字，要重新签",
        )
    ]
    for decision, account, sign in ((Decision.CHARGE, "wechat_fees", 1), (Decision.HOLDER, "holder_funds", 1)):
        settle(desk, one, decision)
        assert desk.balances()[account] == sign * 5_000
        assert checking.check().differences == []
        _undone(desk, one)
    settle(desk, one, Decision.CHARGE)
    assert checking.check().differences == []
    text = desk.make.signed_in(desk.make.account("王主任")).get(f"/work/reconciliation/{desk.day().public_id}").text
    assert "处理错了？" in text
    deciding.close_day(desk.day().public_id, person_id=maker.id, actor="maker", now=MORNING)


def test_a_fee_two_people_booked_is_in_the_books_once_when_a_bill_tells_it_after_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade, lacking, whole = _lacking_fee(desk)
    desk.run(given=trade, given_flow=lacking)
    (fee,) = differences()
    settle(desk, fee, Decision.CHARGE)
    once = {"at_wechat": FULL - 300, "wechat_fees": 300, "deposits_held": -FULL}
    assert desk.balances() == once
    monkeypatch.setattr(fund_flow, "told_after_all", lambda *_args, **_more: None)
    told = whole.lines()
    with monkeypatch.context() as patched:  # what the books' check would say of books that held it twice
        patched.setattr(undoing, "explain_away", lambda *_args, **_more: None)
        fund_flow.read_and_enter(desk.gateway, whole, now=MORNING)
    assert desk.balances()["wechat_fees"] == 600
    (line,) = [line for line in told if line.fee_fen]
    assert [(one.check, one.where) for one in checking.check().differences] == [("fee-is-told-once", fee.number)]
    assert line.voucher == fee.number
    monkeypatch.undo()
    desk.run(given=trade, given_flow=whole)
    assert (desk.balances(), differences()) == (once, [])
    assert checking.check().differences == []


def test_the_bill_and_the_two_people_never_book_the_same_fee(desk: Desk) -> None:
    trade, lacking, whole = _lacking_fee(desk)
    desk.run(given=trade, given_flow=lacking)
    (fee,) = differences()
    maker, checker = (desk.officer("王主任"), desk.officer("李会计"))
    deciding.propose(
        fee.public_id, decision=Decision.CHARGE, why="查过", person_id=maker.id, actor="maker", now=MORNING
    )
    session = reading()
    seen = mark(session.get_one(BillDifference, fee.id))
    session.close()
    fund_flow.read_and_enter(desk.gateway, whole, now=MORNING)
    with pytest.raises(Conflict, match="told-meanwhile"):
        deciding.decide(fee.public_id, agree=True, seen=seen, person_id=checker.id, actor="checker", now=MORNING)
    for _ in range(2):  # once explained, it is not taken back: it was only proposed
        desk.run(given=trade, given_flow=lacking)
        (again,) = differences(waiting=False)
        assert (again.state, desk.balances()["wechat_fees"]) == ("explained", 300)
    assert checking.check().differences == []


def test_a_proposal_about_other_figures_than_the_bill_tells_now_is_nobodys(desk: Desk) -> None:
    trade, lacking, _ = _lacking_fee(desk)
    desk.run(given=trade, given_flow=lacking)
    (fee,) = differences()
    maker = desk.officer("王主任")
    deciding.propose(
        fee.public_id, decision=Decision.CHARGE, why="查过", person_id=maker.id, actor="maker", now=MORNING
    )
    dearer = desk.bill(*(replace(row, fee_fen=400) for row in trade.rows()))
    desk.run(given=dearer, given_flow=lacking)
    (again,) = differences()
    assert (again.id, again.state, again.theirs_fen) == (fee.id, "open", 400)
    settle(desk, again, Decision.CHARGE)
    assert desk.balances()["wechat_fees"] == 400
    assert checking.check().differences == []


def test_a_fee_booked_by_hand_is_taken_back_by_itself_when_the_bill_itself_tells_it(desk: Desk) -> None:
    trade, lacking, whole = _lacking_fee(desk)
    desk.run(given=trade, given_flow=lacking)
    (fee,) = differences()
    settle(desk, fee, Decision.CHARGE)
    maker, _ = desk.two
    deciding.close_day(desk.day().public_id, person_id=maker.id, actor="maker", now=MORNING)
    asked = undoing.propose(fee.public_id, why="不是收费", person_id=maker.id, actor="maker", now=MORNING)
    fund_flow.read_and_enter(desk.gateway, whole, now=MORNING)  # the bill of the next day, say
    with pytest.raises(Conflict, match="nothing-proposed"):
        undoing.decide(asked, agree=True, person_id=desk.two[1].id, actor="checker", now=MORNING)
    assert desk.balances() == {"at_wechat": FULL - 300, "wechat_fees": 300, "deposits_held": -FULL}
    (told,) = differences(waiting=False)
    assert (told.state, told.decision, desk.day().closed_at is not None) == ("explained", None, True)
    assert checking.check().differences == []
