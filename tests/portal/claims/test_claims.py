"""Claiming a dwelling over HTTP: the roster, the code on the sandbox's phones, the worker at the door."""

import re
import threading
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.audit.models import AuditEntry
from kernel.database import reading, transaction, use_case
from kernel.outbox import OutboxRow
from kernel.people.models import Tie
from kernel.people.queries import tie_of
from kernel.places.models import DoorCode
from kernel.places.queries import dwellings_of_estate
from portal import jobs
from portal.claims import rules
from portal.claims.models import Claim, ClaimCode
from tests.factories import Factory
from tests.portal.conftest import Phone


class Home:
    """An estate with one household on the roster: 陈秀英 (13800000001), her husband 王建国, a tenant."""

    def __init__(self) -> None:
        make = self.make = Factory()
        self.estate = make.estate()
        self.dwelling, self.next_door = dwellings_of_estate(reading(), self.estate.id)[:2]
        self.chen = make.person("陈秀英", "13800000001")
        make.holding(self.chen, self.dwelling)
        make.holding(make.person("王建国", None), self.dwelling, "co_owner")
        make.holding(make.person("赵六六", "13900000003"), self.dwelling, "tenant")
        make.holding(make.person("老局", "07518880001", "natural"), self.next_door)
        self.code = "7K3M9QXT2B"
        self._label()

    @use_case
    def _label(self) -> None:
        with transaction() as session:
            session.add(DoorCode(code=self.code, dwelling_id=self.dwelling.id, issued_at=clock.now()))

    def worker(self, app, wechat) -> Phone:
        """A signed-in community worker of the estate."""
        self.make.grant(self.make.account("o-worker"), "community_worker", self.estate)
        worker = Phone(app, wechat)
        worker.sign_in("o-worker")
        return worker

    def tie(self, openid: str) -> Tie | None:
        """The live tie of an account to the dwelling."""
        return tie_of(reading(), self.make.account(openid).id, self.dwelling.id)


@pytest.fixture
def home(product_app):
    return Home()


@pytest.fixture
def chen(phone):
    phone.sign_in("o-chen")
    return phone


def claim(phone, home, name="陈秀英", tail="0001", **more):
    key = more.pop("key", None)
    body = {"door_code": home.code, "name": name, "phone_tail": tail, **more}
    return phone.post("/api/v1/claims", body, key)


def deliver():
    while jobs.deliver_news(now=clock.now()):
        pass


def received(wechat, to="13800000001"):
    return re.search(r"验证码 (\d{6})", wechat.texts(to)[0]["text"])[1]


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


def test_the_code_rests_nowhere_once_sent(chen, home, wechat):
    made = claim(chen, home).json
    chen.post(f"/api/v1/claims/{made['id']}/code")
    row = reading().scalars(sa.select(OutboxRow).where(OutboxRow.topic == "claim.code")).one()
    assert set(row.payload) == {"code"}
    assert not re.search(r"\d{6}", str(row.payload["code"]).replace(row.payload["code"], ""))
    deliver()
    kept = reading().scalars(sa.select(ClaimCode)).one()
    assert kept.code_sealed is None
    assert received(wechat).encode() not in kept.code_hash


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
    for dwelling in others[:3]:
        for n in range(5):
            claim(phone, home, "甲乙", f"{n:04d}", door_code=None, dwelling=dwelling.public_id)
    answer = claim(phone, home, "甲乙", "0000", door_code=None, dwelling=others[3].public_id)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    with clock.at(clock.now() + timedelta(days=1)):
        assert claim(phone, home, door_code=home.code).status_code == 201


def test_wrong_codes_lock_the_claim(chen, home, wechat):
    made = claim(chen, home).json
    chen.post(f"/api/v1/claims/{made['id']}/code")
    deliver()
    right = received(wechat)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for left in (4, 3, 2, 1):
        answer = chen.post(f"/api/v1/claims/{made['id']}/confirm", {"code": wrong})
        assert answer.status_code == 422
        assert answer.json["fields"]["code"] == [f"验证码不对，还可以试 {left} 次。"]
    assert chen.post(f"/api/v1/claims/{made['id']}/confirm", {"code": wrong}).json["code"] == "claim-locked"
    assert chen.post(f"/api/v1/claims/{made['id']}/confirm", {"code": right}).json["code"] == "claim-locked"
    assert home.tie("o-chen").level == 1


