"""Two make a visit, and the second says so himself; until then it ranks lower. On both databases."""

import base64
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from kernel import clock, outbox
from kernel.audit.models import AuditEntry
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, Gone, Invalid, NotAllowed, NotFound
from kernel.people.models import Account, Person
from kernel.places.queries import place_by_id
from kernel.web.rate_limits import limiter
from portal.jobs import HANDLERS
from portal.notices.models import Notice
from surveys.questionnaires.models import Response
from surveys.questionnaires.rules.second_visitors import SecondWord, word
from surveys.questionnaires.second_visitors.models import SecondVisitor
from surveys.questionnaires.second_visitors.services import answering, asking
from surveys.questionnaires.second_visitors.services.answering import Visitor
from surveys.questionnaires.services import attachments
from surveys.questionnaires.standing.models import Dispute
from tests.surveys.questionnaires.conftest import NOW, open_survey
from tests.surveys.questionnaires.mine.test_mine import ALL, withdraw
from tests.surveys.questionnaires.standing.conftest import House, person_of

LATE = NOW + timedelta(days=3)


@pytest.fixture
def house(app, make):
    return House(open_survey(make))


def by(account):
    return Visitor(account.id, account.person_id, f"account:{account.public_id}")


def leader(house, name="leader"):
    """The leader of the building: no app password, no answers to see, but he knows the doors."""
    account = house.survey.make.account(name)
    house.survey.make.grant(account, "building_leader", place_by_id(reading(), house.home.building_id))
    return reading().get_one(Account, account.id)


def test_a_visit_of_one_is_weaker_than_a_proved_household_and_as_good_as_it_once_the_second_confirms(house):
    worker, second = house.staff("worker"), leader(house)
    visited = house.visit(worker, second)
    assert visited.standing == "counts"  # the first sheet counts whatever it is
    mine = house.submit(house.member())  # it had not seen the visit
    assert (mine.standing, house.counts()[0]) == ("counts", mine.response)

    other = House(house.survey, 1)
    visited = other.visit(worker, second)
    other.word(second, visited.response)
    assert other.submit(other.member()).standing == "waits"
    assert other.counts()[0] == visited.response


def test_a_visit_that_had_to_wait_counts_when_its_second_visitor_confirms_and_no_one_else_has_to_settle(house):
    worker, second = house.staff("worker"), leader(house)
    weak = house.member(level=1)
    first = house.submit(weak, q09="agree")
    visited = house.visit(worker, second, q09="disagree", q10=["cost"])
    assert (visited.standing, house.counts()[0]) == ("waits", first.response)
    house.word(second, visited.response)
    assert house.counts() == (visited.response, None)
    assert (house.counter("q09", "disagree"), house.counter("q09", "agree"), house.counter("", "*")) == (1, 0, 1)
    case = reading().scalars(sa.select(Dispute)).one()
    assert (case.outcome, case.settled_by, case.chosen_id) == ("stronger", None, None)
    # The household's own word still goes before: nothing was chosen, only the evidence became better.
    assert house.submit(weak, replaces=visited.response).standing == "waits"
    assert house.submit(house.member(), replaces=visited.response).standing == "counts"


def notices(account):
    reading().rollback()
    return list(reading().scalars(sa.select(Notice.kind).where(Notice.account_id == account.id).order_by(Notice.id)))


def test_who_is_named_is_asked_by_message_and_who_named_him_learns_that_he_was_not_there(house):
    worker, second, late = house.staff("worker"), leader(house), leader(house, "late")
    visited = house.visit(worker, second)
    with clock.at(NOW):
        deliver()
        deliver()
        assert notices(second) == ["visit_named"]
        page = house.survey.make.signed_in(second).get("/me/notices").get_data(as_text=True)
        assert "同事说您一起去了" in page
        assert "/work/visits" in page
    house.word(second, visited.response, "declined")
    named = answering.name(visited.response, person_of(late), by=by(worker), key=house.survey.key(worker), now=NOW)
    house.word(late, visited.response)
    with clock.at(NOW):
        deliver()  # he has answered before the news came
    assert named
    assert (notices(worker), notices(late)) == (["visit_declined"], [])
    with clock.at(NOW):
        page = house.survey.make.signed_in(worker).get("/me/notices").get_data(as_text=True)
    assert f"/q/{house.survey.campaign}/{house.home.public_id}/done?v={visited.response}" in page


def deliver():
    while outbox.deliver_due(HANDLERS, now=NOW + timedelta(minutes=5)):
        pass


