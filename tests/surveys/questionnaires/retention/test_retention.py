"""What loses its names when its time is over, and what the tables let through; on both databases."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from PIL import Image
from sqlalchemy.exc import DBAPIError

from kernel import clock
from kernel.audit.models import AuditEntry
from kernel.database import reading, transaction, use_case
from kernel.errors import NotFound
from kernel.evidence.models import EvidenceFile
from kernel.people.models import Account
from kernel.storage import store
from surveys.questionnaires.models import Attachment, Response
from surveys.questionnaires.needs.models import EffectMark
from surveys.questionnaires.paper.models import SurveyKeying
from surveys.questionnaires.retention import services
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.services import attachments, campaigns, counting
from surveys.questionnaires.standing.models import Dispute, Review
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
    (proof,) = reading().scalars(sa.select(EvidenceFile)).all()
    key = proof.storage_key
    assert store().get(key)
    assert services.forget_names(now=LATER) == 1
    (proof,) = reading().scalars(sa.select(EvidenceFile)).all()
    nobody = reading().scalar(sa.select(Account.id).where(Account.openid == services.NOBODY))
    assert (proof.storage_key, proof.account_id) == ("", nobody)
    with pytest.raises(NotFound):
        store().get(key)
    assert desk.clients[0].get(f"/api/v1/evidence/{proof.public_id}").status_code == 404
    assert set(reading().scalars(sa.select(SurveyKeying.sealed))) == {b""}


def test_who_objected_confirmed_or_gave_marks_and_photos_of_the_paper_are_forgotten_leaks_stay(house):
    worker = house.staff("worker")
    paper, leak = (photo(house, worker) for _ in range(2))
    one, other, third = house.member(), house.member(), house.member()
    visited = house.visit(
        worker, q38_paper=[{"file": paper, "caption": "第 1 页"}], q20=[{"file": leak, "caption": "楼道"}]
    )
    house.say(one, visited.response)
    house.say(other, visited.response, text="也不对。")
    house.say(third, visited.response, "confirmed")
    give_mark(house, one.id)
    campaigns.close_by_hand(house.survey.campaign, person_id=None, actor="test", now=NOW)
    assert services.forget_names(now=LATER) == 1
    assert services.forget_names(now=LATER) == 0
    nobodies = set(reading().scalars(sa.select(Account.id).where(Account.openid.startswith(services.NOBODY))))
    for table, rows in ((Dispute, 2), (Review, 3), (EffectMark, 1)):
        found = reading().scalars(sa.select(table.account_id)).all()
        assert (len(found), set(found) <= nobodies) == (rows, True), table
    assert reading().scalars(sa.select(Attachment.public_id)).all() == [leak]
    with pytest.raises(DBAPIError, match="append-only"):
        run("UPDATE effect_mark SET mark = 5")
    with pytest.raises(DBAPIError, match="append-only"):
        run("UPDATE response_review SET opinion = 'confirmed'")


def photo(house, worker):
    out = io.BytesIO()
    Image.new("RGB", (800, 600), (240, 240, 240)).save(out, "JPEG")
    return attachments.attach(
        house.survey.campaign,
        house.home.public_id,
        purpose="photo",
        data=out.getvalue(),
        channel=Channel.WORKER_VISIT,
        account_id=worker.id,
        person_id=worker.person_id,
        key=house.survey.key(worker),
        now=NOW,
    )


@use_case
def give_mark(house, account_id):
    values = {"campaign_id": house.campaign_id, "dwelling_id": house.home.id, "estate_id": house.survey.estate.id}
    with transaction() as session:
        session.add(EffectMark(**values, item="drainage", mark=4, account_id=account_id, at=NOW))
