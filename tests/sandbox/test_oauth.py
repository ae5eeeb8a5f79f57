"""Signing in: the authorise page, codes and tokens, as wechatpy sees them."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import requests
from wechatpy.exceptions import WeChatOAuthException
from wechatpy.oauth import WeChatOAuth

from sandbox.oauth import back_to
from sandbox.testing import Running
from tests.sandbox.support import OPENID, oauth, query

BACK = "http://127.0.0.1:8000/oauth/return"


@pytest.fixture
def client(wechat: Running) -> Iterator[WeChatOAuth]:
    client = oauth(wechat, BACK, state="abc123")
    yield client
    client._http.close()


def _refused(client: WeChatOAuth, code: str) -> int:
    with pytest.raises(WeChatOAuthException) as error:
        client.fetch_access_token(code)
    return int(error.value.errcode)


def _choose(http: requests.Session, client: WeChatOAuth, **form: str) -> requests.Response:
    page = http.get(client.authorize_url)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    return http.post(f"{client.OAUTH_BASE_URL}oauth2/authorize", data=hidden | form, allow_redirects=False)


def test_a_person_chooses_who_they_are_and_the_code_brings_their_openid(
    client: WeChatOAuth, http: requests.Session
) -> None:
    answer = _choose(http, client, openid=OPENID)
    assert answer.headers["Location"].startswith(f"{BACK}?code=")
    assert query(answer.headers["Location"])["state"] == "abc123"
    token = client.fetch_access_token(query(answer.headers["Location"])["code"])
    assert (token["openid"], token["scope"], token["expires_in"]) == (OPENID, "snsapi_base", 7200)
    assert "is_snapshotuser" not in token
    assert client.check_access_token()


def test_the_page_shows_every_persona_with_what_they_say(
    wechat: Running, client: WeChatOAuth, http: requests.Session
) -> None:
    wechat.persona("demo-resident", "陈秀英", says="3栋2单元501 业主")
    page = http.get(client.authorize_url).text
    assert "陈秀英" in page
    assert "3栋2单元501 业主" in page
    assert "拒绝授权" in page
    assert "快照页访客" in page


def test_a_refusal_comes_back_with_the_state_and_no_code(client: WeChatOAuth, http: requests.Session) -> None:
    answer = _choose(http, client, **{"as": "refuse"})
    assert query(answer.headers["Location"]) == {"state": "abc123"}


def test_a_snapshot_visitor_gets_a_virtual_openid_and_says_so(client: WeChatOAuth, http: requests.Session) -> None:
    answer = _choose(http, client, **{"as": "snapshot"})
    token = client.fetch_access_token(query(answer.headers["Location"])["code"])
    assert token["is_snapshotuser"] == 1
    assert token["openid"].startswith("virtual-")


def test_a_code_is_good_once(wechat: Running, client: WeChatOAuth) -> None:
    code = wechat.code(OPENID)
    client.fetch_access_token(code)
    assert _refused(client, code) == 40163


def test_a_code_dies_after_five_minutes(wechat: Running, client: WeChatOAuth) -> None:
    fresh, stale = wechat.code(OPENID), wechat.code(OPENID)
    wechat.advance(240)
    client.fetch_access_token(fresh)
    wechat.advance(61)
    assert _refused(client, stale) == 42003


def test_a_code_nobody_issued_is_unknown(client: WeChatOAuth) -> None:
    assert _refused(client, "0" * 32) == 40029


@pytest.mark.parametrize(("attribute", "errcode"), [("app_id", 40013), ("secret", 40125)])
def test_a_wrong_appid_or_secret_is_refused(wechat: Running, client: WeChatOAuth, attribute: str, errcode: int) -> None:
    setattr(client, attribute, "wrong")
    assert _refused(client, wechat.code(OPENID)) == errcode


def test_the_silent_scope_gives_no_name_and_the_other_one_does(wechat: Running, client: WeChatOAuth) -> None:
    client.fetch_access_token(wechat.code(OPENID))
    with pytest.raises(WeChatOAuthException) as error:
        client.get_user_info()
    assert error.value.errcode == 48001
    client.fetch_access_token(wechat.code(OPENID, scope="snsapi_userinfo"))
    assert client.get_user_info()["nickname"] == "张小明"


def test_an_access_token_ends_after_two_hours_and_is_refreshed(wechat: Running, client: WeChatOAuth) -> None:
    token = client.fetch_access_token(wechat.code(OPENID))
    wechat.advance(7201)
    with pytest.raises(WeChatOAuthException) as error:
        client.check_access_token()
    assert error.value.errcode == 42001
    client.refresh_access_token(token["refresh_token"])
    assert client.check_access_token()


def test_who_ticks_remember_is_not_asked_again_and_who_unticks_is(client: WeChatOAuth, http: requests.Session) -> None:
    _choose(http, client, openid=OPENID, remember="1")
    silent = http.get(client.authorize_url, allow_redirects=False)
    assert silent.status_code == 302
    http.cookies.clear()
    _choose(http, client, openid=OPENID)
    assert http.get(client.authorize_url, allow_redirects=False).status_code == 200


def test_asking_for_a_name_always_asks_the_person(wechat: Running, http: requests.Session) -> None:
    client = oauth(wechat, BACK, scope="snsapi_userinfo")
    client._http.close()
    _choose(http, client, openid=OPENID, remember="1")
    assert http.get(client.authorize_url, allow_redirects=False).status_code == 200


def test_a_test_may_answer_every_authorise_page_at_once(
    wechat: Running, client: WeChatOAuth, http: requests.Session
) -> None:
    wechat.sign_in_as("somebody")
    answer = http.get(client.authorize_url, allow_redirects=False)
    assert client.fetch_access_token(query(answer.headers["Location"])["code"])["openid"] == "somebody"
    wechat.sign_in_as("somebody", "refuse")
    answer = http.get(client.authorize_url, allow_redirects=False)
    assert "code" not in query(answer.headers["Location"])
    wechat.sign_in_as("")
    assert http.get(client.authorize_url, allow_redirects=False).status_code == 200


def test_become_makes_a_browser_one_persona_until_it_asks_again(
    wechat: Running, client: WeChatOAuth, http: requests.Session
) -> None:
    http.get(f"{wechat.url}/_sandbox/become", params={"openid": "demo-worker"})
    answer = http.get(client.authorize_url, allow_redirects=False)
    assert client.fetch_access_token(query(answer.headers["Location"])["code"])["openid"] == "demo-worker"
    http.get(f"{wechat.url}/_sandbox/become")
    assert http.get(client.authorize_url, allow_redirects=False).status_code == 200


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"appid": "wxother"}, "AppID"),
        ({"redirect_uri": "https://example.com/return"}, "10003"),
        ({"redirect_uri": "ftp://127.0.0.1/"}, "10003"),
        ({"redirect_uri": "http://127.0.0.1.example.com/"}, "10003"),
        ({"redirect_uri": "http://[broken"}, "10003"),
        ({"scope": "snsapi_everything"}, "10005"),
        ({"response_type": "token"}, "10004"),
        ({"state": "x" * 129}, "128"),
    ],
)
def test_a_wrong_authorise_address_is_a_page_and_never_a_redirect(
    wechat: Running, http: requests.Session, change: dict[str, str], text: str
) -> None:
    given = {
        "appid": wechat.settings.app_id,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "s",
    } | change
    wechat.sign_in_as("somebody")
    answer = http.get(f"{wechat.url}/connect/oauth2/authorize?{urlencode(given)}", allow_redirects=False)
    assert answer.status_code == 400
    assert text in answer.text


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("http://h/p", "http://h/p?code=C&state=S"),
        ("http://h/p?a=1", "http://h/p?a=1&code=C&state=S"),
        ("http://h/p#frag", "http://h/p?code=C&state=S#frag"),
        ("http://h", "http://h?code=C&state=S"),
    ],
)
def test_the_way_back_is_the_given_address_with_code_and_state_added(given: str, expected: str) -> None:
    assert back_to(given, "S", "C") == expected


def test_a_configured_host_is_as_good_as_loopback(http: requests.Session) -> None:
    with Running(hosts=frozenset({"192.168.1.20"})) as wechat:
        wechat.sign_in_as(OPENID)
        client = oauth(wechat, "http://192.168.1.20:8000/oauth/return")
        client._http.close()
        answer = http.get(client.authorize_url, allow_redirects=False)
        assert answer.headers["Location"].startswith("http://192.168.1.20:8000/oauth/return?code=")
