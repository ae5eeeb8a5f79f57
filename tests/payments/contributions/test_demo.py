"""The demo estate that pays for its works: everything went the way it goes, and the books hold."""

from pathlib import Path

import pytest
from flask import Flask

from kernel import clock
from kernel.database import reading
from kernel.places.queries import place_by_code
from payments import queries as payments
from payments.contributions import queries as budgets
from payments.contributions.models import BudgetState
from payments.contributions.services import showing
from payments.queries.totals import estate_totals
from payments.rollover import queries as rollovers
from payments.services import checking
from payments.spending import queries as spending
from portal import demo as demo_city
from portal.demo import Demo
from portal.demo.collections import NEXT_YEAR
from portal.demo.payments import ONE_SHOT
from portal.demo.works import ESTATE

NEEDED = {
    "city:places",
    "city:dwellings",
    "people:households",
    "people:accounts",
    "payments:deposits",
    "works:contributions",
    "collections:at_once",
    "collections:for_next_year",
}

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_shares_are_published_some_are_met_one_payment_is_made_and_a_version_waits(app: Flask, tmp_path: Path) -> None:
    demo = Demo(clock.now(), tmp_path, estates=5, households=12)
    for name in demo_city.STEPS:
        if name.removeprefix("portal.demo.") in NEEDED:
            module, _, function = name.partition(":")
            getattr(__import__(module, fromlist=[function]), function)(demo)
    assert checking.check().differences == []
    collection = payments.collection_of(reading(), place_by_code(reading(), ESTATE).id)
    assert collection is not None
    states = [one.state for one in budgets.budgets_of(reading(), collection.id)]
    assert states == [BudgetState.PROPOSED, BudgetState.PUBLISHED]
    budget = budgets.current_budget(reading(), collection.id)
    assert budget is not None
    came = showing.progress_of(showing.door_standings(reading(), collection, budget))
    assert 0 < came.met < came.homes
    assert len(spending.published_of(reading(), collection.id)) == 1
    assert any(0 < door.paid_fen < door.due_fen for door in showing.door_standings(reading(), collection, budget))
    assert [one.state for one, _ in spending.spendings_of(reading(), collection.id)] == ["asked", "paid"]
    once = place_by_code(reading(), ONE_SHOT)
    at_once = payments.collection_of(reading(), once.id)
    assert at_once is not None
    assert at_once.mode == "one_shot"
    standing = estate_totals(reading(), once.id).standing
    assert 85 <= standing.paid_households * 100 // standing.households <= 90
    asked = payments.collection_of(reading(), place_by_code(reading(), NEXT_YEAR).id)
    assert asked is not None
    assert rollovers.open_question(reading(), asked.id) is not None
