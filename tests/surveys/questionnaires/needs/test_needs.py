"""From a wish to the works and back to the household: staff, the public, the next year's form."""

import io
import uuid
from datetime import timedelta

import openpyxl
import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.audit.models import AuditEntry
from kernel.database import reading
from kernel.people.models import Account
from kernel.places.queries import place_by_id
from surveys.questionnaires.needs import catalogues, services
from surveys.questionnaires.publicly.services import release_waiting
from surveys.questionnaires.services import campaigns, counting
from tests.surveys.questionnaires.conftest import NOW

LATER = NOW + timedelta(days=300)


@pytest.fixture
def officer(survey, make):
    account = make.account()
    street = place_by_id(reading(), place_by_id(reading(), survey.estate.parent_id).parent_id)
    make.grant(account, "street_officer", street)
    return make.signed_in(reading().get_one(Account, account.id))


@pytest.fixture
def asked(survey):
    """Six households have answered; the first is asked again next year."""
    survey.accounts = []
    for home in survey.dwellings[:6]:
        account = survey.owner(home, level=2)
        survey.accounts.append(account)
        survey.submit(account, home)
    while counting.drain_tally(now=NOW):
        pass
    release_waiting(now=NOW)
    return survey


@pytest.fixture
def next_year(asked):
    """Last year's campaign is closed, this year's is open."""
    campaigns.close_by_hand(asked.campaign, person_id=None, actor="test", now=NOW + timedelta(days=1))
    made = campaigns.create(
        version=asked.version,
        title="2027年居民问卷",
        year=2027,
        place_codes=[asked.estate.code],
        opens_at=None,
        closes_at=LATER + timedelta(days=30),
        person_id=None,
        actor="test",
        now=LATER,
    )
    campaigns.open_by_hand(made, person_id=None, actor="test", now=LATER)
    return made


def test_the_menu_goes_from_the_page_to_the_table_with_the_same_figures(asked, officer):
    services.load_catalogue(catalogues.shipped("works-2026"), year=2026, actor="test", now=NOW)
    url = f"/api/v1/staff/campaigns/{asked.campaign}/needs"
    with clock.at(NOW):
        told = officer.get(f"{url}?estates={asked.estate.code}").json
        table = officer.get(f"{url}.xlsx?estates={asked.estate.code}")
        page = officer.get(f"/work/surveys/{asked.campaign}/needs").get_data(as_text=True)
        assert officer.get(f"{url}?estates=elsewhere").status_code == 403
    drains = next(wish for wish in told["wishes"] if wish["item"] == "drainage")
    assert (drains["wanted"], drains["of"], drains["points"], drains["kind_title"]) == (6, 6, 18, "基础类")
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(table.data)).active.iter_rows()]
    assert rows[0][0] == "2026年老旧小区改造居民需求清单"
    assert ["基础类", "排水、雨污分流", 6, "100.0%", 18, "100.0%"] in [row[1:7] for row in rows]
    assert rows[-1][0] == "填报人："
    assert rows[-1][7] == "填报日期：2026-11-22"
    assert {row[1] for row in rows[3:-1]} >= {"安全类", "基础类", "完善类", "提升类"}
    assert "排水、雨污分流" in page


def test_what_became_of_a_wish_is_set_with_words_audited_and_public(asked, officer, make, client):
    url = f"/api/v1/staff/campaigns/{asked.campaign}/wishes"
    body = {"estate": asked.estate.code, "item": "lift", "became": "not_listed"}
    worker = make.account()
    make.grant(worker, "community_worker", place_by_id(reading(), asked.estate.parent_id))
    with clock.at(NOW):
        assert officer.post(url, json=body).status_code == 422  # no reason
        key = str(uuid.uuid4())
        said = {**body, "reason": "要先定分摊办法"}
        first = officer.post(url, json=said, key=key)
        assert first.status_code == 201
        assert officer.post(url, json=said, key=key).json == first.json
        assert officer.post(url, json={**body, "item": "castle", "reason": "没有"}).status_code == 422
        refused = make.signed_in(reading().get_one(Account, worker.id))
        assert refused.post(url, json=said).status_code == 403
        page = client.get(f"/q/e/{asked.estate.code}").get_data(as_text=True)
        told = client.get(f"/api/v1/estates/{asked.estate.code}/surveys").json
    assert "这次没有列入：要先定分摊办法" in page
    lift = next(wish for wish in told["menus"][0]["wishes"] if wish["item"] == "lift")
    assert (lift["wanted"], lift["stand"]["became"]) == (6, "not_listed")
    assert [entry.action for entry in reading().scalars(sa.select(AuditEntry))].count("wish.set") == 1
    assert client.get("/q/e/nowhere").status_code == 404


