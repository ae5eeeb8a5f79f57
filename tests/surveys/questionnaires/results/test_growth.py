"""No request asks the database more often because more has been answered, nor reads what grows to show a figure."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from kernel import clock
from kernel.database import reading
from kernel.places.queries import place_by_id
from surveys.questionnaires.publicly.services import release_waiting
from surveys.questionnaires.services import counting
from surveys.questionnaires.sheets import services as sheets
from tests.surveys.questionnaires.conftest import NOW, open_survey
from tests.surveys.questionnaires.exports.test_exports import staff
from tests.surveys.questionnaires.test_http import body, upload

GROW_WITH_ANSWERS = re.compile(r"\b(?:FROM|JOIN)\s+(response|valid_response|dwelling|attachment|audit_entry)\b")


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    said: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def answered(survey, homes):
    for home in homes:
        account = survey.owner(home)
        first = survey.submit(account, home)
        survey.submit(account, home, replaces=first.response)
    while counting.drain_tally(now=NOW):
        pass
    release_waiting(now=NOW)
    sheets.refresh_due(now=NOW)


def test_twelve_answered_homes_cost_no_statement_more_than_five(app, make, client):
    survey = open_survey(make, floors=7)
    homes = survey.dwellings
    worker, district = staff(make, survey), staff(make, survey, "district_officer")
    building = place_by_id(reading(), homes[0].building_id).public_id
    public, work = f"/q/{survey.campaign}/results", f"/work/surveys/{survey.campaign}"
    api = f"/api/v1/staff/campaigns/{survey.campaign}"
    looks = [
        (client, public),
        (client, f"{public}?estate={survey.estate.code}"),
        (client, f"{public}?place={survey.estate.path.split('/')[1]}"),
        (client, f"/q/e/{survey.estate.code}"),
        (district, f"{work}/results"),
        *((worker, f"{work}{page}") for page in ("", "/results", "/needs", "/reports", f"/doors?building={building}")),
        *((worker, f"{api}{part}") for part in ("/results", "/rates", "/weighted-figures", "/needs")),
    ]

    def costs(minutes, home):
        """Look or deed → (statements, whether it reads what grows), once so many have answered."""
        found = {}
        phone = make.signed_in(survey.owner(home))
        asked = [*looks, (phone, f"/q/{survey.campaign}/{home.public_id}")]
        with clock.at(NOW + timedelta(minutes=minutes)):
            for visitor, path in asked:  # what a process looks up once is not what is counted
                visitor.get(path)
        with clock.at(NOW + timedelta(minutes=minutes, seconds=2)):  # nor a page kept for a second
            for visitor, path in asked:
                with statements() as said:
                    assert visitor.get(path).status_code == 200, path
                grows = any(GROW_WITH_ANSWERS.search(each) for each in said)
                found[path.replace(home.public_id, "home")] = len(said), grows
            file = upload(phone, survey, home).json["file"]
            with statements() as said:
                sent = phone.post(f"/api/v1/campaigns/{survey.campaign}/responses", json=body(survey, home, file))
            assert sent.status_code == 201, sent.json
            found["submit"] = len(said), True
        return found

    costs(0, homes[12])
    answered(survey, homes[:5])
    few = costs(1, homes[5])
    answered(survey, homes[6:12])
    assert costs(2, homes[13]) == few
    shown = {path for path, (_, grows) in few.items() if grows}
    assert shown == {"submit", f"/q/{survey.campaign}/home", f"{work}/doors?building={building}"}
