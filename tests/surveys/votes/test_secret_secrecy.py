"""What no join of tables, order, time, size, log or hash tells of a secret ballot, before or after the opening."""

import json
import re

import pytest
import sqlalchemy as sa

from kernel.database import reading
from kernel.idempotency import Key
from surveys.votes.models import Ballot, CountedBallot, RollLine, Vote
from surveys.votes.secret.models import EnvelopeHash, SecretOpening
from surveys.votes.services.papers import papers_of
from tests.surveys.votes.secret_stories import (
    Secret,
    bytes_of,
    cast_secretly,
    exported,
    opened_by_trustees,
    secret_election,
)
from tests.surveys.votes.stories import HOUR, NOW, Estate, vote_row

VOTES = (
    ("chen", "1栋1单元101", ["陈建国", "李桂兰", "赵敏"], "900000000001"),
    ("li", "1栋1单元201", ["陈建国"], "700000000002"),
    ("zhao", "1栋1单元401", [], "100000000003"),
    ("qian", "1栋1单元402", ["吴志强"], "400000000004"),
)


def everything_stored() -> dict[str, list[str]]:
    """Every row of every table as text, by table."""
    session = reading()
    return {
        table.name: [repr(tuple(row)) for row in session.execute(sa.select(table))]
        for table in Vote.metadata.sorted_tables
    }


def told(estate: Estate) -> Secret:
    """Four households voted, one of them twice."""
    election = secret_election(estate)
    for hour, (who, door, names, number) in enumerate(VOTES, start=1):
        key = Key(f"account:{who}", who * 9, "a-request-hash")
        cast_secretly(election, estate, who, door, names, number, now=NOW + hour * HOUR, key=key)
    cast_secretly(election, estate, "chen", "1栋1单元101", ["赵敏"], "200000000005", now=NOW + 9 * HOUR)
    return election


def candidates(election: Secret) -> list[str]:
    return [identity for identity, _ in papers_of(reading(), vote_row(election.vote_id).id)[0].candidates]


def test_before_the_opening_no_row_and_no_log_holds_a_choice_or_a_number(
    estate: Estate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    election = told(estate)
    exported(election)
    rows = everything_stored()
    for word in [*candidates(election), *(number for *_, number in VOTES)]:
        where = {name for name in rows for text in rows[name] if word in text}
        assert where <= {"candidate"}, (word, where)
        assert word not in caplog.text


def test_after_the_opening_choices_stand_in_the_opened_list_and_the_sums_alone(
    estate: Estate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    election = told(estate)
    opened_by_trustees(election)
    rows = everything_stored()
    for number in ("200000000005", "700000000002", "100000000003", "400000000004"):
        assert [name for name in rows for text in rows[name] if number in text] == ["secret_opening"]
        assert number not in caplog.text
    for identity in candidates(election):
        where = {name for name in rows for text in rows[name] if identity in text}
        assert {"candidate", "vote_result"} <= where <= {"candidate", "secret_opening", "vote_result"}


def test_the_opened_list_knows_no_line_no_time_and_its_order_is_that_of_random_numbers(estate: Estate) -> None:
    election = told(estate)
    opened_by_trustees(election)
    session = reading()
    (document,) = session.scalars(sa.select(SecretOpening.document)).all()
    numbers = [each["number"] for each in document["ballots"]]
    assert numbers == sorted(numbers)
    assert {tuple(sorted(each)) for each in document["ballots"]} == {("choices", "number")}
    text = json.dumps(document)
    outer = session.execute(
        sa.select(Ballot.public_id, Ballot.receipt_no, Ballot.audit_hash, RollLine.public_id, EnvelopeHash.sha256)
        .join(RollLine, RollLine.id == Ballot.roll_line_id)
        .join(EnvelopeHash, EnvelopeHash.ballot_id == Ballot.id)
    ).all()
    assert not [value for row in outer for value in row if value in text]


def test_what_goes_to_the_trustees_has_no_outer_binding_and_an_order_that_says_nothing(estate: Estate) -> None:
    election = told(estate)
    document = exported(election)
    text = json.dumps(document)
    for row in reading().execute(sa.select(Ballot.public_id, Ballot.receipt_no, RollLine.public_id).join(RollLine)):
        assert not [value for value in row if value in text]
    assert not re.search(r"20\d\d-\d\d", text), "no time"
    in_time = [bytes(each) for each in reading().scalars(sa.select(Ballot.choices_sealed).order_by(Ballot.cast_at))]
    assert len(set(in_time)) == len(in_time) == 5
    again = exported(election)
    assert again == document, "the order is the envelopes' own, not that of rows"
    assert len(bytes_of(document)) == 4


def test_envelopes_are_of_one_size_and_answers_are_too(estate: Estate) -> None:
    told(estate)
    sizes = {len(each) for each in reading().scalars(sa.select(Ballot.choices_sealed))}
    assert len(sizes) == 1
    receipts = {len(each) for each in reading().scalars(sa.select(Ballot.receipt_no))}
    assert receipts == {10}


def test_audit_and_idempotency_rows_know_the_envelope_by_its_hash_only(estate: Estate) -> None:
    told(estate)
    rows = everything_stored()
    session = reading()
    for sealed, sha256 in session.execute(
        sa.select(Ballot.choices_sealed, EnvelopeHash.sha256).join(EnvelopeHash, EnvelopeHash.ballot_id == Ballot.id)
    ):
        assert [text for text in rows["audit_payload"] if sha256 in text]
        for part in (bytes(sealed).hex(), repr(bytes(sealed))):
            assert [name for name in rows for text in rows[name] if part in text and name != "ballot"] == []
    assert session.scalar(sa.select(sa.func.count()).select_from(CountedBallot)) == 4
