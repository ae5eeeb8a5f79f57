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
from kernel.places import queries as places
from kernel.places.queries import place_by_id
from surveys.questionnaires.needs import catalogues, services
from surveys.questionnaires.publicly.services import release_waiting
from surveys.questionnaires.running import services as running
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
    assert rows[-1][7] == "填报日期：2026年11月22日"
    assert {row[1] for row in rows[3:-1]} >= {"安全类", "基础类", "完善类", "提升类"}
    assert "排水、雨污分流" in page


def test_a_clusters_menu_adds_its_estates_up_and_is_decided_for_all_of_them_together(survey, make, officer, client):
    """Two estates are asked, a third of the cluster is not; the street joins them, sees each and all, decides once."""
    community = place_by_id(reading(), survey.estate.parent_id)
    near, unasked = (make.estate(name, floors=3, community=community) for name in ("工商局宿舍", "粮所宿舍"))
    running.add_places(survey.campaign, [near.code], person_id=None, actor="test", key=None, now=NOW)
    homes = [*survey.dwellings[:6], *places.dwellings_of_estate(reading(), near.id)[:5]]
    for number, home in enumerate(homes):
        account = survey.owner(home, level=2)
        wishes = ["drainage", "roof"] if number < 6 else ["drainage"]
        survey.submit(account, home, answers=survey.answers(account, home, q12=wishes))
    while counting.drain_tally(now=NOW):
        pass
    codes = [survey.estate.code, near.code, unasked.code]
    needs = f"/api/v1/staff/campaigns/{survey.campaign}"
    with clock.at(NOW):
        worker = make.account()
        make.grant(worker, "community_worker", community)
        joined = {"name": "东河片区", "estates": codes}
        assert make.signed_in(worker).post("/api/v1/clusters", json=joined).status_code == 403
        assert officer.post("/api/v1/clusters", json={"name": "东河", "estates": codes[:1]}).status_code == 422
        key = str(uuid.uuid4())
        made = officer.post("/api/v1/clusters", json=joined, key=key)
        assert made.status_code == 201, made.json
        assert officer.post("/api/v1/clusters", json=joined, key=key).json == made.json
        cluster = made.json["cluster"]
        assert officer.get("/api/v1/clusters").json["clusters"] == [made.json]
        assert "东河片区" in officer.get("/work/clusters").get_data(as_text=True)
        told = officer.get(f"{needs}/needs?cluster={cluster}").json
        assert (told["estates"], told["unasked"]) == (sorted(codes[:2], key=codes.index), [unasked.code])
        whole = {wish["item"]: wish for wish in told["wishes"]}
        own = {code: {wish["item"]: wish["wanted"] for wish in lines} for code, lines in told["by_estate"].items()}
        assert [(whole[item]["wanted"], whole[item]["of"]) for item in ("drainage", "roof")] == [(11, 11), (6, 11)]
        assert (own[survey.estate.code]["roof"], own[near.code]["roof"], own[near.code]["drainage"]) == (6, 0, 5)
        body = {"estates": told["estates"], "item": "drainage", "became": "listed", "reason": "连片做"}
        key = str(uuid.uuid4())
        said = officer.post(f"{needs}/wishes/together", json=body, key=key)
        assert {each["became"] for each in said.json["stands"].values()} == {"listed"}
        assert officer.post(f"{needs}/wishes/together", json=body, key=key).json == said.json
        assert officer.post(f"{needs}/wishes/together", json=body).status_code == 422  # nothing changes
        elsewhere = {**body, "estates": [survey.estate.code, unasked.code], "became": "doing"}
        assert officer.post(f"{needs}/wishes/together", json=elsewhere).status_code == 404
        assert (
            officer.get(f"{needs}/needs?cluster={cluster}").json["stands"][near.code]["drainage"]["became"] == "listed"
        )
        page = officer.get(f"/work/surveys/{survey.campaign}/needs?cluster={cluster}").get_data(as_text=True)
        table = officer.get(f"{needs}/needs.xlsx?cluster={cluster}")
        assert "没有参加这次问卷：粮所宿舍" in page
        assert "已列入方案" in client.get(f"/q/e/{survey.estate.code}").get_data(as_text=True)
        book = openpyxl.load_workbook(io.BytesIO(table.data))
        lines = {row[1]: row[2:] for row in book["按小区"].iter_rows(min_row=4, values_only=True)}
        assert sorted(lines["排水、雨污分流"][0::2]) == [5, 6]
        assert set(lines["排水、雨污分流"][1::2]) == {"已列入方案"}
        release_waiting(now=NOW)
        street = place_by_id(reading(), community.parent_id)
        wants = client.get(f"/api/v1/estates/wants/{street.code}").json["years"][0]
        first = next(wish for wish in wants["wishes"] if wish["item"] == "drainage")
        assert (wants["estates"], first["wanted"], first["of"]) == (2, 11, 11)
        assert wants["outcomes"] == [{"label": "排水、雨污分流", "estates": ["已列入方案 2 个小区"]}]
        page = client.get(f"/q/p/{street.code}").get_data(as_text=True)
        assert "已列入方案 2 个小区" in page
        assert "11 / 11 户" in page
        assert client.get("/q/p/nowhere").status_code == 404
        assert officer.post(f"/api/v1/clusters/{cluster}/end", json={}).status_code == 204
        assert officer.get(f"{needs}/needs?cluster={cluster}").status_code == 404
    actions = [entry.action for entry in reading().scalars(sa.select(AuditEntry))]
    assert (actions.count("wish.set"), actions.count("estates.joined"), actions.count("estates.parted")) == (2, 1, 1)


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
    assert "这次没有列入。要先定分摊办法" in page
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


