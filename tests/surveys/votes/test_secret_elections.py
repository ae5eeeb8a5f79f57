"""A secret election from its key to its result, on both databases."""

import functools
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel.database import reading, transaction
from kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from kernel.idempotency import Key
from surveys.votes import ceremony, queries
from surveys.votes.models import CountedBallot
from surveys.votes.rules import envelope
from surveys.votes.secret import queries as secret
from surveys.votes.secret.services import casting, keys, opening
from surveys.votes.services import counting, preparing
from surveys.votes.services.preparing import Staff
from tests.factories import Factory
from tests.surveys.votes.secret_stories import (
    Secret,
    bytes_of,
    cast_secretly,
    exported,
    opened_by_trustees,
    sealed_by_phone,
    secret_election,
)
from tests.surveys.votes.stories import (
    CLOSES,
    GROUP,
    HOUR,
    NOW,
    PUMP,
    STREET,
    Estate,
    cast,
    drafted,
    line_of,
    opened,
    turnout,
    vote_row,
)
from tests.surveys.votes.test_casting import in_threads

DOOR = "1栋1单元101"


def result(vote_id: str) -> dict[str, Any]:
    session = reading()
    found = queries.result_of(session, queries.vote_by_public_id(session, vote_id).id)
    assert found is not None
    return found.document


def test_a_secret_election_from_key_to_result(estate: Estate) -> None:
    election = secret_election(estate)
    cast_secretly(election, estate, "chen", DOOR, ["陈建国"], "111111111111")
    cast_secretly(election, estate, "li", "1栋1单元201", ["陈建国", "李桂兰"], "222222222222")
    cast_secretly(election, estate, "zhao", "1栋1单元401", [], "333333333333")
    cast_secretly(election, estate, "chen", DOOR, ["李桂兰", "陈建国"], "444444444444", now=NOW + 2 * HOUR)
    cast_secretly(election, estate, "qian", "1栋1单元402", ["赵敏"], "555555555555")
    cast_secretly(election, estate, "qian", "1栋1单元402", ["吴志强"], "666666666666", now=CLOSES)
    assert turnout(election.vote_id).lines == 4
    document = opened_by_trustees(election)
    assert [each["number"] for each in document["ballots"]] == [
        "222222222222",
        "333333333333",
        "444444444444",
        "555555555555",
    ], "the last envelope in time of each line, and no late one"
    counted = result(election.vote_id)
    assert counted["ballots"] == {"counted": 4, "late": 1, "secret": True, "invalid": 0}
    (motion,) = counted["motions"]
    assert [each["votes"] for each in motion["candidates"]] == [2, 2, 1, 0]
    assert motion["measures"][0]["blank"] == 1


def test_an_envelope_nobody_can_open_took_part_and_elects_nobody(estate: Estate) -> None:
    election = secret_election(estate)
    good = sealed_by_phone(election, ["陈建国"], "111111111111")
    cast_secretly(election, estate, "chen", DOOR, [], "", sealed=good[:-1] + bytes([good[-1] ^ 1]))
    cast_secretly(election, estate, "li", "1栋1单元201", [], "222222222222")
    assert opened_by_trustees(election)["invalid"] == 1
    counted = result(election.vote_id)
    assert counted["ballots"]["invalid"] == 1
    measure = counted["motions"][0]["measures"][0]
    assert (measure["took_part"], measure["blank"]) == (2, 1)


def test_the_key_goes_in_with_the_draft_and_the_notice_fixes_it(estate: Estate) -> None:
    public, _ = ceremony.make(3, 2)
    other, _ = ceremony.make(3, 2)
    vote_id = drafted(estate, GROUP)
    keys.make_secret(vote_id, other["public_key"], by=STREET, now=NOW)
    keys.make_secret(vote_id, public["public_key"], by=STREET, now=NOW)
    session = reading()
    assert secret.must_be_secret(session, vote_row(vote_id).id).fingerprint == public["fingerprint"]
    preparing.publish(vote_id, by=STREET, now=NOW)
    with pytest.raises(Conflict) as refused:
        keys.make_secret(vote_id, other["public_key"], by=STREET, now=NOW)
    assert refused.value.code == "notice-is-out"


