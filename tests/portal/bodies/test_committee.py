"""An owners' committee: out of a double majority a candidate, with chair and vice, filed, recalled by owners."""

from datetime import timedelta

import pytest

from kernel import grants
from kernel.database import reading
from kernel.errors import DomainError
from portal.bodies import jobs, queries, services
from portal.bodies.rules import Chosen, Filed, Left
from portal.bodies.services import BodyView
from surveys.votes import queries as votes
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import recalls
from surveys.votes.results import services as results
from surveys.votes.rules.bodies import OWNERS_COMMITTEE, Office
from surveys.votes.services import counting, preparing
from surveys.votes.services.preparing import NewCandidate, NewMotion
from tests.factories import Factory
from tests.portal.bodies.test_forming import AFTER, DOORS, elected_in, formed, sees_board
from tests.surveys.votes.stories import CLOSES, HOUR, NOW, STREET, Estate, an_estate, cast, opened

NAMES = ("chen", "li", "zhao", "qian")
MOTION = NewMotion(
    "owners.committee_members",
    "选举业主委员会委员",
    candidates=tuple(NewCandidate(name) for name in NAMES),
    seats=3,
    most=4,
)


@pytest.fixture
def estate(make: Factory) -> Estate:
    """With a tenant who bears an owner's name: he may be taken for nobody's owner."""
    found = an_estate(make)
    make.holding(make.person("li", "13800009999"), found.dwellings[7], "tenant")
    return found


def elected_committee(estate: Estate) -> str:
    """chen, li and zhao have heads and area; qian has heads enough but the factory's area is against him."""
    vote_id = opened(estate, MOTION)
    for who, door in DOORS:
        names = ["chen", "li", "zhao"] if who == "factory" else list(NAMES) if who != "li" else ["chen", "li", "qian"]
        cast(vote_id, estate.voter(who), door, names, now=NOW + HOUR)
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    results.finalise(vote_id, by=STREET, now=CLOSES)
    return vote_id


def committee(vote_id: str) -> str:
    offices = {"chen": Office.LEADER, "li": Office.VICE, "zhao": Office.MEMBER}
    chosen = [
        Chosen(each.candidate, match.person, offices[each.name], shown=True)
        for each in services.matches(vote_id, by=STREET, now=AFTER)
        for match in each.matches
    ]
    return services.form(vote_id, chosen, years=5, by=STREET, now=AFTER)


def view(body_id: str, now=AFTER) -> BodyView:
    return services.managed_view(reading(), body_id, by=STREET, now=now)


def sits(body_id: str) -> list[tuple[str, str]]:
    return [(each.name, str(each.office)) for each in view(body_id).members]


def refusal(act, *args, **more) -> str:
    with pytest.raises(DomainError) as refused:
        act(*args, **more)
    return refused.value.code


def test_a_committee_sits_beside_the_group_with_its_own_offices_and_grants(estate: Estate) -> None:
    group = formed(elected_in(estate))
    body_id = committee(elected_committee(estate))
    assert [each.public_id for each in queries.in_office(reading(), estate.place.id, AFTER)] == [group, body_id]
    assert sits(body_id) == [("chen", "leader"), ("li", "vice"), ("zhao", "member")]
    roles = {
        who: [grant.role for grant, _ in grants.grants_of(reading(), estate.people[who].id, AFTER)]
        for who in ("chen", "li", "zhao", "qian")
    }
    assert roles == {
        "chen": ["group_leader", "committee_chair"],
        "li": ["group_member", "committee_member"],
        "zhao": ["committee_member"],
        "qian": [],
    }
    ends_at = view(body_id).body.ends_at
    assert sees_board(estate, "zhao", ends_at - timedelta(seconds=1))
    assert not sees_board(estate, "zhao", ends_at)
    assert [item.title for item in view(body_id).handover] == list(OWNERS_COMMITTEE.handover)