def test_who_may_be_chosen_and_that_one_person_is_not_two(house):
    make, worker, second = house.survey.make, house.staff("worker"), leader(house)
    elsewhere = make.account("elsewhere")
    make.grant(elsewhere, "community_worker", make.estate("工商局宿舍", floors=1))
    gone, cashier = make.account("gone"), make.account("cashier")
    make.grant(gone, "group_member", house.survey.estate, days=-60)
    make.grant(cashier, "cashier", house.survey.estate)
    building = place_by_id(reading(), house.home.building_id)
    offered = {one.person for one in asking.candidates(reading(), [building], but=worker.person_id, now=NOW)}
    assert offered == {person_of(second)}
    for nobody in (elsewhere, gone, cashier, worker):
        with pytest.raises(Invalid):
            house.visit(worker, reading().get_one(Account, nobody.id))
    at_home = leader(house, "at-home")
    make.holding(make_person(at_home), house.home)
    with pytest.raises(Invalid, match="visitor-of-household"):
        house.visit(worker, at_home)
    assert reading().scalar(sa.select(sa.func.count()).select_from(Response)) == 0  # refused whole
    visited = house.visit(worker, second)
    with pytest.raises(IntegrityError):
        force(house, worker)
    with pytest.raises(NotFound):  # only he who was asked speaks for himself
        answering.answer(
            asked_as(visited),
            SecondWord.CONFIRMED,
            by=by(worker),
            way="own_session",
            key=house.survey.key(worker),
            now=NOW,
        )


def test_whoever_has_two_accounts_is_still_one_visitor(house):
    make, worker = house.survey.make, house.staff("worker")
    twin, proved = leader(house, "twin"), leader(house, "proved")
    same_phone(worker, twin)
    make.tie(reading().get_one(Account, worker.id), House(house.survey, 1).home, person=make_person(proved))
    for another in (twin, proved):
        with pytest.raises(Invalid, match="same-visitor"):
            house.visit(worker, another)


@use_case
def same_phone(*accounts):
    with transaction() as session:
        people = [account.person_id for account in accounts]
        session.execute(sa.update(Person).where(Person.id.in_(people)).values(phone_index=b"the same"))


def make_person(account):
    return reading().get_one(Person, account.person_id)


@use_case
def force(house, worker):
    with transaction() as session:
        session.execute(sa.update(SecondVisitor).values(person_id=worker.person_id))


def asked_as(receipt):
    statement = (
        sa.select(SecondVisitor.public_id)
        .join(Response, Response.id == SecondVisitor.response_id)
        .where(Response.public_id == receipt.response)
        .order_by(SecondVisitor.id.desc())
    )
    return reading().scalars(statement).first()


def test_who_declines_or_does_not_answer_is_replaced_within_three_days_and_not_after(house):
    worker, second, third = house.staff("worker"), leader(house), house.staff("third")
    visited = house.visit(worker)
    name = {"by": by(worker), "now": NOW}
    with pytest.raises(NotFound):
        answering.name(visited.response, person_of(third), by=by(third), key=house.survey.key(third), now=NOW)
    answering.name(visited.response, person_of(second), key=house.survey.key(worker), **name)
    house.word(second, visited.response, "declined")
    with pytest.raises(NotFound):
        house.word(second, visited.response)  # said once
    answering.name(visited.response, person_of(second), key=house.survey.key(worker), **name)
    before = asked_as(visited)
    answering.name(visited.response, person_of(third), key=house.survey.key(worker), **name)
    with pytest.raises(Conflict, match="second-visitor-answered"):
        answering.answer(
            before, SecondWord.CONFIRMED, by=by(second), way="own_session", key=house.survey.key(second), now=NOW
        )
    with pytest.raises(Gone):
        house.word(third, visited.response, now=LATE)
    with pytest.raises(Gone):
        answering.name(visited.response, person_of(second), by=by(worker), key=house.survey.key(worker), now=LATE)
    assert answering.waiting_for(person_id=third.person_id, now=LATE) == []
    assert word(None, LATE, LATE) == "没有确认"
    house.word(third, visited.response, now=LATE - timedelta(seconds=1))
    with pytest.raises(Conflict, match="second-visitor-confirmed"):
        answering.name(visited.response, person_of(second), by=by(worker), key=house.survey.key(worker), now=NOW)
    told = reading().scalars(
        sa.select(AuditEntry.action).where(AuditEntry.action.startswith("visit.")).order_by(AuditEntry.id)
    )
    assert list(told) == [
        "visit.second_named",
        "visit.second_declined",
        "visit.second_named",
        "visit.second_named",
        "visit.second_confirmed",
    ]


def test_neither_visitor_settles_and_a_consent_taken_back_leaves_the_visit_its_second_visitor(house):
    worker, second = house.staff("worker"), house.staff("second")
    me = house.member()
    visited = house.visit(worker, second, q37=ALL)
    house.word(second, visited.response)
    house.say(me, visited.response)
    for one in (worker, second):
        with pytest.raises(NotAllowed, match="own-response"):
            house.settle(one, visited.response)
    assert withdraw(me, visited.response, "photos") == "counts"
    assert house.submit(house.member()).standing == "waits"  # beside a visit of two


