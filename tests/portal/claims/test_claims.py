"""Claiming a dwelling over HTTP: the roster, who claims beside whom, the worker at the door."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.audit.models import AuditEntry
from kernel.database import reading, transaction, use_case
from kernel.people.models import Person, Tie
from kernel.people.services import seal_person
from kernel.places.models import DoorCode
from portal.claims.models import Claim
from tests.portal.claims.conftest import claim, deliver, received
from tests.portal.conftest import Phone


def test_name_and_phone_tail_make_a_tie_of_level_one(chen, home):
    answer = claim(chen, home)
    assert answer.status_code == 201
    assert answer.json["state"] == "matched"
    assert answer.json["level"] == 1
    assert answer.json["label"] == home.dwelling.label
    assert answer.json["can_send_code"] is True
    tie = home.tie("o-chen")
    assert (tie.level, tie.relation, tie.person_id) == (1, "self", home.chen.id)


def test_who_speaks_for_the_flat_at_level_two_already_is_confirmed_at_once(chen, home):
    home.make.tie(home.make.account("o-chen"), home.dwelling, person=home.chen)
    assert claim(chen, home).json["level"] == 2


def test_a_code_to_the_rosters_phone_makes_it_level_two(chen, home, wechat):
    made = claim(chen, home).json
    asked = chen.post(f"/api/v1/claims/{made['id']}/code")
    assert asked.status_code == 202
    assert "13800000001" not in asked.text
    assert wechat.texts() == [], "nothing is sent while somebody waits"
    deliver()
    message = wechat.texts("13800000001")[0]["text"]
    assert home.dwelling.label in message
    answer = chen.post(f"/api/v1/claims/{made['id']}/confirm", {"code": received(wechat)})
    assert (answer.status_code, answer.json["level"]) == (200, 2)
    assert home.tie("o-chen").level == 2
    deliver()
    assert len(wechat.texts()) == 1


def test_a_child_confirms_for_a_parent_and_stays_marked_as_family(phone, home, wechat):
    phone.sign_in("o-child")
    made = claim(phone, home, relation="family").json
    phone.post(f"/api/v1/claims/{made['id']}/code")
    deliver()
    phone.post(f"/api/v1/claims/{made['id']}/confirm", {"code": received(wechat)})
    tie = home.tie("o-child")
    assert (tie.level, tie.relation, tie.person_id) == (2, "family", home.chen.id)


def test_a_tenant_is_one_whatever_he_says(phone, home):
    phone.sign_in("o-tenant")
    assert claim(phone, home, "赵六六", "0003", relation="self").json["relation"] == "tenant"


def test_a_mismatch_says_the_same_whoever_lives_there(chen, home):
    said = set()
    for name, tail, which in [
        ("陈秀英", "9999", {}),
        ("没有人", "0001", {}),
        ("赵六六", "0001", {}),
        ("陈秀英", "0001", {"door_code": None, "dwelling": home.next_door.public_id}),
    ]:
        answer = claim(chen, home, name, tail, **which)
        assert answer.status_code == 201
        assert answer.json["state"] == "waiting"
        said.add(answer.json["text"])
    assert len(said) == 1
    assert home.tie("o-chen") is None


def test_five_wrong_tries_lock_the_claim_but_not_the_flat(phone, home, chen, wechat):
    thief = Phone(phone.web.application, wechat)
    thief.sign_in("o-thief")
    left = [claim(thief, home, "陈秀英", f"{n:04d}").json["tries_left"] for n in range(1000, 1005)]
    assert left == [4, 3, 2, 1, 0]
    refused = claim(thief, home)
    assert refused.status_code == 409
    assert refused.json["code"] == "claim-locked"
    assert home.tie("o-thief") is None
    assert claim(chen, home).json["state"] == "matched", "the household itself goes on"


def test_withdrawing_buys_no_new_tries(phone, home):
    phone.sign_in("o-thief")
    for n in range(4):
        made = claim(phone, home, "陈秀英", f"{1000 + n}").json
    assert phone.post(f"/api/v1/claims/{made['id']}/withdraw").json["state"] == "withdrawn"
    assert claim(phone, home, "陈秀英", "1004").json["state"] == "locked"
    assert claim(phone, home).status_code == 409


def test_an_account_may_be_wrong_fifteen_times_a_day_over_all_doors(phone, home):
    phone.sign_in("o-thief")
    others = [home.make.dwelling(home.make.place("building", home.estate)) for _ in range(4)]
    noon = clock.china_moment(clock.china_day(clock.now()), 12)  # one day, also when this runs at midnight
    with clock.at(noon):
        for dwelling in others[:3]:
            for n in range(5):
                claim(phone, home, "甲乙", f"{n:04d}", door_code=None, dwelling=dwelling.public_id)
        answer = claim(phone, home, "甲乙", "0000", door_code=None, dwelling=others[3].public_id)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    with clock.at(noon + timedelta(days=1)):
        assert claim(phone, home, door_code=home.code).status_code == 201


def test_another_accounts_claim_is_not_found(chen, home, wechat):
    made = claim(chen, home).json
    other = Phone(chen.web.application, wechat)
    other.sign_in("o-other")
    for what, body in (("code", {}), ("confirm", {"code": "123456"}), ("withdraw", {})):
        assert other.post(f"/api/v1/claims/{made['id']}/{what}", body).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"phone_tail": "12"},
        {"phone_tail": "12345"},
        {"phone_tail": "１２３４"},
        {"name": ""},
        {"name": "甲" * 41},
        {"relation": "neighbour"},
        {"level": 2},
        {"door_code": None},
        {"door_code": "x"},
        {"dwelling": "x" * 22},
    ],
)
def test_a_body_of_another_shape_is_refused_in_its_place(chen, home, change):
    answer = claim(chen, home, **change)
    assert answer.status_code == 422
    assert answer.json["detail"]


def test_a_revoked_label_says_so(chen, home):
    _revoke(home.code)
    assert claim(chen, home).status_code == 410


@use_case
def _revoke(code):
    with transaction() as session:
        session.execute(sa.update(DoorCode).where(DoorCode.code == code).values(revoked_at=clock.now()))


def test_those_who_spoke_for_the_flat_before_are_told_once_and_not_who(chen, home, wechat):
    claim(chen, home)
    child = Phone(chen.web.application, wechat)
    child.sign_in("o-child")
    made = claim(child, home, relation="family").json
    deliver()
    child.post(f"/api/v1/claims/{made['id']}/code")
    deliver()
    child.post(f"/api/v1/claims/{made['id']}/confirm", {"code": received(wechat)})
    deliver()
    told = chen.web.get("/api/v1/notices").json["notices"]
    assert [notice["kind"] for notice in told] == ["new_claim"]
    assert "又有一部手机" in told[0]["text"]
    assert "o-child" not in str(told)
    assert child.web.get("/api/v1/notices").json["notices"] == []
    assert chen.post(f"/api/v1/notices/{told[0]['id']}/read").status_code == 204
    assert chen.web.get("/api/v1/notices").json["notices"][0]["read"] is True
    assert child.post(f"/api/v1/notices/{told[0]['id']}/read").status_code == 404


def mark(worker, home, made) -> str:
    """The mark of a claim as a worker sees it."""
    seen = worker.web.get("/api/v1/work/claims", query_string={"dwelling": home.dwelling.public_id}).json["claims"]
    return next(each["mark"] for each in seen if each["claim"]["id"] == made["id"])


def test_a_worker_sees_all_claims_of_a_flat_and_confirms_one_at_the_door(chen, home, wechat):
    claim(chen, home)
    stranger = Phone(chen.web.application, wechat)
    stranger.sign_in("o-husband")
    waits = claim(stranger, home, "王建国", "4321").json
    worker = home.worker(chen.web.application, wechat)
    seen = worker.web.get("/api/v1/work/claims", query_string={"dwelling": home.dwelling.public_id}).json["claims"]
    assert [(each["claimed_name"], each["claim"]["state"], each["others"]) for each in seen] == [
        ("陈秀英", "matched", 0),
        ("王建国", "waiting", 1),
    ]
    claim(stranger, home, "陈秀英", "4321")
    path = f"/api/v1/work/claims/{waits['id']}/confirm"
    slipped = worker.post(path, {"seen": "papers", "mark": seen[1]["mark"]})
    assert (slipped.status_code, slipped.json["code"]) == (409, "claim-changed"), "another name under his finger"
    claim(stranger, home, "王建国", "4321")
    answer = worker.post(path, {"seen": "papers", "mark": mark(worker, home, waits)})
    assert answer.status_code == 200
    assert answer.json["claim"]["level"] == 2
    assert answer.json["matched_name"] == "王建国", "found by the name on the papers"
    assert home.tie("o-husband").level == 2
    deliver()
    assert stranger.web.get("/api/v1/notices").json["notices"][0]["kind"] == "claim_confirmed"
    actions = set(reading().scalars(sa.select(AuditEntry.action)))
    assert {"look.claims", "claim.confirmed", "claim.tried", "tie.made"} <= actions


def test_a_worker_opens_a_locked_claim_and_refuses_a_false_one(phone, home, wechat):
    phone.sign_in("o-chen")
    for n in range(5):
        made = claim(phone, home, "陈秀英", f"{1000 + n}").json
    worker = home.worker(phone.web.application, wechat)
    body = {"mark": mark(worker, home, made)}
    assert worker.post(f"/api/v1/work/claims/{made['id']}/confirm", body).json["claim"]["state"] == "confirmed"
    assert home.tie("o-chen").level == 2
    assert (
        worker.post(f"/api/v1/work/claims/{made['id']}/refuse", {"reason": "stranger"}).json["claim"]["state"]
        == "refused"
    )
    assert home.tie("o-chen") is None
    deliver()
    assert phone.web.get("/api/v1/notices").json["notices"][0]["kind"] == "claim_refused"


def test_a_worker_of_another_place_finds_nothing_and_nobody_confirms_himself(chen, home, wechat):
    made = claim(chen, home).json
    make = home.make
    make.grant(make.account("o-far"), "community_worker", make.place("community", make.city()))
    far = Phone(chen.web.application, wechat)
    far.sign_in("o-far")
    assert far.post(f"/api/v1/work/claims/{made['id']}/confirm", {"mark": "0" * 16}).status_code == 404
    assert far.web.get("/api/v1/work/claims", query_string={"dwelling": home.dwelling.public_id}).status_code == 403
    assert chen.post(f"/api/v1/work/claims/{made['id']}/confirm").status_code == 403
    worker = home.worker(chen.web.application, wechat)
    own = claim(worker, home).json
    answer = worker.post(f"/api/v1/work/claims/{own['id']}/confirm", {"mark": mark(worker, home, own)})
    assert answer.json["code"] == "own-claim"
    _is_reached_by(make.account("o-worker").person_id, "13800000001")  # she is the claimant, from her other account
    for step, body in (("confirm", {"mark": mark(worker, home, made)}), ("refuse", {"reason": "stranger"})):
        assert worker.post(f"/api/v1/work/claims/{made['id']}/{step}", body).json["code"] == "own-claim"


@use_case
def _is_reached_by(person_id: int | None, phone: str) -> None:
    with transaction() as session:
        seal_person(session.get_one(Person, person_id), name="李工", phone=phone)


def test_nothing_readable_rests_in_the_tables(chen, home, caplog):
    claim(chen, home)
    row = reading().scalars(sa.select(Claim)).one()
    assert "陈秀英".encode() not in row.name_sealed
    assert "陈秀英" not in caplog.text
    assert "13800000001" not in caplog.text


def test_two_claims_at_once_make_one(product_app, home, wechat):
    phone = Phone(product_app, wechat)
    phone.sign_in("o-chen")
    cookie = phone.web.get_cookie("s").value
    answers = []

    def run():
        twin = Phone(product_app, wechat)
        twin.web.set_cookie("s", cookie)
        answers.append(claim(twin, home).status_code)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [201] * 6
    assert len(reading().scalars(sa.select(Claim)).all()) == 1
    assert len(reading().scalars(sa.select(Tie)).all()) == 1
