"""What WeChat Pay costs, what bounced and what nobody knows: each in the books once, and the day comes to zero."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel.database import reading
from kernel.errors import Conflict, DomainError, Invalid
from payments.gateways.bill import from_file
from payments.gateways.port import Rejected
from payments.gateways.writing import write_fund_flow_bill
from payments.models import Deposit
from payments.publications import services as publications
from payments.publications.models import PublishedRow
from payments.reconciliation.models import BillDifference
from payments.reconciliation.services import days, deciding, showing
from payments.rules.alarm import AlarmKind
from payments.rules.bill import BillKind
from payments.rules.reconcile import Decision
from payments.services import checking
from payments.statements.services import importing
from payments.two_people import mark
from tests.payments.isolation import at_once
from tests.payments.reconciliation.conftest import DAY, MORNING, Desk
from tests.payments.services.test_crediting import two_successes
from tests.payments.world import FULL, NOW

NEXT = timedelta(days=1)


def costing(desk: Desk, *, within: bool = False) -> Desk:
    """The service takes 0.60 % a payment."""
    desk.gateway.account.fee_per_10000, desk.gateway.account.fees_within = 60, within
    return desk


def differences(*, waiting: bool = True) -> list[BillDifference]:
    session = reading()
    found = list(session.scalars(sa.select(BillDifference).order_by(BillDifference.item, BillDifference.theirs_fen)))
    session.close()
    return [one for one in found if not waiting or one.state in ("open", "proposed")]


def settle(desk: Desk, one: BillDifference, decision: Decision, *, now=MORNING) -> None:
    """One officer proposes, another agrees."""
    if not hasattr(desk, "two"):
        desk.two = (desk.officer("王主任"), desk.officer("李会计"))
    maker, checker = desk.two
    deciding.propose(one.public_id, decision=decision, why="查过", person_id=maker.id, actor="maker", now=now)
    session = reading()
    seen = mark(session.get_one(BillDifference, one.id))
    session.close()
    deciding.decide(one.public_id, agree=True, seen=seen, person_id=checker.id, actor="checker", now=now)


def at_service(desk: Desk, day=DAY) -> int:
    """What the service itself says the account holds at the end of a day."""
    desk.gateway.now = lambda: MORNING + 30 * NEXT
    return list(desk.gateway.bill(day, BillKind.FUND_FLOW).lines())[-1].balance_fen


@pytest.mark.parametrize("within", [False, True], ids=["fees apart", "fees within"])
def test_fees_are_the_account_holders_cost_and_the_books_hold_what_wechat_holds(desk: Desk, within: bool) -> None:
    costing(desk, within=within)
    first, _ = two_successes(desk)  # the first of 500 yuan goes back, and with it its fee
    desk.run_jobs(NOW)
    desk.tell(desk.gateway.finish_refund(f"{first}R1", now=NOW))
    for home, fen in zip(desk.homes[1:4], (FULL, 1_250, 1), strict=True):  # 3.00, 0.075 and 0.00006
        desk.paid(home, fen)
    desk.gateway.account.withdraw(40_000, at=NOW)
    told = desk.run()
    assert (told.waiting, differences()) == (0, [])
    held = {"deposits_held": -81_251, "from_wechat": 40_000, "wechat_fees": 488}
    assert desk.balances() == {**held, "at_wechat": 81_251 - 40_000 - 488}
    assert desk.balances()["at_wechat"] == at_service(desk)
    day = desk.day()
    assert (day.ours_fees_fen, day.theirs_fees_fen) == (488, 488)
    assert checking.check().differences == []
    again = desk.run()
    assert (again.waiting, desk.balances()["wechat_fees"]) == (0, 488), "told twice, taken once"
    session = reading()
    paid = session.scalars(sa.select(Deposit.amount_fen).where(Deposit.state == "paid")).all()
    rows = dict(showing.account_rows(day))
    session.close()
    assert sorted(paid) == [1, 1_250, 30_000, FULL], "no household's money is less for it"
    assert (rows["手续费（收款单位承担）"], rows["随退款退回的手续费"]) == ("-7.88", "3.00")


def test_two_reconciliations_at_once_take_each_fee_once(app: Flask, desk: Desk) -> None:
    costing(desk)
    for home in desk.homes[:3]:
        desk.paid(home)
    number = desk.gateway.account.withdraw(10_000, at=NOW)
    desk.gateway.account.bounce(number, at=NOW)
    desk.gateway.now = lambda: MORNING

    def run() -> None:
        days.reconcile_day(desk.gateway, DAY, actor="test", now=MORNING)

    results = at_once(app, run, run, run)
    assert [one for one in results if isinstance(one, Exception)] == []
    assert desk.balances() == {"at_wechat": 3 * FULL - 900, "wechat_fees": 900, "deposits_held": -3 * FULL}
    assert checking.check().differences == []


def test_a_withdrawal_that_bounced_is_back_where_it_was_and_no_line_of_the_bank_is_taken_for_it(desk: Desk) -> None:
    desk.paid()
    number = desk.gateway.account.withdraw(40_000, at=NOW)
    desk.run()
    assert desk.balances()["from_wechat"] == 40_000
    desk.gateway.account.bounce(number, at=NOW + NEXT)
    desk.gateway.now = lambda: MORNING + NEXT
    days.reconcile_day(desk.gateway, DAY + NEXT, actor="test", now=MORNING + NEXT)
    assert desk.balances() == {"at_wechat": FULL, "deposits_held": -FULL}
    assert desk.alarms() == [(AlarmKind.WITHDRAWAL_BOUNCED, number, ())]
    data = "日期,对方户名,收入金额,摘要\n2026-06-19,财付通支付科技有限公司,400.00,微信提现\n".encode()
    assert importing.import_statement(data, tail="0187", actor="test", now=MORNING + NEXT).matched == 0
    days.reconcile_day(desk.gateway, DAY + NEXT, actor="test", now=MORNING + NEXT)
    assert (differences(), checking.check().differences) == ([], [])


def test_what_nobody_knows_waits_for_two_people_who_say_whose_it_is(desk: Desk) -> None:
    costing(desk)
    desk.paid()
    account = desk.gateway.account
    account.move(-5_000, "商户年费", at=NOW)
    account.move(20_000, "充值", at=NOW)
    account.withdraw(10_000, at=NOW)
    desk.run()
    charge, topped_up = differences()
    assert [(one.kind, one.theirs_fen, one.theirs_says) for one in (charge, topped_up)] == [
        ("missing_here", -5_000, "商户年费"),
        ("missing_here", 20_000, "充值"),
    ]
    officer = desk.officer("赵主任")
    with pytest.raises(Conflict, match="differences-wait"):
        deciding.close_day(desk.day().public_id, person_id=officer.id, actor="test", now=MORNING)
    settle(desk, charge, Decision.CHARGE)
    with pytest.raises(Conflict, match="which-withdrawal"):
        settle(desk, topped_up, Decision.BOUNCED)
    settle(desk, topped_up, Decision.HOLDER)
    assert desk.balances() == {
        "at_wechat": FULL - 300 - 5_000 + 20_000 - 10_000,
        "wechat_fees": 5_300,
        "holder_funds": -20_000,
        "from_wechat": 10_000,
        "deposits_held": -FULL,
    }
    assert desk.balances()["at_wechat"] == at_service(desk)
    deciding.close_day(desk.day().public_id, person_id=officer.id, actor="test", now=MORNING)
    assert checking.check().differences == []


def test_a_bounce_that_does_not_say_of_which_is_found_by_two_people(desk: Desk) -> None:
    desk.paid()
    desk.gateway.account.withdraw(10_000, at=NOW)
    desk.gateway.account.move(10_000, "提现退票", at=NOW + timedelta(hours=1))
    desk.run()
    (one,) = differences()
    settle(desk, one, Decision.BOUNCED)
    assert desk.balances() == {"at_wechat": FULL, "deposits_held": -FULL}
    assert (desk.run().waiting, checking.check().differences) == (0, [])


def test_a_fee_only_one_of_the_bills_tells_is_a_difference_until_it_is_booked(desk: Desk) -> None:
    desk.paid()
    rows = desk.true_rows()
    costing(desk)
    flow = desk.gateway.bill(DAY, BillKind.FUND_FLOW)
    costing(desk).gateway.account.fee_per_10000 = 0
    told = desk.run(given=desk.bill(*rows), given_flow=flow)
    (fee,) = differences()
    assert (told.waiting, fee.item, fee.kind, fee.ours_fen) == (1, "fee", "missing_there", 300)
    with pytest.raises(Invalid, match="decision-does-not-fit"):
        settle(desk, fee, Decision.HOLDER)
    settle(desk, fee, Decision.CHARGE)
    assert desk.balances() == {"at_wechat": FULL, "deposits_held": -FULL}, "taken back: the day's trades tell none"
    assert checking.check().differences == []


def test_the_fee_of_a_trade_that_is_not_ours_is_told_once(desk: Desk) -> None:
    costing(desk)
    desk.paid()
    (row,) = desk.true_rows()
    (paid, fee) = desk.gateway.bill(DAY, BillKind.FUND_FLOW).lines()
    numbers = {"service_no": "4299", "flow_no": "4299", "voucher": "NOBODYS0001"}
    other = [
        replace(paid, **numbers, balance_fen=fee.balance_fen + FULL),
        replace(fee, **numbers, balance_fen=fee.balance_fen + FULL - 300),
    ]
    bill = desk.bill(row, replace(row, number="NOBODYS0001", outside_id="4299"))
    desk.run(given=bill, given_flow=from_file(DAY, BillKind.FUND_FLOW, write_fund_flow_bill([paid, fee, *other])))
    told = [(one.item, one.theirs_fen) for one in differences()]
    assert told == [("other", -300), ("payment", FULL)]
    assert desk.balances()["wechat_fees"] == 300, "only what our own payments cost"


def test_an_account_that_does_not_go_on_from_the_day_before_is_a_difference(desk: Desk) -> None:
    desk.paid()
    desk.run()
    desk.gateway.account.move(700, "充值", at=NOW + timedelta(minutes=1))  # comes to light a day late
    desk.gateway.account.withdraw(10_000, at=NOW + NEXT)
    desk.gateway.now = lambda: MORNING + NEXT
    days.reconcile_day(desk.gateway, DAY + NEXT, actor="test", now=MORNING + NEXT)
    (one,) = differences()
    assert (one.item, one.number, one.ours_fen, one.theirs_fen) == ("movement", "期初余额", FULL, FULL + 700)


def test_without_the_accounts_bill_a_day_with_fees_is_compared_and_not_signed(desk: Desk, monkeypatch) -> None:
    costing(desk)
    desk.paid()
    whole = desk.gateway.bill

    def refusing(day, kind):
        if kind is BillKind.FUND_FLOW:
            raise Rejected("NO_AUTH")
        return whole(day, kind)

    monkeypatch.setattr(desk.gateway, "bill", refusing)
    assert desk.run().waiting == 0
    officer = desk.officer("王主任")
    with pytest.raises(Conflict, match="flow-not-read"):
        deciding.close_day(desk.day().public_id, person_id=officer.id, actor="test", now=MORNING)
    monkeypatch.undo()
    assert days.reconcile_due(now=MORNING) == 2, "and the job asks again"
    deciding.close_day(desk.day().public_id, person_id=officer.id, actor="test", now=MORNING)


def test_the_public_books_show_fees_as_a_line_of_their_own(app: Flask, desk: Desk) -> None:
    costing(desk)
    for home in desk.homes:
        desk.paid(home)
    desk.run()
    desk.run_jobs(MORNING)
    later = NOW + 7 * NEXT
    publications.publish_due(now=later)
    session = reading()
    found = publications.published(session, desk.estate, 1)
    fees = session.scalars(sa.select(PublishedRow).where(PublishedRow.kind == "fee")).all()
    session.close()
    many = len(desk.homes)
    assert (found.publication.fees_fen, found.publication.out_fen) == (300 * many, 0)
    assert found.publication.closing_fen == many * (FULL - 300)
    assert f"fees={300 * many}" in found.publication.header
    assert [(row.amount_fen, row.receipt_tail, row.building) for row in fees] == [(-300 * many, "", "")]
    for path in (f"/books/{desk.estate.public_id}", f"/books/{desk.estate.public_id}/1"):
        text = app.test_client().get(path).text
        assert "手续费（收款单位承担）" in text
        assert "凭证…" not in text, "a fee has none"
        assert "1栋 · 收据…" in text or "其他楼栋 · 收据…" in text


def test_fees_are_not_published_before_the_payments_they_would_tell_of(desk: Desk) -> None:
    costing(desk)
    desk.paid()
    desk.run()
    desk.run_jobs(MORNING)
    publications.publish_due(now=NOW + 7 * NEXT)
    session = reading()
    found = publications.published(session, desk.estate, 1)
    session.close()
    assert (found.publication.fees_fen, found.rows) == (0, []), "3.00 would say that one household paid 500"


def test_a_bill_of_lines_nobody_knows_is_somebody_elses(desk: Desk, monkeypatch) -> None:
    from payments.fund_flow import services

    monkeypatch.setattr(services, "MOST_UNKNOWN", 2)
    for fen in (1, 2, 3):
        desk.gateway.account.move(fen, "商户红包", at=NOW)
    with pytest.raises(DomainError, match="bad-bill"):
        desk.run()
    assert differences() == []
