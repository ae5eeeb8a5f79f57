"""A worker with a phone at the estate's doors, on the day of the survey."""

from collections.abc import Iterator

import pytest
from flask import Flask

from kernel import clock
from kernel.web.rate_limits import limiter
from tests.factories import Factory
from tests.surveys.questionnaires.conftest import NOW, Survey
from tests.surveys.questionnaires.openrosa.collect import Phone, Visit, labelled


@pytest.fixture(autouse=True)
def _today(app: Flask) -> Iterator[None]:
    with clock.at(NOW):
        limiter.reset()
        yield


@pytest.fixture
def visit(app: Flask, make: Factory, survey: Survey) -> Visit:
    """A community worker of the estate with an app password, made over the API."""
    worker = make.account("o-worker")
    make.grant(worker, "community_worker", survey.estate)
    client = make.signed_in(worker)
    made = client.post("/api/v1/work/app-passwords", json={"label": "红米"}).get_json()
    codes = [labelled(dwelling) for dwelling in survey.dwellings]
    return Visit(survey, Phone(app, made["username"], made["password"]), worker, codes)
