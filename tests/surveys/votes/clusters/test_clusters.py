"""Several assemblies on one thing: the rule as a table, estates that merge told through, and the pages."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from kernel import clock
from kernel.database import reading
from kernel.errors import Conflict, Invalid
from kernel.people.models import Account
from kernel.places.models import Place
from kernel.places.queries import ancestors, dwellings_of_estate
from surveys.votes import notice_sheet, queries
from surveys.votes.clusters import queries as clusters
from surveys.votes.clusters import services as merging
from surveys.votes.rules.clusters import Verdict, verdict
from surveys.votes.services.casting import Voter
from surveys.votes.services.preparing import NewMotion, NewVote
from tests.factories import Factory
from tests.surveys.votes.stories import CLOSES, GROUP, NOW, STREET, vote_row

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


def test_thirteen_estates_merge_over_http_only_when_each_carries_with_a_roll_and_a_decision_of_its_own(
    make: Factory, client: FlaskClient
) -> None:
    first = make.estate("第1小区", floors=1, doors=1)
    above = {place.kind: place for place in ancestors(reading(), first)}
    others = [
        make.estate(f"第{number}小区", floors=1, doors=1, community=above["community"]) for number in range(2, 14)
    ]
    owners = {estate.code: an_owner(make, estate)[1] for estate in (first, *others)}
    account = make.account("o-officer")
    make.grant(account, "street_officer", above["street"])
    officer = make.signed_in(account)

    def ordered(path: str, **body: object) -> dict[str, Any]:
        answer = officer.post(f"/api/v1/{path}", json=body)
        assert answer.status_code in (200, 201), answer.json
        return answer.json or {}

    with clock.at(NOW):
        form = officer.get("/work/votes/new").get_data(as_text=True)
        assert "几个小区合并表决" in form
        assert "较严的四分之三" in form
        assert "1栋" in officer.get(f"/work/votes/new?estate={first.code}").get_data(as_text=True)
        joined = ordered("clusters", name="十三个小区", estates=list(owners))["cluster"]
        form = officer.get(f"/work/votes/new?cluster={joined}").get_data(as_text=True)
        assert form.count(" checked") > 13
        draft = {
            "cluster": joined,
            "title": "十三个小区合并",
            "motions": [{"matter": "owners.other", "title": "是否同意合并为一个物业管理区域"}],
            "notice_days": 0,
            "voting_days": 7,
        }
        assert officer.post("/api/v1/vote-clusters", json={**draft, "places": list(owners)}).status_code == 422
        alone = {**draft, "cluster": "", "places": [first.code]}
        assert officer.post("/api/v1/vote-clusters", json=alone).status_code == 422
        made = ordered("vote-clusters", **draft)
        cluster = f"vote-clusters/{made['id']}"
        assert client.get(f"/v/cluster/{made['id']}").status_code == 404, "a draft is nobody's yet"
        votes = {each["place"]: each["vote"] for each in made["assemblies"]}
        assert len(votes) == 13
        assert "同时发布全部公告" in officer.get(f"/work/votes/{votes[first.code]}").get_data(as_text=True)
        assert {each["state"] for each in ordered(f"{cluster}/publication")["assemblies"]} == {"published"}
        for code, vote_id in votes.items():
            ordered(f"votes/{vote_id}/opening")
            voter = make.signed_in(owners[code])
            (line,) = (voter.get(f"/api/v1/votes/{vote_id}/lines").json or {})["lines"]
            motion = queries.motions_of(reading(), vote_row(vote_id).id)[0].public_id
            sent = {
                "line_id": line["id"],
                "text_hash": vote_row(vote_id).text_hash,
                "choices": {motion: "against" if code == others[-1].code else "approve"},
            }
            assert voter.post(f"/api/v1/votes/{vote_id}/ballots", json=sent).status_code == 201
            ordered(f"votes/{vote_id}/closing")
            ordered(f"votes/{vote_id}/result")
    assert len({vote_row(vote_id).roll_hash for vote_id in votes.values()}) == 13
    assert len({vote_row(vote_id).published_at for vote_id in votes.values()}) == 1
    with clock.at(NOW + timedelta(days=40)):
        for code in [first.code, *[each.code for each in others[:-1]]]:
            ordered(f"votes/{votes[code]}/finality")
        assert view(made["id"]).verdicts == (Verdict.PENDING,), "twelve have carried, the last is not final"
        ordered(f"votes/{votes[others[-1].code]}/finality")
        assert view(made["id"]).verdicts == (Verdict.LOST,)
        page = client.get(f"/v/cluster/{made['id']}").get_data(as_text=True)
        assert page.count(">通过<") == 12
        assert "有小区没有通过，合并事项不通过" in page
        facts = dict(notice_sheet.sheet(reading(), vote_row(votes[first.code])).facts)
        assert "每个小区都通过" in facts["合并表决"]
