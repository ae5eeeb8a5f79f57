"""The gate for text messages and the phones they arrive on."""

from typing import Any

import pytest
import requests

from sandbox.settings import SMS_KEY
from sandbox.testing import Running

TO = "13812341234"


def _send(
    wechat: Running, http: requests.Session, to: Any = TO, text: Any = "验证码 123456", key: str = SMS_KEY
) -> Any:
    return http.post(f"{wechat.url}/sms/send", json={"to": to, "text": text}, headers={"X-Sms-Key": key})


def test_a_message_arrives_on_its_phone_newest_first(wechat: Running, http: requests.Session) -> None:
    assert _send(wechat, http).json()["accepted"] is True
    _send(wechat, http, text="第二条")
    _send(wechat, http, to="13900000000", text="别人的")
    assert [message["text"] for message in wechat.texts(TO)] == ["第二条", "验证码 123456"]
    assert len(wechat.texts()) == 3


def test_the_page_shows_phones_with_their_owners_and_can_be_narrowed(wechat: Running, http: requests.Session) -> None:
    wechat.persona("demo-resident", "陈秀英", phone=TO)
    _send(wechat, http, text="<i>斜</i>")
    _send(wechat, http, to="13900000000", text="别人的")
    page = http.get(f"{wechat.url}/_sandbox/phones").text
    assert "陈秀英" in page
    assert "<i>" not in page
    assert page.index("13900000000") < page.index(TO)
    assert "别人的" not in http.get(f"{wechat.url}/_sandbox/phones", params={"to": TO}).text


@pytest.mark.parametrize("key", ["", "wrong", "密钥".encode().decode("latin-1")])
def test_a_wrong_key_sends_nothing(wechat: Running, http: requests.Session, key: str) -> None:
    answer = _send(wechat, http, key=key)
    assert (answer.status_code, answer.json()["code"]) == (401, "KEY_ERROR")
    assert wechat.texts() == []


@pytest.mark.parametrize(
    ("to", "text"), [("123", "x"), (None, "x"), (13812341234, "x"), (TO, ""), (TO, "x" * 501), (TO, None)]
)
def test_a_wrong_number_or_text_is_refused(wechat: Running, http: requests.Session, to: Any, text: Any) -> None:
    assert _send(wechat, http, to, text).status_code == 400
    assert wechat.texts() == []


def test_a_message_may_be_accepted_without_the_sender_hearing_of_it(wechat: Running, http: requests.Session) -> None:
    wechat.fault("sms.send", "cut")
    with pytest.raises(requests.ConnectionError):
        _send(wechat, http)
    assert len(wechat.texts()) == 1
