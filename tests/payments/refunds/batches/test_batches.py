"""Batches: previewed, agreed by two, released one by one under the lock of what was paid, resumed after a crash."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from kernel import outbox
from kernel.database import reading, transaction
from kernel.errors import Conflict, Invalid, NotAllowed
from payments.models import PaymentAlarm
from payments.refunds.batches import queries
from payments.refunds.batches.services import proposing, releasing, showing
from payments.refunds.models import DepositRefund
from payments.refunds.services import approving
from payments.rollover import services as rollover
from payments.rules.alarm import AlarmKind
from payments.rules.batch import BatchKind, Payment, split
from payments.rules.giving_back import Road
from payments.rules.rollover import RolloverChoice
from payments.services.bookkeeping import settle_by_itself
from payments.statements.services.effects import Part
from tests.payments.cash_desk.conftest import FULL, Counter, counter
from tests.payments.refunds.conftest import LATER
from tests.payments.statements.support import bank_deposits, credit, row, told
from tests.payments.world import NOW

__all__ = ["counter"]

K = BatchKind


# ------------------------------------------------------------------------------------------------------------- rules

PAYMENTS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 10**7)), min_size=1, max_size=12).map(
    lambda rows: [Payment(at, home, fen, 5_000 + 700 * home) for at, (home, fen) in enumerate(rows)]
)


@given(PAYMENTS, st.sampled_from([K.SURPLUS_AREA, K.SURPLUS_PAID]), st.integers(1, 10**8))
def test_a_surplus_goes_back_to_the_fen_and_never_more_than_is_left(
    payments: list[Payment], kind: BatchKind, total: int
) -> None:
    held = sum(one.left_fen for one in payments)
    if total > held:
        with pytest.raises(Invalid, match="too-much"):
            split(kind, total, payments)
        return
    made = split(kind, total, payments)
    assert sum(fen for _, fen in made) == total
    assert all(0 < fen <= one.left_fen for one, fen in made)


def test_by_area_and_as_paid_differ() -> None:
    two = [Payment(1, 1, 100_000, 5_000), Payment(2, 2, 300_000, 10_000)]
    assert [fen for _, fen in split(K.SURPLUS_AREA, 3_000, two)] == [1_000, 2_000]
    assert [fen for _, fen in split(K.SURPLUS_PAID, 4_000, two)] == [1_000, 3_000]
    assert [fen for _, fen in split(K.NOT_LISTED, None, two)] == [100_000, 300_000]
    with pytest.raises(Invalid, match="no-area"):
        split(K.SURPLUS_AREA, 3_000, [Payment(1, 1, 100_000, None)])
    with pytest.raises(Invalid, match="no-amount"):
        split(K.SURPLUS_PAID, None, two)


# --------------------------------------------------------------------------------------------------------- the whole


def preview(counter: Counter, kind: BatchKind = K.NOT_LISTED, total: int | None = None) -> proposing.Preview:
    session = reading()
    found = proposing.preview(
        session, counter.estate.public_id, kind, total, person_id=counter.people["one"].id, now=LATER
    )
    session.close()
    return found


def propose(counter: Counter, kind: BatchKind = K.NOT_LISTED, total: int | None = None, who: str = "one") -> str:
    found = preview(counter, kind, total)
    return proposing.propose(
        counter.estate.public_id,
        kind=kind,
        total_fen=total,
        seen=(found.payments, found.total_fen),
        why="2026 年计划公告",
        now=LATER,
        **counter.who(who),
    )


def view(counter: Counter) -> showing.BatchView:
    session = reading()
    found = showing.estate_batches(session, counter.estate.public_id, person_id=counter.people["three"].id, now=LATER)
    session.close()
    return found.batches[0]


def three_paid(counter: Counter) -> None:
    """Two by WeChat, one in cash."""
    for home in counter.homes[1:3]:
        counter.held(home)
    counter.take()


def test_a_batch_goes_back_by_the_road_each_payment_came(counter: Counter) -> None:
    three_paid(counter)
    found = preview(counter)
    assert (found.payments, found.total_fen, found.by_wechat, found.by_bank) == (3, 3 * FULL, 2, 1)
    batch = propose(counter)
    with pytest.raises(NotAllowed, match="own-proposal"):
        proposing.decide(batch, agree=True, now=LATER, **counter.who("one"))
    with pytest.raises(Conflict, match="batch-waits"):
        propose(counter)
    proposing.decide(batch, agree=True, now=LATER, **counter.who("two"))
    counter.run_jobs(LATER)
    assert (view(counter).released, view(counter).back, view(counter).word) == (3, 0, "办理中")
    assert sorted(one.amount_fen for one in counter.refunds()) == [FULL, FULL]
    for one in counter.refunds():
        counter.tell(counter.gateway.finish_refund(one.refund_no, now=LATER), now=LATER)
    assert view(counter).back == 2
    assert counter.balances()["to_refund"] == -FULL
    assert counter.books_hold()


def test_what_changed_since_the_preview_is_not_proposed(counter: Counter) -> None:
    three_paid(counter)
    found = preview(counter)
    counter.take(home=counter.homes[4])
    with pytest.raises(Conflict, match="preview-changed"):
        proposing.propose(
            counter.estate.public_id,
            kind=K.NOT_LISTED,
            total_fen=None,
            seen=(found.payments, found.total_fen),
            why="2026 年计划公告",
            now=LATER,
            **counter.who("one"),
        )


def test_who_has_no_wechat_any_more_gets_it_by_bank_chosen_with_a_reason_before_two_approve(counter: Counter) -> None:
    three_paid(counter)
    found = preview(counter)
    by_road = {line.road: line for line in found.lines}
    seen = {"seen": (found.payments, found.total_fen), "kind": K.NOT_LISTED, "total_fen": None, "why": "计划公告"}
    for by_bank, error in (({by_road[Road.BANK].id: "想走银行"}, Invalid), ({"x" * 22: "微信注销了"}, Conflict)):
        with pytest.raises(error):
            proposing.propose(counter.estate.public_id, **seen, by_bank=by_bank, now=LATER, **counter.who("one"))
    gone = by_road[Road.WECHAT]
    batch = proposing.propose(
        counter.estate.public_id, **seen, by_bank={gone.id: "住户微信已注销"}, now=LATER, **counter.who("one")
    )
    shown = view(counter)
    assert shown.roads == [("微信原路退回", 1), ("银行转账", 2)]
    assert [(line.door, line.bank_why) for line in shown.chosen] == [(gone.door, "住户微信已注销")]
    proposing.decide(batch, agree=True, now=LATER, **counter.who("two"))
    counter.run_jobs(LATER)
    assert len(counter.refunds()) == 1, "one leaves by WeChat, two wait for an account to be entered"
    session = reading()
    roads = sorted((row[0], row[1]) for row in session.execute(sa.select(DepositRefund.road, DepositRefund.state)))
    session.close()
    assert roads == [("bank", "to_transfer"), ("bank", "to_transfer"), ("wechat", "sending")]
    assert counter.books_hold()


def test_what_failed_is_tried_again_by_road(counter: Counter) -> None:
    held = [counter.held(home) for home in counter.homes[1:3]]
    found = preview(counter)
    batch = proposing.propose(
        counter.estate.public_id,
        kind=K.NOT_LISTED,
        total_fen=None,
        seen=(found.payments, found.total_fen),
        why="计划公告",
        by_bank={held[1][0].public_id: "住户微信已注销"},
        now=LATER,
        **counter.who("one"),
    )
    requests = [counter.ask(*one) for one in held]
    proposing.decide(batch, agree=True, now=LATER, **counter.who("two"))
    counter.run_jobs(LATER)
    assert [(some.road, len(some.lines)) for some in view(counter).failed] == [(Road.WECHAT, 1), (Road.BANK, 1)]
    for request in requests:
        approving.refuse(request, why="并入批量办理", now=LATER, **counter.who("three"))
    for road, left in ((Road.BANK, [Road.WECHAT]), (Road.WECHAT, [])):
        proposing.try_again(batch, road=road, now=LATER, **counter.who("one"))
        counter.run_jobs(LATER)
        assert [some.road for some in view(counter).failed] == left
    assert view(counter).released == 2
    assert counter.books_hold()


def test_a_batch_sent_back_moves_nothing(counter: Counter) -> None:
    three_paid(counter)
    before = counter.balances()
    proposing.decide(propose(counter), agree=False, now=LATER, **counter.who("two"))
    counter.run_jobs(LATER)
    assert counter.balances() == before
    propose(counter)


def test_what_cannot_be_done_is_named_and_tried_again(counter: Counter) -> None:
    deposit, account = counter.held(counter.homes[1])
    counter.held(counter.homes[2])
    batch = propose(counter)
    request = counter.ask(deposit, account)
    proposing.decide(batch, agree=True, now=LATER, **counter.who("two"))
    counter.run_jobs(LATER)
    shown = view(counter)
    assert (shown.released, len(shown.failed), shown.word) == (1, 1, "1 笔没有办成")
    assert "单独申请" in shown.failed[0].lines[0].problem
    approving.refuse(request, why="并入批量办理", now=LATER, **counter.who("three"))
    proposing.try_again(batch, now=LATER, **counter.who("one"))
    counter.run_jobs(LATER)
    assert (view(counter).released, view(counter).failed) == (2, [])
    assert counter.books_hold()


def test_a_batch_that_stopped_half_way_goes_on_and_nothing_goes_twice(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_paid(counter)
    batch = propose(counter)
    proposing.decide(batch, agree=True, now=LATER, **counter.who("two"))
    real, done = releasing._release, []

    def dies(line: str, *, now) -> None:
        if done:
            raise RuntimeError("killed")
        done.append(line)
        real(line, now=now)

    monkeypatch.setattr(releasing, "_release", dies)
    with pytest.raises(RuntimeError):
        releasing.on_batch({"batch": batch, "again": False}, now=LATER)
    assert view(counter).planned == 2
    monkeypatch.setattr(releasing, "_release", real)
    for _ in range(2):
        releasing.on_batch({"batch": batch, "again": False}, now=LATER)
    assert (view(counter).released, view(counter).planned) == (3, 0)
    numbers = [one.refund_no for one in counter.refunds()]
    assert len(numbers) == len(set(numbers)) == 2
    assert counter.books_hold()


def test_a_payer_who_leaves_it_for_the_next_plan_is_not_in_the_batch_and_nobody_is_while_asked(
    counter: Counter,
) -> None:
    (kept, one), (_, _) = counter.held(counter.homes[1]), counter.held(counter.homes[2])
    asked = {"plan_year": 2027, "why": "今年没有列入计划", "now": LATER, **counter.who("one")}
    question = rollover.ask(counter.estate.public_id, **asked)
    rollover.answer(kept.public_id, RolloverChoice.KEEP, account_id=one.id, actor="payer", now=LATER)
    with pytest.raises(Conflict, match="question-open"):
        preview(counter)
    rollover.close(question, now=LATER, **counter.who("two"))
    found = preview(counter)
    assert (found.payments, found.kept) == (1, 1), "who said nothing rolls nothing over"
    assert [(line.door, line.amount_fen, line.road) for line in found.lines] == [
        (counter.homes[2].label, FULL, "wechat")
    ]
    assert preview(counter, K.CANCELLED).payments == 2
    batch = propose(counter)
    again = rollover.ask(counter.estate.public_id, **{**asked, "plan_year": 2028})
    proposing.decide(batch, agree=True, now=LATER, **counter.who("two"))
    counter.run_jobs(LATER)
    assert "正在问" in view(counter).failed[0].lines[0].problem
    rollover.close(again, now=LATER, **counter.who("two"))
    proposing.try_again(batch, now=LATER, **counter.who("one"))
    counter.run_jobs(LATER)
    assert view(counter).released == 1
    assert counter.deposit_named(kept.public_id).state == "paid"
    assert counter.books_hold()


def test_what_came_twice_by_two_ways_goes_back_once_and_its_alarm_is_settled(counter: Counter) -> None:
    counter.held(counter.homes[1])
    (line,) = told(counter, row("500.00", "陈女士"))
    credit(counter, line, Part(counter.homes[1].public_id, FULL))
    (second,) = bank_deposits()
    assert counter.alarms() == [(AlarmKind.PAID_BOTH_WAYS, second.public_id, ())]
    found = preview(counter, K.DUPLICATE)
    assert (found.payments, found.total_fen, found.by_bank) == (1, FULL, 1)
    batch = propose(counter, K.DUPLICATE)
    proposing.decide(batch, agree=True, now=LATER, **counter.who("two"))
    counter.run_jobs(LATER)
    session = reading()
    (request,) = session.scalars(sa.select(DepositRefund)).all()
    assert session.scalar(sa.select(sa.func.count()).where(PaymentAlarm.settled_at.is_(None))) == 0
    session.close()
    assert (request.deposit_id, request.reason, request.road) == (second.id, "duplicate", "bank")
    with pytest.raises(Conflict, match="nothing-to-refund"):
        propose(counter, K.DUPLICATE)
    assert counter.books_hold()


@pytest.mark.parametrize("meanwhile", ["found", "twin"])
def test_a_payment_found_meanwhile_not_to_have_come_twice_stays_and_so_does_one_whose_twin_went_back(
    counter: Counter, meanwhile: str
) -> None:
    taken = counter.take(home=counter.homes[1], name="陈女士")
    (line,) = told(counter, row("500.00", "陈女士"))
    credit(counter, line, Part(counter.homes[1].public_id, FULL))
    (second,) = bank_deposits()
    assert counter.alarms() == [(AlarmKind.PAID_BOTH_WAYS, second.public_id, ())]
    batch = propose(counter, K.DUPLICATE)
    proposing.decide(batch, agree=True, now=LATER, **counter.who("two"))
    if meanwhile == "twin":
        counter.void(taken, now=LATER)
    else:
        with transaction() as session:
            settle_by_itself(session, AlarmKind.PAID_BOTH_WAYS, second.public_id, now=LATER)
    counter.run_jobs(LATER)
    assert "已经办结" in repr(view(counter))
    assert counter.deposit_named(second.public_id).state == "paid"
    assert counter.books_hold()


def test_over_http(counter: Counter) -> None:
    three_paid(counter)
    clients = {name: counter.make.signed_in(counter.make.account(name)) for name in ("one", "two", "cashier")}
    url = f"/api/v1/estates/{counter.estate.public_id}/refund-batches"
    assert clients["cashier"].get(f"{url}?kind=not_listed").status_code == 403
    assert clients["one"].get(f"{url}?kind=party").status_code == 422
    seen = clients["one"].get(f"{url}?kind=not_listed").json
    body = {"kind": "not_listed", "why": "公告", "payments": seen["payments"], "sum_fen": seen["total_fen"]}
    made = clients["one"].post(url, json=body)
    assert made.status_code == 201, made.json
    page = f"/work/refunds/{counter.estate.public_id}/batches"
    assert "请另一位工作人员复核" in clients["one"].get(page).text
    assert "复核同意，开始退" in clients["two"].get(page).text
    decision = f"/api/v1/refund-batches/{made.json['id']}/decision"
    assert clients["one"].post(decision, json={"agree": True}).status_code == 403
    assert clients["two"].post(decision, json={"agree": True}).status_code == 200
    assert outbox.counts()["waiting"] > 0
    session = reading()
    assert queries.batch_by_public_id(session, made.json["id"]).state == "decided"
    session.close()
    assert NOW + timedelta(days=30) == LATER
