"""The demo's call for nominations: some stand, some are asked."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from kernel.database import reading
from portal.demo import Demo
from portal.demo import city as demo_city
from portal.demo import people as demo_people
from portal.demo.nominations import nominations
from portal.demo.votes import votes
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import reading as shown

DAY = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_call_runs_with_people_who_stand_and_people_who_are_asked(app: Flask, tmp_path: Path) -> None:
    demo = Demo(DAY, tmp_path)
    for step in (demo_city.places, demo_city.dwellings, demo_people.households, demo_people.accounts, votes):
        step(demo)
    assert "被提名 5 人" in nominations(demo)
    session = reading()
    (call,) = elections.calls(session)
    view = shown.view(session, call, DAY)
    assert view.open
    assert sorted(str(each.consent) for each in view.nominees) == ["asked", "asked", "given", "given", "given"]
    assert not any(each.name == "陈秀英" for each in view.nominees), "asked, not yet named"
