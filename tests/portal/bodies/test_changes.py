"""A body within its term: leaving, moving up, another leader, run-offs, recall; on both databases."""

from datetime import datetime, timedelta

import pytest

from kernel import grants
from kernel.database import reading
from kernel.errors import Conflict, Invalid, NotFound
from portal.bodies import jobs, queries, services
from portal.bodies.rules import Chosen, Left, check_members
from surveys.votes import queries as votes
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import recalls, ties
from surveys.votes.results import services as results
from surveys.votes.rules.bodies import SELF_GROUP, Office
from surveys.votes.services import counting, preparing
from surveys.votes.services.preparing import NewCandidate, NewMotion
from tests.factories import Factory
from tests.portal.bodies.test_forming import AFTER, DOORS, elected_in, formed, sees_board
from tests.surveys.votes.stories import CLOSES, HOUR, NOW, STREET, Estate, an_estate, cast, opened

MOTION = NewMotion(
    "residents.group",
    "选举自管小组成员",
    candidates=tuple(NewCandidate(name) for name in ("chen", "li", "zhao", "qian")),
    seats=2,
    most=4,
)


@pytest.fixture
def estate(make: Factory) -> Estate:
    return an_estate(make)


def with_alternates(estate: Estate) -> str:
    """A group of chen and li; zhao is the first alternate, qian the second."""
    vote_id = opened(estate, MOTION)
    everyone = ["chen", "li", "zhao", "qian"]
    for names, (who, door) in zip((everyone, everyone, everyone, everyone[:3], everyone[:2]), DOORS, strict=True):
        cast(vote_id, estate.voter(who), door, names, now=NOW + HOUR)
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    results.finalise(vote_id, by=STREET, now=CLOSES)
    return formed(vote_id)


def members(body_id: str) -> dict[str, str]:
    """Name → role of those who sit."""
    session = reading()
    found = queries.members_of(session, queries.body_by_public_id(session, body_id).id)
    return {each.name: each.office for each in found}


def candidate(body_id: str, name: str) -> str:
    session = reading()
    vote_id = queries.body_by_public_id(session, body_id).vote_id
    return next(
        each.public_id
        for group in votes.candidates_of(session, vote_id).values()
        for each in group
        if each.name == name
    )


def test_a_member_who_leaves_loses_the_grant_and_the_next_alternate_by_votes_moves_up(estate: Estate) -> None:
    body_id = with_alternates(estate)
    assert services.waiting_alternates(body_id, by=STREET, now=AFTER) == []
    services.leave(body_id, candidate(body_id, "li"), Left.MOVED, by=STREET, now=AFTER + HOUR)
    assert not sees_board(estate, "li", AFTER + HOUR)
    waiting = services.waiting_alternates(body_id, by=STREET, now=AFTER + HOUR)
    assert [each.name for each in waiting] == ["zhao", "qian"]
    second = Chosen(waiting[1].candidate, waiting[1].matches[0].person, Office.MEMBER, shown=True)
    with pytest.raises(Invalid):
        services.move_up(body_id, second, [], by=STREET, now=AFTER + HOUR)
    services.move_up(body_id, second, [waiting[0].candidate], by=STREET, now=AFTER + HOUR)
    assert members(body_id) == {"chen": "leader", "qian": "member"}
    group = queries.body_by_public_id(reading(), body_id)
    assert sees_board(estate, "qian", group.ends_at - timedelta(seconds=1))
    assert not sees_board(estate, "qian", group.ends_at), "for the rest of the term"
    with pytest.raises(Conflict):
        services.move_up(body_id, second, [], by=STREET, now=AFTER + 2 * HOUR)
    with pytest.raises(NotFound):
        services.leave(body_id, candidate(body_id, "li"), Left.OTHER, by=STREET, now=AFTER + 2 * HOUR)


