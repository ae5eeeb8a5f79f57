"""A body comes out of its election, sees the board for its term, and hands over."""

from datetime import datetime, timedelta

import pytest

from kernel import clock, grants
from kernel.database import reading, transaction
from kernel.errors import Conflict, Invalid, NotAllowed
from kernel.people.models import Account
from kernel.places.queries import dwelling_by_id
from portal.bodies import cards, jobs, queries, rules, services
from portal.bodies.models import Body
from portal.bodies.rules import Chosen
from surveys.votes.results import services as results
from surveys.votes.rules.bodies import SELF_GROUP, Office
from surveys.votes.services import counting
from surveys.votes.services.preparing import NewCandidate, NewMotion, Staff
from tests.factories import Factory
from tests.surveys.votes.secret_stories import cast_secretly, opened_by_trustees, secret_election
from tests.surveys.votes.stories import CLOSES, HOUR, NOW, PUMP, STREET, Estate, an_estate, cast, opened

MOTION = NewMotion(
    "residents.group",
    "选举自管小组成员",
    candidates=tuple(NewCandidate(name) for name in ("chen", "li", "zhao", "wu")),
    seats=2,
    most=3,
)
DOORS = (
    ("chen", "1栋1单元101"),
    ("li", "1栋1单元201"),
    ("factory", "1栋1单元202"),
    ("zhao", "1栋1单元401"),
    ("qian", "1栋1单元402"),
)
AFTER = CLOSES + HOUR


@pytest.fixture
def estate(make: Factory) -> Estate:
    return an_estate(make)


def elected_in(estate: Estate, *, now: datetime = NOW) -> str:
    """An election in which chen and li won."""
    vote_id = opened(estate, MOTION, now=now, closes_at=now + (CLOSES - NOW))
    for who, door in DOORS:
        cast(vote_id, estate.voter(who), door, ["chen", "li"], now=now + HOUR)
    closes_at = now + (CLOSES - NOW)
    counting.close(vote_id, by=STREET, now=closes_at)
    counting.publish_result(vote_id, by=STREET, now=closes_at)
    results.finalise(vote_id, by=STREET, now=closes_at)
    return vote_id


def chosen(vote_id: str, *, leader: str = "chen", now: datetime = AFTER) -> list[Chosen]:
    """Every elected candidate with the one person of that name."""
    return [
        Chosen(
            each.candidate,
            each.matches[0].person,
            Office.LEADER if each.name == leader else Office.MEMBER,
            shown=each.name == "chen",
        )
        for each in services.matches(vote_id, by=STREET, now=now)
    ]


def formed(vote_id: str, *, now: datetime = AFTER, leader: str = "chen") -> str:
    return services.form(vote_id, chosen(vote_id, leader=leader, now=now), years=3, by=STREET, now=now)


def sees_board(estate: Estate, who: str, now: datetime) -> bool:
    return grants.may(reading(), estate.people[who].id, "board.see", estate.place, now)


def in_office(estate: Estate, now: datetime) -> Body | None:
    return next(iter(queries.in_office(reading(), estate.place.id, now)), None)


def test_the_elected_are_matched_by_name_with_their_doors_and_a_masked_phone(estate: Estate) -> None:
    elected = services.matches(elected_in(estate), by=STREET, now=AFTER)
    assert [each.name for each in elected] == ["chen", "li"]
    (match,) = elected[0].matches
    assert match.person == estate.people["chen"].public_id
    assert match.doors == ("1栋1单元101", "1栋1单元102")
    assert "****" in match.phone


def test_members_and_leader_see_the_board_for_the_term_and_not_a_moment_longer(estate: Estate) -> None:
    body_id = formed(elected_in(estate))
    group = in_office(estate, AFTER)
    assert group is not None
    assert group.public_id == body_id
    assert group.ends_at == rules.term_end(AFTER, 3)
    roles = {
        who: [grant.role for grant, _ in grants.grants_of(reading(), estate.people[who].id, AFTER)]
        for who in ("chen", "li", "zhao")
    }
    assert roles == {"chen": ["group_leader"], "li": ["group_member"], "zhao": []}
    last = group.ends_at - timedelta(microseconds=1)
    assert sees_board(estate, "li", last)
    assert not sees_board(estate, "li", group.ends_at)
    assert in_office(estate, group.ends_at) is None


