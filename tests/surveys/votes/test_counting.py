"""Closing, counting and opening for audit, on both databases."""

from typing import Any

import pytest
import sqlalchemy as sa

from kernel.audit.models import AuditEntry
from kernel.database import reading
from kernel.errors import Conflict, NotAllowed
from kernel.outbox import OutboxRow
from surveys.votes import jobs, queries
from surveys.votes.rules.lifecycle import State
from surveys.votes.services import counting
from surveys.votes.services import reading as shown
from surveys.votes.services.casting import Voter
from surveys.votes.services.preparing import Staff
from tests.factories import Factory
from tests.surveys.votes.stories import CLOSES, GROUP, HOUR, NOW, PUMP, SCHEME, STREET, Estate, cast, opened, vote_row


def result(vote_id: str, *, now: Any = CLOSES) -> dict[str, Any]:
    """Close, count, and give the document."""
    counting.close(vote_id, by=STREET, now=now)
    counting.publish_result(vote_id, by=STREET, now=now + HOUR)
    session = reading()
    return shown.result(session, queries.vote_by_public_id(session, vote_id)).document


def test_an_ordinary_motion_is_counted_by_heads_and_by_area(estate: Estate) -> None:
    vote_id = opened(estate, PUMP, SCHEME)
    cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve", "approve")
    cast(vote_id, estate.voter("factory"), "1栋1单元202", "approve", "against")
    cast(vote_id, estate.voter("zhao"), "1栋1单元401", "abstain", "approve")
    cast(vote_id, estate.voter("li"), "1栋1单元201", "against", "approve")
    document = result(vote_id)
    pump, scheme = document["motions"]
    assert pump["carried"] is False, "two of four heads are not more than half"
    assert pump["measures"][0] | {"measure": "heads"} == {
        "measure": "heads",
        "roll": 5,
        "took_part": 4,
        "approve": 2,
        "against": 1,
        "abstain": 1,
        "turnout_needed": 4,
        "approval_needed": 3,
        "turnout_met": True,
        "approval_met": False,
    }
    assert pump["measures"][1]["approve"] == 40_000
    assert pump["measures"][1]["approval_met"] is True
    assert [part["approval_met"] for part in scheme["measures"]] == [True, False]
    assert vote_row(vote_id).state == State.RESULT


def test_a_group_election_counts_one_vote_a_household(estate: Estate, make: Factory) -> None:
    vote_id = opened(estate, GROUP)
    tenant = make.account("o-tenant")
    make.tie(tenant, estate.dwellings[3], relation="tenant")

    cast(vote_id, Voter(tenant.id, "account:t"), "1栋1单元202", ["陈建国", "李桂兰"])
    cast(vote_id, estate.voter("chen"), "1栋1单元101", ["陈建国", "李桂兰", "赵敏"])
    cast(vote_id, estate.voter("li"), "1栋1单元201", ["陈建国", "吴志强"])
    cast(vote_id, estate.voter("zhao"), "1栋1单元401", ["李桂兰"])
    cast(vote_id, estate.voter("qian"), "1栋1单元402", [])
    (election,) = result(vote_id)["motions"]
    session = reading()
    names = {
        each.public_id: each.name
        for group in queries.candidates_of(session, vote_row(vote_id).id).values()
        for each in group
    }
    assert [(names[each["candidate"]], each["votes"], each["standing"]) for each in election["candidates"]] == [
        ("陈建国", 3, "elected"),
        ("李桂兰", 3, "elected"),
        ("吴志强", 1, "not_elected"),
        ("赵敏", 1, "not_elected"),
    ]
    assert election["measures"][0]["blank"] == 1


def test_closing_waits_for_its_instant_unless_everyone_has_voted(estate: Estate) -> None:
    vote_id = opened(estate)
    with pytest.raises(Conflict) as refused:
        counting.close(vote_id, by=STREET, now=NOW + HOUR)
    assert refused.value.code == "still-open"
    doors = {
        "chen": "1栋1单元101",
        "li": "1栋1单元201",
        "factory": "1栋1单元202",
        "zhao": "1栋1单元401",
        "qian": "1栋1单元402",
    }
    for who, door in doors.items():
        cast(vote_id, estate.voter(who), door, "approve")
    assert counting.close(vote_id, by=STREET, now=NOW + HOUR) == vote_id


def test_the_clock_closes_what_is_due_and_told_twice_it_closes_once(estate: Estate) -> None:
    vote_id = opened(estate)
    session = reading()
    news = session.scalars(sa.select(OutboxRow).where(OutboxRow.topic == "vote.close_due")).one()
    assert news.due_at == CLOSES
    jobs.on_close_due(news.payload, now=CLOSES - HOUR)
    assert vote_row(vote_id).state == State.OPEN
    jobs.on_close_due(news.payload, now=CLOSES)
    jobs.on_close_due(news.payload, now=CLOSES)
    assert vote_row(vote_id).state == State.CLOSED


def test_no_result_before_it_is_published_and_only_once(estate: Estate) -> None:
    vote_id = opened(estate)
    session = reading()
    with pytest.raises(Conflict):
        shown.result(session, vote_row(vote_id))
    with pytest.raises(Conflict):
        counting.publish_result(vote_id, by=STREET, now=NOW + HOUR)
    result(vote_id)
    with pytest.raises(Conflict):
        counting.publish_result(vote_id, by=STREET, now=CLOSES + HOUR)


def test_an_auditor_opens_named_choices_after_the_result_and_the_look_is_on_record(estate: Estate) -> None:
    vote_id = opened(estate)
    ballot = cast(vote_id, estate.voter("chen"), "1栋1单元101", "against")
    with pytest.raises(Conflict):
        counting.open_for_audit(vote_id, by=STREET, reason="案号 1", now=NOW + HOUR)
    counting.close(vote_id, by=STREET, now=CLOSES)
    with pytest.raises(Conflict):  # what counts may still be settled, by nobody who knows what it says
        counting.open_for_audit(vote_id, by=STREET, reason="案号 1", now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    with pytest.raises(NotAllowed):
        counting.open_for_audit(vote_id, by=Staff("account:x", None), reason="案号 1", now=CLOSES)
    (seen,) = counting.open_for_audit(vote_id, by=STREET, reason="案号 1", now=CLOSES)
    assert (seen.receipt_no, list(seen.choices.values())) == (ballot.receipt_no, ["against"])

    looks = reading().scalars(sa.select(AuditEntry).where(AuditEntry.action == "look.ballots")).all()
    assert [look.subject for look in looks] == [f"vote:{vote_id}"]
