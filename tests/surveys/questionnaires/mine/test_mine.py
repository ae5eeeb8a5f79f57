"""One's own data: seen, taken along, consents taken back; on both databases."""

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.audit.models import AuditEntry
from kernel.database import reading
from kernel.errors import Conflict, Invalid, NotFound
from surveys.questionnaires.mine import services
from surveys.questionnaires.models import Response
from surveys.questionnaires.services import campaigns
from surveys.questionnaires.services.sealing import open_sealed
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.conftest import NOW, open_survey
from tests.surveys.questionnaires.standing.conftest import House

ALL = {"use": True, "call": True, "photos": True}


@pytest.fixture
def house(app, make):
    return House(open_survey(make))


def withdraw(account, response, item, question="q37", now=NOW):
    return services.withdraw(
        response, question, item, account_id=account.id, actor=f"account:{account.public_id}", now=now
    )


def stored(name):
    return reading().scalar(sa.select(Response).where(Response.public_id == name))


def test_a_consent_is_taken_back_as_easily_as_it_was_given_and_what_was_said_stays_on_record(house):
    me = house.member()
    first = house.submit(me, q37=ALL)
    assert house.counter("q37", "yes", "photos") == 1
    assert withdraw(me, first.response, "photos") == "counts"
    now_counts = house.counts()[0]
    assert now_counts != first.response
    assert stored(now_counts).answers["q37"] == {**ALL, "photos": False}
    assert stored(first.response).answers["q37"] == ALL
    assert (house.counter("q37", "yes", "photos"), house.counter("q37", "no", "photos")) == (0, 1)
    assert (house.counter("", "*"), house.counter("q12", FULL["q12"][0])) == (1, 1)
    with pytest.raises(Conflict):
        withdraw(me, first.response, "call")
    with pytest.raises(Invalid):
        withdraw(me, now_counts, "photos")


def test_with_the_consent_to_be_rung_up_goes_the_phone_number(house):
    me = house.member()
    first = house.submit(me, q37=ALL)
    withdraw(me, first.response, "call")
    assert open_sealed(stored(house.counts()[0])) == {"q36": "陈秀英"}


def test_without_the_consent_to_use_it_nothing_of_the_sheet_counts_also_after_closing(house):
    me = house.member()
    first = house.submit(me, q37=ALL)
    campaigns.close_by_hand(house.survey.campaign, person_id=None, actor="test", now=NOW)
    assert withdraw(me, first.response, "use") == "withdrawn"
    assert (house.counts(), house.counter("", "*"), house.counter("q09", "agree")) == ((None, None), 0, 0)
    assert reading().scalar(sa.select(AuditEntry).where(AuditEntry.action == "consent.withdrawn")) is not None


def test_a_tenant_who_takes_his_sheet_back_leaves_the_owners(house):
    owner, tenant = house.member(), house.member(relation="tenant")
    first = house.submit(owner, q12=["power"], q26="yes")
    second = house.submit(tenant, replaces=first.response, q02="tenant", q12=["lighting"])
    withdraw(tenant, second.response, "use")
    assert house.counts() == (first.response, None)
    assert (house.counter("q12", "power"), house.counter("q12", "lighting"), house.counter("q26", "yes")) == (1, 0, 1)


def test_nobody_takes_back_anothers_consent(house):
    first = house.submit(house.member(), q37=ALL)
    with pytest.raises(NotFound):
        withdraw(house.member(), first.response, "photos")


