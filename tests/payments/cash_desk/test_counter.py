"""Cash and cards over the counter: once, numbered, told, counted by another, banked in full, never edited."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel import clock
from kernel.audit.models import AuditEntry
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from kernel.idempotency import Key
from payments.cash_desk.models import CashBox
from payments.cash_desk.services import adopting, boxes, printing, taking, voiding
from payments.queries.totals import estate_totals
from payments.refunds.services import asking
from payments.services import receipts
from tests.payments.cash_desk.conftest import FULL, TOMORROW, Counter
from tests.payments.world import NOW


def test_cash_taken_is_credited_receipted_and_counts(counter: Counter) -> None:
    taken = counter.take()
    deposit = counter.deposit_taken(taken)
    assert (deposit.state, deposit.amount_fen, deposit.payer_person_id) == ("paid", FULL, counter.owner.id)
    assert deposit.payer_account_id is None
    assert counter.numbers() == ["2026-C01-000001"]
    assert counter.balances() == {"cash_on_hand": FULL, "deposits_held": -FULL}
    totals = estate_totals(reading(), counter.estate.id)
    assert (totals.paid_households, totals.paid_fen) == (1, FULL)
    view = receipts.view(reading(), deposit, named=True)
    assert view is not None
    assert (view.payer, view.channel, view.collector) == ("陈秀英", "cash", "李工")
    counter.run_jobs(NOW)
    assert counter.numbers() == ["2026-C01-000001"]
    assert counter.books_hold()


@pytest.mark.parametrize("fen", [0, -1, -50_000])
def test_an_amount_that_is_none_is_refused(counter: Counter, fen: int) -> None:
    with pytest.raises(Invalid, match="amount-too-small"):
        counter.take(fen)
    with pytest.raises(Invalid, match="amount-too-large"):
        counter.take(10**30)
    assert counter.balances() == {}
    assert counter.numbers() == []


def test_a_payer_with_the_app_finds_his_cash_there_and_cannot_pay_it_twice(counter: Counter) -> None:
    account = counter.make.account()
    counter.make.tie(account, counter.homes[0], person=counter.owner)
    counter.pledge(account, fen=30_000)
    taken = counter.take()
    assert counter.deposit_taken(taken).payer_account_id == account.id
    with pytest.raises(Conflict, match="already-paid"):
        counter.pledge(account)
    with pytest.raises(Conflict, match="already-paid"):
        counter.take()
    assert counter.balances()["cash_on_hand"] == FULL


def test_a_payment_left_open_in_wechat_that_succeeds_later_goes_back(counter: Counter) -> None:
    account = counter.make.account()
    counter.make.tie(account, counter.homes[0], person=counter.owner)
    trade_no = counter.begin(account, counter.pledge(account))
    counter.take()
    counter.tell(counter.gateway.pay(trade_no, now=NOW))
    assert counter.balances() == {
        "at_wechat": FULL,
        "cash_on_hand": FULL,
        "deposits_held": -FULL,
        "to_refund": -FULL,
    }
    assert [one.amount_fen for one in counter.refunds()] == [FULL]
    assert counter.books_hold()


def test_two_of_a_family_pay_and_one_does_not_pay_twice(counter: Counter) -> None:
    counter.take()
    counter.take(20_000, name="陈家豪")
    with pytest.raises(Conflict, match="already-paid"):
        counter.take()
    assert counter.numbers() == ["2026-C01-000001", "2026-C01-000002"]
    assert estate_totals(reading(), counter.estate.id).paid_households == 1


def test_each_collector_counts_his_own_receipts(counter: Counter) -> None:
    counter.take(home=counter.homes[1])
    counter.take(home=counter.homes[2], who="other")
    counter.take(home=counter.homes[3])
    assert counter.numbers() == ["2026-C01-000001", "2026-C01-000002", "2026-C02-000001"]
    assert counter.books_hold()


def test_told_twice_it_is_one(counter: Counter) -> None:
    key = Key("cashier", "k" * 20, "0" * 64)
    made = {counter.take(key=key) for _ in range(2)}
    assert len(made) == 1
    assert counter.balances()["cash_on_hand"] == FULL


def test_a_voucher_credits_once_and_again_only_after_it_was_void(counter: Counter) -> None:
    card = taking.Card("43010057", "000187", "农商银行", clock.china_day(NOW))
    first = counter.take(home=counter.homes[1], card=card)
    with pytest.raises(Conflict, match="paper-used"):
        counter.take(home=counter.homes[2], card=card)
    typed_again = replace(card, voucher_no="187", terminal_no="4301 0057")
    for when in (NOW, TOMORROW):
        with pytest.raises(Conflict, match="paper-used"):
            counter.take(home=counter.homes[2], card=typed_again, now=when)
    assert counter.balances() == {"at_pos": FULL, "deposits_held": -FULL}
    counter.void(first)
    assert counter.balances() == {}
    counter.take(home=counter.homes[2], card=card)
    counter.run_jobs(NOW)
    assert counter.balances() == {"at_pos": FULL, "deposits_held": -FULL}
    assert counter.books_hold()


def test_who_may_not_take_takes_nothing(counter: Counter) -> None:
    for who in ("one", "two"):
        with pytest.raises(NotAllowed):
            counter.take(who=who)
    elsewhere = counter.make.estate("别处")
    with pytest.raises(NotAllowed):
        taking.take(
            counter.make.dwelling(counter.make.place("building", elsewhere, name="1栋")).public_id,
            taking.Tendered(FULL, name="谁"),
            now=NOW,
            **counter.who("cashier"),
        )


# ---------------------------------------------------------------------------------------------------------- voiding


def test_a_taking_is_voided_by_two_and_its_receipt_stays_in_the_series(counter: Counter) -> None:
    taken = counter.take()
    made = voiding.propose(taken, why="登记错了户", now=NOW, **counter.who("cashier"))
    with pytest.raises(Conflict, match="void-waits"):
        voiding.propose(taken, why="再说一遍", now=NOW, **counter.who("other"))
    with pytest.raises(NotFound):
        voiding.decide(made, agree=True, now=NOW, **counter.who("cashier"))
    assert counter.deposit_taken(taken).state == "paid"
    voiding.decide(made, agree=True, now=NOW, **counter.who("one"))
    assert counter.deposit_taken(taken).state == "voided"
    assert counter.balances() == {}
    assert [kind for kind, _ in counter.entries()] == ["deposit_paid", "payment_voided"]
    assert estate_totals(reading(), counter.estate.id).paid_fen == 0
    counter.take()
    assert counter.numbers() == ["2026-C01-000001", "2026-C01-000002"]
    assert counter.books_hold()


def test_who_asked_for_a_void_does_not_agree_to_it(counter: Counter) -> None:
    made = voiding.propose(counter.take(), why="登记错了户", now=NOW, **counter.who("one"))
    with pytest.raises(NotAllowed, match="own-proposal"):
        voiding.decide(made, agree=True, now=NOW, **counter.who("one"))
    voiding.decide(made, agree=False, now=NOW, **counter.who("two"))
    assert counter.balances()["cash_on_hand"] == FULL


def test_a_collector_who_also_checks_does_not_agree_that_his_own_taking_is_void(counter: Counter) -> None:
    counter.make.grant(counter.make.account("cashier"), "street_officer", counter.street())
    made = voiding.propose(counter.take(), why="登记错了户", now=NOW, **counter.who("one"))
    with pytest.raises(NotAllowed, match="own-taking"):
        voiding.decide(made, agree=True, now=NOW, **counter.who("cashier"))
    voiding.decide(made, agree=True, now=NOW, **counter.who("two"))


def test_what_was_counted_or_is_on_its_way_back_is_not_voided(counter: Counter) -> None:
    taken = counter.take()
    asked = counter.take(20_000, home=counter.homes[1])
    asking.ask_for(counter.estate.public_id, "2026-C01-000002", reason=None, now=NOW, **counter.who("one"))
    made = voiding.propose(asked, why="登记错了户", now=NOW, **counter.who("cashier"))
    with pytest.raises(Conflict, match="deposit-moved-on"):
        voiding.decide(made, agree=True, now=NOW, **counter.who("two"))
    voiding.decide(made, agree=False, now=NOW, **counter.who("two"))
    counter.count(counter.box(taken), FULL + 20_000)
    with pytest.raises(Conflict, match="box-counted"):
        voiding.propose(taken, why="晚了", now=NOW, **counter.who("cashier"))


# ------------------------------------------------------------------------------------------------------------ boxes


def test_a_box_is_counted_by_another_and_then_banked_in_full(counter: Counter) -> None:
    box = counter.box(counter.take())
    counter.take(30_000, home=counter.homes[1])
    with pytest.raises(Conflict, match="box-not-counted"):
        counter.bank(box)
    with pytest.raises(NotFound):
        counter.count(box, 80_000, who="cashier")
    counter.count(box, 80_000)
    with pytest.raises(Conflict, match="box-counted"):
        counter.count(box, 80_000, who="two")
    with pytest.raises(Invalid, match="no-slip"):
        counter.bank(box, photos=[])
    here, counter.estate = counter.estate, counter.make.estate()
    counter.make.grant(counter.make.account("cashier"), "cashier", counter.estate)
    elsewhere, counter.estate = counter.photo(), here
    with pytest.raises(Invalid, match="file-not-usable"):
        counter.bank(box, photos=[elsewhere])
    counter.bank(box)
    assert counter.balances() == {"cash_in_transit": 80_000, "deposits_held": -80_000}
    with pytest.raises(Conflict, match="box-banked"):
        counter.bank(box)
    assert counter.books_hold()


def test_a_collector_who_manages_as_well_still_does_not_count_his_own(counter: Counter) -> None:
    counter.make.grant(counter.make.account("cashier"), "street_officer", counter.street())
    box = counter.box(counter.take())
    with pytest.raises(NotAllowed, match="own-box"):
        counter.count(box, FULL, who="cashier")

    @use_case
    def by_hand() -> None:
        with transaction() as session:
            session.execute(
                sa.update(CashBox).values(
                    closed_at=NOW, closed_by=CashBox.collector_id, counted_fen=FULL, entered_fen=FULL
                )
            )

    with pytest.raises(sa.exc.IntegrityError):
        by_hand()


@pytest.mark.parametrize("counted", [FULL - 1_000, FULL + 500])
def test_a_difference_is_explained_and_kept_in_the_books(counter: Counter, counted: int) -> None:
    box = counter.box(counter.take())
    with pytest.raises(Conflict, match="count-differs"):
        counter.count(box, counted)
    session = reading()
    tried = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "cash_box.count_differs")).all()
    session.close()
    assert [(one.actor, one.subject) for one in tried] == [("one", f"cash_box:{box.public_id}")]
    counter.count(box, counted, "找零出错，已向当事人说明")
    assert counter.balances() == {
        "cash_on_hand": counted,
        "cash_differences": FULL - counted,
        "deposits_held": -FULL,
    }
    counter.bank(box)
    assert counter.balances()["cash_in_transit"] == counted
    assert counter.books_hold()


def test_tomorrow_begins_a_new_box_and_only_after_todays_was_counted(counter: Counter) -> None:
    box = counter.box(counter.take())
    with pytest.raises(Conflict, match="box-not-counted"):
        counter.take(home=counter.homes[1], now=TOMORROW)
    counter.count(box, FULL, now=TOMORROW)
    assert counter.box(counter.take(home=counter.homes[1], now=TOMORROW)).public_id != box.public_id


def test_a_box_with_a_void_that_waits_is_not_closed(counter: Counter) -> None:
    taken = counter.take()
    made = voiding.propose(taken, why="登记错了户", now=NOW, **counter.who("cashier"))
    with pytest.raises(Conflict, match="void-waits"):
        counter.count(counter.box(taken), 0, "作废")
    voiding.decide(made, agree=True, now=NOW, **counter.who("one"))
    counter.count(counter.box(taken), 0)
    with pytest.raises(Invalid, match="nothing-to-bank"):
        counter.bank(counter.box(taken))


def test_a_photo_proves_one_banking_only(counter: Counter) -> None:
    photo, first = counter.photo(), counter.box(counter.take())
    counter.count(first, FULL)
    counter.bank(first, photos=[photo])
    second = counter.box(counter.take(home=counter.homes[1], now=NOW + timedelta(minutes=1)))
    counter.count(second, FULL)
    with pytest.raises(Invalid, match="file-not-usable"):
        counter.bank(second, photos=[photo])
    assert counter.balances()["cash_on_hand"] == FULL


def test_each_print_of_a_receipt_is_kept(counter: Counter) -> None:
    taken = counter.take()
    assert [printing.note(taken, now=NOW, **counter.who("cashier")) for _ in range(2)] == [1, 2]
    stranger = counter.make.account("stranger")
    with pytest.raises(NotFound):
        printing.note(taken, person_id=stranger.person_id, actor="x", now=NOW)


# --------------------------------------------------------------------------------------------------------- together


def _together(app: Flask, *work) -> list[str]:
    """What each piece of work gave, or the code it was refused with, all at once."""

    def run(piece) -> str:
        with app.app_context():
            try:
                return str(piece())
            except DomainError as no:
                return no.code

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(run, work))


def test_many_takings_at_once_leave_no_gap_and_one_payer_pays_once(app: Flask, counter: Counter) -> None:
    homes = counter.homes[1:5]
    told = _together(
        app,
        *(lambda home=home: counter.take(home=home) for home in homes),
        *(lambda: counter.take() for _ in range(3)),
    )
    assert told.count("already-paid") == 2
    assert counter.numbers() == [f"2026-C01-{n:06}" for n in range(1, 6)]
    assert counter.balances()["cash_on_hand"] == 5 * FULL
    assert counter.books_hold()


def test_counting_and_taking_at_once_never_count_what_is_not_in_the_box(app: Flask, counter: Counter) -> None:
    box = counter.box(counter.take())
    _together(
        app,
        lambda: counter.count(box, FULL),
        lambda: counter.take(home=counter.homes[1]),
        lambda: counter.count(box, 2 * FULL, who="two"),
    )
    assert counter.books_hold()


def test_two_who_bank_the_same_box_bank_it_once(app: Flask, counter: Counter) -> None:
    box = counter.box(counter.take())
    counter.count(box, FULL)
    photos = [counter.photo(), counter.photo()]
    told = _together(app, *(lambda photo=photo: counter.bank(box, photos=[photo]) for photo in photos))
    assert told.count("box-banked") == 1
    assert counter.balances()["cash_in_transit"] == FULL


def test_the_box_name_in_services_is_the_one_evidence_knows() -> None:
    from kernel.evidence import PURPOSES

    assert boxes.SLIP in PURPOSES


def test_who_paid_in_cash_finds_it_in_his_app_once_he_proves_who_he_is(counter: Counter) -> None:
    taken = counter.take()
    account = counter.make.account()
    tie = counter.make.tie(account, counter.homes[0], person=counter.owner)
    for _ in range(2):
        adopting.on_tie({"tie": tie.public_id}, now=NOW)
    assert counter.deposit_taken(taken).payer_account_id == account.id
    with pytest.raises(Conflict, match="already-paid"):
        counter.pledge(account)


@pytest.mark.parametrize(("level", "relation"), [(1, "self"), (2, "family")])
def test_nobody_else_finds_it_there(counter: Counter, level: int, relation: str) -> None:
    taken = counter.take()
    tie = counter.make.tie(
        counter.make.account(), counter.homes[0], person=counter.owner, level=level, relation=relation
    )
    adopting.on_tie({"tie": tie.public_id}, now=NOW)
    assert counter.deposit_taken(taken).payer_account_id is None
