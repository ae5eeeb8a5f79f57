"""A campaign while it runs, over HTTP and in the outbox, on both databases."""

from datetime import timedelta

import sqlalchemy as sa

from kernel import clock, outbox
from kernel.audit.models import AuditEntry, AuditPayload
from kernel.database import reading
from kernel.people.models import Account
from kernel.places.queries import ancestors, dwellings_of_estate, place_by_id
from portal.jobs import HANDLERS
from portal.notices.models import Notice
from surveys.questionnaires import queries
from surveys.questionnaires.drafts import services as drafts
from surveys.questionnaires.services import campaigns
from tests.surveys.questionnaires.conftest import NOW


def officer_of(survey):
    estate = place_by_id(reading(), survey.estate.id)
    street = next(place for place in ancestors(reading(), estate) if place.kind == "street")
    account = survey.make.account("officer")
    survey.make.grant(account, "street_officer", street)
    return survey.make.signed_in(reading().get_one(Account, account.id))


def deliver(now=NOW + timedelta(minutes=5)):
    while outbox.deliver_due(HANDLERS, now=now):
        pass


def reminded():
    rows = reading().execute(sa.select(Notice.account_id, Notice.source).where(Notice.kind == "survey_reminder"))
    return [row[0] for row in rows]


def told(kind):
    reading().rollback()
    return reading().execute(sa.select(Notice.account_id, Notice.facts).where(Notice.kind == kind)).all()


def begin(survey, home, account, code="q02", answer="owner"):
    """A household that has filled in a question and put the phone away."""
    drafts.save(
        survey.campaign,
        home.public_id,
        number=0,
        changes={code: answer},
        channel="wechat_self",
        at="2",
        account_id=account.id,
        person_id=account.person_id,
        key=survey.key(account),
        now=NOW,
    )


def test_the_street_moves_the_end_with_a_reason_who_has_begun_is_told_and_an_end_that_has_come_stays(survey):
    client, url = officer_of(survey), f"/api/v1/staff/campaigns/{survey.campaign}/times"
    half, whole = survey.owner(survey.dwellings[0]), survey.owner(survey.dwellings[1])
    begin(survey, survey.dwellings[0], half)
    begin(survey, survey.dwellings[1], whole)
    survey.submit(whole, survey.dwellings[1])
    later = {"closes_at": "2026-12-05T18:00:00+08:00", "reason": "老人多，再等一周"}
    with clock.at(NOW):
        assert client.put(url, json={**later, "reason": ""}).status_code == 422
        assert client.put(url, json={**later, "opens_at": "2026-11-24T00:00:00+08:00"}).json["code"] == "campaign-open"
        moved = client.put(url, json=later)
        assert (moved.status_code, moved.json["closes_at"]) == (200, "2026-12-05T18:00:00+08:00")
        deliver()
        deliver()
        page = survey.make.signed_in(half).get("/me/notices").get_data(as_text=True)
        assert "您填了一半" in page
        assert "2026年12月5日 18:00" in page
        assert f"/q/{survey.campaign}/{survey.dwellings[0].public_id}" in page
        earlier = client.put(url, json={"closes_at": "2026-11-23T10:00:00+08:00", "reason": "都填完了"})
        assert earlier.status_code == 200
    assert [row[0] for row in told("survey_end_moved")] == [half.id]
    entries = reading().execute(
        sa.select(AuditPayload.document)
        .join(AuditEntry, AuditPayload.entry_id == AuditEntry.id)
        .where(AuditEntry.action == "campaign.times_moved")
        .order_by(AuditEntry.id)
    )
    assert [row[0]["reason"] for row in entries] == ["老人多，再等一周", "都填完了"]
    with clock.at(NOW + timedelta(days=1)):
        assert client.put(url, json=later).json["code"] == "campaign-closed"
        closed = client.post(f"/api/v1/staff/campaigns/{survey.campaign}/close", json={"reason": "到时间了"})
        assert closed.json["state"] == "closed"
    deliver(NOW + timedelta(days=1))
    assert len(told("survey_end_moved")) == 1  # news that comes after the end is no news


def test_before_it_opens_both_times_are_free_and_the_clock_goes_by_the_new_ones(survey):
    coming = campaigns.create(
        version=survey.version,
        title="明年",
        year=2027,
        place_codes=[survey.estate.code],
        opens_at=NOW + timedelta(days=9),
        closes_at=NOW + timedelta(days=20),
        person_id=None,
        actor="test",
        now=NOW,
    )
    client, url = officer_of(survey), f"/api/v1/staff/campaigns/{coming}/times"
    with clock.at(NOW):
        page = client.get(f"/work/surveys/{coming}/run").get_data(as_text=True)
        assert "改开始和截止时间" in page
        early = {"opens_at": "2026-11-23T08:00:00+08:00", "reason": "提前做"}
        assert client.put(url, json={**early, "closes_at": "2026-11-23T08:00:00+08:00"}).status_code == 422
        assert client.put(url, json={**early, "opens_at": "2026-11-20T08:00:00+08:00"}).status_code == 422
        assert client.put(url, json=early).status_code == 200
    campaigns.run_clock(now=NOW)
    assert queries.campaign_by_public_id(reading(), coming).state == "draft"
    campaigns.run_clock(now=NOW + timedelta(days=1))
    reading().rollback()
    found = queries.campaign_by_public_id(reading(), coming)
    assert (found.state, found.closes_at) == ("open", NOW + timedelta(days=20))


