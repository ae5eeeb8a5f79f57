"""What is left at the settlement goes back once, only of money that came, only while the account holds it, and makes
nobody owe again.
"""

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, Invalid
from payments.contributions.services import showing, surplus
from payments.models import Deposit
from payments.refunds.batches.services import proposing
from payments.refunds.services import approving, transferring
from payments.reminders import services as reminders
from payments.rules.batch import BatchKind
from payments.rules.due import DueState
from payments.spending import services
from payments.statements.models import BankLine
from payments.statements.services import deciding
from payments.statements.services.effects import Part
from tests.factories import Factory
from tests.payments.cash_desk.conftest import Counter
from tests.payments.contributions.conftest import COST, EACH
from tests.payments.refunds.batches.test_batches import propose, view
from tests.payments.refunds.conftest import LATER
from tests.payments.spending.conftest import Till as Account
from tests.payments.statements.support import bank_deposits, credit, row, told

PART = 100_00
K = BatchKind


class Till(Counter, Account):
    """A counter at an estate with a published budget, whose account is watched."""

    photo = Account.photo
    given_fen = 0


@pytest.fixture
def till(app: Flask, make: Factory) -> Till:
    """Every home bears 1,000.00."""
    return Till(make)


def agreed(till: Till, total: int = PART) -> str:
    """A surplus, shared as it was paid, is proposed and agreed to; the job has not run."""
    batch = propose(till, K.SURPLUS_PAID, total)
    proposing.decide(batch, agree=True, now=LATER, **till.who("two"))
    return batch


def by_bank(till: Till, request: str) -> None:
    """What two approved arrives by bank transfer."""
    till.transferred(request)
    transferring.confirm(request, arrived_there=True, now=LATER, **till.who("two"))


def one_credited(till: Till) -> Deposit:
    """A bank line pays the whole due of the first home."""
    (line,) = told(till, row("1000.00"))
    credit(till, line, Part(till.homes[0].public_id, EACH))
    (deposit,) = bank_deposits()
    return deposit


def reverse(till: Till, line: BankLine) -> None:
    """Two people take a line's credits back."""
    made = deciding.propose_reversal(line.public_id, why="记错了户", now=LATER, **till.who("one"))
    deciding.decide_reversal(made, agree=True, now=LATER, **till.who("two"))


def line_of() -> BankLine:
    """The one bank line there is."""
    session = reading()
    found = session.scalars(sa.select(BankLine)).one()
    session.close()
    return found


def own_surplus(till: Till) -> str:
    """Whoever paid asks back what the smaller budget left over; the request."""
    surplus.ask_for_all(till.estate.public_id, now=LATER, **till.who("three"))
    (payment,) = till.contributions()
    return till.request_of(payment).public_id


def test_what_was_partly_sent_back_is_not_voided_whole(till: Till) -> None:
    payment = one_credited(till)
    agreed(till)
    till.run_jobs(LATER)
    by_bank(till, till.request_of(payment).public_id)
    before = till.balances()
    with pytest.raises(Conflict, match="partly-returned"):
        reverse(till, line_of())
    assert till.balances() == before == {"at_bank": EACH - PART, "contributions": PART - EACH}
    assert till.books_hold()


def test_the_check_finds_what_went_back_of_a_payment_that_is_void(till: Till) -> None:
    payment = one_credited(till)
    agreed(till)
    till.run_jobs(LATER)

    @use_case
    def by_hand() -> None:
        with transaction() as session:
            session.execute(sa.update(Deposit).where(Deposit.id == payment.id).values(state="voided"))

    by_hand()
    assert "returned-within-paid" in {one.check for one in till.books()}


def test_nothing_goes_back_of_a_payment_voided_after_the_batch_was_proposed(till: Till) -> None:
    one_credited(till)
    batch = agreed(till)
    reverse(till, line_of())
    till.run_jobs(LATER)
    shown = view(till)
    assert (shown.released, len(shown.failed)) == (0, 1)
    assert "作废" in shown.failed[0].lines[0].problem
    proposing.try_again(batch, now=LATER, **till.who("one"))
    till.run_jobs(LATER)
    assert view(till).released == 0
    assert till.balances() == {}
    assert till.books_hold()


def test_a_surplus_somebody_got_back_himself_meanwhile_is_not_sent_again(till: Till) -> None:
    payment = one_credited(till)
    till.publish(COST - 12 * PART)
    request = own_surplus(till)
    batch = agreed(till)
    till.run_jobs(LATER)
    assert "单独申请" in view(till).failed[0].lines[0].problem, "asked for and not decided yet: it waits for that"
    approving.approve(request, now=LATER, **till.who("one"))
    approving.approve(request, now=LATER, **till.who("two"))
    by_bank(till, request)
    proposing.try_again(batch, now=LATER, **till.who("one"))
    till.run_jobs(LATER)
    shown = view(till)
    assert (shown.released, shown.planned, shown.failed, shown.dropped) == (0, 0, [], 1)
    assert till.balances() == {"at_bank": EACH - PART, "contributions": PART - EACH}
    assert till.stands(till.homes[0]).state is DueState.MET
    assert till.request_of(payment).public_id == request
    assert till.books_hold()


