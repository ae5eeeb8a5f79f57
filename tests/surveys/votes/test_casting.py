"""Casting on both databases: who may, once a line, in time, in parallel."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel import database
from kernel.audit.models import AuditEntry, AuditPayload
from kernel.database import reading, transaction
from kernel.errors import Conflict, DomainError, Invalid, NotFound
from kernel.idempotency import Key
from kernel.places.queries import dwellings_of_estate
from surveys.votes import queries
from surveys.votes.models import Ballot, Vote
from surveys.votes.rules import binding, roll
from surveys.votes.services import casting, counting, preparing
from surveys.votes.services import reading as shown
from surveys.votes.services.casting import Voter
from tests.factories import Factory
from tests.surveys.votes.stories import (
    CLOSES,
    HOUR,
    NOW,
    STREET,
    Estate,
    cast,
    drafted,
    filled,
    line_of,
    opened,
    turnout,
    vote_row,
)


def in_threads(app: Flask, *tasks: Callable[[], Any]) -> list[Any]:
    """Run all at once, each in a context of its own; what each gave or raised."""
    outcomes: list[Any] = [None] * len(tasks)
    gate = threading.Barrier(len(tasks))

    def run(place: int, task: Callable[[], Any]) -> None:
        with app.app_context():
            gate.wait()
            try:
                outcomes[place] = task()
            except DomainError as error:
                outcomes[place] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_one_owner_of_two_flats_votes_once_with_the_area_of_both(estate: Estate) -> None:
    vote_id = opened(estate)
    ballot = cast(vote_id, estate.voter("chen"), "1栋1单元102", "approve")
    assert (ballot.standing, len(ballot.receipt_no)) == ("valid", 10)
    assert turnout(vote_id) == queries.Turnout(1, 1, 16_000)
    with pytest.raises(Conflict) as refused:
        cast(vote_id, estate.voter("chen"), "1栋1单元101", "against")
    assert refused.value.code == "already-cast"


def test_the_same_key_gives_the_same_ballot_and_another_body_is_refused(estate: Estate) -> None:
    vote_id = opened(estate)
    key = Key("account:chen", "k" * 36, "a" * 64)
    first = cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve", key=key)
    again = cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve", key=key)
    assert again.public_id == first.public_id
    assert turnout(vote_id).lines == 1
    with pytest.raises(Invalid) as refused:
        cast(vote_id, estate.voter("chen"), "1栋1单元101", "against", key=Key("account:chen", "k" * 36, "b" * 64))
    assert refused.value.code == "idempotency-key-reused"


def test_a_ballot_after_the_closing_instant_is_kept_but_not_counted(estate: Estate) -> None:
    vote_id = opened(estate)
    cast(vote_id, estate.voter("zhao"), "1栋1单元401", "approve", now=CLOSES - timedelta(microseconds=1))
    late = cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve", now=CLOSES)
    assert late.standing == "late"
    counting.close(vote_id, by=STREET, now=CLOSES)
    later = cast(vote_id, estate.voter("qian"), "1栋1单元402", "approve", now=CLOSES + HOUR)
    assert later.standing == "late"
    assert turnout(vote_id).lines == 1
    assert queries.late_ballots(reading(), vote_row(vote_id).id) == 2
    with pytest.raises(Conflict):
        cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve", now=CLOSES + HOUR)


def test_nothing_is_taken_before_opening(estate: Estate) -> None:
    vote_id = drafted(estate)
    with pytest.raises(NotFound):
        cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve")
    preparing.publish(vote_id, by=STREET, now=NOW)
    with pytest.raises(Conflict) as refused:
        cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve")
    assert refused.value.code == "not-open"


def test_a_ballot_for_another_text_is_refused(estate: Estate) -> None:
    vote_id = opened(estate)
    with transaction() as session:
        session.execute(sa.update(Vote).values(text_hash="0" * 64))

    line, answers = line_of(vote_id, "1栋1单元101"), filled(vote_id, "approve")
    with pytest.raises(Conflict) as refused:
        casting.cast(vote_id, line, answers, text_hash="f" * 64, by=estate.voter("chen"), now=NOW + HOUR)
    assert refused.value.code == "text-changed"


def test_tenants_neighbours_unverified_and_strangers_cast_no_owners_ballot(estate: Estate, make: Factory) -> None:
    vote_id = opened(estate)
    door = estate.dwellings[0]

    def tried(code: str, **tie: Any) -> None:
        account = make.account()
        if tie:
            make.tie(account, door, **tie)

        with pytest.raises(DomainError) as refused:
            cast(vote_id, Voter(account.id, "account:x"), "1栋1单元101", "approve")
        assert refused.value.code == code

    tried("no-such-line")
    tried("no-such-line", relation="neighbour")
    tried("verify-first", level=1, person=estate.people["chen"])
    tried("owners-only", relation="tenant", person=make.person("租户", None))
    tried("proxy-needed", relation="family", person=estate.people["chen"])
    assert turnout(vote_id).lines == 0


def test_another_households_line_is_not_found(estate: Estate) -> None:
    vote_id = opened(estate)
    with pytest.raises(NotFound):
        cast(vote_id, estate.voter("chen"), "1栋1单元401", "approve")


def test_the_other_co_owner_sees_that_the_line_was_used_and_cannot_use_it_again(estate: Estate) -> None:
    vote_id = opened(estate)
    ballot = cast(vote_id, estate.voter("li"), "1栋1单元201", "against")
    with pytest.raises(Conflict):
        cast(vote_id, estate.voter("wu"), "1栋1单元201", "approve")
    session = reading()
    vote = queries.vote_by_public_id(session, vote_id)
    (line,) = shown.my_lines(session, vote, estate.accounts["wu"].id)
    assert line.ballot is not None
    assert (line.ballot.receipt_no, line.mine) == (ballot.receipt_no, False)
    assert shown.receipt(session, vote, estate.accounts["wu"].id, ballot.receipt_no)
    with pytest.raises(NotFound):
        shown.receipt(session, vote, estate.accounts["zhao"].id, ballot.receipt_no)


def test_of_two_co_owners_voting_in_the_same_instant_exactly_one_counts(estate: Estate, app: Flask) -> None:
    vote_id = opened(estate)
    li, wu = estate.voter("li"), estate.voter("wu")
    outcomes = in_threads(
        app,
        *[lambda: cast(vote_id, li, "1栋1单元201", "against")] * 4,
        *[lambda: cast(vote_id, wu, "1栋1单元201", "approve")] * 4,
    )
    kept = [each for each in outcomes if isinstance(each, Ballot)]
    assert len(kept) == 1
    assert {each.code for each in outcomes if isinstance(each, DomainError)} == {"already-cast"}
    assert turnout(vote_id).lines == 1
    session = reading()
    assert session.scalar(sa.select(sa.func.count()).select_from(Ballot)) == 1


def test_twenty_owners_voting_in_the_same_instant_are_all_counted(make: Factory, app: Flask) -> None:
    place = make.estate(floors=5, doors=4)
    voters = []
    for number, dwelling in enumerate(dwellings_of_estate(reading(), place.id)):
        account, _ = make.owner(dwelling, f"业主{number}", f"139{number:08}")
        voters.append((Voter(account.id, f"account:{account.public_id}"), dwelling.label))
    vote_id = opened(Estate(place, [], {}, {}))
    outcomes = in_threads(
        app, *[lambda who=who, door=door: cast(vote_id, who, door, "approve") for who, door in voters]
    )
    assert [each for each in outcomes if not isinstance(each, Ballot)] == []
    assert turnout(vote_id) == queries.Turnout(20, 20, 160_000)
    assert database.retries()["40P01"] == 0, "nobody waits in a circle"


def test_the_same_ballot_sent_many_times_at_once_is_one_ballot(estate: Estate, app: Flask) -> None:
    vote_id = opened(estate)
    key = Key("account:chen", "k" * 36, "a" * 64)
    voter = estate.voter("chen")
    outcomes = in_threads(app, *[lambda: cast(vote_id, voter, "1栋1单元101", "approve", key=key)] * 6)
    assert len({each.public_id for each in outcomes}) == 1
    assert turnout(vote_id).lines == 1


def test_a_ballot_racing_the_closing_is_either_counted_or_late_and_never_lost(estate: Estate, app: Flask) -> None:
    vote_id = opened(estate)
    just_before = CLOSES - timedelta(microseconds=1)
    voters = {"chen": "1栋1单元101", "li": "1栋1单元201", "factory": "1栋1单元202", "zhao": "1栋1单元401"}
    outcomes = in_threads(
        app,
        *[
            lambda who=who, door=door: cast(vote_id, estate.voter(who), door, "approve", now=just_before)
            for who, door in voters.items()
        ],
        lambda: counting.close(vote_id, by=STREET, now=CLOSES),
    )
    ballots = [each for each in outcomes if isinstance(each, Ballot)]
    assert len(ballots) == len(voters), outcomes
    counting.publish_result(vote_id, by=STREET, now=CLOSES + HOUR)
    session = reading()
    document = shown.result(session, queries.vote_by_public_id(session, vote_id)).document
    in_time = sum(ballot.standing == "valid" for ballot in ballots)
    assert document["ballots"] == {"counted": in_time, "late": len(voters) - in_time}


def test_a_refused_try_leaves_a_line_in_the_log_with_the_reason_and_without_the_choice(estate: Estate) -> None:
    vote_id = opened(estate)
    cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve")
    zhao = estate.voter("zhao")
    line, answers = line_of(vote_id, "1栋1单元401"), filled(vote_id, "against")
    text_hash = vote_row(vote_id).text_hash or ""
    for code, refused_line, given, text, by in (
        ("already-cast", line_of(vote_id, "1栋1单元101"), answers, text_hash, estate.voter("chen")),
        ("no-such-line", line, answers, text_hash, estate.voter("qian")),
        ("text-changed", line, answers, "f" * 64, zhao),
        ("ballot-not-complete", line, {}, text_hash, zhao),
    ):
        with pytest.raises(DomainError) as refused:
            casting.cast(vote_id, refused_line, given, text_hash=text, by=by, now=NOW + HOUR)
        assert refused.value.code == code
    session = reading()
    told = [
        (entry.actor, payload.document["line"], payload.document["why"])
        for entry, payload in session.execute(
            sa.select(AuditEntry, AuditPayload)
            .join(AuditPayload, AuditPayload.entry_id == AuditEntry.id)
            .where(AuditEntry.action == "ballot.refused")
            .order_by(AuditEntry.id)
        )
    ]
    assert [why for *_, why in told] == ["already-cast", "no-such-line", "text-changed", "not-filled-in"]
    assert told[1][:2] == (estate.voter("qian").actor, line)


def test_the_log_binds_a_ballot_to_person_text_time_and_class_of_device(estate: Estate) -> None:
    vote_id = opened(estate)
    chen = estate.voter("chen")
    by = Voter(chen.account_id, chen.actor, binding.device_of("Mozilla/5.0 (Linux; Android 13) MicroMessenger/8.0"))
    ballot = cast(vote_id, by, "1栋1单元101", "approve")
    session = reading()
    entry, payload = session.execute(
        sa.select(AuditEntry, AuditPayload.document)
        .join(AuditPayload, AuditPayload.entry_id == AuditEntry.id)
        .where(AuditEntry.row_hash == ballot.audit_hash)
    ).one()
    person = roll.commitment(vote_id, estate.people["chen"].public_id)
    assert (entry.at, entry.actor) == (ballot.cast_at, chen.actor)
    bound = ("person", "text_hash", "device", "confirmed", "channel")
    assert [payload[word] for word in bound] == [person, ballot.text_hash, "wechat", "own_phone", "phone"]
    assert person in [commitment for row in roll_rows(vote_id) for commitment in row[5]]


def roll_rows(vote_id: str) -> list[list[Any]]:
    session = reading()
    lines = queries.roll_of(session, queries.vote_by_public_id(session, vote_id).id)
    return roll.canonical_rows(vote_id, [line.value for line in lines])


def test_the_flags_a_counterfactual_count_needs_come_with_every_counted_ballot(estate: Estate) -> None:
    vote_id = opened(estate)
    cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve")
    (row,) = queries.counted_ballots(reading(), vote_row(vote_id).id)
    assert (row.Ballot.channel, row.Ballot.by_proxy, row.disputed) == ("phone", False, False)