def test_a_members_own_account_can_use_the_grant(estate: Estate) -> None:
    formed(elected_in(estate))
    with transaction() as session:
        account = session.get_one(Account, estate.accounts["chen"].id)
        assert account.person_id == estate.people["chen"].id
        other = session.get_one(Account, estate.accounts["zhao"].id)
        assert other.person_id is None


def test_a_member_who_proves_later_who_he_is_can_use_it_then(estate: Estate, make: Factory) -> None:
    formed(elected_in(estate))
    new_phone = make.account("o-new-phone")
    unproved = make.tie(new_phone, estate.dwellings[0], level=1)
    jobs.on_new_tie({"tie": unproved.public_id}, now=AFTER)
    tie = make.tie(new_phone, estate.dwellings[0], person=estate.people["chen"])
    for _ in range(2):
        jobs.on_new_tie({"tie": tie.public_id}, now=AFTER)
    with transaction() as session:
        assert session.get_one(Account, new_phone.id).person_id == estate.people["chen"].id
    stranger = make.tie(make.account("o-zhao-2"), estate.dwellings[6], person=estate.people["zhao"])
    assert services.recognise(stranger.public_id, now=AFTER) is False


def test_the_next_group_ends_the_one_before_with_its_grants(estate: Estate) -> None:
    first = formed(elected_in(estate))
    later = AFTER + timedelta(days=30)
    second_vote = elected_in(estate, now=later)
    then = later + (AFTER - NOW)
    second = formed(second_vote, now=then, leader="li")
    session = reading()
    assert [group.public_id for group in queries.bodies_of(session, estate.place.id)] == [second, first]
    assert [grant.role for grant, _ in grants.grants_of(session, estate.people["chen"].id, then)] == ["group_member"]
    assert [grant.role for grant, _ in grants.grants_of(session, estate.people["li"].id, then)] == ["group_leader"]
    former = queries.body_by_public_id(session, first)
    assert former.ended_at == then


def test_a_secret_election_forms_its_group_as_well(estate: Estate) -> None:
    election = secret_election(estate, motion=MOTION)
    for number, (who, door) in enumerate(DOORS):
        cast_secretly(election, estate, who, door, ["chen", "li"], f"{number:012}")
    opened_by_trustees(election)
    results.finalise(election.vote_id, by=STREET, now=CLOSES + 2 * HOUR)
    formed(election.vote_id, now=CLOSES + 3 * HOUR)
    assert sees_board(estate, "chen", CLOSES + 4 * HOUR)


def test_a_group_is_formed_once_and_only_by_those_in_charge(estate: Estate) -> None:
    vote_id = elected_in(estate)
    members = chosen(vote_id)
    stranger = Staff("account:x", None)
    with pytest.raises(NotAllowed):
        services.form(vote_id, members, years=3, by=stranger, now=AFTER)
    with pytest.raises(NotAllowed):
        services.matches(vote_id, by=stranger, now=AFTER)
    services.form(vote_id, members, years=3, by=STREET, now=AFTER)
    with pytest.raises(Conflict) as refused:
        services.form(vote_id, members, years=3, by=STREET, now=AFTER + HOUR)
    assert refused.value.code == "formed-already"


def test_no_group_without_a_result_or_out_of_another_vote(estate: Estate) -> None:
    def refused(vote_id: str, now: datetime = AFTER) -> str:
        with pytest.raises(Conflict) as told:
            services.matches(vote_id, by=STREET, now=now)
        return told.value.code

    assert refused(opened(estate, PUMP)) == "not-a-bodys-election"
    vote_id = opened(estate, MOTION)
    assert refused(vote_id, NOW + HOUR) == "no-result-yet"
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    assert refused(vote_id) == "result-not-final"


