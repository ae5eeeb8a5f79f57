"""The official account's API, as wechatpy sees it."""

import pytest
import requests
from wechatpy.exceptions import APILimitedException, WeChatClientException

from sandbox.testing import Running
from tests.sandbox.support import OPENID, Official

TEMPLATE = "TM00000001"


def _token(wechat: Running, http: requests.Session) -> str:
    params = {"grant_type": "client_credential", "appid": wechat.settings.app_id, "secret": wechat.settings.app_secret}
    return str(http.get(f"{wechat.url}/cgi-bin/token", params=params).json()["access_token"])


def _stable(wechat: Running, http: requests.Session, **more: object) -> dict[str, object]:
    given = {"grant_type": "client_credential", "appid": wechat.settings.app_id, "secret": wechat.settings.app_secret}
    answer: dict[str, object] = http.post(f"{wechat.url}/cgi-bin/stable_token", json=given | more).json()
    return answer


def _ticket_errcode(wechat: Running, http: requests.Session, token: str) -> int:
    params = {"type": "jsapi", "access_token": token}
    return int(http.get(f"{wechat.url}/cgi-bin/ticket/getticket", params=params).json()["errcode"])


def _errcode(error: pytest.ExceptionInfo[WeChatClientException]) -> int:
    return int(error.value.errcode)


def test_a_new_token_ends_the_one_before_five_minutes_later(wechat: Running, http: requests.Session) -> None:
    old, new = _token(wechat, http), _token(wechat, http)
    assert old != new
    assert _ticket_errcode(wechat, http, old) == 0
    wechat.advance(301)
    assert _ticket_errcode(wechat, http, old) == 40001
    assert _ticket_errcode(wechat, http, new) == 0


def test_the_stable_token_is_the_same_for_everybody_and_apart_from_the_other(
    wechat: Running, http: requests.Session
) -> None:
    stable = str(_stable(wechat, http)["access_token"])
    _token(wechat, http)
    wechat.advance(301)
    again = _stable(wechat, http)
    assert again["access_token"] == stable
    assert 6890 <= int(str(again["expires_in"])) <= 6900
    assert _ticket_errcode(wechat, http, stable) == 0


def test_the_stable_token_is_renewed_five_minutes_early_and_the_old_one_lives_on(
    wechat: Running, http: requests.Session
) -> None:
    old = str(_stable(wechat, http)["access_token"])
    wechat.advance(6901)
    new = str(_stable(wechat, http)["access_token"])
    assert new != old
    assert _ticket_errcode(wechat, http, old) == 0
    wechat.advance(300)
    assert _ticket_errcode(wechat, http, old) in (40001, 42001)


def test_forcing_the_stable_token_kills_the_old_one_and_is_slowed_down(wechat: Running, http: requests.Session) -> None:
    old = str(_stable(wechat, http)["access_token"])
    assert _stable(wechat, http, force_refresh=True)["access_token"] != old
    assert _ticket_errcode(wechat, http, old) == 40001
    assert _stable(wechat, http, force_refresh=True)["errcode"] == 45011
    wechat.advance(31)
    assert "access_token" in _stable(wechat, http, force_refresh=True)


def test_a_token_ends_after_two_hours(wechat: Running, http: requests.Session) -> None:
    token = _token(wechat, http)
    wechat.advance(7201)
    assert _ticket_errcode(wechat, http, token) == 42001


@pytest.mark.parametrize(
    ("change", "errcode"),
    [({"appid": "x"}, 40013), ({"secret": "x"}, 40125), ({"grant_type": "x"}, 40002)],
)
def test_a_wrong_credential_gets_no_token(
    wechat: Running, http: requests.Session, change: dict[str, str], errcode: int
) -> None:
    assert _stable(wechat, http, **change)["errcode"] == errcode


def test_a_call_without_a_token_and_with_a_wrong_one_are_told_apart(wechat: Running, http: requests.Session) -> None:
    assert _ticket_errcode(wechat, http, "") == 41001
    assert _ticket_errcode(wechat, http, "nonsense") == 40001


def test_spoiled_tokens_answer_40001_until_a_new_one_is_fetched(wechat: Running, official: Official) -> None:
    official.jsapi.get_ticket()
    wechat.post("tokens/spoil")
    with pytest.raises(WeChatClientException) as error:
        official.jsapi.get_ticket()
    assert _errcode(error) == 40001
    official.fetch_access_token()
    assert official.jsapi.get_ticket()["errcode"] == 0


def test_the_ticket_stays_the_same_for_two_hours(wechat: Running, official: Official) -> None:
    first = official.jsapi.get_ticket()
    assert first["expires_in"] == 7200
    assert official.jsapi.get_ticket()["ticket"] == first["ticket"]
    wechat.advance(7201)
    official.fetch_access_token()
    assert official.jsapi.get_ticket()["ticket"] != first["ticket"]