def test_a_running_campaign_grows_by_an_estate_and_its_homes_are_asked_at_once(survey, make):
    community = place_by_id(reading(), place_by_id(reading(), survey.estate.id).parent_id)
    other = make.estate("工商局宿舍", floors=1, doors=1, community=community)
    home = dwellings_of_estate(reading(), other.id)[0]
    client, url = officer_of(survey), f"/api/v1/staff/campaigns/{survey.campaign}/places"
    foreign = make.estate("外地小区", floors=1)
    with clock.at(NOW):
        assert client.post(url, json={"places": [other.code]}).status_code == 200
        assert client.post(url, json={"places": [other.code]}).json["code"] == "nothing-new"
        assert client.post(url, json={"places": [foreign.code]}).status_code == 403
    assert survey.submit(survey.owner(home, level=2), home).standing == "counts"
    campaigns.close_by_hand(survey.campaign, person_id=None, actor="test", now=NOW)
    with clock.at(NOW):
        assert client.post(url, json={"places": [foreign.code]}).json["code"] == "campaign-closed"


def test_only_those_who_have_not_answered_are_reminded_and_never_more_than_twice(survey):
    homes = survey.dwellings
    answered, silent, late = (survey.owner(home, level=2) for home in homes[:3])
    survey.submit(answered, homes[0])
    client, url = officer_of(survey), f"/api/v1/staff/campaigns/{survey.campaign}/reminders"
    body = {"estate": survey.estate.code}
    with clock.at(NOW):
        run = client.get(f"/api/v1/staff/campaigns/{survey.campaign}/run").json
        assert run["estates"][0]["left"] == len(homes) - 1
        assert run["estates"][0]["by_phone"] == 2
        first = client.post(url, json=body, key="a-key-of-the-street")
        assert (first.status_code, first.json) == (201, {"number": 1})
        assert client.post(url, json=body, key="a-key-of-the-street").json == {"number": 1}
        assert client.post(url, json=body).json["code"] == "reminder-too-soon"
    survey.submit(late, homes[2])  # before the news is delivered
    deliver()
    deliver()
    assert reminded() == [silent.id]
    with clock.at(NOW + timedelta(days=3)):
        assert client.post(url, json=body).json == {"number": 2}
    with clock.at(NOW + timedelta(days=6, hours=23)):
        assert client.post(url, json=body).json["code"] == "reminders-used-up"
    deliver(NOW + timedelta(days=3, minutes=5))
    assert reminded() == [silent.id, silent.id]


def test_news_of_a_reminder_that_comes_after_the_end_reminds_nobody(survey):
    survey.owner(survey.dwellings[0], level=2)
    client = officer_of(survey)
    with clock.at(NOW):
        client.post(f"/api/v1/staff/campaigns/{survey.campaign}/reminders", json={"estate": survey.estate.code})
    deliver(NOW + timedelta(days=8))
    assert reminded() == []


def test_the_worker_gets_a_list_to_ring_up_each_look_is_written_down_and_others_get_none(survey, make):
    home = survey.dwellings[0]
    make.holding(make.person("陈秀英", "13812341234"), home)
    building = place_by_id(reading(), home.building_id)
    worker = make.account("worker")
    make.grant(worker, "community_worker", survey.estate)
    path = f"/work/surveys/{survey.campaign}/calls?building={building.public_id}"
    with clock.at(NOW):
        page = make.signed_in(worker).get(path).get_data(as_text=True)
        assert "tel:13812341234" in page
        assert "陈*" in page
        assert "陈秀英" not in page
        resident = make.signed_in(survey.owner(home, level=2))
        assert resident.get(path).status_code == 403
    assert reading().scalar(sa.select(AuditEntry.subject).where(AuditEntry.action == "look.call_list")) is not None
    survey.submit(survey.owner(home, level=2), home)
    with clock.at(NOW):
        assert "tel:13812341234" not in make.signed_in(worker).get(path).get_data(as_text=True)


def test_the_streets_page_shows_what_may_be_done(survey):
    client = officer_of(survey)
    with clock.at(NOW):
        page = client.get(f"/work/surveys/{survey.campaign}/run").get_data(as_text=True)
        assert "现在截止" in page
        assert "改截止时间" in page
        assert "还差 8 户" in page
        assert "/run" in client.get(f"/work/surveys/{survey.campaign}").get_data(as_text=True)
    campaigns.close_by_hand(survey.campaign, person_id=None, actor="test", reason="试", now=NOW)
    with clock.at(NOW):
        assert "改截止时间" not in client.get(f"/work/surveys/{survey.campaign}/run").get_data(as_text=True)
    assert queries.campaign_by_public_id(reading(), survey.campaign).state == "closed"


def test_the_operator_moves_grows_and_reminds_from_the_command_line(app, survey):
    run = app.test_cli_runner().invoke
    with clock.at(NOW):
        said = run(args=["survey", "times", survey.campaign, "--closes-at", "2026-12-05 18:00", "--reason", "再等一周"])
        assert (said.exit_code, "2026-12-05 18:00" in said.output) == (0, True)
        said = run(args=["survey", "remind", survey.campaign, "--estate", survey.estate.code])
        assert "第 1 次" in said.output
        said = run(args=["survey", "grow", survey.campaign, "--place", survey.estate.code])
        assert said.exit_code == 1
