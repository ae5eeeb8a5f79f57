"""The demo's bodies: a group and a committee in office, a recall by phone and paper, a result somebody objects to."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from kernel.database import reading
from kernel.places.queries import place_by_code
from portal.bodies import queries, services
from portal.bodies.rules import Filed
from portal.demo import Demo
from portal.demo import city as demo_city
from portal.demo import people as demo_people
from portal.demo.bodies import BY_PHONE, COMMITTEE_AT, ON_PAPER, STREET, bodies_and_recall
from portal.demo.personas import TAOYUAN
from portal.demo.votes import votes
from surveys.votes import queries as polls
from surveys.votes.elections import queries as elections
from surveys.votes.results import services as results
from surveys.votes.rules.lifecycle import State
from surveys.votes.signature_sheets import services as sheets
from surveys.votes.signature_sheets.services.causes import PETITION

DAY = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_follows_elections_can_be_played(app: Flask, tmp_path: Path) -> None:
    demo = Demo(DAY, tmp_path)
    for step in (demo_city.places, demo_city.dwellings, demo_people.households, demo_people.accounts, votes):
        step(demo)
    bodies_and_recall(demo)
    session = reading()
    (group,) = queries.in_office(session, place_by_code(session, TAOYUAN).id, DAY)
    shown = services.views(session, [group], DAY)[0]
    assert shown.recall
    assert [str(each.office) for each in shown.members][:2] == ["leader", "vice"]
    (petition,) = elections.petitions_of(session, group.vote_id)
    signed = sheets.one_cause(PETITION, petition.public_id, by=STREET, now=DAY)
    assert (signed.signatures, signed.on_paper, signed.waiting) == (BY_PHONE + ON_PAPER, ON_PAPER, 1)
    assert signed.signatures < petition.needed
    (committee,) = queries.in_office(session, place_by_code(session, COMMITTEE_AT).id, DAY)
    filing = services.views(session, [committee], DAY)[0].filing
    assert filing is not None
    assert filing.last is not None
    assert filing.state is Filed.CHANGED, "a member left, and an alternate moved up"
    seats = queries.all_members_of(session, committee.id)
    assert (len(seats), sum(each.left_at is None for each in seats)) == (6, 5)
    waiting = [
        results.standing(session, vote, DAY).open_objections for vote, _ in polls.all_votes(session, (State.RESULT,))
    ]
    assert sum(waiting) == 1