def test_those_a_by_election_elected_join_the_body_in_office_for_the_rest_of_its_term(estate: Estate) -> None:
    body_id = formed(elected_in(estate))
    ends_at = queries.body_by_public_id(reading(), body_id).ends_at
    later_on = AFTER + timedelta(days=40)
    two = tuple(NewCandidate(name) for name in ("zhao", "chen"))
    vote_id = opened(
        estate,
        NewMotion("residents.group", "增补成员", candidates=two, seats=2, most=2),
        now=later_on,
        closes_at=later_on + timedelta(days=7),
    )
    for who, door in DOORS:
        cast(vote_id, estate.voter(who), door, ["zhao", "chen"], now=later_on + HOUR)
    now = counted(vote_id)
    results.finalise(vote_id, by=STREET, now=now)
    every = {
        each.name: Chosen(each.candidate, each.matches[0].person, Office.MEMBER, shown=True)
        for each in services.matches(vote_id, by=STREET, now=now)
    }
    leads = Chosen(every["zhao"].candidate, every["zhao"].person, Office.LEADER, shown=True)
    with pytest.raises(Invalid):
        services.join(vote_id, [leads], by=STREET, now=now)
    with pytest.raises(Conflict) as refused:
        services.join(vote_id, list(every.values()), by=STREET, now=now)
    assert refused.value.code == "sits-already"
    assert services.join(vote_id, [every["zhao"]], by=STREET, now=now) == body_id
    assert members(body_id) == {"chen": "leader", "li": "member", "zhao": "member"}
    assert sees_board(estate, "zhao", ends_at - timedelta(seconds=1))
    assert not sees_board(estate, "zhao", ends_at)
    for again in (services.join, lambda *args, **more: services.form(*args, years=3, **more)):
        with pytest.raises((Conflict, Invalid)):
            again(vote_id, [every["zhao"]], by=STREET, now=now)


def test_another_member_leads_and_who_led_stays(estate: Estate) -> None:
    body_id = with_alternates(estate)
    services.appoint(body_id, candidate(body_id, "li"), Office.LEADER, by=STREET, now=AFTER + HOUR)
    assert members(body_id) == {"li": "leader", "chen": "member"}
    roles = [
        [grant.role for grant, _ in grants.grants_of(reading(), estate.people[who].id, AFTER + HOUR)]
        for who in ("li", "chen")
    ]
    assert roles == [["group_leader"], ["group_member"]]
    with pytest.raises(Conflict):
        services.appoint(body_id, candidate(body_id, "li"), Office.LEADER, by=STREET, now=AFTER + HOUR)


def test_a_leader_elected_directly_leads() -> None:
    both = [Chosen("a", "p", Office.LEADER, True), Chosen("b", "q", Office.MEMBER, True)]
    check_members(SELF_GROUP, ["a", "b"], both, leader="a")
    with pytest.raises(Invalid) as refused:
        check_members(SELF_GROUP, ["a", "b"], both, leader="b")
    assert refused.value.code == "leader-was-elected"


def test_a_group_waits_for_its_run_off_and_its_winner_belongs_to_it(estate: Estate) -> None:
    vote_id = opened(estate, MOTION)
    for who, door in DOORS:
        cast(vote_id, estate.voter(who), door, ["chen", "li", "zhao"] if who != "qian" else ["chen"], now=NOW + HOUR)
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    results.finalise(vote_id, by=STREET, now=CLOSES)
    session = reading()
    (motion,) = votes.motions_of(session, votes.vote_by_public_id(session, vote_id).id)
    runoff = ties.run_off(vote_id, motion.public_id, by=STREET, now=CLOSES)
    with pytest.raises(Conflict) as refused:
        services.matches(vote_id, by=STREET, now=AFTER)
    assert refused.value.code == "runoff-running"
    results.plan(runoff, 0, by=STREET, now=CLOSES)
    preparing.publish(runoff, by=STREET, now=CLOSES)
    opens_at = votes.vote_by_public_id(reading(), runoff).opens_at
    assert opens_at is not None
    preparing.open_voting(runoff, by=STREET, now=opens_at)
    for who, door in DOORS:
        cast(runoff, estate.voter(who), door, ["zhao"], now=opens_at)
    ends = counted(runoff)
    results.finalise(runoff, by=STREET, now=ends)
    assert [each.name for each in services.matches(vote_id, by=STREET, now=ends)] == ["chen", "zhao"]
    assert members(formed(vote_id, now=ends)) == {"chen": "leader", "zhao": "member"}


def counted(vote_id: str) -> datetime:
    """Close a vote at its instant and publish the result."""
    closes_at = votes.vote_by_public_id(reading(), vote_id).closes_at
    assert closes_at is not None
    counting.close(vote_id, by=STREET, now=closes_at)
    counting.publish_result(vote_id, by=STREET, now=closes_at)
    return closes_at


