"""Votes on both databases: who may, once, in time; counted from what was sealed."""

import hashlib
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel import audit, database
from kernel.audit.models import AuditEntry
from kernel.database import reading, transaction
from kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from kernel.idempotency import Key
from kernel.outbox import OutboxRow
from kernel.places.queries import dwellings_of_estate
from surveys.votes import jobs, queries
from surveys.votes.models import Ballot, CountedBallot, RollLine, Vote
from surveys.votes.rules.lifecycle import State
from surveys.votes.services import casting, counting, preparing
from surveys.votes.services import reading as shown
from surveys.votes.services.casting import Voter
from surveys.votes.services.papers import papers_of
from surveys.votes.services.preparing import NewMotion, NewVote, Staff
from tests.factories import Factory
from tests.surveys.votes.stories import (
    CLOSES,
    GROUP,
    NOW,
    PUMP,
    SCHEME,
    STREET,
    Estate,
    an_estate,
    cast,
    drafted,
    filled,
    line_of,
    opened,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def estate(make: Factory) -> Estate:
    return an_estate(make)


def vote_row(vote_id: str) -> Vote:
    return queries.vote_by_public_id(reading(), vote_id)


def turnout(vote_id: str) -> queries.Turnout:
    session = reading()
    return queries.turnout_of(session, queries.vote_by_public_id(session, vote_id).id)


def result(vote_id: str, *, now: Any = CLOSES) -> dict[str, Any]:
    """Close, count, and give the document."""
    counting.close(vote_id, by=STREET, now=now)
    counting.publish_result(vote_id, by=STREET, now=now + HOUR)
    session = reading()
    return shown.result(session, queries.vote_by_public_id(session, vote_id)).document


# ------------------------------------------------------------------------------------------------------- preparing


def test_the_roll_comes_from_the_register_and_the_notice_names_the_smallest_numbers(estate: Estate) -> None:
    vote_id = drafted(estate, SCHEME)
    session = reading()
    notice = shown.notice(session, queries.vote_by_public_id(session, vote_id))
    assert (notice.vote.roll_heads, notice.vote.roll_area_dm2, notice.vote.roll_dwellings) == (5, 64_000, 8)
    heads, area = notice.motions[0].needed
    assert (heads.needed.turnout, heads.needed.approval) == (4, 3)
    assert (area.needed.turnout, area.needed.approval) == (42_667, 32_001)
    assert notice.small


def test_a_draft_is_nobodys_business_until_its_notice_is_out(estate: Estate) -> None:
    vote_id = drafted(estate)
    with pytest.raises(NotFound):
        queries.announced_vote(reading(), vote_id)
    preparing.publish(vote_id, by=STREET, now=NOW)
    assert queries.announced_vote(reading(), vote_id).text_hash


def test_only_who_holds_the_grant_at_the_place_may_draft(estate: Estate, make: Factory) -> None:
    draft = NewVote(estate.place.code, "表决", (PUMP,))
    worker = make.account("o-street")
    with pytest.raises(NotAllowed):
        preparing.create(draft, by=Staff("account:x", None), now=NOW)
    district = make.place("district")
    grant = make.grant(worker, "street_officer", make.place("street", district))
    with pytest.raises(NotAllowed):
        preparing.create(draft, by=Staff("account:x", grant.person_id), now=NOW)


@pytest.mark.parametrize(
    ("motions", "code"),
    [
        ((), "no-motion"),
        ((PUMP, GROUP), "mixed-electorates"),
        ((NewMotion("owners.nonsense", "?"),), "unknown-matter"),
        ((NewMotion("residents.group", "选举", candidates=GROUP.candidates, seats=5, most=5),), "seats-and-names"),
        ((NewMotion("residents.group", "选举", candidates=GROUP.candidates, seats=3, most=2),), "seats-and-names"),
        ((NewMotion("owners.other", "?", seats=1),), "not-an-election"),
        (
            (NewMotion("residents.group", "选举", candidates=(*GROUP.candidates, *GROUP.candidates), seats=1, most=1),),
            "same-name-twice",
        ),
    ],
)
def test_a_draft_that_could_never_be_lawful_is_refused(
    estate: Estate, motions: tuple[NewMotion, ...], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        preparing.create(NewVote(estate.place.code, "表决", motions), by=STREET, now=NOW)
    assert refused.value.code == code


def test_voting_opens_when_the_notice_period_is_over_and_freezes_the_roll(estate: Estate, make: Factory) -> None:
    vote_id = preparing.create(
        NewVote(estate.place.code, "表决", (PUMP,), notice_days=7, voting_days=7), by=STREET, now=NOW
    )
    preparing.publish(vote_id, by=STREET, now=NOW)
    with pytest.raises(Conflict) as refused:
        preparing.open_voting(vote_id, by=STREET, now=NOW + timedelta(days=3))
    assert refused.value.code == "notice-running"
    opens_at = vote_row(vote_id).opens_at
    assert opens_at is not None
    preparing.open_voting(vote_id, by=STREET, now=opens_at)
    vote = vote_row(vote_id)
    assert vote.roll_hash is not None
    assert counting.roll_is_intact(reading(), vote)
    with pytest.raises(Conflict):
        preparing.rebuild_roll(vote_id, by=STREET, now=opens_at)


def test_the_roll_follows_the_register_until_it_is_frozen(estate: Estate, make: Factory) -> None:
    vote_id = drafted(estate)
    make.holding(make.person("孙", None), estate.dwellings[7], "co_owner")
    preparing.rebuild_roll(vote_id, by=STREET, now=NOW)
    session = reading()
    kinds = [line.value.kind for line in queries.roll_of(session, queries.vote_by_public_id(session, vote_id).id)]
    assert [str(kind) for kind in kinds] == ["owner", "co_owners", "organisation", "owner", "co_owners"]


def test_a_tampered_roll_is_noticed_and_not_counted(estate: Estate) -> None:
    vote_id = opened(estate)
    with transaction() as session:
        session.execute(sa.update(RollLine).where(RollLine.number == 1).values(area_dm2=RollLine.area_dm2 + 1))
    assert not counting.roll_is_intact(reading(), vote_row(vote_id))
    counting.close(vote_id, by=STREET, now=CLOSES)
    with pytest.raises(Conflict) as refused:
        counting.publish_result(vote_id, by=STREET, now=CLOSES)
    assert refused.value.code == "roll-changed"


# --------------------------------------------------------------------------------------------------------- casting


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
    tried("owners-only", relation="family")
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


# -------------------------------------------------------------------------------------------------------- counting


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


def test_an_auditor_opens_named_choices_after_closing_and_the_look_is_on_record(estate: Estate) -> None:
    vote_id = opened(estate)
    ballot = cast(vote_id, estate.voter("chen"), "1栋1单元101", "against")
    with pytest.raises(Conflict):
        counting.open_for_audit(vote_id, by=STREET, reason="案号 1", now=NOW + HOUR)
    counting.close(vote_id, by=STREET, now=CLOSES)
    with pytest.raises(NotAllowed):
        counting.open_for_audit(vote_id, by=Staff("account:x", None), reason="案号 1", now=CLOSES)
    (seen,) = counting.open_for_audit(vote_id, by=STREET, reason="案号 1", now=CLOSES)
    assert (seen.receipt_no, list(seen.choices.values())) == (ballot.receipt_no, ["against"])

    looks = reading().scalars(sa.select(AuditEntry).where(AuditEntry.action == "look.ballots")).all()
    assert [look.subject for look in looks] == [f"vote:{vote_id}"]


# ------------------------------------------------------------------------------------------------ kept, and in secret


@pytest.mark.parametrize("statement", ["UPDATE ballot SET standing = 'late'", "DELETE FROM ballot"])
def test_the_database_refuses_to_change_or_drop_a_ballot(estate: Estate, statement: str) -> None:
    vote_id = opened(estate)
    cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve")
    with pytest.raises(sa.exc.DBAPIError):
        with transaction() as session:
            session.execute(sa.text(statement))
    assert turnout(vote_id).lines == 1


def test_the_database_refuses_a_second_counted_ballot_on_a_line(estate: Estate) -> None:
    vote_id = opened(estate)
    ballot = cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve")
    with pytest.raises(sa.exc.IntegrityError):
        with transaction() as session:
            session.execute(
                sa.insert(CountedBallot).values(
                    vote_id=ballot.vote_id, roll_line_id=ballot.roll_line_id, ballot_id=ballot.id
                )
            )


def everything_stored() -> dict[str, list[str]]:
    """Every row of every table as text, by table."""
    session = reading()
    found: dict[str, list[str]] = {}
    for table in Vote.metadata.sorted_tables:
        found[table.name] = [repr(tuple(row)) for row in session.execute(sa.select(table))]
    return found


def test_no_table_holds_a_choice_in_clear_and_none_can_be_guessed_from_a_hash(
    estate: Estate, caplog: pytest.LogCaptureFixture
) -> None:

    caplog.set_level("DEBUG")
    vote_id = opened(estate, PUMP, SCHEME)
    body_hash = hashlib.sha256(b'{"choices": "against"}').hexdigest()
    key = Key("account:chen", "k" * 36, body_hash)
    cast(vote_id, estate.voter("chen"), "1栋1单元101", "against", "abstain", key=key)
    rows = everything_stored()
    shapes = [text for name in rows if name not in ("vote", "motion") for text in rows[name]]
    for word in ("against", "abstain", "反对", "弃权"):
        assert not [text for text in shapes if word in text], word
        assert word not in caplog.text
    assert not [text for text in rows["idempotency"] if body_hash in text], (
        "a plain hash of three possible bodies tells"
    )


def test_the_names_approved_in_an_election_stand_in_no_table_but_the_paper(estate: Estate) -> None:
    vote_id = opened(estate, GROUP)
    cast(vote_id, estate.voter("chen"), "1栋1单元101", ["陈建国", "赵敏"])
    rows = everything_stored()
    ids = [identity for identity, _ in papers_of(reading(), vote_row(vote_id).id)[0].candidates]
    assert [name for name in rows for text in rows[name] if any(each in text for each in ids)] == ["candidate"] * 4


def test_all_ballots_of_a_vote_have_envelopes_of_one_length(estate: Estate) -> None:
    vote_id = opened(estate, PUMP, SCHEME)
    cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve", "approve")
    cast(vote_id, estate.voter("li"), "1栋1单元201", "against", "abstain")
    sealed = reading().scalars(sa.select(Ballot.choices_sealed)).all()
    assert len({len(each) for each in sealed}) == 1


def test_a_receipt_names_its_row_in_the_audit_chain_and_the_board_shows_it_to_everyone(estate: Estate) -> None:
    vote_id = opened(estate)
    ballot = cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve")
    session = reading()
    vote = queries.vote_by_public_id(session, vote_id)
    account = estate.accounts["chen"].id
    assert shown.receipt(session, vote, account, ballot.receipt_no).chain is None
    audit.seal_new_entries(now=NOW + HOUR)
    session = reading()
    chain = shown.receipt(session, vote, account, ballot.receipt_no).chain
    assert chain is not None
    assert chain[0] > 0
    assert [tuple(row) for row in queries.receipts_of(session, vote.id)] == [
        (ballot.receipt_no, ballot.audit_hash, "valid")
    ]
    assert audit.verify().ok
