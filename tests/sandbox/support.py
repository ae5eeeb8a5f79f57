"""A merchant for the sandbox: the real libraries as clients, and a small server that hears callbacks."""

import threading
import time
from collections import deque
from collections.abc import Callable
from copy import copy
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpy import WeChatClient
from wechatpy.oauth import WeChatOAuth

from sandbox.keys import environment
from sandbox.settings import Settings
from sandbox.testing import Running

OPENID = "sandbox-user-1"


class Receiver:
    """Hears callbacks on a loopback port. ``statuses`` are the next answers (then 204); ``hold`` delays an answer."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.statuses: deque[int] = deque()
        self.hold = threading.Event()
        self.hold.set()
        self._changed = threading.Condition()
        self.together = self._now = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver._changed:
                    receiver._now += 1
                    receiver.together = max(receiver.together, receiver._now)
                    receiver.got.append((dict(self.headers), body))
                    status = receiver.statuses.popleft() if receiver.statuses else 204
                    receiver._changed.notify_all()
                receiver.hold.wait(timeout=60)
                with receiver._changed:
                    receiver._now -= 1
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/notify"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def wait_for(self, count: int, timeout_s: float = 120) -> None:
        """Until so many callbacks came; fails when they do not."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.got) >= count, timeout_s), f"{len(self.got)} of {count} came"

    def close(self) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()


class Merchant:
    """wechatpayv3 in public-key mode against a sandbox, as its own documentation uses it."""

    def __init__(self, wechat: Running, notify_url: str = "http://127.0.0.1:9/notify", **changes: Any) -> None:
        self.app_id = wechat.settings.app_id
        made = _library(wechat.keys_dir, wechat.settings, **changes)
        self.lib, self.lib._core = copy(made), copy(made._core)
        self.lib._notify_url = notify_url
        self.lib._core._gate_way = wechat.url

    def place(self, number: str = "ORDER001", total: int = 50000, **more: Any) -> tuple[int, str]:
        """A JSAPI order."""
        given = {"payer": {"openid": OPENID}} | more
        return self.lib.pay("诚意金", number, {"total": total, "currency": "CNY"}, **given)

    def refund(self, number: str = "REFUND1", fen: int = 100, total: int = 50000, **more: Any) -> tuple[int, str]:
        """A refund of ORDER001."""
        given = {"out_trade_no": "ORDER001"} | more
        return self.lib.refund(number, {"refund": fen, "total": total, "currency": "CNY"}, **given)

    def pay_parameters(self, prepay_id: str, **changes: str) -> dict[str, str]:
        """The five signed parameters of the payment page, and signType."""
        stamp, nonce, package = "1795320000", "nonce0123456789", f"prepay_id={prepay_id}"
        sign = self.lib.sign([self.app_id, stamp, nonce, package])
        given = {"appId": self.app_id, "timeStamp": stamp, "nonceStr": nonce, "package": package, "signType": "RSA"}
        return given | {"paySign": sign} | changes


@cache
def _library(keys_dir: Path, settings: Settings, **changes: Any) -> WeChatPay:
    """wechatpayv3 told all it needs; made once for the same keys, for reading an RSA key takes 40 ms."""
    told = environment(keys_dir, settings)
    given: dict[str, Any] = {
        "wechatpay_type": WeChatPayType.JSAPI,
        "mchid": told["WECHATPAY_MCHID"],
        "private_key": Path(told["WECHATPAY_MERCHANT_KEY_FILE"]).read_text("ascii"),
        "cert_serial_no": told["WECHATPAY_MERCHANT_SERIAL"],
        "appid": told["WECHAT_APP_ID"],
        "apiv3_key": told["WECHATPAY_APIV3_KEY"],
        "notify_url": "http://127.0.0.1:9/notify",
        "public_key": Path(told["WECHATPAY_PUBLIC_KEY_FILE"]).read_text("ascii"),
        "public_key_id": told["WECHATPAY_PUBLIC_KEY_ID"],
        "timeout": (3, 10),
    }
    return WeChatPay(**(given | changes))


class Official(WeChatClient):
    """wechatpy's client against a sandbox, its one hard-coded address overridden."""

    def __init__(self, wechat: Running) -> None:
        told = wechat.environment
        self.API_BASE_URL = f"{wechat.url}/cgi-bin/"
        super().__init__(told["WECHAT_APP_ID"], told["WECHAT_APP_SECRET"], timeout=60, auto_retry=False)

    def fetch_access_token(self) -> Any:
        params = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
        return self._fetch_access_token(url=f"{self.API_BASE_URL}token", params=params)


def eventually(fact: Callable[[], Any], timeout_s: float = 120) -> Any:
    """What ``fact`` gives once it gives something; fails when it does not in time."""
    deadline = time.monotonic() + timeout_s
    while not (found := fact()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)
    return found


def oauth(wechat: Running, redirect_uri: str, scope: str = "snsapi_base", state: str = "s1") -> WeChatOAuth:
    """wechatpy's OAuth against a sandbox."""
    told = wechat.environment
    client = WeChatOAuth(told["WECHAT_APP_ID"], told["WECHAT_APP_SECRET"], redirect_uri, scope, state)
    client.API_BASE_URL = f"{wechat.url}/"
    client.OAUTH_BASE_URL = f"{wechat.url}/connect/"
    return client


def query(url: str) -> dict[str, str]:
    """The query of an address, one value a name."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}
