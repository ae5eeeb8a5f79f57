"""A campaign that is corrected while it runs."""

from typing import Any

import pytest

from kernel.database import reading
from surveys.questionnaires import queries
from surveys.questionnaires.corrections import services
from surveys.questionnaires.results import queries as counts_of
from surveys.questionnaires.services import counting, forms
from tests.surveys.questionnaires.conftest import NOW, Survey, open_survey
from tests.surveys.questionnaires.rules.test_mapping import DOCUMENT, changed

RENAMED: dict[str, Any] = {
    "questions": {"agree": "consent"},
    "options": {"agree": {"rather": "yes"}},
}


def corrected() -> dict[str, Any]:
    """The next wording: a question with another code, two of its options made one."""
    options = [{"code": "yes", "label": "同意"}, {"code": "no", "label": "不同意"}]
    return {**changed(agree={"code": "consent", "options": options}), "edition": "2"}


@pytest.fixture
def running(app, make) -> Survey:
    """An open campaign with three answers, of which one is not counted yet."""
    survey = open_survey(make, document=DOCUMENT)
    for number, answer in enumerate(("yes", "rather", "no")):
        home = survey.dwellings[number]
        survey.submit(survey.owner(home), home, answers={"agree": answer, "works": ["water", "roof"][: number + 1]})
        if number == 1:
            counting.drain_tally(now=NOW)
    return survey


def correct(survey: Survey, version: str, mapping: Any = None, **changes: Any) -> str:
    """Correct the campaign as the command line does."""
    call = {"reason": "选项分得太细", "person_id": None, "actor": "test", "now": NOW, **changes}
    return services.correct(survey.campaign, version=version, mapping=RENAMED if mapping is None else mapping, **call)


def next_version(document: dict[str, Any] | None = None) -> str:
    """Load the next wording."""
    return forms.load(document or corrected(), actor="test", now=NOW).version.public_id


def counters(survey: Survey) -> dict[Any, int]:
    """The counters by question, row, cell."""
    session = reading()
    session.rollback()
    found = counts_of.counters(session, queries.campaign_by_public_id(session, survey.campaign).id)
    return {key: n for key, n in found.items() if n}


def campaign_id(survey: Survey) -> int:
    """The inner id."""
    return queries.campaign_by_public_id(reading(), survey.campaign).id