def test_owners_motions_stay_named_and_a_stranger_sets_no_key(estate: Estate) -> None:
    public, _ = ceremony.make(3, 2)
    with pytest.raises(Invalid) as refused:
        keys.make_secret(drafted(estate, PUMP), public["public_key"], by=STREET, now=NOW)
    assert refused.value.code == "must-be-named"
    with pytest.raises(Invalid):
        keys.make_secret(drafted(estate, GROUP), "04" * 65, by=STREET, now=NOW)
    with pytest.raises(NotAllowed):
        keys.make_secret(drafted(estate, GROUP), public["public_key"], by=Staff("account:x", None), now=NOW)


def test_named_doors_do_not_open_for_secret_votes_nor_secret_ones_for_named(estate: Estate) -> None:
    election = secret_election(estate)
    with pytest.raises(Conflict) as refused:
        cast(election.vote_id, estate.voter("chen"), DOOR, ["陈建国"])
    assert refused.value.code == "secret-vote"
    cast_secretly(election, estate, "chen", DOOR, ["陈建国"], "111111111111")
    exported(election)
    for forbidden in (
        lambda: counting.publish_result(election.vote_id, by=STREET, now=CLOSES),
        lambda: counting.open_for_audit(election.vote_id, by=STREET, reason="查", now=CLOSES),
    ):
        with pytest.raises(Conflict) as refused:
            forbidden()
        assert refused.value.code == "secret-vote"
    named = Secret(opened(estate, GROUP), election.public, election.shares)
    with pytest.raises(Conflict) as refused:
        cast_secretly(named, estate, "chen", DOOR, ["陈建国"], "111111111111")
    assert refused.value.code == "named-vote"
    with pytest.raises(Conflict):
        opening.envelopes(named.vote_id, by=STREET, now=NOW)


def test_a_copy_of_an_envelope_is_not_cast_again_and_one_key_casts_once(estate: Estate) -> None:
    election = secret_election(estate)
    sealed = sealed_by_phone(election, ["陈建国"], "111111111111")
    key = Key("account:chen", "k" * 36, "a-request")
    first = cast_secretly(election, estate, "chen", DOOR, [], "", sealed=sealed, key=key)
    again = cast_secretly(election, estate, "chen", DOOR, [], "", sealed=sealed, key=key)
    assert first.public_id == again.public_id
    with pytest.raises(Conflict) as refused:
        cast_secretly(election, estate, "li", "1栋1单元201", [], "", sealed=sealed)
    assert refused.value.code == "envelope-seen"
    assert turnout(election.vote_id).lines == 1


def test_what_is_no_envelope_or_not_ones_own_is_refused(estate: Estate) -> None:
    election = secret_election(estate)
    good = sealed_by_phone(election, ["陈建国"], "111111111111")
    for broken in (good + b" ", good[:-1], b"\x02" + good[1:]):
        with pytest.raises(Invalid) as refused:
            cast_secretly(election, estate, "chen", DOOR, [], "", sealed=broken)
        assert refused.value.code == "bad-envelope"
    with pytest.raises(NotFound):
        cast_secretly(election, estate, "zhao", DOOR, [], "", sealed=good)
    with pytest.raises(Conflict) as changed:
        casting.cast(
            election.vote_id,
            line_of(election.vote_id, DOOR),
            good,
            text_hash="0" * 64,
            by=estate.voter("chen"),
            now=NOW + HOUR,
        )
    assert changed.value.code == "text-changed"


def test_nothing_leaves_before_the_closing_and_only_to_those_in_charge(estate: Estate) -> None:
    election = secret_election(estate)
    cast_secretly(election, estate, "chen", DOOR, ["陈建国"], "111111111111")
    with pytest.raises(Conflict) as refused:
        opening.envelopes(election.vote_id, by=STREET, now=NOW + HOUR)
    assert refused.value.code == "still-open"
    counting.close(election.vote_id, by=STREET, now=CLOSES)
    with pytest.raises(NotAllowed):
        opening.envelopes(election.vote_id, by=Staff("account:x", None), now=CLOSES)


