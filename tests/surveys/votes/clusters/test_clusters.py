"""Several assemblies on one thing: the rule as a table, estates that merge told through, and the pages."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from kernel import clock
from kernel.database import reading
from kernel.errors import Conflict, Invalid
from kernel.people.models import Account
from kernel.places.models import Place
from kernel.places.queries import ancestors, dwellings_of_estate
from surveys.votes import notice_sheet
from surveys.votes.clusters import queries as clusters
from surveys.votes.clusters import services as merging
from surveys.votes.results import services as results
from surveys.votes.rules.clusters import Verdict, verdict
from surveys.votes.services import counting, preparing
from surveys.votes.services.casting import Voter
from surveys.votes.services.preparing import NewMotion, NewVote
from tests.factories import Factory
from tests.surveys.votes.stories import CLOSES, GROUP, HOUR, NOW, STREET, cast, vote_row

MERGE = NewMotion("owners.other", "是否同意合并为一个物业管理区域")


@pytest.mark.parametrize(
    ("carried", "expected"),
    [
        ([True, True], Verdict.CARRIED),
        ([True, None], Verdict.PENDING),
        ([None, None], Verdict.PENDING),
        ([True, False, None], Verdict.LOST),
        ([False], Verdict.LOST),
        ([], Verdict.PENDING),
        ([True] * 13, Verdict.CARRIED),
        ([True] * 12 + [False], Verdict.LOST),
    ],
)
def test_every_assembly_must_carry(carried: list[bool | None], expected: Verdict) -> None:
    assert verdict(carried) is expected


def an_owner(make: Factory, estate: Place) -> tuple[Voter, Account]:
    """One owner of the only flat of an estate."""
    (flat, *_) = dwellings_of_estate(reading(), estate.id)
    person = make.person("业主", None)
    account = make.account()
    make.holding(person, flat)
    make.tie(account, flat, person=person)
    return Voter(account.id, f"account:{account.public_id}"), account


def merged(estates: list[Place], *motions: NewMotion) -> str:
    draft = NewVote("", "桃园北巷合并表决", motions or (MERGE,), notice_days=0, voting_days=0, closes_at=CLOSES)
    return merging.create(draft, tuple(estate.code for estate in estates), by=STREET, now=NOW)


def view(cluster_id: str) -> clusters.ClusterView:
    session = reading()
    return clusters.view(session, clusters.cluster_by_public_id(session, cluster_id))


def finished(vote_id: str) -> None:
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    results.finalise(vote_id, by=STREET, now=CLOSES + timedelta(days=40))


@pytest.mark.parametrize(("last", "expected"), [("approve", Verdict.CARRIED), ("against", Verdict.LOST)])
def test_estates_merge_when_each_one_carries_with_a_roll_and_a_decision_of_its_own(
    make: Factory, client: FlaskClient, last: str, expected: Verdict
) -> None:
    estates = [make.estate(f"第{number}小区", floors=1, doors=1) for number in range(1, 4)]
    voters = [an_owner(make, estate)[0] for estate in estates]
    cluster_id = merged(estates)
    assert client.get(f"/v/cluster/{cluster_id}").status_code == 404
    merging.publish(cluster_id, by=STREET, now=NOW)
    assert len({each.vote.published_at for each in view(cluster_id).assemblies}) == 1
    of_place = {each.place.code: each.vote.public_id for each in view(cluster_id).assemblies}
    votes = [of_place[estate.code] for estate in estates]
    for vote_id, estate, voter in zip(votes, estates, voters, strict=True):
        preparing.open_voting(vote_id, by=STREET, now=NOW)
        (flat,) = dwellings_of_estate(reading(), estate.id)
        answer = last if estate is estates[-1] else "approve"
        cast(vote_id, voter, flat.label, answer, now=NOW + HOUR)
    assert len({vote_row(vote_id).roll_hash for vote_id in votes}) == 3
    finished(votes[0])
    assert view(cluster_id).verdicts == (Verdict.PENDING,)
    for vote_id in votes[1:]:
        finished(vote_id)
    assert view(cluster_id).verdicts == (expected,)
    page = client.get(f"/v/cluster/{cluster_id}").get_data(as_text=True)
    assert ("每个小区都通过，合并事项通过" in page) is (expected is Verdict.CARRIED)
    facts = dict(notice_sheet.sheet(reading(), vote_row(votes[0])).facts)
    assert "每个小区都通过" in facts["合并表决"]


def test_a_cluster_is_of_several_owners_assemblies_and_all_or_none_is_drafted(make: Factory) -> None:
    one, other = make.estate("甲"), make.estate("乙")
    for estate in (one, other):
        an_owner(make, estate)
    with pytest.raises(Invalid) as refused:
        merged([one, one])
    assert refused.value.code == "too-few-places"
    with pytest.raises(Invalid) as residents:
        merged([one, other], GROUP)
    assert residents.value.code == "not-an-owners-vote"
    cluster_id = merged([one, other])
    merging.publish(cluster_id, by=STREET, now=NOW)
    with pytest.raises(Conflict):
        merging.publish(cluster_id, by=STREET, now=NOW)


def test_an_officer_drafts_a_merge_over_http_and_finds_it_on_each_votes_page(make: Factory) -> None:
    one = make.estate("甲")
    street = next(place for place in ancestors(reading(), one) if place.kind == "street")
    community = next(place for place in ancestors(reading(), one) if place.kind == "community")
    other = make.estate("乙", community=community)
    for estate in (one, other):
        an_owner(make, estate)
    account = make.account("o-officer")
    make.grant(account, "street_officer", street)
    officer = make.signed_in(account)
    with clock.at(NOW):
        form = officer.get("/work/votes/new").get_data(as_text=True)
        assert "几个小区合并表决" in form
        assert "较严的四分之三" in form
        narrowed = officer.get(f"/work/votes/new?estate={one.code}").get_data(as_text=True)
        assert "1栋" in narrowed
        sent = {
            "places": [one.code, other.code],
            "title": "合并",
            "motions": [{"matter": "owners.other", "title": "是否同意合并"}],
        }
        made = officer.post("/api/v1/vote-clusters", json=sent)
        assert made.status_code == 201, made.json
        first = made.json["assemblies"][0]["vote"]
        assert "同时发布全部公告" in officer.get(f"/work/votes/{first}").get_data(as_text=True)
        out = officer.post(f"/api/v1/vote-clusters/{made.json['id']}/publication", json={})
        assert [each["state"] for each in out.json["assemblies"]] == ["published", "published"]
        assert officer.post("/api/v1/vote-clusters", json={**sent, "places": [one.code]}).status_code == 422
