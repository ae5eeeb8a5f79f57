"""Paper forms, from the printed sheet to the response, on both databases."""

import copy
import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from PIL import Image

from kernel import clock, outbox
from kernel.audit.models import AuditEntry
from kernel.database import reading
from kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from kernel.people.models import Account, Person
from kernel.places.queries import ancestors, place_by_id
from portal.jobs import HANDLERS
from portal.notices.models import Notice
from surveys.questionnaires import data, queries
from surveys.questionnaires.corrections import services as corrections
from surveys.questionnaires.paper import printing, services
from surveys.questionnaires.paper.models import SurveyKeying, SurveyPaper
from surveys.questionnaires.paper.services import Staff, voiding
from surveys.questionnaires.results import queries as counts_of
from surveys.questionnaires.rules import form
from surveys.questionnaires.services import campaigns, counting, forms
from surveys.questionnaires.services.sealing import open_sealed
from surveys.questionnaires.standing.services import settling
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.conftest import NOW

PAPER = {code: value for code, value in FULL.items() if code not in ("q38", "q03", "q15")}
"""What somebody filled in by hand: the required 最希望先解决的三项 was left empty."""


class Desk:
    """Three people at a desk, and a dwelling's paper."""

    def __init__(self, survey):
        self.survey, self.home = survey, survey.dwellings[0]
        self.building = place_by_id(reading(), self.home.building_id)
        self.accounts = [survey.make.account(f"desk-{n}") for n in range(3)]
        for account in self.accounts:
            survey.make.grant(account, "community_worker", survey.estate)
        self.accounts = [reading().get_one(Account, account.id) for account in self.accounts]
        self.first, self.second, self.third = (
            Staff(account.id, account.person_id, f"account:{account.public_id}") for account in self.accounts
        )
        self.clients = [survey.make.signed_in(account) for account in self.accounts]

    def photo(self, n=0):
        out = io.BytesIO()
        Image.new("RGB", (800, 600), (240, 240, 240)).save(out, "JPEG")
        form = {"purpose": "paper_response", "place": self.building.code, "file": (io.BytesIO(out.getvalue()), "p.jpg")}
        return self.clients[n].post("/api/v1/evidence", data=form).json["file"]

    def register(self, received_at=NOW, home=None, now=NOW, content_hash=None):
        return services.register(
            self.survey.campaign,
            (home or self.home).public_id,
            received_at=received_at,
            photos=[self.photo()],
            content_hash=content_hash,
            by=self.first,
            key=None,
            now=now,
        )

    def key_in(self, paper, by, now=NOW, **changes):
        answers = {code: value for code, value in {**PAPER, **changes}.items() if value is not None}
        return services.key_in(paper, answers, by=by, key=self.survey.key(self.accounts[0]), now=now)

    def officer(self):
        """Somebody of the street who had no hand in it."""
        account = self.survey.make.account("officer")
        place = place_by_id(reading(), self.survey.estate.id)
        street = next(one for one in ancestors(reading(), place) if one.kind == "street")
        self.survey.make.grant(account, "street_officer", street)
        account = reading().get_one(Account, account.id)
        return Staff(account.id, account.person_id, "officer")

    def response(self):
        campaign = queries.campaign_by_public_id(reading(), self.survey.campaign)
        return queries.valid_response(reading(), campaign.id, self.home.id)


@pytest.fixture
def desk(survey):
    return Desk(survey)


def test_two_people_read_a_paper_alike_and_it_is_a_response_with_what_was_left_empty(desk):
    paper = desk.register()
    assert desk.key_in(paper, desk.first) == "keyed"
    with pytest.raises(NotAllowed, match="same-person"):
        desk.key_in(paper, desk.first)
    himself = reading().get_one(Person, desk.first.person_id)
    desk.survey.make.tie(desk.accounts[2], desk.survey.dwellings[5], person=himself)
    with pytest.raises(NotAllowed, match="same-person"):
        desk.key_in(paper, desk.third)  # his second account
    assert desk.response() is None
    assert desk.key_in(paper, desk.second) == "done"
    response = desk.response()
    assert (response.channel, response.relation, response.person_id) == (
        "paper_import",
        "worker",
        desk.second.person_id,
    )
    assert "q15" not in response.answers
    assert open_sealed(response)["q36"] == "陈秀英"
    while counting.drain_tally(now=NOW):
        pass
    assert counting.differences(response.campaign_id) == {}
    assert counts_of.counters(reading(), response.campaign_id, channel="paper_import")["q09", "", "agree"] == 1
    sealed = reading().scalars(sa.select(SurveyKeying.sealed)).all()
    assert all("陈秀英".encode() not in each for each in sealed)
    with pytest.raises(Conflict):
        desk.key_in(paper, desk.third)