def test_an_altered_opening_is_refused_and_changes_nothing(estate: Estate, make: Factory) -> None:
    election = secret_election(estate)
    cast_secretly(election, estate, "chen", DOOR, ["陈建国"], "111111111111")
    cast_secretly(election, estate, "li", "1栋1单元201", ["李桂兰"], "222222222222")
    good = ceremony.open_all(exported(election), election.shares[1:])
    first, second = good["ballots"]
    (motion,) = first["choices"]
    for altered in (
        {**good, "ballots": [first]},
        {**good, "ballots": [first, second, {**second, "number": "3" * 12}]},
        {**good, "ballots": [first], "invalid": "1"},
        {**good, "ballots": [second, first]},
        {**good, "ballots": [first, {**second, "choices": {motion: ["x" * 22]}}]},
        {**good, "ballots": [first, {**second, "choices": {}}]},
        {**good, "ballots": [first, {**second, "number": 7}]},
        {**good, "vote": "another"},
        {**good, "fingerprint": "0" * 64},
        {**good, "envelopes_hash": "0" * 64},
        {**good, "format": ceremony.SHARE_FORMAT},
        {"format": ceremony.OPENED_FORMAT},
    ):
        with pytest.raises(Invalid):
            opening.open_envelopes(election.vote_id, altered, by=STREET, now=CLOSES + HOUR)
    assert vote_row(election.vote_id).state == "closed"
    opening.open_envelopes(election.vote_id, good, by=STREET, now=CLOSES + HOUR)
    with pytest.raises(Conflict):
        opening.open_envelopes(election.vote_id, good, by=STREET, now=CLOSES + HOUR)


def test_a_key_of_another_election_opens_nothing(estate: Estate) -> None:
    election = secret_election(estate)
    cast_secretly(election, estate, "chen", DOOR, ["陈建国"], "111111111111")
    _, others = ceremony.make(3, 2)
    with pytest.raises(ceremony.Refused, match="不是这次选举的"):
        ceremony.open_all(exported(election), others)


def test_of_two_envelopes_the_line_counts_the_later_one_only(estate: Estate) -> None:
    election = secret_election(estate)
    cast_secretly(election, estate, "li", "1栋1单元201", ["陈建国"], "111111111111")
    last = sealed_by_phone(election, ["赵敏"], "222222222222")
    cast_secretly(election, estate, "li", "1栋1单元201", [], "", sealed=last, now=NOW + 2 * HOUR)
    assert reading().scalar(sa.select(sa.func.count()).select_from(CountedBallot)) == 1
    assert bytes_of(exported(election)) == [last]
    assert secret.counted_hashes(reading(), vote_row(election.vote_id).id) == [envelope.hash_of(last)]


@pytest.mark.parametrize("statement", ["UPDATE envelope_hash SET sha256 = 'x'", "DELETE FROM envelope_hash"])
def test_the_database_refuses_to_change_or_drop_an_envelopes_hash(estate: Estate, statement: str) -> None:
    election = secret_election(estate)
    cast_secretly(election, estate, "chen", DOOR, ["陈建国"], "111111111111")
    with pytest.raises(sa.exc.DBAPIError):
        with transaction() as session:
            session.execute(sa.text(statement))


def test_of_many_phones_of_one_household_at_once_all_are_kept_and_one_counts(app: Flask, estate: Estate) -> None:
    election = secret_election(estate)
    sealed = [sealed_by_phone(election, ["陈建国"], f"{number:012}") for number in range(6)]

    def cast_one(envelope_bytes: bytes) -> str:
        return cast_secretly(election, estate, "li", "1栋1单元201", [], "", sealed=envelope_bytes).public_id

    outcomes = in_threads(app, *[functools.partial(cast_one, each) for each in sealed])
    assert len(set(outcomes)) == 6
    assert all(isinstance(each, str) for each in outcomes), outcomes
    with transaction() as session:
        vote = queries.vote_by_public_id(session, election.vote_id)
        assert len(queries.receipts_of(session, vote.id)) == 6
        assert len(secret.counted_hashes(session, vote.id)) == 1
        assert queries.turnout_of(session, vote.id).lines == 1


def test_envelopes_racing_the_closing_are_counted_or_late_and_none_is_lost(app: Flask, estate: Estate) -> None:
    election = secret_election(estate)
    just_before = CLOSES - timedelta(microseconds=1)

    def cast_as(who: str, door: str, number: str) -> str:
        return cast_secretly(election, estate, who, door, ["赵敏"], number, now=just_before).standing

    doors = (("chen", DOOR), ("li", "1栋1单元201"), ("zhao", "1栋1单元401"), ("qian", "1栋1单元402"))
    tasks = [functools.partial(cast_as, who, door, f"{place:012}") for place, (who, door) in enumerate(doors)]
    *standings, _ = in_threads(app, *tasks, functools.partial(counting.close, election.vote_id, by=STREET, now=CLOSES))
    document = ceremony.open_all(exported(election), election.shares[:2])
    assert document["envelopes"] == len(document["ballots"]) == standings.count("valid")
    assert set(standings) <= {"valid", "late"}
    assert queries.late_ballots(reading(), vote_row(election.vote_id).id) == standings.count("late")