def test_from_asked_to_listed_to_done_to_the_households_marks(asked, next_year, make, officer, client):
    """The whole way over HTTP: staff say what became of it step by step, next year's form and the household's page show
    it, exactly what can be seen is marked, once, and everybody reads what five households think."""
    wishes = f"/api/v1/staff/campaigns/{asked.campaign}/wishes"
    drains = {"estate": asked.estate.code, "item": "drainage"}
    home, account = asked.dwellings[0], asked.accounts[0]
    visitor = make.signed_in(reading().get_one(Account, account.id))
    form, door = f"/q/{next_year}/{home.public_id}", f"/d/{home.public_id}"
    with clock.at(LATER):
        assert "2026年您家提出" in visitor.get(form).get_data(as_text=True)
        assert "请您家打个分" not in visitor.get(door).get_data(as_text=True)
        assert officer.post(wishes, json={**drains, "became": "listed"}).status_code == 201
        assert officer.post(wishes, json={**drains, "item": "roads", "became": "listed"}).status_code == 201
        assert officer.post(wishes, json={**drains, "became": "done", "reason": "雨污分流完工"}).status_code == 201
        shown = visitor.get(form).get_data(as_text=True)
        assert "2026年您家提出 → 2027年9月已列入方案 → 2027年9月做好了。雨污分流完工" in shown
        assert "请您家打个分" in visitor.get(door).get_data(as_text=True)
        # The same page of the campaign that is over, for when no other runs.
        for campaign in (next_year, asked.campaign):
            page = visitor.get(f"/q/{campaign}/{home.public_id}/effects").get_data(as_text=True)
            assert "排水、雨污分流" in page
            assert 'name="roads"' not in page
        url = f"/api/v1/campaigns/{asked.campaign}/effects/{home.public_id}"
        stranger = make.signed_in(reading().get_one(Account, make.account().id))
        assert visitor.post(url, json={"marks": {"roads": 5}}).status_code == 422
        assert visitor.post(url, json={"marks": {"drainage": 6}}).status_code == 422
        assert stranger.post(url, json={"marks": {"drainage": 1}}).status_code == 404
        assert visitor.post(url, json={"marks": {"drainage": 4}}).json == {"marks": {"drainage": 4}}
        assert visitor.post(url, json={"marks": {"drainage": 1}}).status_code == 409
        assert "已经打过分" in visitor.get(f"/q/{next_year}/{home.public_id}/effects").get_data(as_text=True)
        assert "请您家打个分" not in visitor.get(door).get_data(as_text=True)
        told = officer.get(f"/api/v1/staff/campaigns/{asked.campaign}/needs").json
        assert told["marks"] == {"drainage": {"households": 1, "sum": 4}}

        def public():
            menus = client.get(f"/api/v1/estates/{asked.estate.code}/surveys").json["menus"]
            return next(wish for wish in menus[0]["wishes"] if wish["item"] == "drainage")

        given = [4]
        for number, mark in ((1, 5), (2, 3), (3, 5), (4, 2)):
            assert public()["marks"] is None
            neighbour = make.signed_in(reading().get_one(Account, asked.accounts[number].id))
            url = f"/api/v1/campaigns/{asked.campaign}/effects/{asked.dwellings[number].public_id}"
            assert neighbour.post(url, json={"marks": {"drainage": mark}}).status_code == 201
            given.append(mark)
        first = public()
        assert first["marks"] == {"households": 5, "sum": sum(given)}
        assert [step["became"] for step in first["stand"]["trail"]] == ["listed", "done"]
        page = client.get(f"/q/e/{asked.estate.code}").get_data(as_text=True)
        assert "2027年9月做好了 → 5 户打分，平均 3.8 分" in page
        # A sixth household's mark alone moves nothing that everybody sees.
        sixth = make.signed_in(reading().get_one(Account, asked.accounts[5].id))
        url = f"/api/v1/campaigns/{asked.campaign}/effects/{asked.dwellings[5].public_id}"
        assert sixth.post(url, json={"marks": {"drainage": 1}}).status_code == 201
        assert public()["marks"] == first["marks"]
    entry = reading().scalars(sa.select(AuditEntry).where(AuditEntry.action == "works.marked")).first()
    assert entry.subject == f"dwelling:{home.public_id}"


def test_the_same_catalogue_twice_is_one_and_a_later_year_has_its_own(survey):
    first, new = services.load_catalogue(catalogues.shipped("works-2026"), year=2026, actor="test", now=NOW)
    again, newer = services.load_catalogue(catalogues.shipped("works-2026"), year=2026, actor="test", now=LATER)
    assert (first.public_id, new, newer) == (again.public_id, True, False)
    assert services.load_catalogue(catalogues.shipped("works-2026"), year=2027, actor="test", now=LATER)[1]
