"""Results and nominations are told to those they concern, once."""

import pytest
import sqlalchemy as sa

from kernel.database import reading
from kernel.places.queries import ancestors
from kernel.web.guards import Identity
from portal.jobs import HANDLERS
from portal.notices import services as notices
from portal.notices.jobs import votes as news
from portal.notices.models import Notice
from surveys.votes import queries as votes
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import nominating
from surveys.votes.results import services as results
from surveys.votes.results.rules import Ruling
from tests.factories import Factory
from tests.surveys.votes.elections.calls import DOORS, OTHER, a_call, recommended, section
from tests.surveys.votes.results.test_results import published
from tests.surveys.votes.stories import CLOSES, NOW, STREET, Estate, an_estate, drafted, opened


@pytest.fixture
def estate(make: Factory) -> Estate:
    return an_estate(make)


def told(kind: str) -> list[int]:
    """The accounts that have a notice of a kind."""
    return sorted(reading().scalars(sa.select(Notice.account_id).where(Notice.kind == kind)))


def test_everyone_on_the_roll_is_told_of_a_result_once_and_again_only_when_it_changed(estate: Estate) -> None:
    vote_id = published(estate)
    everyone = sorted(account.id for account in estate.accounts.values())
    for _ in range(2):
        news.on_result({"vote": vote_id}, now=CLOSES)
    news.on_recount({"vote": vote_id, "number": 1, "changed": False}, now=CLOSES)
    assert told("result_out") == everyone
    news.on_final({"vote": vote_id}, now=CLOSES)
    assert told("result_final") == everyone


def test_who_objected_is_told_of_the_answer(estate: Estate) -> None:
    vote_id = published(estate)
    made = results.object_to(vote_id, "我家的票没有计入", by=estate.voter("li"), now=CLOSES)
    results.answer(vote_id, made, Ruling.REJECTED, "已经核对过了。", by=STREET, now=CLOSES)
    news.on_result_answered({"vote": vote_id, "objection": made}, now=CLOSES)
    assert told("result_answered") == [estate.accounts["li"].id]


def test_only_the_nominee_is_asked_and_not_who_nominated_himself(estate: Estate) -> None:
    call_id = a_call(estate)
    asked = nominating.recommend_by_committee(call_id, recommended(call_id, "li", DOORS["li"]), by=OTHER, now=NOW)
    himself = nominating.nominate_self(call_id, section(call_id), "chen", "", by=estate.voter("chen"), now=NOW)
    assert elections.call_by_public_id(reading(), call_id).state == "open"
    for nominee in (asked, asked, himself):
        news.on_nominee({"call": call_id, "nominee": nominee}, now=NOW)
    assert told("nominee_asked") == [estate.accounts["li"].id], "not 吴, who owns the same flat"


def test_everyone_at_the_place_hears_of_nominations_and_the_roll_of_who_stepped_back(estate: Estate) -> None:
    call_id = a_call(estate)
    everyone = sorted(account.id for account in estate.accounts.values())
    for _ in range(2):
        news.on_nominations_opened({"call": call_id}, now=NOW)
        news.on_nominations_listed({"call": call_id}, now=NOW)
        news.on_nominations_extended({"call": call_id}, now=NOW)
    for kind in ("nominations_open", "nominations_listed", "nominations_extended"):
        assert told(kind) == everyone
    draft = drafted(estate)
    news.on_candidate_withdrawn({"vote": draft, "nominee": "a"}, now=NOW)
    assert told("candidate_withdrawn") == [], "a draft is nobody's news"
    vote_id = opened(estate)
    for nominee in ("a", "a", "b"):
        news.on_candidate_withdrawn({"vote": vote_id, "nominee": nominee}, now=NOW)
    assert sorted(set(told("candidate_withdrawn"))) == everyone
    assert len(told("candidate_withdrawn")) == 2 * len(everyone)
    found = {each.kind: each for each in notices.my_notices(Identity(estate.accounts["li"].id, "", None))}
    stepped_back = found["candidate_withdrawn"]
    title = votes.vote_by_public_id(reading(), vote_id).title
    assert f"《{title}》" in stepped_back.text
    assert "投给他（她）的票作废" in stepped_back.text
    assert stepped_back.page == f"/v/{vote_id}", "of several votes one must know which"
    assert found["nominations_open"].page == f"/n/{call_id}"
    assert HANDLERS.keys() >= {
        "nominations.opened",
        "nominations.listed",
        "nominations.extended",
        "candidate.withdrawn",
    }


def test_an_objection_that_waits_is_found_from_the_officers_home(estate: Estate, make: Factory) -> None:
    vote_id = published(estate)
    account = make.account("o-officer")
    make.grant(account, "street_officer", next(p for p in ancestors(reading(), estate.place) if p.kind == "street"))
    officer = make.signed_in(account)
    assert "异议待答复" not in officer.get("/").text
    results.object_to(vote_id, "我家的票没有计入", by=estate.voter("li"), now=CLOSES)
    assert "1 条异议待答复" in officer.get("/").text
    assert "异议待答复 1 条" in officer.get("/work/votes").text
