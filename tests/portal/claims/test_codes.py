"""The code sent to the roster's phone: how long it is good, how often it is sent, what rests of it."""

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.database import reading
from kernel.outbox import OutboxRow
from portal.claims import rules
from portal.claims.models import ClaimCode
from tests.portal.claims.conftest import claim, deliver, received
from tests.portal.conftest import Phone


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


def test_a_code_to_ones_own_phone_proves_nobody_else_of_the_roster(phone, home, wechat):
    phone.sign_in("o-tenant")
    made = claim(phone, home, "赵六六", "0003").json
    phone.post(f"/api/v1/claims/{made['id']}/code")
    deliver()
    mine = received(wechat, "13900000003")
    assert claim(phone, home, "陈秀英", "0001").json["id"] == made["id"], "he knows his landlady's name and number"
    answer = phone.post(f"/api/v1/claims/{made['id']}/confirm", {"code": mine})
    assert (answer.status_code, answer.json["code"]) == (410, "code-expired")
    tie = home.tie("o-tenant")
    assert (tie.level, tie.relation) == (1, "tenant")


def test_codes_are_limited_by_the_minute_and_by_the_day_of_the_phone(chen, home, wechat):
    made = claim(chen, home).json
    other = Phone(chen.web.application, wechat)
    other.sign_in("o-child")
    theirs = claim(other, home, relation="family").json
    start = clock.china_moment(clock.china_day(clock.now()), 12)  # half an hour later it is still the same day
    with clock.at(start):
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
    noon = clock.china_moment(clock.china_day(clock.now()), 12)  # two minutes later it is still the same day
    with clock.at(noon):
        assert chen.post(f"/api/v1/claims/{made['id']}/code").status_code == 202
    with clock.at(noon + timedelta(minutes=2)):
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
