"""A sheet that comes in the words a campaign asked with before a correction: nobody is sent away for it."""

import copy
from typing import Any

import pytest

from kernel.database import reading
from kernel.errors import Conflict, Invalid
from kernel.places import queries as places
from surveys.questionnaires import queries
from surveys.questionnaires.drafts import services as drafts
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.services import counting
from tests.surveys.questionnaires.conftest import NOW, Survey
from tests.surveys.questionnaires.corrections.conftest import (
    campaign_id,
    correct,
    corrected,
    counters,
    next_version,
)


def words(survey: Survey) -> str:
    """The hash of what the campaign asks with now."""
    session = reading()
    session.rollback()
    return queries.content_hash(session, queries.campaign_by_public_id(session, survey.campaign).version_id)


def test_a_page_with_the_old_words_is_taken_as_what_it_is_and_counted_in_the_new(running: Survey) -> None:
    old = words(running)
    correct(running, next_version())
    home = running.dwellings[4]
    account, key = running.owner(home), "the-same-tap"
    made = running.submit(
        account, home, answers={"agree": "rather", "people": 3}, content_hash=old, key=running.key(account, key)
    )
    again = running.submit(
        account, home, answers={"agree": "rather", "people": 3}, content_hash=old, key=running.key(account, key)
    )
    assert made.number == again.number
    assert queries.response_by_public_id(reading(), made.response).answers == {"agree": "rather", "people": 3}
    other = running.dwellings[5]
    with pytest.raises(Invalid):
        running.submit(running.owner(other), other, answers={"agree": "yes"})  # says nothing of the words it is in
    running.submit(running.owner(other), other, answers={"consent": "yes"})
    counting.drain_tally(now=NOW)
    assert counters(running)["consent", "", "yes"] == 4
    assert counting.differences(campaign_id(running)) == {}


def test_what_a_correction_leaves_out_is_looked_at_again_and_nothing_else(running: Survey) -> None:
    old = words(running)
    after = copy.deepcopy(corrected())
    questions = after["sections"][0]["questions"]
    works = next(one for one in questions if one["code"] == "works")
    works["options"] = [one for one in works["options"] if one["code"] != "roof"]
    order = next(one for one in questions if one["code"] == "order")
    questions.remove(order)
    options = [{"code": "water", "label": "水"}, {"code": "gas", "label": "气"}]
    questions.append({"code": "lift", "kind": "single", "title": "要改哪样", "required": True, "options": options})
    questions.append({"code": "first", "kind": "single", "title": "先改什么", "options": options})
    mapping = {
        "questions": {"agree": "consent", "order": None},
        "options": {"agree": {"rather": "yes"}, "works": {"roof": None}},
        "added": ["lift", "first"],
    }
    correct(running, next_version(after), mapping)
    home = running.dwellings[4]
    account = running.owner(home)
    who = {"account_id": account.id, "person_id": account.person_id, "now": NOW}
    given = {"agree": "rather", "works": ["water", "roof"], "order": ["roof", "water"], "people": "half a nu"}
    with pytest.raises(Conflict, match="questionnaire-corrected"):
        running.submit(account, home, answers={**given, "people": 2}, content_hash=old)

    def carried(answers: dict[str, Any]) -> drafts.InCurrentWords:
        return drafts.in_current_words(
            running.campaign,
            home.public_id,
            answers,
            content_hash=old,
            channel=Channel.WECHAT_SELF,
            **who,
        )

    found = carried(given)
    assert found.content_hash == words(running)
    assert found.carried.answers == {"consent": "yes", "works": ["water"], "people": "half a nu"}
    assert [(one.code, one.was) for one in found.carried.again] == [
        ("works", ("water", "roof")),
        ("lift", ()),
        ("first", ()),
    ]
    assert [(line.title, line.texts) for line in found.carried.no_more] == [("最急的", ["第1：roof", "第2：water"])]
    # Who gave nothing of what is gone is asked only what is new and must be answered.
    assert [one.code for one in carried({"agree": "no", "works": ["water"]}).carried.again] == ["lift"]
    running.submit(account, home, answers={**found.carried.answers, "people": 2, "lift": "water"})
    counting.drain_tally(now=NOW)
    assert counting.differences(campaign_id(running)) == {}


def test_what_nobody_is_asked_any_more_keeps_nobody(running: Survey) -> None:
    old = words(running)
    after = copy.deepcopy(corrected())
    after["sections"][0]["questions"] = [one for one in after["sections"][0]["questions"] if one["code"] != "order"]
    correct(
        running,
        next_version(after),
        {"questions": {"agree": "consent", "order": None}, "options": {"agree": {"rather": "yes"}}},
    )
    home = running.dwellings[4]
    made = running.submit(
        running.owner(home), home, answers={"works": ["water", "roof"], "order": ["roof", "water"]}, content_hash=old
    )
    assert queries.response_by_public_id(reading(), made.response).answers["order"] == ["roof", "water"]
    counting.drain_tally(now=NOW)
    assert counting.differences(campaign_id(running)) == {}


def test_what_a_worker_filled_in_before_the_correction_is_taken_in_the_words_that_were_asked(
    running: Survey, make
) -> None:
    session = reading()
    old = queries.content_hash(session, queries.campaign_by_public_id(session, running.campaign).version_id)
    worker = make.account("worker")
    grant = make.grant(
        worker, "community_worker", next(p for p in places.ancestors(session, running.estate) if p.kind == "community")
    )
    correct(running, next_version())
    home = running.dwellings[4]
    made = running.submit(
        worker,
        home,
        person_id=grant.person_id,
        channel=Channel.WORKER_VISIT,
        answers={"agree": "rather"},
        content_hash=old,
    )
    assert queries.response_by_public_id(reading(), made.response).answers == {"agree": "rather"}
    with pytest.raises(Conflict, match="questionnaire-corrected"):
        running.submit(
            worker,
            running.dwellings[5],
            person_id=grant.person_id,
            channel=Channel.WORKER_VISIT,
            answers={"agree": "rather"},
            content_hash="0" * 64,
        )
    counting.drain_tally(now=NOW)
    assert counters(running)["consent", "", "yes"] == 3
    assert counting.differences(campaign_id(running)) == {}


def test_what_was_begun_in_the_old_words_goes_on_in_the_new(running: Survey) -> None:
    session = reading()
    old = queries.content_hash(session, queries.campaign_by_public_id(session, running.campaign).version_id)
    home = running.dwellings[4]
    account = running.owner(home)
    who = {"account_id": account.id, "person_id": account.person_id}

    def save(number: int, changes: dict[str, Any], **more: Any) -> int:
        call = {"number": number, "changes": changes, "channel": "", "at": "", "key": running.key(account), "now": NOW}
        return drafts.save(running.campaign, home.public_id, **call, **who, **more)

    save(0, {"agree": "rather", "works": ["water"], "people": "half a nu"}, content_hash=old)
    correct(running, next_version())
    kept = drafts.read(running.campaign, home.public_id, now=NOW, **who)
    assert kept.answers == {"consent": "yes", "works": ["water"], "people": "half a nu"}
    # A page that still shows the old words goes on saving.
    save(1, {"agree": "no", "works": None}, content_hash=old)
    assert drafts.read(running.campaign, home.public_id, now=NOW, **who).answers == {
        "consent": "no",
        "people": "half a nu",
    }
