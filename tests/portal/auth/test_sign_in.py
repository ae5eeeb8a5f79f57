"""The way to WeChat and back, walked against the sandbox over HTTP, on both databases."""

import threading
from datetime import timedelta

import sqlalchemy as sa

from kernel import clock
from kernel.database import reading
from kernel.people.models import Account
from portal.auth.models import OauthState, WebSession
from tests.portal.conftest import Phone, query_of


def test_a_person_signs_in_silently_and_comes_back_to_the_page_she_wanted(phone):
    address = phone.leave("/signin-is-not-a-target")
    asked = query_of(address)
    assert asked["scope"] == "snsapi_base"
    assert asked["redirect_uri"] == "http://localhost/oauth/return"
    assert len(asked["state"]) == 32
    answer = phone.sign_in("o-chen", "/health")
    assert answer.status_code == 302
    assert phone.signed_in()
    assert reading().scalar(sa.select(sa.func.count()).select_from(Account)) == 1


def test_nothing_in_the_tables_signs_anybody_in(phone):
    phone.sign_in("o-chen")
    token = phone.web.get_cookie("s").value
    session = reading().scalars(sa.select(WebSession)).one()
    states = reading().scalars(sa.select(OauthState)).all()
    assert token not in (session.token_hash, session.public_id)
    assert len(session.token_hash) == 64
    assert all(len(row.state_hash) == 64 for row in states)


