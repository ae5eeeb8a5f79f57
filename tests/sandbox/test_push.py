"""Message push: wechatpy, as a server would use it, reads what the sandbox posts and refuses what is forged."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from wechatpy import create_reply, parse_message
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.utils import check_signature

from sandbox.push import KINDS, seal, unseal
from sandbox.testing import Running
from tests.sandbox.support import query

TOKEN, AES_KEY = "a-token-of-the-server", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


class Account:
    """An official account's server on a loopback port, written with wechatpy's own tools."""

    def __init__(self, app_id: str, mode: str) -> None:
        self.got: list[Any] = []
        self.statuses: list[int] = []
        self.mode, self.crypto = mode, WeChatCrypto(TOKEN, AES_KEY, app_id)
        account = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = query(self.path)
                try:
                    check_signature(TOKEN, asked["signature"], asked["timestamp"], asked["nonce"])
                except InvalidSignatureException:
                    self._say(403, "")
                    return
                self._say(200, asked["echostr"])

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._say(*account.take(query(self.path), body))

            def _say(self, status: int, text: str) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/wechat"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def take(self, asked: dict[str, str], body: str) -> tuple[int, str]:
        """What a careful server does with a push."""
        if self.statuses:
            return self.statuses.pop(0), ""
        try:
            check_signature(TOKEN, asked["signature"], asked["timestamp"], asked["nonce"])
            if self.mode == "aes":
                body = self.crypto.decrypt_message(body, asked["msg_signature"], asked["timestamp"], asked["nonce"])
            message = parse_message(body)
        except Exception:  # wechatpy raises what its parts raise
            return 400, ""
        self.got.append(message)
        if message.type != "text":
            return 200, "success"
        reply = create_reply("您说：" + message.content, message).render()
        if self.mode == "aes":
            reply = self.crypto.encrypt_message(reply, asked["nonce"], asked["timestamp"])
        return 200, reply

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(params=["plain", "aes"])
def account(request: pytest.FixtureRequest, wechat: Running) -> Iterator[Account]:
    made = Account(wechat.settings.app_id, request.param)
    assert wechat.push_to(made.url, TOKEN, AES_KEY, request.param)
    yield made
    made.close()


def test_a_message_is_read_and_the_reply_is_opened(wechat: Running, account: Account) -> None:
    told = wechat.push("o-1", Content="几号楼在哪里领表？<&]]>")
    assert told["taken"]
    assert [message.content for message in account.got] == ["几号楼在哪里领表？<&]]>"]
    assert account.got[0].source == "o-1"
    assert "您说：几号楼" in told["reply"]


@pytest.mark.parametrize(
    ("fields", "event", "scene"),
    [
        ({"Event": "subscribe", "EventKey": "qrscene_door-7", "Ticket": "t"}, "subscribe_scan", "door-7"),
        ({"Event": "SCAN", "EventKey": "door-7", "Ticket": "t"}, "scan", "door-7"),
        ({"Event": "unsubscribe"}, "unsubscribe", None),
        ({"Event": "CLICK", "EventKey": "menu-1"}, "click", None),
    ],
)
def test_events_come_as_wechat_sends_them(
    wechat: Running, account: Account, fields: dict[str, str], event: str, scene: str | None
) -> None:
    assert wechat.push("o-1", MsgType="event", **fields)["taken"]
    assert account.got[0].event == event
    if scene:
        assert account.got[0].scene_id == scene


def test_a_server_that_fails_is_tried_three_times_and_then_no_more(wechat: Running, account: Account) -> None:
    account.statuses = [500, 502]
    told = wechat.push("o-1", Content="在吗")
    assert [one["status"] for one in told["tries"]] == [500, 502, 200]
    account.statuses = [500] * 9
    told = wechat.push("o-1", Content="在吗")
    assert ([one["status"] for one in told["tries"]], told["taken"]) == ([500] * 3, False)
    assert [push["taken"] for push in wechat.get("push")["sent"]] == [False, True]


def test_a_retry_carries_the_same_message_id(wechat: Running, account: Account) -> None:
    told = wechat.push("o-1", Content="一", MsgId=7)
    again = wechat.push("o-1", Content="一", MsgId=7)
    assert (told["taken"], again["taken"]) == (True, True)
    assert [message.id for message in account.got] == [7, 7]


def test_every_forgery_is_refused_in_safe_mode(wechat: Running) -> None:
    account = Account(wechat.settings.app_id, "aes")
    wechat.push_to(account.url, TOKEN, AES_KEY)
    try:
        refused = {kind for kind in KINDS if not wechat.push("o-1", kind, Content="假")["taken"]}
    finally:
        account.close()
    # wechatpy looks at no age: a receiver has to.
    assert refused == set(KINDS) - {"genuine", "stale"}


def test_an_address_that_does_not_echo_is_not_verified_and_a_foreign_one_is_refused(wechat: Running) -> None:
    account = Account(wechat.settings.app_id, "plain")
    try:
        assert not wechat.push_to(account.url, "another-token", mode="plain")
    finally:
        account.close()
    for body in (
        {"url": "http://example.com/wechat", "token": TOKEN, "mode": "plain"},
        {"url": account.url, "token": TOKEN, "mode": "loud"},
        {"url": account.url, "token": TOKEN, "mode": "aes", "aes_key": "short"},
    ):
        answer = requests.post(f"{wechat.url}/_sandbox/push/server", json=body, timeout=60)
        assert answer.status_code == 400
    assert urlsplit(wechat.url).hostname == "127.0.0.1"


def test_nothing_is_pushed_before_an_address_is_named(wechat: Running) -> None:
    answer = requests.post(f"{wechat.url}/_sandbox/push/send", json={"openid": "o-1"}, timeout=60)
    assert (answer.status_code, "push/server" in answer.json()["error"]) == (400, True)
    assert len(wechat.get("push/kinds")) == len(KINDS)


def test_our_seal_and_wechatpys_are_the_same() -> None:
    crypto = WeChatCrypto(TOKEN, AES_KEY, "wx1")
    sealed = seal(AES_KEY, "wx1", "<xml>你好</xml>")
    assert PrpCrypto(crypto.key).decrypt(sealed, "wx1") == "<xml>你好</xml>"
    theirs = PrpCrypto(crypto.key).encrypt("<xml>好</xml>", "wx1").decode()
    assert unseal(AES_KEY, theirs) == ("<xml>好</xml>", "wx1")
    with pytest.raises(InvalidAppIdException):
        PrpCrypto(crypto.key).decrypt(seal(AES_KEY, "wx2", "x"), "wx1")