def test_the_page_and_the_file_hold_all_of_ones_own_and_nothing_of_others(house):
    make, me, other = house.survey.make, house.member(), house.member()
    first = house.submit(me, q37=ALL)
    house.submit(other, replaces=first.response, q36="林志强")
    client = make.signed_in(me)
    with clock.at(NOW):
        page = client.get("/me/surveys").get_data(as_text=True)
        assert "陈秀英" in page
        assert "林志强" not in page
        assert "已被后来的一份代替" in page
        file = client.get("/api/v1/my/survey-data")
        assert file.headers["Content-Disposition"].startswith("attachment")
        assert [one["response"] for one in file.json["responses"]] == [first.response]
        assert file.json["responses"][0]["answers"]["q36_phone"] == "13812341234"
        assert file.json["pictures"]
        assert "/me/surveys" in client.get("/me").get_data(as_text=True)
        mine = house.submit(me, replaces=house.counts()[0], q37=ALL)
        body = {"response": mine.response, "question": "q37", "item": "photos"}
        url = "/api/v1/my/survey-consents/withdrawals"
        assert make.signed_in(other).post(url, json=body).status_code == 404
        assert client.post(url, json=body).json == {"standing": "counts"}
        assert client.post(url, json={**body, "item": "nothing"}).status_code == 422
    looks = reading().scalars(sa.select(AuditEntry.action).where(AuditEntry.action == "look.own_survey_data")).all()
    assert len(looks) == 1


def test_a_visits_sheet_is_the_households_to_see_and_withdraw_and_never_the_workers(house):
    make, worker = house.survey.make, house.staff("visitor")
    visited = house.visit(worker, q37=ALL)
    me, weak, tenant = house.member(), house.member(level=1), house.member(relation="tenant")
    campaigns.close_by_hand(house.survey.campaign, person_id=None, actor="test", now=clock.now())
    late = house.member()  # moved in after the campaign had closed
    held = make.account()  # proved itself late, but the roster knows that it lived there
    person = make.person("陈秀英")
    make.holding(person, house.home, now=NOW)
    make.tie(held, house.home, level=2, person=person)
    for nobody in (worker, weak, tenant, late):
        client = make.signed_in(nobody)
        assert "陈秀英" not in client.get("/me/surveys").get_data(as_text=True)
        taken = client.get("/api/v1/my/survey-data").json
        assert (taken["responses"], taken["pictures"], taken["cases"]) == ([], [], [])
        with pytest.raises(NotFound):
            withdraw(nobody, visited.response, "photos")
    for mine in (me, held):
        page = make.signed_in(mine).get("/me/surveys").get_data(as_text=True)
        assert "陈秀英" in page
        assert "社区入户代填（李工，没有第二人）" in page
    url = "/api/v1/my/survey-consents/withdrawals"
    body = {"response": visited.response, "question": "q37", "item": "photos"}
    assert make.signed_in(me).post(url, json=body).json == {"standing": "counts"}
    assert withdraw(held, house.counts()[0], "use") == "withdrawn"
    assert (house.counts(), house.counter("", "*")) == ((None, None), 0)


def test_nobody_settles_for_a_sheet_whose_consent_was_taken_back_also_while_it_waits(house):
    one, other = house.member(), house.member()
    before = house.submit(one, q37=ALL)
    first = house.submit(one, replaces=before.response, q37=ALL)
    waits = house.submit(other, q37=ALL)
    officer = house.staff("officer", "street_officer")
    assert waits.standing == "waits"
    assert withdraw(other, waits.response, "photos") == "counts"
    newest = reading().scalars(sa.select(Response).order_by(Response.id.desc())).first()
    assert (newest.account_id, newest.answers["q37"]["photos"]) == (other.id, False)
    assert withdraw(one, first.response, "use") == "withdrawn"
    for chosen in (before.response, first.response, waits.response):
        with pytest.raises(Invalid, match="consent-withdrawn"):
            house.settle(officer, chosen)
    with clock.at(NOW):
        path = f"/work/surveys/cases/{house.survey.campaign}/{house.home.public_id}"
        page = house.survey.make.signed_in(officer).get(path).get_data(as_text=True)
    assert page.count("已撤回同意") == 3
    assert f'value="{waits.response}"' not in page
    with pytest.raises(Conflict):
        withdraw(other, waits.response, "call")
    house.settle(officer, newest.public_id)
    assert house.counts()[0] == newest.public_id
    again = house.submit(one)
    assert again.standing == "waits"
    assert withdraw(one, again.response, "use") == "withdrawn"
    with pytest.raises(Conflict):
        withdraw(one, again.response, "use")