def test_next_years_form_opens_with_last_years_answer_and_what_became_of_it(asked, next_year, make):
    for item, became, reason in (
        ("drainage", "done", "雨污分流完工"),
        ("lift", "not_listed", "要先定分摊办法"),
        ("roads", "listed", ""),
    ):
        services.set_step(
            asked.campaign,
            asked.estate.code,
            item,
            services.Became(became),
            reason,
            person_id=None,
            actor="test",
            key=None,
            now=LATER,
        )
    home, account = asked.dwellings[0], asked.accounts[0]
    visitor = make.signed_in(reading().get_one(Account, account.id))
    # A neighbour who knows name and phone tail (level 1) sees the estate's works, not the household's wishes.
    curious = make.account()
    make.tie(curious, home, level=1)
    other = make.signed_in(reading().get_one(Account, curious.id))
    with clock.at(LATER):
        page = visitor.get(f"/q/{next_year}/{home.public_id}").get_data(as_text=True)
        seen = other.get(f"/q/{next_year}/{home.public_id}").get_data(as_text=True)
        copied = visitor.post(f"/api/v1/campaigns/{next_year}/drafts/{home.public_id}/from-last-time", json={})
        draft = visitor.get(f"/api/v1/campaigns/{next_year}/drafts/{home.public_id}").json
        again = visitor.post(f"/api/v1/campaigns/{next_year}/drafts/{home.public_id}/from-last-time", json={})
        peek = other.post(f"/api/v1/campaigns/{next_year}/drafts/{home.public_id}/from-last-time", json={})
    assert "您家想要" in page
    assert "雨污分流完工" in page
    assert "用去年填的开头" in page
    assert "您家想要" not in seen
    assert "雨污分流完工" in seen
    assert "用去年填的开头" not in seen
    assert copied.status_code == 201
    assert draft["answers"]["q15"] == ["drainage", "lift", "parking"]
    assert "q37" not in draft["answers"]
    assert again.status_code == 409
    assert peek.status_code == 404


def test_who_bought_or_rented_the_home_since_does_not_read_what_the_household_before_said(asked, next_year, make):
    home = asked.dwellings[0]
    path = f"/q/{next_year}/{home.public_id}"
    copy = f"/api/v1/campaigns/{next_year}/drafts/{home.public_id}/from-last-time"
    with clock.at(NOW - timedelta(days=1)):
        spouse, let = make.account(), make.account()
        make.tie(spouse, home, relation="family")
        make.tie(let, home, relation="tenant")
        there, late = make.person("陈秀英"), make.account()
        make.holding(there, home)
    with clock.at(LATER):
        buyer = make.account()
        make.tie(buyer, home, person=make.person("林志强"))
        make.tie(late, home, person=there)  # on the roster then, proved only now
        for stranger in (buyer, let):
            client = make.signed_in(stranger)
            assert "您家想要" not in client.get(path).get_data(as_text=True)
            assert client.post(copy, json={}).status_code == 404
        for member in (spouse, late):
            client = make.signed_in(member)
            assert "您家想要" in client.get(path).get_data(as_text=True)
            assert client.post(copy, json={}).status_code == 201


def test_households_give_marks_to_exactly_what_was_done_once(asked, next_year, make, officer):
    for item, became in (("drainage", "done"), ("roads", "listed")):
        services.set_step(
            asked.campaign,
            asked.estate.code,
            item,
            services.Became(became),
            "写明",
            person_id=None,
            actor="test",
            key=None,
            now=LATER,
        )
    home, account = asked.dwellings[0], asked.accounts[0]
    visitor = make.signed_in(reading().get_one(Account, account.id))
    url = f"/api/v1/campaigns/{asked.campaign}/effects/{home.public_id}"
    stranger = make.signed_in(reading().get_one(Account, make.account().id))
    with clock.at(LATER):
        page = visitor.get(f"/q/{next_year}/{home.public_id}/effects").get_data(as_text=True)
        assert visitor.post(url, json={"marks": {"roads": 5}}).status_code == 422
        assert visitor.post(url, json={"marks": {"drainage": 6}}).status_code == 422
        assert stranger.post(url, json={"marks": {"drainage": 1}}).status_code == 404
        assert visitor.post(url, json={"marks": {"drainage": 4}}).json == {"marks": {"drainage": 4}}
        assert visitor.post(url, json={"marks": {"drainage": 1}}).status_code == 409
        told = officer.get(f"/api/v1/staff/campaigns/{asked.campaign}/needs").json
        after = visitor.get(f"/q/{next_year}/{home.public_id}/effects").get_data(as_text=True)
    assert "排水、雨污分流" in page
    assert 'name="roads"' not in page
    assert told["marks"] == {"drainage": {"households": 1, "sum": 4}}
    assert "已经打过分" in after
    entry = reading().scalars(sa.select(AuditEntry).where(AuditEntry.action == "works.marked")).one()
    assert entry.subject == f"dwelling:{home.public_id}"


def test_the_same_catalogue_twice_is_one_and_a_later_year_has_its_own(survey):
    first, new = services.load_catalogue(catalogues.shipped("works-2026"), year=2026, actor="test", now=NOW)
    again, newer = services.load_catalogue(catalogues.shipped("works-2026"), year=2026, actor="test", now=LATER)
    assert (first.public_id, new, newer) == (again.public_id, True, False)
    assert services.load_catalogue(catalogues.shipped("works-2026"), year=2027, actor="test", now=LATER)[1]
