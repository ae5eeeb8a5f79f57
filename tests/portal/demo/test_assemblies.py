"""The demo around its votes: each of what an officer meets before and in a vote is there to be looked at."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from kernel.database import reading
from kernel.places import queries as places
from portal.demo import Demo
from portal.demo import city as demo_city
from portal.demo import people as demo_people
from portal.demo.assemblies import LOCAL, assemblies
from portal.demo.paper import papers_at_the_desk
from portal.demo.personas import TAOYUAN
from portal.demo.votes import votes
from surveys.votes import cards, queries
from surveys.votes.bylaws import queries as bylaws
from surveys.votes.delegates import queries as delegates
from surveys.votes.local_rules import queries as local_rules
from surveys.votes.rolls import queries as rolls
from surveys.votes.rules.catalogue import Electorate


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_stands_around_a_vote_is_there_to_be_looked_at(app: Flask, tmp_path: Path) -> None:
    demo = Demo(datetime(2026, 11, 22, 4, tzinfo=UTC), tmp_path)
    steps = (demo_city.places, demo_city.dwellings, demo_people.households, demo_people.accounts, votes)
    for step in (*steps, papers_at_the_desk, assemblies):
        said = step(demo)
    assert "3 个小区合并表决 1 次" in said
    session = reading()
    estate = places.place_by_code(session, TAOYUAN)
    assert len(local_rules.rules_at(session, confirmed=True)) == len(LOCAL)
    assert len(bylaws.usable_for(session, estate)) == 1
    assert delegates.counts(session, [estate.id])[estate.id] >= 4
    found = {vote.electorate: vote for vote, place in queries.all_votes(session) if place.code == TAOYUAN}
    assert found[Electorate.REPRESENTATIVES].state == "open"
    amended = [vote for vote, _ in queries.all_votes(session) if rolls.amendments_of(session, vote.id)]
    assert len(amended) == 1
    assert queries.open_conflicts(session, amended[0].id) == 1
    waiting = rolls.waiting_by_vote(session)
    assert list(waiting.values()) == [1]
    assert cards.objections_waiting(session, None, demo.now) == {}