def recall_of(estate: Estate, election: str, *names: str, agree: int) -> str:
    """A petition of two lines, its vote in which so many of five agree, and its final result; gives the vote."""
    session = reading()
    vote = votes.vote_by_public_id(session, election)
    chosen_ids = [each.public_id for each in recalls.seated(session, vote) if each.name in names]
    petition = recalls.start(election, chosen_ids, "半年没有公布收支", by=estate.voter("zhao"), now=AFTER)
    recalls.sign(petition, by=estate.voter("qian"), now=AFTER)
    vote_id = recalls.draft_vote(petition, now=AFTER)
    assert recalls.draft_vote(petition, now=AFTER) == vote_id
    results.plan(vote_id, 0, by=STREET, now=AFTER)
    preparing.publish(vote_id, by=STREET, now=AFTER)
    opens_at = votes.vote_by_public_id(reading(), vote_id).opens_at
    assert opens_at is not None
    preparing.open_voting(vote_id, by=STREET, now=opens_at)
    for place, (who, door) in enumerate(DOORS):
        choice = "approve" if place < agree else "against"
        cast(vote_id, estate.voter(who), door, *[choice for _ in names], now=opens_at)
    ends = counted(vote_id)
    jobs.on_vote_final({"vote": vote_id}, now=ends)
    assert len(elections.petitions_of(reading(), vote.id)) == 1
    results.finalise(vote_id, by=STREET, now=ends)
    return vote_id


def later(vote_id: str) -> datetime:
    closed_at = votes.vote_by_public_id(reading(), vote_id).closed_at
    assert closed_at is not None
    return closed_at


def test_an_alternate_who_moved_up_may_be_recalled_and_who_left_may_not(estate: Estate) -> None:
    body_id = with_alternates(estate)
    body = queries.body_by_public_id(reading(), body_id)

    def sits() -> list[str]:
        session = reading()
        return [each.name for each in recalls.seated(session, votes.vote_by_id(session, body.vote_id))]

    assert sits() == ["chen", "li"]
    services.leave(body_id, candidate(body_id, "li"), Left.RESIGNED, by=STREET, now=AFTER)
    (zhao, _) = services.waiting_alternates(body_id, by=STREET, now=AFTER)
    up = Chosen(zhao.candidate, zhao.matches[0].person, Office.MEMBER, shown=True)
    services.move_up(body_id, up, [], by=STREET, now=AFTER)
    assert sits() == ["chen", "zhao"]
    election = votes.vote_by_id(reading(), body.vote_id).public_id
    vote_id = recall_of(estate, election, "zhao", agree=4)
    jobs.on_vote_final({"vote": vote_id}, now=later(vote_id))
    assert members(body_id) == {"chen": "leader"}
    assert not sees_board(estate, "zhao", later(vote_id))


def test_a_recall_ends_the_grants_of_those_recalled_at_once(estate: Estate) -> None:
    election = elected_in(estate)
    body_id = formed(election)
    vote_id = recall_of(estate, election, "li", agree=3)
    now = later(vote_id)
    assert sees_board(estate, "li", now), "nothing before the final result is heard"
    for _ in range(2):
        jobs.on_vote_final({"vote": vote_id}, now=now)
    assert not sees_board(estate, "li", now)
    assert members(body_id) == {"chen": "leader"}
    assert queries.body_by_public_id(reading(), body_id).ended_at is None


def test_a_recall_of_everybody_ends_the_group_and_a_lost_one_ends_nothing(estate: Estate) -> None:
    election = elected_in(estate)
    body_id = formed(election)
    lost = recall_of(estate, election, "li", agree=2)
    jobs.on_vote_final({"vote": lost}, now=later(lost))
    assert members(body_id) == {"chen": "leader", "li": "member"}


def test_a_recall_of_all_members_ends_the_group(estate: Estate) -> None:
    election = elected_in(estate)
    body_id = formed(election)
    vote_id = recall_of(estate, election, "chen", "li", agree=5)
    jobs.on_vote_final({"vote": vote_id}, now=later(vote_id))
    assert queries.body_by_public_id(reading(), body_id).ended_at == later(vote_id)


def test_a_petition_lapses_after_its_days(estate: Estate) -> None:
    election = elected_in(estate)
    session = reading()
    one = recalls.seated(session, votes.vote_by_public_id(session, election))[0].public_id
    petition = recalls.start(election, [one], "半年没有公布收支", by=estate.voter("zhao"), now=AFTER)
    until = elections.petition_by_public_id(reading(), petition).until
    assert recalls.lapse(petition, now=until - HOUR) is False
    assert recalls.lapse(petition, now=until) is True
    assert recalls.lapse(petition, now=until) is False
    with pytest.raises(Conflict):
        recalls.sign(petition, by=estate.voter("qian"), now=until)
    with pytest.raises(Conflict):
        recalls.draft_vote(petition, now=until)
