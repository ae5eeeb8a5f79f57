"""The demo's visits: three households of the story's estate asked, one of them is overdue."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from kernel.clock import china_day
from kernel.database import reading
from kernel.places.queries import place_by_code
from portal.demo import Demo
from portal.demo import city as demo_city
from portal.demo.home_visits import home_visits
from portal.demo.personas import TAOYUAN
from portal.home_visits import queries

DAY = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_of_the_story_finds_doors_for_today_and_for_later(app: Flask, tmp_path: Path) -> None:
    demo = Demo(DAY, tmp_path)
    for step in (demo_city.places, demo_city.dwellings):
        step(demo)
    assert home_visits(demo) == "上门：3 户约了工作人员"
    estate = place_by_code(reading(), TAOYUAN)
    assert len(queries.stops(reading(), [estate])) == 3
    assert queries.due(reading(), [estate], china_day(DAY)) == 2