def test_a_paper_is_keyed_and_kept_in_the_words_it_was_printed_with(desk):
    survey, document = desk.survey, copy.deepcopy(data.shipped("estate-renovation-needs"))
    old = forms.form_of(reading(), queries.version_by_public_id(reading(), survey.version).id).content_hash
    document["edition"], dropped = "2", PAPER["q25"][0]
    gone = next(one for part in document["sections"] for one in part["questions"] if one["code"] == "q25")
    gone["options"] = [one for one in gone["options"] if one["code"] != dropped]
    paper = desk.register()
    desk.key_in(paper, desk.first)
    corrections.correct(
        survey.campaign,
        version=forms.load(document, actor="test", now=NOW).version.public_id,
        mapping={"options": {"q25": {dropped: None}}},
        reason="这一项办不了",
        person_id=None,
        actor="test",
        now=NOW,
    )
    assert desk.key_in(paper, desk.second) == "done"
    assert desk.response().answers["q25"] == PAPER["q25"]
    other = survey.dwellings[1]
    late = desk.register(home=other, content_hash=old)
    assert services.view(late, by=desk.first, now=NOW).form.content_hash == old
    with pytest.raises(Conflict, match="questionnaire-corrected"):
        desk.register(home=survey.dwellings[2], content_hash="0" * 64)
    page = desk.clients[0].get(f"/work/surveys/{survey.campaign}/paper?dwelling={other.public_id}").text
    assert "表的页脚印着哪一版" in page
    assert old[:12] in page
    while counting.drain_tally(now=NOW):
        pass
    assert counting.differences(desk.response().campaign_id) == {}


def test_what_two_people_read_differently_a_third_decides_question_by_question(desk):
    paper = desk.register()
    desk.key_in(paper, desk.first, q09="agree", q23="to_0_3")
    assert desk.key_in(paper, desk.second, q09="disagree", q10=["cost"], q23=None) == "differs"
    for by in (desk.first, desk.second):
        assert services.view(paper, by=by, now=NOW).differing == []
    shown = services.view(paper, by=desk.third, now=NOW).differing
    assert [(one.code, one.first, one.second) for one in shown] == [
        ("q09", ["同意"], ["不同意"]),
        ("q10", [], ["不愿出资"]),
        ("q23", ["0.3 元以下"], []) if shown[2].first == ["0.3 元以下"] else ("q23", shown[2].first, []),
    ]
    call = {"key": desk.survey.key(desk.accounts[2]), "now": NOW}
    with pytest.raises(NotAllowed, match="same-person"):
        services.decide(paper, {"q09": 1, "q10": 1, "q23": 1}, by=desk.second, **call)
    with pytest.raises(Invalid, match="keying-not-settled"):
        services.decide(paper, {"q09": 1}, by=desk.third, **call)
    # "Agree" of the first with the second's reasons against: nobody is asked for reasons then.
    assert services.decide(paper, {"q09": 1, "q10": 2, "q23": 2}, by=desk.third, **call) == "done"
    answers = desk.response().answers
    assert (answers["q09"], "q10" in answers, "q23" in answers) == ("agree", False, False)
    actions = reading().scalars(sa.select(AuditEntry.action).where(AuditEntry.action.startswith("survey_paper"))).all()
    assert sorted(actions) == [
        "survey_paper.decided",
        "survey_paper.keyed",
        "survey_paper.keyed",
        "survey_paper.registered",
    ]


def test_a_paper_beside_an_answer_from_the_phone_waits_and_is_settled(desk):
    phone = desk.survey.submit(desk.survey.owner(desk.home, level=2), desk.home)
    paper = desk.register()
    desk.key_in(paper, desk.first)
    assert desk.key_in(paper, desk.second) == "done"
    assert desk.response().public_id == phone.response


def test_neither_of_the_two_who_keyed_a_paper_settles_its_household(desk):
    desk.survey.submit(desk.survey.owner(desk.home, level=2), desk.home)
    paper = desk.register()
    desk.key_in(paper, desk.first)
    desk.key_in(paper, desk.second)
    call = {"chosen": "", "reason": "上门问过户主。", "now": NOW}
    place = (desk.survey.campaign, desk.home.public_id)
    for by, account in ((desk.first, desk.accounts[0]), (desk.second, desk.accounts[1])):
        assert not settling.case(*place, person_id=by.person_id, actor=by.actor, now=NOW).may_settle
        with pytest.raises(NotAllowed, match="own-response"):
            settling.settle(*place, person_id=by.person_id, actor=by.actor, key=desk.survey.key(account), **call)
    third = {"person_id": desk.third.person_id, "actor": desk.third.actor}
    assert settling.case(*place, **third, now=NOW).may_settle
    assert settling.settle(*place, **third, key=desk.survey.key(desk.accounts[2]), **call) == desk.home.public_id