def test_over_http_by_both_ways_and_what_the_receipt_says(house):
    make = house.survey.make
    worker, second, me = house.staff("worker"), house.staff("second"), house.member()
    one, two, home = make.signed_in(worker), make.signed_in(second), make.signed_in(me)
    done = f"/q/{house.survey.campaign}/{house.home.public_id}/done"
    with clock.at(NOW):
        limiter.reset()
        fill = one.get(f"/q/{house.survey.campaign}/{house.home.public_id}?mode=scroll").get_data(as_text=True)
        assert person_of(second) in fill
        assert person_of(worker) not in fill
        visited = house.visit(worker, second)
        assert "1 户等您" in two.get("/").get_data(as_text=True)
        waiting = two.get("/api/v1/staff/second-visitors").json["visits"]
        assert [(each["label"], each["name"]) for each in waiting] == [(house.home.label, "李工")]
        assert house.home.label in two.get("/work/visits").get_data(as_text=True)
        assert "在这里一次确认" in one.get("/work/visits").get_data(as_text=True)
        assert home.get("/work/visits").status_code == 403
        assert "李工待确认同去" in home.get(done).get_data(as_text=True)
        here = "/api/v1/staff/second-visitors/confirmed-here"
        made = two.post("/api/v1/work/app-passwords", json={"label": "红米"}).json
        own = one.post("/api/v1/work/app-passwords", json={"label": "红米"}).json
        visits = [asked_as(visited)]
        typed = {"username": made["username"], "password": made["password"], "visitors": visits}
        wrong = one.post(here, json={**typed, "password": "guess"})
        assert (wrong.status_code, "password" in wrong.json["fields"]) == (422, True)
        own_typed = {"username": own["username"], "password": own["password"], "visitors": visits}
        assert one.post(here, json=own_typed).json["code"] == "not-the-second-visitor"
        assert two.post(here, json=typed).status_code == 404  # it is not his visit to hand round
        assert one.post(here, json=typed, key="the-same-tap").json == {"confirmed": 1}
        assert one.post(here, json=typed, key="the-same-tap").json == {"confirmed": 1}
        assert "李工已确认同去" in home.get(done).get_data(as_text=True)
        assert "已确认一起去了" in one.get(done).get_data(as_text=True)

        other = House(house.survey, 1)
        alone = other.visit(worker)
        named = f"/api/v1/staff/responses/{alone.response}/second-visitor"
        assert one.post(named, json={"person": person_of(worker)}).json["code"] == "same-visitor"
        asked = one.post(named, json={"person": person_of(second)}).json["visitor"]
        assert two.post(f"/api/v1/staff/second-visitors/{asked}/word", json={"word": "taken_back"}).status_code == 422
        third = House(house.survey, 2)
        round_ = [asked, asked_as(third.visit(worker, second))]
        namesake = asked_as(House(house.survey, 3).visit(worker, house.staff("namesake")))
        shown = re.findall(r'data-here="([^"]+)"', one.get("/work/visits").get_data(as_text=True))
        assert [set(visits.split()) for visits in shown] == [set(round_), {namesake}]  # two of one name, one form each
        both = "/api/v1/staff/second-visitors/confirmed"
        assert "2 户我都去了" in two.get("/work/visits").get_data(as_text=True)
        assert one.post(both, json={"visitors": round_}).status_code == 404
        assert two.post(both, json={"visitors": [*visits, *round_]}).status_code == 409  # of all, or of none
        assert two.post(both, json={"visitors": round_}).json == {"confirmed": 2}
        assert "现在没有" in two.get("/work/visits").get_data(as_text=True)
    assert reading().scalars(sa.select(SecondVisitor.way).order_by(SecondVisitor.id)).all() == [
        "app_password",
        "own_session",
        "own_session",
        None,
    ]


def test_a_visitor_whose_term_is_over_no_longer_opens_the_pictures_he_took_at_the_door(house):
    make, worker = house.survey.make, house.survey.make.account("leaving")
    make.grant(worker, "community_worker", house.survey.estate, days=30)
    worker = reading().get_one(Account, worker.id)
    theirs = house.signature(worker, "worker_visit", NOW)
    me = house.member()
    mine = house.signature(me, "wechat_self", NOW)
    look = {"account_id": worker.id, "person_id": worker.person_id}
    assert attachments.picture(theirs, **look, now=NOW)[1] == "image/png"
    over = clock.now() + timedelta(days=31)
    with pytest.raises(NotFound):
        attachments.picture(theirs, **look, now=over)
    for stranger in (worker, house.member()):
        with pytest.raises(NotFound):
            attachments.picture(mine, account_id=stranger.id, person_id=stranger.person_id, now=NOW)
    assert attachments.picture(mine, account_id=me.id, person_id=None, now=over)  # one's own stays one's own


def test_collect_offers_who_may_come_along_and_names_him(house):
    make, worker, second = house.survey.make, house.staff("worker"), leader(house)
    client = make.signed_in(worker)
    with clock.at(NOW):
        limiter.reset()
        made = client.post("/api/v1/work/app-passwords", json={"label": "红米"}).json
        pair = base64.b64encode(f"{made['username']}:{made['password']}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}"}
        form = f"/openrosa/forms/{house.survey.campaign}"
        assert "visitors.csv" in client.get(f"{form}/manifest", headers=headers).get_data(as_text=True)
        table = client.get(f"{form}/visitors.csv", headers=headers).get_data(as_text=True)
        assert table == f"name,label\n{person_of(second)},李工\nalone,今天只有我一个人\n"
        xml = client.get(f"{form}.xml", headers=headers).get_data(as_text=True)
        assert "jr://file-csv/visitors.csv" in xml
