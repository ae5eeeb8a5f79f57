"""The demo city's questionnaires: one over, one running, half answered, the story's homes left open."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from kernel.database import reading
from kernel.places import queries as places
from portal.demo import Demo
from portal.demo.city import dwellings
from portal.demo.city import places as place_tree
from portal.demo.people import accounts, households
from portal.demo.personas import TAOYUAN
from portal.demo.questionnaires import questionnaires
from surveys.questionnaires import queries
from surveys.questionnaires.services import counting, results

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_most_homes_have_answered_but_the_story_is_left_to_whoever_tries_it(app: Flask, tmp_path: Path) -> None:
    demo = Demo(datetime(2026, 11, 22, 4, tzinfo=UTC), tmp_path, estates=5, households=12)
    for step in (place_tree, dwellings, households, accounts):
        step(demo)
    said = questionnaires(demo)
    assert "38 题" in said
    session = reading()
    current, before = queries.campaigns(session)
    assert (current.state, before.state) == ("open", "closed")
    estate = places.place_by_code(session, TAOYUAN)
    shown = queries.current_campaign(session, estate, demo.now)
    assert shown is not None
    assert shown.public_id == current.public_id
    answered = queries.answered_dwellings(session, current.id, estate.id)
    homes = {home.label: home.id for home in places.dwellings_of_estate(session, estate.id)}
    assert 0.4 < len(answered) / len(homes) < 0.85
    for label in ("3栋2单元501", "3栋2单元502", "3栋2单元601", "3栋1单元101"):
        assert homes[label] not in answered
    assert counting.differences(current.id) == counting.differences(before.id) == {}
    public = results.public_results(before.public_id, TAOYUAN)
    assert {figure.code for figure in public.figures} >= {"q09", "q11", "q15", "q27"}