def test_a_paper_handed_in_in_time_is_keyed_after_closing_and_a_late_one_is_not(desk):
    closing = NOW + timedelta(days=1)
    paper = desk.register()
    with pytest.raises(Conflict, match="paper-on-its-way"):
        desk.register()
    campaigns.close_by_hand(desk.survey.campaign, person_id=None, actor="test", now=closing)
    desk.key_in(paper, desk.first, now=closing + timedelta(days=2))
    assert desk.key_in(paper, desk.second, now=closing + timedelta(days=2)) == "done"
    other = desk.survey.dwellings[1]
    with pytest.raises(Conflict, match="paper-late"):
        desk.register(received_at=closing, home=other, now=closing + timedelta(hours=1))
    with pytest.raises(Invalid, match="received-later"):
        desk.register(received_at=closing + timedelta(days=9), home=other, now=closing)
    with pytest.raises(Conflict, match="keying-late"):
        desk.register(received_at=NOW, home=other, now=closing + timedelta(days=30))


def test_what_is_wrong_on_a_paper_is_refused_and_a_void_one_is_registered_anew(desk):
    """Void by two of whom the second had no hand in it; the household, which thinks that it has answered, is told."""
    paper = desk.register()
    with pytest.raises(Invalid, match="answers-invalid"):
        desk.key_in(paper, desk.first, q12=["moon"])
    voiding.ask(paper, "登记错了户", by=desk.first, now=NOW)
    with pytest.raises(Conflict, match="void-asked"):
        desk.key_in(paper, desk.second)
    assert voiding.decide(paper, agree=False, by=desk.first, now=NOW) == "registered"  # taken back
    with pytest.raises(Conflict, match="void-not-asked"):
        voiding.decide(paper, agree=True, by=desk.third, now=NOW)
    desk.key_in(paper, desk.second)
    voiding.ask(paper, "登记错了户", by=desk.third, now=NOW)
    for somebody in (desk.first, desk.second, desk.third):  # who received it, who keyed it, who asked
        with pytest.raises(NotAllowed, match="same-person"):
            voiding.decide(paper, agree=True, by=somebody, now=NOW)
    told = desk.survey.owner(desk.home)
    officer = desk.officer()
    assert voiding.decide(paper, agree=True, by=officer, now=NOW) == "void"
    with pytest.raises(Conflict):
        desk.key_in(paper, desk.first)
    assert desk.register() != paper
    while outbox.deliver_due(HANDLERS, now=NOW + timedelta(minutes=5)):
        pass
    assert reading().scalars(sa.select(Notice.kind).where(Notice.account_id == told.id)).all() == ["survey_paper_void"]


def test_a_household_that_handed_in_no_paper_stops_it_until_another_hand_has_looked(desk, make):
    """Neither who registered nor who keyed it lets it go on; taken for the household's it can still be contested."""
    owner = desk.survey.owner(desk.home, level=1)
    neighbour, resident = (make.signed_in(one) for one in (desk.survey.owner(desk.survey.dwellings[1]), owner))
    here = f"{desk.survey.campaign}/{desk.home.public_id}"
    mine = f"/api/v1/campaigns/{desk.survey.campaign}/dwellings/{desk.home.public_id}/paper"
    with clock.at(NOW):
        assert resident.get(mine).json["paper"] is None
        assert resident.get(f"/q/{here}/paper").status_code == 302
        paper = desk.register()
        desk.key_in(paper, desk.first)
        assert "纸质问卷" in resident.get(f"/d/{desk.home.public_id}").get_data(as_text=True)
        assert f"/q/{here}/paper" in resident.get(f"/q/{here}").get_data(as_text=True)
        assert "我家没有交过" in resident.get(f"/q/{here}/paper").get_data(as_text=True)
        objections = f"{mine}s/{paper}/objections"
        assert [who.post(objections, json={}).status_code for who in (neighbour, resident, resident)] == [404, 201, 409]
        assert neighbour.get(mine).status_code == 404
        told = resident.get(mine).json
        assert (told["paper"], told["contested"], told["may_contest"]) == (paper, True, False)
        assert "先停下" in resident.get(f"/q/{here}/paper").get_data(as_text=True)
        assert "住户说没有交过" in desk.clients[1].get("/work/surveys/papers").get_data(as_text=True)
        assert "接着录" not in desk.clients[0].get(f"/work/surveys/papers/{paper}").get_data(as_text=True)
        assert "接着录" in desk.clients[1].get(f"/work/surveys/papers/{paper}").get_data(as_text=True)
    with pytest.raises(Conflict, match="paper-contested"):
        desk.key_in(paper, desk.second)
    with pytest.raises(NotAllowed, match="same-person"):
        voiding.decide(paper, agree=False, by=desk.first, now=NOW)
    assert voiding.decide(paper, agree=False, by=desk.second, now=NOW) == "keyed"
    with clock.at(NOW):
        assert "接着录入" in resident.get(f"/q/{here}/paper").get_data(as_text=True)
        family = make.signed_in(desk.survey.owner(desk.home, level=1))
        assert family.post(objections, json={}).status_code == 201  # somebody else of the household
    assert voiding.decide(paper, agree=True, by=desk.third, now=NOW) == "void"
    assert reading().scalar(sa.select(SurveyPaper.void_reason)) == "住户说没有交过这份纸质表"
    another = desk.register()
    desk.key_in(another, desk.first)
    assert desk.key_in(another, desk.second) == "done"
    with clock.at(NOW):
        assert resident.post(objections.replace(paper, another), json={}).status_code == 409