def test_offices_change_as_the_members_chose_and_never_without_a_chair(estate: Estate) -> None:
    body_id = committee(elected_committee(estate))
    who = {each.name: each.candidate for each in view(body_id).members}
    assert refusal(services.appoint, body_id, who["chen"], Office.MEMBER, by=STREET, now=AFTER) == "somebody-leads"
    assert refusal(services.appoint, body_id, who["li"], Office.VICE, by=STREET, now=AFTER) == "holds-it-already"
    services.appoint(body_id, who["zhao"], Office.VICE, by=STREET, now=AFTER)
    services.appoint(body_id, who["zhao"], Office.LEADER, by=STREET, now=AFTER)
    assert sits(body_id) == [("zhao", "leader"), ("li", "vice"), ("chen", "member")]


def test_it_is_filed_within_thirty_days_and_again_after_a_change(estate: Estate) -> None:
    body_id = committee(elected_committee(estate))
    filing = view(body_id).filing
    assert filing is not None
    assert (filing.state, filing.last) == (Filed.WAITING, None)
    late = view(body_id, now=filing.until).filing
    assert late is not None
    assert late.state is Filed.LATE
    day = AFTER.date()
    assert refusal(services.file, body_id, "备1", day - timedelta(days=2), by=STREET, now=AFTER) == "odd-day"
    services.file(body_id, "浈东备〔2026〕7号", day, by=STREET, now=AFTER + HOUR)
    assert refusal(services.file, body_id, "浈东备〔2026〕7号", day, by=STREET, now=AFTER + HOUR) == "filed-already"
    filed = view(body_id).filing
    assert filed is not None
    assert filed.last is not None
    assert (filed.state, filed.last.number, filed.last.filed_on) == (Filed.ON_FILE, "浈东备〔2026〕7号", day)
    zhao = next(each.candidate for each in view(body_id).members if each.name == "zhao")
    services.leave(body_id, zhao, Left.SOLD, by=STREET, now=AFTER + 2 * HOUR)
    changed = view(body_id).filing
    assert changed is not None
    assert changed.state is Filed.CHANGED
    assert services.managed_view(reading(), formed(elected_in(estate)), by=STREET, now=AFTER).filing is None


def test_owners_recall_a_member_by_petition_and_double_majority(estate: Estate) -> None:
    election = elected_committee(estate)
    body_id = committee(election)
    session = reading()
    vote = votes.vote_by_public_id(session, election)
    (chair,) = [each.public_id for each in recalls.seated(session, vote) if each.name == "chen"]
    petition = recalls.start(election, [chair], "账目半年没有公布", by=estate.voter("qian"), now=AFTER)
    found = elections.petition_by_public_id(reading(), petition)
    assert (found.roll_heads, found.needed) == (5, 1), "a fifth of five owners, not of eight households"
    recall = recalls.draft_vote(petition, now=AFTER)
    (motion,) = votes.motions_of(reading(), votes.vote_by_public_id(reading(), recall).id)
    assert motion.rule.startswith("owners.committee@")
    results.plan(recall, 0, by=STREET, now=AFTER)
    preparing.publish(recall, by=STREET, now=AFTER)
    opens_at = votes.vote_by_public_id(reading(), recall).opens_at
    assert opens_at is not None
    preparing.open_voting(recall, by=STREET, now=opens_at)
    for who, door in DOORS:
        cast(recall, estate.voter(who), door, "against" if who == "chen" else "approve", now=opens_at)
    closes_at = votes.vote_by_public_id(reading(), recall).closes_at
    assert closes_at is not None
    counting.close(recall, by=STREET, now=closes_at)
    counting.publish_result(recall, by=STREET, now=closes_at)
    results.finalise(recall, by=STREET, now=closes_at)
    for _ in range(2):
        jobs.on_vote_final({"vote": recall}, now=closes_at)
    assert sits(body_id) == [("li", "vice"), ("zhao", "member")]
    assert not sees_board(estate, "chen", closes_at)
    again = refusal(recalls.start, election, [chair], "再来一次", by=estate.voter("qian"), now=closes_at)
    assert again == "not-elected", "who left is not recalled a second time"