def test_a_code_is_good_for_ten_minutes_and_only_the_newest(chen, home, wechat):
    made = claim(chen, home).json
    chen.post(f"/api/v1/claims/{made['id']}/code")
    deliver()
    old = received(wechat)
    with clock.at(clock.now() + timedelta(minutes=10, seconds=1)):
        assert chen.post(f"/api/v1/claims/{made['id']}/confirm", {"code": old}).status_code == 410
        chen.post(f"/api/v1/claims/{made['id']}/code")
        deliver()
        new = received(wechat)
        if new != old:
            assert chen.post(f"/api/v1/claims/{made['id']}/confirm", {"code": old}).status_code == 422
        assert chen.post(f"/api/v1/claims/{made['id']}/confirm", {"code": new}).status_code == 200


def test_codes_are_limited_by_the_minute_and_by_the_day_of_the_phone(chen, home, wechat):
    made = claim(chen, home).json
    other = Phone(chen.web.application, wechat)
    other.sign_in("o-child")
    theirs = claim(other, home, relation="family").json
    start = clock.now()
    assert chen.post(f"/api/v1/claims/{made['id']}/code").status_code == 202
    again = other.post(f"/api/v1/claims/{theirs['id']}/code")
    assert again.status_code == 429, "the same phone, another account"
    assert 1 <= int(again.headers["Retry-After"]) <= 61
    for minute in range(2, 2 * rules.MOST_CODES_A_PHONE, 2):
        with clock.at(start + timedelta(minutes=minute)):
            assert chen.post(f"/api/v1/claims/{made['id']}/code").status_code == 202
    with clock.at(start + timedelta(minutes=30)):
        assert other.post(f"/api/v1/claims/{theirs['id']}/code").status_code == 429


@pytest.mark.parametrize(
    ("limit", "status"),
    [("MOST_CODES_AN_ACCOUNT", 429), ("MOST_CODES_A_DWELLING", 429), ("MOST_CODES_A_CITY", 503)],
)
def test_codes_are_counted_by_account_dwelling_and_city(chen, home, monkeypatch, limit, status):
    monkeypatch.setattr(rules, limit, 1)
    made = claim(chen, home).json
    assert chen.post(f"/api/v1/claims/{made['id']}/code").status_code == 202
    with clock.at(clock.now() + timedelta(minutes=2)):
        answer = chen.post(f"/api/v1/claims/{made['id']}/code")
    assert answer.status_code == status
    assert "社区工作者" in answer.json["detail"]


def test_no_code_before_the_roster_fits_and_none_to_a_landline(chen, home):
    made = claim(chen, home, tail="9999").json
    assert chen.post(f"/api/v1/claims/{made['id']}/code").json["code"] == "claim-not-matched"
    landline = claim(chen, home, "老局", "0001", door_code=None, dwelling=home.next_door.public_id).json
    assert landline["can_send_code"] is False
    assert chen.post(f"/api/v1/claims/{landline['id']}/code").json["code"] == "no-mobile"


def test_the_same_key_claims_once_and_sends_one_code(chen, home, wechat):
    key = str(uuid.uuid4())
    first, second = claim(chen, home, key=key), claim(chen, home, key=key)
    assert first.json["id"] == second.json["id"]
    key = str(uuid.uuid4())
    for _ in range(3):
        assert chen.post(f"/api/v1/claims/{first.json['id']}/code", key=key).status_code == 202
    deliver()
    assert len(wechat.texts()) == 1


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
    answer = worker.post(f"/api/v1/work/claims/{waits['id']}/confirm", {"seen": "papers"})
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
    assert worker.post(f"/api/v1/work/claims/{made['id']}/confirm").json["claim"]["state"] == "confirmed"
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
    assert far.post(f"/api/v1/work/claims/{made['id']}/confirm").status_code == 404
    assert far.web.get("/api/v1/work/claims", query_string={"dwelling": home.dwelling.public_id}).status_code == 403
    assert chen.post(f"/api/v1/work/claims/{made['id']}/confirm").status_code == 403
    worker = home.worker(chen.web.application, wechat)
    own = claim(worker, home).json
    assert worker.post(f"/api/v1/work/claims/{own['id']}/confirm").json["code"] == "own-claim"


def test_a_dead_sms_gate_is_tried_again_and_the_code_still_comes(chen, home, wechat):
    made = claim(chen, home).json
    wechat.fault("sms.send", "500")
    wechat.fault("sms.send", "cut", accept=False)
    chen.post(f"/api/v1/claims/{made['id']}/code")
    now = clock.now()
    for seconds in (0, 60, 200):
        with clock.at(now + timedelta(seconds=seconds)):
            deliver()
    assert len(wechat.texts()) >= 1
    assert chen.post(f"/api/v1/claims/{made['id']}/confirm", {"code": received(wechat)}).status_code == 200


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
