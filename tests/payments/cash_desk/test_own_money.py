"""Nobody takes, credits, voids or sends back what is his own household's, by whichever name he is known here."""

from collections.abc import Callable

import pytest

from kernel.database import transaction, use_case
from kernel.errors import NotAllowed
from kernel.people.models import Person
from kernel.people.services import seal_person
from payments.cash_desk.services import scanning, taking, voiding
from payments.refunds.services import approving
from payments.rules.bank_line import LineDecision
from payments.statements.services import deciding
from payments.statements.services.effects import Part, Told
from payments.two_people import mark
from tests.payments.cash_desk.conftest import FULL, Counter
from tests.payments.statements.support import again, told
from tests.payments.statements.support import row as bank_row
from tests.payments.world import NOW

OWN = "own-money"


def _holds(counter: Counter, who: str) -> None:
    counter.make.holding(counter.people[who], counter.homes[0])


def _is_tied(counter: Counter, who: str) -> None:
    counter.make.tie(counter.make.account(who), counter.homes[0], relation="family")


def _has_the_owners_phone(counter: Counter, who: str) -> None:
    @use_case
    def known() -> None:
        with transaction() as session:
            seal_person(session.get_one(Person, counter.people[who].id), name="李工", phone="13800000001")

    known()


@pytest.fixture(params=[_holds, _is_tied, _has_the_owners_phone])
def concerned(request: pytest.FixtureRequest) -> Callable[[Counter, str], None]:
    """A way in which a member of staff has to do with the first dwelling."""
    return request.param


def test_money_of_his_own_household_is_not_taken_by_him(counter: Counter, concerned) -> None:
    concerned(counter, "cashier")
    # By the roster, and by a name typed in: his own or his neighbour's, the household is the same.
    for person, name in ((counter.owner.public_id, ""), ("", "李工")):
        with pytest.raises(NotAllowed, match=OWN):
            taking.take(
                counter.homes[0].public_id, taking.Tendered(FULL, person, name), now=NOW, **counter.who("cashier")
            )
        with pytest.raises(NotAllowed, match=OWN):
            scanning.begin(
                counter.homes[0].public_id,
                amount_fen=FULL,
                person=person,
                name=name,
                now=NOW,
                **counter.who("cashier"),
            )
    assert counter.balances() == {}
    counter.take(who="other")
    counter.take(home=counter.homes[1])


def test_a_taking_of_his_own_household_is_not_voided_by_him(counter: Counter, concerned) -> None:
    taken = counter.take()
    concerned(counter, "cashier")
    concerned(counter, "one")
    with pytest.raises(NotAllowed, match=OWN):
        voiding.propose(taken, why="登记错了户", now=NOW, **counter.who("cashier"))
    with pytest.raises(NotAllowed, match=OWN):
        counter.void(taken, maker="other", checker="one")
    assert counter.deposit_taken(taken).state == "paid"


def test_a_bank_line_for_his_own_household_is_neither_proposed_nor_agreed_to_nor_reversed(
    counter: Counter, concerned
) -> None:
    (line,) = told(counter, bank_row(name="别人"))
    concerned(counter, "one")
    parts = [Part(counter.homes[0].public_id, FULL)]

    def proposed(who: str) -> None:
        deciding.propose(
            line.public_id,
            decision=LineDecision.CREDITED,
            why="看了回单",
            told=Told(parts),
            now=NOW,
            **counter.who(who),
        )

    with pytest.raises(NotAllowed, match=OWN):
        proposed("one")
    proposed("two")
    seen = mark(again(line))
    with pytest.raises(NotAllowed, match=OWN):
        deciding.decide(line.public_id, agree=True, seen=seen, now=NOW, **counter.who("one"))
    deciding.decide(line.public_id, agree=True, seen=seen, now=NOW, **counter.who("three"))
    with pytest.raises(NotAllowed, match=OWN):
        deciding.propose_reversal(line.public_id, why="记错了", now=NOW, **counter.who("one"))
    asked = deciding.propose_reversal(line.public_id, why="记错了", now=NOW, **counter.who("two"))
    with pytest.raises(NotAllowed, match=OWN):
        deciding.decide_reversal(asked, agree=True, now=NOW, **counter.who("one"))
    assert again(line).state == "decided"


def test_a_refund_to_his_own_household_is_not_approved_by_him(counter: Counter, concerned) -> None:
    request = counter.asked()
    if concerned is _has_the_owners_phone:
        counter.make.holding(counter.make.person("陈秀英", "13800000001"), counter.homes[0])
    concerned(counter, "one")
    with pytest.raises(NotAllowed, match=OWN):
        counter.approve(request, "one")
    with pytest.raises(NotAllowed, match=OWN):
        approving.refuse(request, why="不办", now=NOW, **counter.who("one"))
    counter.approve(request, "two", "three")
