"""The demo city's questionnaires: one over, one running, half answered, the story's homes left open."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel.database import reading
from kernel.people.models import Account
from kernel.places import queries as places
from portal.demo import Demo
from portal.demo.city import dwellings
from portal.demo.city import places as place_tree
from portal.demo.people import accounts, households
from portal.demo.personas import TAOYUAN
from portal.demo.questionnaires import questionnaires
from portal.demo.survey_desk import survey_desk
from surveys.questionnaires import queries
from surveys.questionnaires.paper import services as desk
from surveys.questionnaires.rules import languages
from surveys.questionnaires.second_visitors.services import answering
from surveys.questionnaires.services import counting, forms, results
from surveys.questionnaires.standing.services import settling

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_most_homes_have_answered_but_the_story_is_left_to_whoever_tries_it(app: Flask, tmp_path: Path) -> None:
    demo = Demo(datetime(2026, 11, 22, 4, tzinfo=UTC), tmp_path, estates=5, households=24)
    for step in (place_tree, dwellings, households, accounts):
        step(demo)
    said = questionnaires(demo)
    assert "38 题" in said
    session = reading()
    current, elders, before = queries.campaigns(session)
    assert (current.state, elders.state, before.state) == ("open", "open", "closed")
    estate = places.place_by_code(session, TAOYUAN)
    shown = queries.current_campaign(session, estate, demo.now)
    assert shown is not None
    assert shown.public_id == current.public_id
    answered = queries.answered_dwellings(session, current.id, estate.id)
    homes = {home.label: home.id for home in places.dwellings_of_estate(session, estate.id)}
    assert 0.4 < len(answered) / len(homes) < 0.85
    for label in ("3栋2单元501", "3栋2单元502", "3栋2单元601", "3栋1单元101"):
        assert homes[label] not in answered
    assert counting.differences(current.id) == counting.differences(before.id) == counting.differences(elders.id) == {}
    form = forms.form_of(session, elders.version_id)
    assert languages.names(form.document) == [("zh", "中文"), ("en", "English")]
    assert languages.missing(form.document, "en") == []
    assert form.by_code["e02"].kind == "repeat"
    public = results.public_results(before.public_id, TAOYUAN)
    assert {figure.code for figure in public.figures} >= {"q09", "q11", "q15", "q27"}
    # Something waits on each desk, put there as people would.
    assert "一次入户等第二人确认" in survey_desk(demo)
    session.rollback()
    assert counting.differences(current.id) == {}
    leader = session.scalar(sa.select(Account).where(Account.openid == "demo-leader"))
    worker = session.scalar(sa.select(Account).where(Account.openid == "demo-worker"))
    assert leader is not None
    assert worker is not None
    assert len(answering.waiting_for(person_id=leader.person_id, now=demo.now)) == 1
    assert len(settling.waiting(person_id=worker.person_id, now=demo.now)) == 2
    papers = desk.waiting(person_id=worker.person_id, now=demo.now)
    assert [row[0].state for row in papers] == ["registered", "keyed", "differs", "registered"]
