"""Once shares are published, what comes over the counter or the bank is a contribution: cash, or one transfer for many
flats.
"""

import pytest
from flask import Flask

from kernel.database import reading
from kernel.errors import Conflict, Invalid
from payments.contributions import queries
from payments.models import CollectionMode
from payments.services import checking
from payments.services.stages import stage_of
from payments.statements.services.effects import Part
from tests.factories import Factory
from tests.payments.cash_desk.conftest import Counter
from tests.payments.contributions.conftest import COST, EACH, Works
from tests.payments.statements.support import LATER, credit, row, told


class Till(Counter, Works):
    """A counter at an estate with a budget."""


@pytest.fixture
def till(app: Flask, make: Factory) -> Till:
    """Every home bears 1,000.00."""
    found = Till(make)
    found.publish()
    return found


def paid(till: Till) -> dict[int, int]:
    session = reading()
    found = queries.contributed(session, till.open_collection().id)
    session.close()
    return found


def test_cash_for_a_due_is_a_contribution_in_as_many_parts_as_it_takes(till: Till) -> None:
    till.take(400_00)
    till.take(600_00)
    assert till.stands(till.homes[0]).open_fen == 0
    assert till.balances() == {"cash_on_hand": EACH, "contributions": -EACH}
    assert checking.check().differences == []
    with pytest.raises(Conflict) as caught:
        till.take(1)
    assert caught.value.code == "nothing-open"


def test_nobody_takes_more_cash_than_is_owed(till: Till) -> None:
    with pytest.raises(Invalid) as caught:
        till.take(EACH + 1)
    assert caught.value.code == "more-than-open"


def test_cash_entered_by_mistake_is_voided_and_the_due_is_open_again(till: Till) -> None:
    taken = till.take(EACH)
    till.void(taken)
    assert till.stands(till.homes[0]).open_fen == EACH
    assert checking.check().differences == []


def test_an_owning_organisation_pays_twelve_flats_in_one_transfer(till: Till) -> None:
    (line,) = told(till, row("12,000.00".replace(",", ""), "韶关市粮食局", "改造出资 12 户"))
    credit(till, line, *(Part(home.public_id, EACH) for home in till.homes))
    till.run_jobs(LATER)
    assert paid(till) == dict.fromkeys([home.id for home in till.homes], EACH)
    assert till.balances() == {"at_bank": COST, "contributions": -COST}
    assert len(till.receipts()) == 12
    assert checking.check().differences == []


def test_where_all_is_collected_once_nothing_is_taken_before_the_shares_are_published(
    app: Flask, make: Factory
) -> None:
    works = Works(make, None, mode=CollectionMode.ONE_SHOT)
    with pytest.raises(Conflict) as caught:
        stage_of(reading(), works.open_collection())
    assert caught.value.code == "nothing-due"
    works.publish()
    assert stage_of(reading(), works.open_collection()).purpose == "contribution"