def test_who_was_not_elected_or_bears_another_name_is_refused_and_nothing_is_formed(estate: Estate) -> None:
    vote_id = elected_in(estate)
    chen, li = chosen(vote_id)
    zhao = estate.people["zhao"].public_id
    for wrong in (
        [],
        [Chosen("x" * 22, zhao, Office.LEADER, True)],
        [Chosen(chen.candidate, zhao, Office.LEADER, True)],
        [Chosen(chen.candidate, "x" * 22, Office.LEADER, True)],
        [chen, Chosen(li.candidate, chen.person, Office.MEMBER, True)],
        [Chosen(chen.candidate, chen.person, Office.MEMBER, True), li],
        [chen, Chosen(li.candidate, li.person, Office.LEADER, True)],
    ):
        with pytest.raises(Invalid):
            services.form(vote_id, wrong, years=3, by=STREET, now=AFTER)
    with pytest.raises(Invalid):
        services.form(vote_id, [chen, li], years=9, by=STREET, now=AFTER)
    assert in_office(estate, AFTER) is None
    assert not sees_board(estate, "chen", AFTER)


def test_a_group_ended_early_loses_its_grants_at_once(estate: Estate) -> None:
    body_id = formed(elected_in(estate))
    services.end(body_id, by=STREET, now=AFTER + HOUR)
    assert not sees_board(estate, "chen", AFTER + HOUR)
    with pytest.raises(Conflict):
        services.end(body_id, by=STREET, now=AFTER + 2 * HOUR)


def test_the_hand_over_list_is_ticked_item_by_item(estate: Estate) -> None:
    body_id = formed(elected_in(estate))
    first, *_ = services.managed_view(reading(), body_id, by=STREET, now=AFTER).handover
    for hour in (1, 2):
        services.hand_over(body_id, first.public_id, by=STREET, now=AFTER + hour * HOUR)
    done = [each.done_at for each in services.managed_view(reading(), body_id, by=STREET, now=AFTER).handover]
    assert done == [AFTER + HOUR] + [None] * (len(SELF_GROUP.handover) - 1)


def test_the_public_reads_full_names_of_those_who_agreed_only(estate: Estate) -> None:
    formed(elected_in(estate))
    group = in_office(estate, AFTER)
    assert group is not None
    view = services.views(reading(), [group], AFTER)[0]
    assert [(member.name, member.office) for member in view.members] == [("chen", "leader"), ("l*", "member")]
    assert services.views(reading(), [group], group.ends_at)[0].state == "over"


def test_a_household_is_shown_who_speaks_for_the_estate(estate: Estate) -> None:
    session = reading()
    dwelling = dwelling_by_id(session, estate.dwellings[0].id)
    assert cards.cards_for(session, dwelling=dwelling, tie=None, now=AFTER) == []
    formed(elected_in(estate))
    (card,) = cards.cards_for(reading(), dwelling=dwelling, tie=None, now=AFTER)
    assert card.href == f"/g/{estate.place.code}"
    assert card.text.startswith("2 人，任期到 2029年")


def test_a_term_ends_at_the_end_of_the_same_day_years_on() -> None:
    start = datetime.fromisoformat("2024-02-29T10:00:00+08:00")
    assert clock.china_stamp(rules.term_end(start, 3)) == "2027-03-01 00:00"


@pytest.mark.parametrize(
    ("candidate", "person", "same"),
    [
        ("陈建国", "陈建国", True),
        ("陈建国（3栋）", "陈建国", True),
        ("陈建国3栋", "陈建国", True),
        ("陈建国", "陈建", False),
        ("陈建国", "李建国", False),
        ("陈建", "陈建国", False),
        ("陈建国", "", False),
    ],
)
def test_a_name_on_the_paper_may_carry_its_building(candidate: str, person: str, same: bool) -> None:
    assert rules.bears(candidate, person) is same
