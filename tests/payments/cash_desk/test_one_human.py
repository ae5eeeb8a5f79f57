"""Two people are two human beings: a second account of the same one does not check what the first has made."""

import pytest

from kernel.database import reading, transaction, use_case
from kernel.errors import NotAllowed
from kernel.people.models import Person
from kernel.people.services import seal_person
from payments.cash_desk.services import showing, voiding
from payments.refunds.services import approving, transferring
from tests.payments.cash_desk.conftest import FULL, Counter
from tests.payments.refunds.conftest import LATER, PAYEE
from tests.payments.statements.support import L, agree, propose, row, told
from tests.payments.world import NOW


@use_case
def _reached_by_one_phone(counter: Counter, *names: str) -> None:
    with transaction() as session:
        for name in names:
            seal_person(session.get_one(Person, counter.people[name].id), name=name, phone="13900000009")


def test_a_collectors_second_account_does_not_count_his_box_nor_void_for_him(counter: Counter) -> None:
    taken = counter.take()
    _reached_by_one_phone(counter, "cashier", "one")
    with pytest.raises(NotAllowed, match="own-box"):
        counter.count(counter.box(taken), FULL)
    made = voiding.propose(taken, why="登记错了户", now=NOW, **counter.who("cashier"))
    offered = {}
    for who in ("one", "two"):
        session = reading()
        view = showing.to_check(session, counter.people[who].id, now=NOW)
        session.close()
        offered[who] = ([box.may_count for box in view.boxes], [one.may_decide for one in view.voids])
    assert offered == {"one": ([False], [False]), "two": ([True], [True])}, "no button the API refuses"
    with pytest.raises(NotAllowed, match="own-taking"):
        voiding.decide(made, agree=True, now=NOW, **counter.who("one"))
    voiding.decide(made, agree=True, now=NOW, **counter.who("two"))


def test_the_first_approvers_second_account_does_not_approve_again(counter: Counter) -> None:
    request = counter.asked(counter.homes[1])
    _reached_by_one_phone(counter, "one", "two")
    counter.approve(request, "one")
    with pytest.raises(NotAllowed, match="own-approval"):
        approving.approve(request, now=LATER, **counter.who("two"))
    counter.approve(request, "three")


def test_a_transfer_takes_three_human_beings_not_three_accounts(counter: Counter) -> None:
    counter.make.grant(counter.make.account("one"), "cashier", counter.street())
    request = counter.failed()
    _reached_by_one_phone(counter, "one", "two")
    transferring.enter_payee(request, PAYEE, now=LATER, **counter.who("two"))
    with pytest.raises(NotAllowed, match="own-payee"):
        transferring.execute(request, voucher_no="HD-001", now=LATER, **counter.who("one"))
    transferring.enter_payee(request, PAYEE, now=LATER, **counter.who("three"))
    transferring.execute(request, voucher_no="HD-001", now=LATER, **counter.who("one"))
    for arrived in (True, False):
        with pytest.raises(NotAllowed, match="own-transfer"):
            transferring.confirm(request, arrived_there=arrived, now=LATER, **counter.who("two"))
    transferring.confirm(request, arrived_there=True, now=LATER, **counter.who("three"))
    assert counter.books_hold()


def test_who_handed_cash_in_does_not_agree_under_another_name_that_it_arrived(counter: Counter) -> None:
    box = counter.box(counter.take())
    counter.count(box, FULL)
    banking = counter.bank(box)
    (line,) = told(counter, row("500.00", "", "存入"))
    propose(counter, line, L.ARRIVED, banking=banking)
    _reached_by_one_phone(counter, "cashier", "two")
    with pytest.raises(NotAllowed, match="own-taking"):
        agree(counter, line, "two")
    agree(counter, line, "three")
    assert counter.books_hold()