def test_what_is_approved_to_be_spent_does_not_go_back_to_whoever_asks_for_himself_either(till: Till) -> None:
    one_credited(till)
    till.publish(COST - 12 * PART)
    request = own_surplus(till)
    spent = till.approved(950_00)
    approving.approve(request, now=LATER, **till.who("one"))
    with pytest.raises(Conflict, match="account-short"):
        approving.approve(request, now=LATER, **till.who("two"))
    services.refuse(spent, why="重新议价", now=LATER, **till.who("two"))
    approving.approve(request, now=LATER, **till.who("two"))
    assert till.balances() == {"at_bank": EACH, "contributions": PART - EACH, "to_refund": -PART}
    assert till.books_hold()


def test_a_request_refused_for_the_batch_leaves_its_line_to_be_tried_again(till: Till) -> None:
    one_credited(till)
    till.publish(COST - 12 * PART)
    request = own_surplus(till)
    batch = agreed(till)
    till.run_jobs(LATER)
    approving.refuse(request, why="并入批量办理", now=LATER, **till.who("one"))
    proposing.try_again(batch, now=LATER, **till.who("one"))
    till.run_jobs(LATER)
    assert (view(till).released, view(till).failed) == (1, [])
    assert till.books_hold()


def test_what_households_overpaid_goes_back_newest_payment_first_and_is_no_settlement(till: Till) -> None:
    first, account = till.contributed(till.homes[1], EACH - 2 * PART)
    second, _ = till.contributed(till.homes[1], 2 * PART, account)
    till.contributed(till.homes[2], EACH - 4 * PART)
    till.publish(COST - 36 * PART)  # 700.00 each: the first overpaid by 300.00, the second owes 100.00 still
    batch = propose(till, K.OVERPAID)
    with pytest.raises(Invalid, match="too-much"):
        propose(till, K.SURPLUS_PAID, 100 * PART)
    proposing.decide(batch, agree=True, now=LATER, **till.who("two"))
    till.run_jobs(LATER)
    assert sorted((one.refund_no[-2:], one.amount_fen) for one in till.refunds()) == [("R2", PART), ("R2", 2 * PART)]
    assert {one.reason for one in till.refunds()} == {"contribution"}, "WeChat tells the payer what it is"
    assert (till.request_of(second).amount_fen, till.request_of(first).amount_fen) == (2 * PART, PART)
    stands = till.stands(till.homes[1])
    assert (stands.state, stands.over_fen, stands.open_fen) == (DueState.MET, 0, 0)
    assert till.stands(till.homes[2]).open_fen == PART
    with pytest.raises(Conflict, match="nothing-to-refund"):
        propose(till, K.OVERPAID)
    # A dearer budget: what was overpaid then is owed again, for nothing was settled.
    till.publish(COST)
    assert till.stands(till.homes[1]).open_fen == 3 * PART
    assert till.books_hold()


def test_what_is_no_longer_too_much_when_the_batch_is_released_stays(till: Till) -> None:
    till.contributed(till.homes[1], EACH)
    till.publish(COST - 12 * PART)
    batch = propose(till, K.OVERPAID)
    proposing.decide(batch, agree=True, now=LATER, **till.who("two"))
    till.publish(COST)
    till.run_jobs(LATER)
    assert (view(till).released, "没有这么多" in view(till).failed[0].lines[0].problem) == (0, True)
    assert till.books_hold()


def test_what_was_spent_or_is_approved_to_be_spent_is_no_surplus(till: Till) -> None:
    one_credited(till)
    till.paid(600_00)
    till.approved(300_00)
    with pytest.raises(Invalid, match="too-much") as caught:
        propose(till, K.SURPLUS_PAID, PART + 1)
    assert "100" in str(caught.value.detail)
    assert propose(till, K.SURPLUS_PAID, PART)


def test_what_was_spent_since_the_batch_was_agreed_does_not_go_back(till: Till) -> None:
    one_credited(till)
    batch = agreed(till, 500_00)
    spent = till.approved(600_00)
    till.run_jobs(LATER)
    shown = view(till)
    assert (shown.released, len(shown.failed)) == (0, 1)
    assert "账上" in shown.failed[0].lines[0].problem
    services.refuse(spent, why="重新议价", now=LATER, **till.who("two"))
    proposing.try_again(batch, now=LATER, **till.who("one"))
    till.run_jobs(LATER)
    assert view(till).released == 1
    assert till.books_hold()


def test_a_household_that_got_its_share_of_the_surplus_owes_nothing(till: Till) -> None:
    payment = one_credited(till)
    agreed(till)
    till.run_jobs(LATER)
    by_bank(till, till.request_of(payment).public_id)
    stands = till.stands(till.homes[0])
    assert (stands.state, stands.open_fen, stands.over_fen) == (DueState.MET, 0, 0)
    session = reading()
    door = showing.door_standings(session, till.open_collection(), till.current())[0]
    to_remind = reminders.to_remind(session, till.open_collection(), till.current(), now=LATER)
    session.close()
    assert (door.word, door.open_fen) == ("已缴清", 0)
    assert till.homes[0].id not in to_remind
    assert till.homes[1].id in to_remind
    # A smaller budget afterwards: what went back at the settlement is not too much a second time.
    till.publish(COST - 12 * PART)
    assert till.stands(till.homes[0]).over_fen == 0
    till.publish(COST - 24 * PART)
    assert till.stands(till.homes[0]).over_fen == PART