def test_a_quota_that_is_used_up_answers_45009_and_the_counters_can_be_read(
    wechat: Running, official: Official
) -> None:
    wechat.post("quotas", ticket=2)
    official.jsapi.get_ticket()
    official.jsapi.get_ticket()
    with pytest.raises(APILimitedException) as error:
        official.jsapi.get_ticket()
    assert error.value.errcode == 45009
    state = wechat.get("state")
    assert (state["calls"]["ticket"], state["calls"]["token"]) == (3, 1)


def test_a_qr_code_with_a_scene_names_its_life_and_an_address(official: Official) -> None:
    scene = {"action_name": "QR_STR_SCENE", "expire_seconds": 9_999_999, "action_info": {"scene": {"scene_str": "abc"}}}
    answer = official.qrcode.create(scene)
    assert answer["expire_seconds"] == 2_592_000
    assert answer["url"].startswith("http://weixin.qq.com/q/")
    del scene["expire_seconds"]
    assert official.qrcode.create(scene)["expire_seconds"] == 60
    assert "expire_seconds" not in official.qrcode.create(scene | {"action_name": "QR_LIMIT_STR_SCENE"})


@pytest.mark.parametrize("scene", ["", "x" * 65, 7])
def test_a_scene_must_be_1_to_64_letters(official: Official, scene: object) -> None:
    with pytest.raises(WeChatClientException) as error:
        official.qrcode.create({"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}})
    assert _errcode(error) == 40053


def test_a_template_message_arrives_where_tests_and_people_can_read_it(
    wechat: Running, official: Official, http: requests.Session
) -> None:
    data = {"thing1": {"value": "问卷还没有填"}}
    sent = official.message.send_template(OPENID, TEMPLATE, data, url="http://127.0.0.1:8000/q/1")
    message = wechat.messages(OPENID)[0]
    assert message["msgid"] == sent["msgid"]
    assert (message["template_id"], message["data"]) == (TEMPLATE, data)
    page = http.get(f"{wechat.url}/_sandbox/messages").text
    assert "问卷还没有填" in page
    assert "张小明" in page


def test_the_same_client_msg_id_is_one_message_for_ten_minutes(wechat: Running, official: Official) -> None:
    given = {
        "touser": OPENID,
        "template_id": TEMPLATE,
        "client_msg_id": "row-7",
        "data": {"thing1": {"value": "一次"}},
    }
    first = official.post("message/template/send", data=given)
    assert official.post("message/template/send", data=given)["msgid"] == first["msgid"]
    assert len(wechat.messages()) == 1
    wechat.advance(601)
    official.post("message/template/send", data=given)
    assert len(wechat.messages()) == 2


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"touser": ""}, 40003),
        ({"template_id": ""}, 40037),
        ({"data": {"thing1": "no value"}}, 47003),
        ({"touser": "sandbox-user-3"}, 43004),
    ],
)
def test_a_template_message_that_cannot_be_sent_says_why(
    official: Official, change: dict[str, object], errcode: int
) -> None:
    given = {"touser": OPENID, "template_id": TEMPLATE, "data": {"thing1": {"value": "x"}}} | change
    with pytest.raises(WeChatClientException) as error:
        official.post("message/template/send", data=given)
    assert _errcode(error) == errcode


def test_a_subscription_message_needs_a_consent_for_each(wechat: Running, official: Official) -> None:
    given = {"touser": OPENID, "template_id": TEMPLATE, "data": {"thing1": {"value": "x"}}, "page": "http://127.0.0.1/"}
    wechat.post("consents", openid=OPENID, template_id=TEMPLATE)
    assert official.post("message/subscribe/bizsend", data=given)["errcode"] == 0
    with pytest.raises(WeChatClientException) as error:
        official.post("message/subscribe/bizsend", data=given)
    assert _errcode(error) == 43101
    assert [message["kind"] for message in wechat.messages()] == ["subscribe"]


def test_who_follows_the_account_can_be_asked(official: Official) -> None:
    assert official.user.get(OPENID)["subscribe"] == 1
    assert official.user.get("sandbox-user-3")["subscribe"] == 0


def test_a_js_sdk_signature_can_be_checked_as_the_page_would(wechat: Running, official: Official) -> None:
    ticket = official.jsapi.get_jsapi_ticket()
    given = {"noncestr": "n1", "timestamp": "1795320000", "url": "http://127.0.0.1:8000/work?x=1"}
    signature = official.jsapi.get_jsapi_signature(given["noncestr"], ticket, given["timestamp"], given["url"])
    check = wechat.post("jssdk/check", **given, signature=signature)
    assert check == {"ok": True}
    assert wechat.post("jssdk/check", **(given | {"url": given["url"] + "&y=2"}), signature=signature) == {"ok": False}
    assert wechat.post("jssdk/check", **(given | {"url": given["url"] + "#top"}), signature=signature) == {"ok": True}
