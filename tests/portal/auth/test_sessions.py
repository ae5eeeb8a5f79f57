"""Sessions live on the server: they can be listed, ended, and end by themselves."""

from datetime import timedelta

from kernel import clock, grants
from kernel.database import transaction, use_case
from kernel.grants.models import Grant
from portal.auth import services
from tests.factories import Factory
from tests.portal.conftest import Phone


def test_sessions_are_listed_and_one_can_be_ended_from_another(phone):
    other = Phone(phone.web.application, phone.wechat)
    phone.sign_in("o-chen")
    other.sign_in("o-chen")
    listed = phone.web.get("/api/v1/sessions").json["sessions"]
    assert len(listed) == 2
    assert [each["current"] for each in listed].count(True) == 1
    lost = next(each["id"] for each in listed if not each["current"])
    assert phone.post(f"/api/v1/sessions/{lost}/end").json == {"ended": 1}
    assert not other.signed_in()
    assert phone.signed_in()


def test_nobody_ends_another_accounts_session(phone):
    other = Phone(phone.web.application, phone.wechat)
    phone.sign_in("o-chen")
    other.sign_in("o-liu")
    theirs = other.web.get("/api/v1/sessions").json["sessions"][0]["id"]
    assert phone.post(f"/api/v1/sessions/{theirs}/end").status_code == 404
    assert other.signed_in()


def test_signing_out_ends_this_session_and_everywhere_ends_all(phone):
    other, third = Phone(phone.web.application, phone.wechat), Phone(phone.web.application, phone.wechat)
    for each in (phone, other, third):
        each.sign_in("o-chen")
    token = phone.web.get_cookie("s").value
    assert phone.post("/api/v1/sign-out").json == {"ended": 1}
    assert phone.web.get_cookie("s") is None
    phone.web.set_cookie("s", token)
    assert not phone.signed_in(), "the cookie's old value is worth nothing"
    assert other.post("/api/v1/sign-out", {"everywhere": True}).json == {"ended": 2}
    assert not third.signed_in()


def test_a_sign_out_from_another_site_does_nothing(phone):
    phone.sign_in("o-chen")
    for headers in ({}, {"X-Requested-By": "gongjian", "Origin": "https://evil.example"}):
        assert phone.web.post("/api/v1/sign-out", json={}, headers=headers).status_code == 403
    assert phone.signed_in()


def test_a_residents_session_ends_after_a_week_unused_and_after_a_month_in_any_case(phone):
    start = clock.now()
    phone.sign_in("o-chen")
    with clock.at(start + timedelta(days=6, hours=23)):
        assert phone.signed_in()
    with clock.at(start + timedelta(days=13)):
        assert phone.signed_in(), "it was used in between"
    with clock.at(start + timedelta(days=20, hours=1)):
        assert not phone.signed_in(), "unused for more than a week"


def test_a_month_ends_a_session_however_often_it_is_used(phone):
    start = clock.now()
    phone.sign_in("o-chen")
    for day in range(1, 30, 3):
        with clock.at(start + timedelta(days=day)):
            assert phone.signed_in()
    with clock.at(start + timedelta(days=30, minutes=1)):
        assert not phone.signed_in()


@use_case
def _revoke(grant_id: int) -> None:
    with transaction() as session:
        grants.revoke(session, session.get_one(Grant, grant_id), by="test", now=clock.now())


def test_a_staff_session_is_cut_when_its_grant_ends(phone):
    make = Factory()
    worker = make.account("o-worker")
    grant = make.grant(worker, "community_worker", make.place("community", make.city()))
    phone.sign_in("o-worker")
    assert phone.signed_in()
    _revoke(grant.id)
    assert not phone.signed_in()


def test_a_role_given_to_a_signed_in_resident_starts_a_session_of_staff(phone):
    phone.sign_in("o-chen")
    make = Factory()
    make.grant(make.account("o-chen"), "community_worker", make.place("community", make.city()))
    assert not phone.signed_in(), "the old session had a resident's terms"
    phone.sign_in("o-chen")
    assert phone.signed_in()


def test_a_staff_session_is_cut_when_its_term_runs_out(phone):
    make = Factory()
    make.grant(make.account("o-worker"), "community_worker", make.place("community", make.city()), days=1)
    start = clock.now()
    with clock.at(start + timedelta(days=1) - timedelta(minutes=10)):
        phone.sign_in("o-worker")
        assert phone.signed_in()
    with clock.at(start + timedelta(days=1) + timedelta(minutes=1)):
        assert not phone.signed_in()


def test_an_unattended_desk_is_signed_out_after_half_an_hour(phone):
    make = Factory()
    make.grant(make.account("o-worker"), "community_worker", make.place("community", make.city()))
    start = clock.now()
    phone.sign_in("o-worker")
    with clock.at(start + timedelta(minutes=29)):
        assert phone.signed_in()
    with clock.at(start + timedelta(minutes=58)):
        assert phone.signed_in()
    with clock.at(start + timedelta(minutes=89)):
        assert not phone.signed_in()


def test_made_up_cookies_sign_nobody_in(phone):
    for value in ("", "x", "x" * 43, "'; drop table web_session; --" * 2, "你好" * 20):
        phone.web.set_cookie("s", value)
        assert not phone.signed_in()


def test_what_is_long_over_is_forgotten(phone):
    phone.sign_in("o-chen")
    assert services.forget_old(now=clock.now()) == 0
    assert services.forget_old(now=clock.now() + timedelta(days=70)) == 2
