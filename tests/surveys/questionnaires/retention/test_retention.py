"""What loses its names when its time is over, and what the tables let through; on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from kernel import clock
from kernel.audit.models import AuditEntry
from kernel.database import reading, transaction, use_case
from kernel.people.models import Account
from kernel.storage import store
from surveys.questionnaires.models import Attachment, Response
from surveys.questionnaires.paper.models import SurveyKeying
from surveys.questionnaires.retention import services
from surveys.questionnaires.services import campaigns, counting
from tests.surveys.questionnaires.conftest import NOW, open_survey
from tests.surveys.questionnaires.paper.test_paper import Desk
from tests.surveys.questionnaires.standing.conftest import House

LATER = NOW + timedelta(days=730, seconds=1)


@pytest.fixture
def house(app, make):
    return House(open_survey(make))


def closed(house):
    visited = house.visit(house.staff("worker"))
    me = house.member()
    house.say(me, visited.response)
    campaigns.close_by_hand(house.survey.campaign, person_id=None, actor="test", now=NOW)
    return visited


@use_case
def run(statement):
    with transaction() as session:
        session.execute(sa.text(statement))


def test_before_two_years_nothing_is_due_and_a_dry_run_changes_nothing(house, app):
    closed(house)
    assert services.due(now=LATER - timedelta(seconds=2)) == []
    with clock.at(LATER):
        told = app.test_cli_runner().invoke(args=["survey", "retention", "--dry-run"])
    assert (told.exit_code, "1 份答卷、3 个签名" in told.output) == (0, True), told.output
    assert reading().scalar(sa.select(Response.private_sealed)) is not None


def test_after_two_years_names_phones_signatures_and_accounts_are_gone_and_the_figures_stay(house, app):
    visited = closed(house)
    before = house.counter("q09", "agree")
    keys = reading().scalars(sa.select(Attachment.storage_key)).all()
    with clock.at(LATER):
        told = app.test_cli_runner().invoke(args=["survey", "retention"])
    assert (told.exit_code, "1 份答卷去掉了姓名" in told.output) == (0, True), told.output
    response = reading().scalar(sa.select(Response))
    nobody = reading().scalar(sa.select(Account.id).where(Account.openid == services.NOBODY))
    assert (response.private_sealed, response.person_id, response.account_id) == (None, None, nobody)
    assert (response.public_id, response.answers["q09"]) == (visited.response, "agree")
    assert (before, house.counter("q09", "agree")) == (1, 1)
    assert counting.differences(house.campaign_id) == {}
    assert reading().scalars(sa.select(Attachment)).all() == []
    for key in keys:
        with pytest.raises(Exception):  # noqa: B017 - whichever way the store says that it is gone
            store().get(key)
    assert services.forget_names(now=LATER) == 0
    entry = reading().scalars(sa.select(AuditEntry).where(AuditEntry.action == "survey.deidentified")).one()
    assert entry.subject == f"campaign:{house.survey.campaign}"


def test_a_running_campaign_is_never_due(house):
    house.submit(house.member())
    assert services.due(now=LATER + timedelta(days=9999)) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE response SET channel = 'wechat_self'",
        "UPDATE response SET private_sealed = NULL, person_id = NULL, channel = 'paper_import'",
        "UPDATE response SET private_sealed = NULL",
        "UPDATE response SET account_id = 1",
        "DELETE FROM response",
    ],
)
def test_a_response_may_forget_whose_it_was_and_nothing_else_of_it_changes(house, change):
    house.visit(house.staff("worker"))
    with pytest.raises(DBAPIError, match="append-only"):
        run(change)
    run("UPDATE response SET private_sealed = NULL, person_id = NULL")


def test_what_was_keyed_of_a_paper_is_forgotten_and_cannot_be_changed_otherwise(survey):
    desk = Desk(survey)
    paper = desk.register()
    desk.key_in(paper, desk.first)
    desk.key_in(paper, desk.second)
    campaigns.close_by_hand(survey.campaign, person_id=None, actor="test", now=NOW)
    with pytest.raises(DBAPIError, match="append-only"):
        run("UPDATE survey_keying SET turn = 3 WHERE turn = 1")
    assert services.forget_names(now=LATER) == 1
    assert set(reading().scalars(sa.select(SurveyKeying.sealed))) == {b""}