def test_who_has_no_role_at_the_door_finds_no_paper(desk, make):
    paper = desk.register()
    stranger = make.account("stranger")
    make.grant(stranger, "community_worker", make.estate("工商局宿舍", floors=1))
    stranger = reading().get_one(Account, stranger.id)
    by = Staff(stranger.id, stranger.person_id, "x")
    for step in (
        lambda: services.view(paper, by=by, now=NOW),
        lambda: desk.key_in(paper, by),
        lambda: voiding.ask(paper, "不归我", by=by, now=NOW),
        lambda: voiding.decide(paper, agree=True, by=by, now=NOW),
        lambda: printing.sheet_for(desk.survey.campaign, desk.home.public_id, by=by, now=NOW),
    ):
        with pytest.raises(NotFound):
            step()


def test_the_desk_works_over_http(desk):
    one, other, third = desk.clients
    with clock.at(NOW):
        page = one.get(f"/work/surveys/{desk.survey.campaign}/paper?dwelling={desk.home.public_id}")
        assert "登记交回来的表" in page.get_data(as_text=True)
        body = {"dwelling": desk.home.public_id, "received_at": NOW.isoformat(), "photos": []}
        url = f"/api/v1/staff/campaigns/{desk.survey.campaign}/papers"
        assert one.post(url, json=body).status_code == 422
        made = one.post(url, json={**body, "photos": [desk.photo()]})
        assert made.status_code == 201
        paper = made.json["paper"]
        assert desk.home.label in other.get("/work/surveys/papers").get_data(as_text=True)
        keyings = f"/api/v1/staff/survey-papers/{paper}/keyings"
        assert "照着表录" in one.get(f"/work/surveys/papers/{paper}").get_data(as_text=True)
        assert one.post(keyings, json={"answers": PAPER}).json == {"state": "keyed"}
        assert "另一位工作人员" in one.get(f"/work/surveys/papers/{paper}").get_data(as_text=True)
        assert other.post(keyings, json={"answers": {**PAPER, "q06": "rented"}}).json == {"state": "differs"}
        assert "第二个人录的" in third.get(f"/work/surveys/papers/{paper}").get_data(as_text=True)
        decision = f"/api/v1/staff/survey-papers/{paper}/decision"
        assert third.post(decision, json={"choices": {"q06": 3}}).status_code == 422
        assert third.post(decision, json={"choices": {"q06": 2}}).json == {"state": "done"}
        resident = desk.survey.make.signed_in(desk.survey.owner(desk.home))
        assert resident.get("/work/surveys/papers").status_code == 403
    assert desk.response().answers["q06"] == "rented"


def test_the_printed_sheet_asks_every_question_and_is_the_same_each_time(desk, app, tmp_path):
    read = form.read(data.shipped("estate-renovation-needs"))
    call = {
        "title": "2026年居民问卷",
        "place": "桃园北巷 1栋1单元101",
        "code": "0123456789",
        "address": "https://gj.example",
    }
    first = printing.pdf(read, **call)
    assert first.startswith(b"%PDF")
    assert printing.pdf(read, **call) == first
    with clock.at(NOW):
        url = f"/api/v1/staff/campaigns/{desk.survey.campaign}/dwellings/{desk.home.public_id}/paper.pdf"
        answer = desk.clients[0].get(url)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    told = app.test_cli_runner().invoke(
        args=["survey", "paper", desk.survey.campaign, "--building", desk.building.code, "--out", str(tmp_path)]
    )
    assert (told.exit_code, len(list(tmp_path.glob("*.pdf")))) == (0, 8), told.output
