"""A budget is made by one and published by another; each version is kept, and what it means is said."""

import dataclasses

import pytest
import sqlalchemy as sa

from kernel.database import reading, transaction
from kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from payments.contributions.models import BudgetLine, DueLine
from payments.contributions.services import budgeting, public, showing
from tests.payments.contributions.conftest import COST, EACH, Works
from tests.payments.world import NOW


def test_every_home_bears_its_share_once_two_people_published_it(works: Works) -> None:
    works.publish()
    assert {works.stands(home).due_fen for home in works.homes} == {EACH}
    assert works.current().version == 1


def test_whoever_made_a_budget_does_not_publish_it(works: Works) -> None:
    made = works.propose(by="one")
    with pytest.raises(NotAllowed) as caught:
        budgeting.decide(made, agree=True, now=NOW, **works.who("one"))
    assert caught.value.code == "own-proposal"
    budgeting.decide(made, agree=False, now=NOW, **works.who("one"))
    with pytest.raises(Conflict):
        budgeting.decide(made, agree=True, now=NOW, **works.who("two"))


def test_one_version_waits_at_a_time_and_numbers_are_never_used_again(works: Works) -> None:
    made = works.propose()
    with pytest.raises(Conflict) as caught:
        works.propose(by="two")
    assert caught.value.code == "budget-waits"
    budgeting.decide(made, agree=False, now=NOW, **works.who("one"))
    works.publish()
    assert works.current().version == 2


def test_a_new_version_is_a_line_of_more_or_less_and_the_old_one_is_kept(works: Works) -> None:
    works.publish()
    home = works.homes[0]
    works.contributed(home, EACH)
    works.publish(COST + 2_400_00, why="增加管网")
    works.publish(COST - 1_200_00, why="中标价低")
    changes = showing.changes_of(reading(), works.open_collection(), home)
    assert [(one.word, one.fen, one.version, one.why) for one in changes] == [
        ("应退", 300_00, 3, "中标价低"),
        ("补缴", 200_00, 2, "增加管网"),
    ]
    assert (works.stands(home).over_fen, works.stands(works.homes[1]).open_fen) == (100_00, 900_00)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"total_fen": COST + 1}, "total-differs"),
        ({"exemptions": [{"dwelling": "x" * 22, "thousandths": 10, "why": "低保"}]}, "no-such-dwelling"),
        (
            {"costs": [{"name": "a", "amount_fen": 1, "scope": "", "how": {"method": "luck"}}], "total_fen": 1},
            "no-such-method",
        ),
        (
            {"costs": [{"name": "a", "amount_fen": 1, "scope": "9栋", "how": {"method": "area"}}], "total_fen": 1},
            "scope-empty",
        ),
        (
            {"costs": [{"name": "a", "amount_fen": 1, "scope": "", "how": {"method": "area"}}] * 2, "total_fen": 2},
            "cost-named-twice",
        ),
    ],
)
def test_a_budget_that_makes_no_sense_is_refused_whole(works: Works, change: dict, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        works.propose(**change)
    assert caught.value.code == code
    assert reading().scalar(sa.select(sa.func.count()).select_from(BudgetLine)) == 0


def test_people_of_another_street_do_not_see_or_make_budgets(works: Works) -> None:
    made = works.propose()
    with pytest.raises(NotAllowed):
        works.propose(person_id=works.people["cashier"].id)
    with pytest.raises(NotFound):
        budgeting.decide(made, agree=True, now=NOW, person_id=works.people["cashier"].id, actor="x")


def test_what_was_computed_may_never_be_changed(works: Works) -> None:
    works.publish()
    for table in (BudgetLine, DueLine):
        with pytest.raises(sa.exc.DBAPIError), transaction() as session:
            session.execute(sa.update(table).values(amount_fen=1))


def test_the_notice_shows_sums_of_buildings_of_five_and_nobodys_door(works: Works) -> None:
    works.publish()
    view = public.public_view(reading(), works.estate)
    assert view is not None
    assert [(one.homes, one.due_fen) for one in view.buildings] == [(6, 6 * EACH), (6, 6 * EACH)]
    told = {field.name for field in dataclasses.fields(view.buildings[0])}
    assert told == {"building", "homes", "due_fen"}, "no single home's share, or a 0.00 names who is exempt"
    assert view.total_due_fen == COST
    assert "单元" not in repr(view.buildings)


def test_a_building_of_which_fewer_than_five_homes_bear_something_is_not_told_alone(works: Works) -> None:
    let_off = [{"dwelling": home.public_id, "thousandths": 1000, "why": "低保户"} for home in works.homes[7:]]
    works.publish(exemptions=let_off)
    view = public.public_view(reading(), works.estate)
    assert view is not None
    assert view.buildings == [], "one home of the second building bears something: its sum is that home's share"


def test_an_exemption_is_borne_by_the_fund_and_said_on_the_page(works: Works) -> None:
    home = works.homes[3]
    works.publish(exemptions=[{"dwelling": home.public_id, "thousandths": 1000, "why": "低保户"}])
    assert (works.stands(home).due_fen, works.current().fund_fen) == (0, EACH)
    view = showing.home_view(reading(), works.open_collection(), home, 0)
    assert view is not None
    assert [line.words for line in view.lines if line.is_exemption] == ["外墙减免：低保户"]