def test_the_cookie_is_closed_to_scripts_and_to_other_sites(phone):
    answer = phone.sign_in("o-chen")
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("s="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_under_https_the_cookie_belongs_to_the_host_alone(make_app, wechat):
    app = make_app(
        public_base_url="https://gj.example.cn",
        wechat_app_id=wechat.settings.app_id,
        wechat_app_secret=wechat.settings.app_secret,
        wechat_api_base=wechat.url,
        wechat_open_base=wechat.url,
    )
    with app.app_context():
        answer = app.test_client().get("/signin", base_url="https://gj.example.cn")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-b=")
    assert "Secure" in cookie
    assert query_of(answer.location)["redirect_uri"] == "https://gj.example.cn/oauth/return"


def test_a_state_counts_once_and_a_second_return_starts_over_kindly(phone):
    back = phone.choose(phone.leave(), "o-chen")
    assert phone.web.get(back).status_code == 302
    again = phone.web.get(back)
    assert again.status_code == 302
    assert again.location == "/", "already signed in: on to the page"
    stranger = Phone(phone.web.application, phone.wechat)
    assert stranger.web.get(back).status_code == 422, "another browser gets nothing from it"
    assert not stranger.signed_in()


def test_a_code_used_before_restarts_the_sign_in_and_gives_up_in_time(phone):
    back = phone.choose(phone.leave(), "o-chen")
    code = query_of(back)["code"]
    phone.wechat.sign_in_as("")
    other = Phone(phone.web.application, phone.wechat)
    theirs = query_of(other.choose(other.leave(), "o-liu"))
    other.web.get(f"/oauth/return?code={code}&state={theirs['state']}")
    answer = phone.web.get(back)
    for _ in range(2):
        assert answer.status_code == 302
        state = query_of(answer.location)["state"]
        answer = phone.web.get(f"/oauth/return?code={code}&state={state}")
    assert answer.status_code == 503
    assert "重新扫门口的二维码" in answer.text
    assert not phone.signed_in()


def test_a_state_of_another_browser_is_refused(phone):
    thief = Phone(phone.web.application, phone.wechat)
    back_of_thief = thief.choose(thief.leave(), "o-thief")
    answer = phone.web.get(back_of_thief)
    assert answer.status_code == 422
    assert not phone.signed_in(), "nobody is signed in as the thief (login CSRF)"
    assert thief.web.get(back_of_thief).status_code == 302, "and the state is still the other browser's own"


def test_an_unknown_or_missing_state_is_refused(phone):
    phone.leave()
    for query in ("?code=x", "?code=x&state=", "?code=x&state=" + "0" * 32, ""):
        assert phone.web.get("/oauth/return" + query).status_code == 422


def test_a_state_older_than_ten_minutes_starts_over(phone):
    with clock.at(clock.now() - timedelta(minutes=11)):
        back = phone.choose(phone.leave(), "o-chen")
    answer = phone.web.get(back)
    assert answer.status_code == 302
    assert "oauth2/authorize" in answer.location
    assert not phone.signed_in()


def test_who_refuses_on_wechats_page_is_told_what_remains_open(phone):
    answer = phone.sign_in("o-chen", manner="refuse")
    assert answer.status_code == 200
    assert "还没有登录" in answer.text
    assert not phone.signed_in()


def test_a_snapshot_visitor_gets_no_account_and_no_session(phone):
    answer = phone.sign_in("o-chen", manner="snapshot")
    assert answer.status_code == 403
    assert "使用完整服务" in answer.text
    assert not phone.signed_in()
    assert reading().scalar(sa.select(sa.func.count()).select_from(Account)) == 0


def test_a_session_planted_before_the_sign_in_is_not_the_one_after_it(phone):
    phone.sign_in("o-thief")
    planted = phone.web.get_cookie("s").value
    victim = Phone(phone.web.application, phone.wechat)
    back = victim.choose(victim.leave(), "o-victim")
    victim.web.set_cookie("s", planted)
    victim.web.get(back)
    assert victim.web.get_cookie("s").value != planted
    thief = Phone(phone.web.application, phone.wechat)
    thief.web.set_cookie("s", planted)
    assert not thief.signed_in(), "the planted session is over"


def test_signing_in_when_signed_in_leads_on_at_once(phone):
    phone.sign_in("o-chen")
    answer = phone.web.get("/signin?next=/")
    assert answer.location == "/"


def test_next_leads_only_to_pages_of_our_own(phone):
    phone.sign_in("o-chen")
    for evil in (
        "https://evil.example",
        "//evil.example",
        "/no-such-page",
        "/api/v1/sessions",
        "/oauth/return",
        "/signin",
        "/static/x",
    ):
        assert phone.web.get("/signin", query_string={"next": evil}).location == "/", evil


def test_wechat_being_dead_says_what_to_do_and_stops_nothing_else(make_app):
    app = make_app()
    with app.app_context():
        phone = Phone(app, None)
        state = query_of(phone.leave())["state"]
        answer = phone.web.get(f"/oauth/return?code=x&state={state}")
        assert answer.status_code == 503
        assert "微信登录暂时不通" in answer.text
        assert "上门代办" in answer.text
        assert phone.web.get("/health").status_code == 200


def test_wechat_answering_nonsense_is_a_503_too_and_shows_no_secret(phone, wechat, caplog):
    for fault in ("500", "not_json", "half_body", "429"):
        wechat.fault("oauth.access_token", fault)
        answer = phone.web.get(phone.choose(phone.leave(), "o-chen"))
        assert answer.status_code == 503, fault
        assert wechat.settings.app_secret not in answer.text + caplog.text
    assert phone.sign_in("o-chen").status_code == 302


def test_in_production_another_browser_is_told_to_open_wechat(make_app):
    app = make_app(environment="production", public_base_url="https://gj.example.cn")
    with app.app_context():
        web, base = app.test_client(), "https://gj.example.cn"
        answer = web.get("/signin", base_url=base)
        assert answer.status_code == 200
        assert "请用微信打开" in answer.text
        inside = web.get("/signin", base_url=base, headers={"User-Agent": "iPhone MicroMessenger/8.0.50"})
        assert "oauth2/authorize" in inside.location


def test_many_who_sign_in_at_once_all_get_in_or_wait_on_a_page_that_goes_on_by_itself(phone, wechat):
    phones = [Phone(phone.web.application, wechat) for _ in range(8)]
    backs = [each.choose(each.leave(), f"o-{number}") for number, each in enumerate(phones)]
    wechat.fault("oauth.access_token", "slow", times=8, seconds=0.1)
    answers = [None] * len(phones)

    def come_back(number):
        answers[number] = phones[number].web.get(backs[number])

    threads = [threading.Thread(target=come_back, args=(number,)) for number in range(len(phones))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each, answer in zip(phones, answers, strict=True):
        if answer.status_code == 302:
            assert each.signed_in()
        else:
            assert answer.headers["Refresh"] == "2; url=/signin?next=%2F"
            assert "正在排队" in answer.text
            assert each.sign_in("o-later").status_code == 302
    assert sum(answer.status_code == 302 for answer in answers) >= 2


def test_without_an_official_account_the_page_says_so(make_app):
    app = make_app(wechat_app_id="", wechat_app_secret="")
    with app.app_context():
        answer = app.test_client().get("/signin")
    assert answer.status_code == 503
    assert "社区" in answer.text


def test_a_page_for_the_signed_in_leads_through_the_sign_in_and_back_also_after_the_session_ended(phone):
    for _ in range(2):
        asked = phone.web.get("/me?from=push")
        assert asked.status_code == 302
        assert asked.location == "/signin?next=/me%3Ffrom%3Dpush"
        leave = phone.web.get(asked.location)
        back = phone.web.get(phone.choose(leave.location, "o-chen"))
        assert back.location == "/me?from=push"
        assert phone.web.get(back.location).status_code == 200
        phone.post("/api/v1/sign-out", {"everywhere": True})


def test_the_same_return_twice_at_once_signs_in_and_makes_one_account(phone):
    back = phone.choose(phone.leave(), "o-chen")
    cookie = phone.web.get_cookie("b").value
    twins = [Phone(phone.web.application, phone.wechat) for _ in range(4)]
    answers = []

    def come_back(twin):
        twin.web.set_cookie("b", cookie)
        answers.append(twin.web.get(back))

    threads = [threading.Thread(target=come_back, args=(twin,)) for twin in twins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [302] * 4
    assert sorted("oauth2/authorize" in answer.location for answer in answers) == [False, True, True, True]
    assert reading().scalar(sa.select(sa.func.count()).select_from(Account)) == 1
