"""Alarms are settled with a reason, by two where money moved otherwise; the street's desk counts what waits."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, NotAllowed, NotFound
from payments.alarms.services import settling, showing
from payments.cash_desk.services import overdue
from payments.models import Collection, CollectionMode, NoticeOutcome, PaymentAlarm
from payments.rules.alarm import WORDS, AlarmDecision, AlarmKind, needs_two
from payments.services import collections, crediting
from payments.services.bookkeeping import raise_alarm
from payments.street_desk import services as street
from tests.payments.cash_desk.conftest import FULL, Counter, counter
from tests.payments.statements.support import credit, row, told
from tests.payments.world import NOW

__all__ = ["counter"]


@use_case
def raised(kind: AlarmKind, reference: str) -> str:
    with transaction() as session:
        raise_alarm(session, kind, reference, now=NOW)
        session.flush()
        return session.scalars(sa.select(PaymentAlarm.public_id).where(PaymentAlarm.reference == reference)).one()


def propose(counter: Counter, alarm: str, who: str = "one") -> str:
    return settling.propose(alarm, decision=AlarmDecision.ASKED, why="商户平台已核对", now=NOW, **counter.who(who))


def waiting(counter: Counter, who: str = "one") -> list[str]:
    session = reading()
    found = [one.reference for one in showing.open_alarms(session, counter.people[who].id, now=NOW)]
    session.close()
    return found


def test_every_alarm_has_its_words_and_only_a_warning_takes_one_person() -> None:
    assert set(WORDS) == set(AlarmKind)
    alone = {AlarmKind.REFUND_ROAD_ENDS, AlarmKind.WITHDRAWAL_BOUNCED}
    assert {kind for kind in AlarmKind if not needs_two(kind)} == alone


def test_a_box_not_counted_on_its_day_is_an_alarm_until_it_is_counted(counter: Counter) -> None:
    box = counter.box(counter.take())
    assert overdue.warn(now=NOW) == 0
    morning = NOW + timedelta(hours=15)
    assert [overdue.warn(now=morning) for _ in range(2)] == [1, 1]
    assert counter.alarms() == [(AlarmKind.BOX_NOT_COUNTED, box.public_id, ())]
    assert waiting(counter) == [box.public_id]
    session = reading()
    (view,) = showing.open_alarms(session, counter.people["one"].id, now=morning)
    session.close()
    assert view.estate == counter.estate.name
    counter.count(box, FULL, now=morning)
    assert waiting(counter) == []
    assert overdue.warn(now=morning) == 0


def test_an_alarm_is_settled_by_two(counter: Counter) -> None:
    trade_no = counter.ordered()
    alarm = raised(AlarmKind.MISMATCH, trade_no)
    made = propose(counter, alarm)
    with pytest.raises(Conflict, match="settlement-waits"):
        propose(counter, alarm, "two")
    with pytest.raises(NotAllowed, match="own-proposal"):
        settling.decide(made, agree=True, now=NOW, **counter.who("one"))
    settling.decide(made, agree=False, now=NOW, **counter.who("two"))
    made = propose(counter, alarm, "two")
    settling.decide(made, agree=True, now=NOW, **counter.who("one"))
    assert waiting(counter) == []
    with pytest.raises(Conflict, match="alarm-settled"):
        propose(counter, alarm, "three")
    session = reading()
    (view,) = showing.settled_alarms(session, counter.people["one"].id, now=NOW)
    session.close()
    assert (view.decision, view.why, view.who) == (
        "已向微信支付或银行查询，有书面答复",
        "商户平台已核对",
        "李工提出，李工复核",
    )


def test_a_warning_is_settled_by_one(counter: Counter) -> None:
    deposit, _ = counter.held()
    propose(counter, raised(AlarmKind.REFUND_ROAD_ENDS, deposit.public_id))
    assert waiting(counter) == []


def test_another_streets_alarms_do_not_exist_here(counter: Counter) -> None:
    trade_no = counter.ordered()
    alarm = raised(AlarmKind.MISMATCH, trade_no)
    raised(AlarmKind.UNMATCHED, "notice:unknown")
    far = counter.make.account("far")
    elsewhere = counter.make.estate("别处")
    counter.make.grant(far, "street_officer", _street(elsewhere))
    counter._person("away", "cashier")
    from kernel.people.models import Account

    person = reading().get_one(Account, far.id).person_id
    with pytest.raises(NotFound):
        settling.propose(alarm, decision=AlarmDecision.NOTHING, why="看看", person_id=person, actor="far", now=NOW)
    session = reading()
    assert [one.reference for one in showing.open_alarms(session, person, now=NOW)] == ["notice:unknown"]
    session.close()
    assert sorted(waiting(counter)) == sorted([trade_no, "notice:unknown"])


def test_a_notice_about_none_of_our_payments_is_for_the_account_holder_of_its_merchant(counter: Counter) -> None:
    from kernel.people.models import Account

    far = counter.make.account("far")
    counter.make.grant(far, "street_officer", _street(counter.make.estate("别处")))
    person = reading().get_one(Account, far.id).person_id
    trade_no = counter.ordered()
    letter = counter.gateway.pay(trade_no, now=NOW)
    notice = counter.gateway.read(*letter, now=NOW)
    assert notice.trade is not None
    strange = replace(notice, trade=replace(notice.trade, trade_no="NOBODYS0001"))
    assert crediting.take_notice(counter.gateway.channel, strange, now=NOW) is NoticeOutcome.UNMATCHED
    assert waiting(counter) == ["NOBODYS0001"]
    session = reading()
    assert showing.open_alarms(session, person, now=NOW) == []
    session.close()


def test_who_holds_a_box_does_not_settle_that_nobody_counted_it(counter: Counter) -> None:
    counter.make.grant(counter.make.account("cashier"), "street_officer", counter.street())
    box = counter.box(counter.take())
    alarm = raised(AlarmKind.BOX_NOT_COUNTED, box.public_id)
    with pytest.raises(NotAllowed, match="own-box"):
        propose(counter, alarm, "cashier")
    made = propose(counter, alarm, "one")
    assert waiting(counter) == [box.public_id], "one person alone does not wave it through"
    with pytest.raises(NotAllowed, match="own-box"):
        settling.decide(made, agree=True, now=NOW, **counter.who("cashier"))
    settling.decide(made, agree=True, now=NOW, **counter.who("two"))
    assert waiting(counter) == []


def test_a_withdrawal_beyond_the_books_is_for_who_manages_every_estate_of_its_merchant(counter: Counter) -> None:
    from kernel.people.models import Account
    from payments.withdrawals.models import Withdrawal

    merchant = counter._one(sa.select(Collection.merchant_id))
    far = counter.make.account("far")
    elsewhere = counter.make.estate("别处")
    counter.make.grant(far, "street_officer", _street(elsewhere))
    person = reading().get_one(Account, far.id).person_id

    @use_case
    def told() -> None:
        with transaction() as session:
            session.add(
                Withdrawal(
                    public_id="w", channel="wechat", merchant_id=merchant, number="W1", day=NOW.date(), amount_fen=1
                )
            )

    told()
    alarm = raised(AlarmKind.WITHDRAWN_BEYOND, "W1")
    with pytest.raises(NotFound):
        settling.propose(alarm, decision=AlarmDecision.NOTHING, why="看看", person_id=person, actor="far", now=NOW)
    session = reading()
    assert showing.open_alarms(session, person, now=NOW) == []
    session.close()
    assert waiting(counter) == ["W1"]
    collections.open_collection(
        estate_id=elsewhere.id,
        mode=CollectionMode.DEPOSIT_THEN_CONTRIBUTION,
        account_holder="别处街道办事处",
        account_bank="韶关农商银行",
        account_tail="0199",
        merchant_id=merchant,
        series="other",
        largest_fen=5_000_000,
        actor="test",
        now=NOW,
    )
    assert waiting(counter) == [], "part of it may be the other estate's now"


def _street(estate):
    from kernel.places import queries as places

    return next(place for place in places.ancestors(reading(), estate) if place.kind == "street")


def test_the_page_and_the_api(counter: Counter) -> None:
    alarm = raised(AlarmKind.SECOND_PAYMENT, counter.ordered())
    clients = {name: counter.make.signed_in(counter.make.account(name)) for name in ("one", "two", "cashier")}
    assert "付了两次" in clients["one"].get("/work/alarms").text
    assert clients["cashier"].get("/work/alarms").status_code == 403
    url = f"/api/v1/payment-alarms/{alarm}/settlements"
    assert clients["one"].post(url, json={"decision": "", "why": "x"}).status_code == 422
    made = clients["one"].post(url, json={"decision": "returned", "why": "退款单已到账"})
    assert made.status_code == 201, made.json
    assert "请另一位工作人员复核" in clients["one"].get("/work/alarms").text
    decision = f"/api/v1/alarm-settlements/{made.json['id']}/decision"
    assert clients["one"].post(decision, json={"agree": True}).status_code == 403
    assert clients["two"].post(decision, json={"agree": True}).status_code == 200
    assert "没有要处理的提醒" in clients["two"].get("/work/alarms").text


def test_the_streets_desk_counts_what_waits_and_its_sides_hang_together(counter: Counter) -> None:
    raised(AlarmKind.MISMATCH, counter.ordered())
    counter.take(home=counter.homes[1])
    line, _ = told(counter, row(memo="诚意金"), row("3.20", "某公司", "利息", "A2"))
    credit(counter, line)
    session = reading()
    view = street.desk_view(session, counter.people["one"].id, now=NOW)
    session.close()
    many = {task.title: task.many for task in view.tasks if task.many}
    assert many == {"资金提醒": 1, "银行流水待处理": 1, "钱箱待清点": 1}
    (account,) = view.accounts
    assert (account.cash_on_hand, account.in_transit, account.at_wechat) == (FULL, 0, 0)
    assert account.position is not None
    assert (account.position.at_bank, account.position.waiting, account.position.moved) == (FULL, 320, FULL + 320)
    assert account.position.gap == 0
    page = counter.make.signed_in(counter.make.account("one")).get("/work/street-desk")
    assert "账和银行流水相符" in page.text
