"""Kept for good and in secret: what the database refuses, and what no table, log or hash tells."""

import hashlib

import pytest
import sqlalchemy as sa

from kernel import audit
from kernel.database import reading, transaction
from kernel.idempotency import Key
from surveys.votes import queries
from surveys.votes.models import Ballot, CountedBallot, Vote
from surveys.votes.services import reading as shown
from surveys.votes.services.papers import papers_of
from tests.surveys.votes.stories import (
    GROUP,
    HOUR,
    NOW,
    PUMP,
    SCHEME,
    Estate,
    cast,
    opened,
    turnout,
    vote_row,
)


def everything_stored() -> dict[str, list[str]]:
    """Every row of every table as text, by table."""
    session = reading()
    found: dict[str, list[str]] = {}
    for table in Vote.metadata.sorted_tables:
        found[table.name] = [repr(tuple(row)) for row in session.execute(sa.select(table))]
    return found


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
