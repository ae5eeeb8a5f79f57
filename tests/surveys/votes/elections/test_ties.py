"""Ties: a lot before two witnesses, a run-off; on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel.audit.models import AuditPayload
from kernel.database import reading
from kernel.errors import Conflict
from surveys.votes import queries, verify
from surveys.votes.elections.services import reading as shown
from surveys.votes.elections.services import ties
from surveys.votes.results import queries as standings
from surveys.votes.results import services as results
from surveys.votes.rules import periods
from surveys.votes.services import bundles
from tests.surveys.votes.elections.calls import DOORS, a_tie, closed, lot, named, refusal, said
from tests.surveys.votes.stories import CLOSES, HOUR, NOW, STREET, Estate, cast, opened
from tests.surveys.votes.stories import GROUP as GROUP_MOTION


def test_a_tie_is_drawn_before_two_witnesses_and_the_verifier_follows_the_order(estate: Estate) -> None:
    vote_id = a_tie(estate)
    motion = said(vote_id)["motion"]
    assert named(vote_id, said(vote_id)) == {
        "陈建国": "elected",
        "李桂兰": "tied",
        "吴志强": "tied",
        "赵敏": "not_elected",
    }
    then = CLOSES + 2 * HOUR
    for wrong, code in (
        ({"witnesses": ("甲", "甲 ")}, "two-witnesses"),
        ({"witnesses": ("主持人王", "乙")}, "drawer-witnesses"),
        ({"order": lot(vote_id).order[:1]}, "not-the-tied"),
        ({"order": lot(vote_id).order[:1] * 2}, "not-the-tied"),
        ({"drawn_at": then + HOUR}, "odd-time"),
        ({"drawn_at": CLOSES - HOUR}, "odd-time"),
    ):
        assert refusal(ties.record_lot, vote_id, motion, lot(vote_id, **wrong), by=STREET, now=then) == code
    ties.record_lot(vote_id, motion, lot(vote_id), by=STREET, now=then)
    assert named(vote_id, said(vote_id)) == {
        "陈建国": "elected",
        "吴志强": "elected",
        "李桂兰": "alternate",
        "赵敏": "not_elected",
    }
    assert shown.ties(reading(), queries.vote_by_public_id(reading(), vote_id)) == []
    (drawn,) = shown.lots(reading(), queries.vote_by_public_id(reading(), vote_id))
    assert drawn.names == ("吴志强", "李桂兰")
    bundle = bundles.public_bundle(vote_id)
    assert verify.verify(bundle).faults == []
    assert [each.get("changed") for each in bundle["counts"]] == [None, True]
    bundle["result"]["motions"][0]["lots"][0].reverse()
    bundle["tally_hash"] = verify.sha256(verify.plain(bundle["result"]))
    assert verify.verify(bundle).faults, "another order is another result"
    log = " ".join(str(row.document) for row in reading().scalars(sa.select(AuditPayload)))
    assert "见证人" not in log


def test_no_lot_once_the_result_is_final_but_a_run_off(estate: Estate) -> None:
    vote_id = a_tie(estate)
    motion, drawn = said(vote_id)["motion"], lot(vote_id)
    results.finalise(vote_id, by=STREET, now=CLOSES)
    assert refusal(ties.record_lot, vote_id, motion, drawn, by=STREET, now=CLOSES + 2 * HOUR) == "final-already"
    runoff = ties.run_off(vote_id, motion, by=STREET, now=CLOSES + HOUR)
    assert ties.run_off(vote_id, motion, by=STREET, now=CLOSES + HOUR) == runoff
    session = reading()
    made = queries.vote_by_public_id(session, runoff)
    (again,) = queries.motions_of(session, made.id)
    assert (again.seats, again.most) == (1, 1)
    assert [each.name for each in queries.candidates_of(session, made.id)[again.id]] == ["李桂兰", "吴志强"]


def test_without_a_tie_there_is_neither_lot_nor_run_off(estate: Estate) -> None:
    vote_id = opened(estate, GROUP_MOTION)
    with pytest.raises(Conflict):
        ties.run_off(vote_id, queries.motions_of(reading(), 1)[0].public_id, by=STREET, now=NOW)
    for who in ("chen", "li", "zhao"):
        cast(vote_id, estate.voter(who), DOORS[who], ["陈建国", "李桂兰"])
    closed(vote_id)
    assert refusal(ties.run_off, vote_id, said(vote_id)["motion"], by=STREET, now=CLOSES) == "no-tie"


def test_a_lot_that_changes_who_is_elected_is_published_anew_for_its_days(estate: Estate) -> None:
    vote_id = a_tie(estate, publicity_days=7)
    drawn_at = CLOSES + timedelta(days=6)
    ties.record_lot(vote_id, said(vote_id)["motion"], lot(vote_id), by=STREET, now=drawn_at)
    standing = standings.standing_of(reading(), queries.vote_by_public_id(reading(), vote_id).id)
    assert standing is not None
    assert standing.ends_at == periods.opening(drawn_at, notice_days=7)[0]
    early = refusal(results.finalise, vote_id, by=STREET, now=standing.ends_at - HOUR)
    assert early == "publicity-running"
