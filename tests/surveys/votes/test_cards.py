"""What votes show on a dwelling's page."""

from datetime import timedelta

import sqlalchemy as sa

from kernel.database import reading
from kernel.people.models import Tie
from kernel.people.queries import tie_of
from kernel.web.cards import Card
from surveys.votes.cards import cards_for, objections_waiting
from surveys.votes.results import services as results
from surveys.votes.services import counting, preparing
from tests.factories import Factory
from tests.surveys.votes.stories import CLOSES, NOW, STREET, Estate, cast, drafted, opened

DURING = NOW + timedelta(hours=2)


def test_who_is_in_charge_of_no_vote_costs_no_look_at_the_citys_objections(estate: Estate) -> None:
    session, asked = reading(), []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        assert objections_waiting(session, estate.people["chen"].id, NOW) == {}
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert not [each for each in asked if "objection" in each]


def shown(estate: Estate, who: str, door: int, now: object = DURING, tie: Tie | None = None) -> list[Card]:
    session = reading()
    tie = tie or tie_of(session, estate.accounts[who].id, estate.dwellings[door].id)
    return cards_for(session, dwelling=estate.dwellings[door], tie=tie, now=now)  # type: ignore[arg-type]


def words(estate: Estate, who: str, door: int, now: object = DURING) -> list[str]:
    return [card.status_word for card in shown(estate, who, door, now)]


def test_a_draft_is_not_shown_and_a_notice_is(estate: Estate) -> None:
    vote_id = drafted(estate)
    assert shown(estate, "chen", 0) == []
    preparing.publish(vote_id, by=STREET, now=NOW)
    assert words(estate, "chen", 0) == ["公示中"]


def test_an_open_vote_is_to_be_done_until_it_is_done(estate: Estate) -> None:
    vote_id = opened(estate)
    (card,) = shown(estate, "chen", 0)
    assert (card.status_word, card.href) == ("未投票", f"/v/{vote_id}?d={estate.dwellings[0].public_id}")
    cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve")
    assert words(estate, "chen", 0) == ["已投票"]
    assert words(estate, "li", 2) == ["未投票"]


def test_who_is_not_verified_is_told_so(estate: Estate, make: Factory) -> None:
    opened(estate)
    tie = make.tie(make.account(), estate.dwellings[0], level=1)
    (card,) = shown(estate, "chen", 0, tie=tie)
    assert card.status_word == "要先核实身份"


def test_a_tenant_sees_that_owners_vote(estate: Estate, make: Factory) -> None:
    opened(estate)
    tie = make.tie(make.account(), estate.dwellings[0], relation="tenant")
    (card,) = shown(estate, "chen", 0, tie=tie)
    assert (card.status_word, "这次由业主投票" in card.text) == ("投票中", True)


def test_closed_and_counted_votes_say_so_and_old_results_leave(estate: Estate) -> None:
    vote_id = opened(estate, publicity_days=1)
    assert words(estate, "chen", 0, CLOSES) == ["已截止"]
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    assert words(estate, "chen", 0, CLOSES) == ["结果公示中"]
    over = CLOSES + timedelta(days=5)
    assert words(estate, "chen", 0, over) == ["公示期满"]
    results.finalise(vote_id, by=STREET, now=over)
    assert words(estate, "chen", 0, over) == ["最终结果"]
    assert words(estate, "chen", 0, CLOSES + timedelta(days=91)) == []
