"""A city served over HTTP with WeChat, WeChat Pay and text messages played by the sandbox, and people who use it.

Nothing here reaches into the product but the office's own commands: everything else is what a phone sends.
"""

import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from flask import Flask
from werkzeug.serving import make_server

from kernel import clock
from kernel.jobs import pump_once
from portal.jobs import DRAINS
from sandbox.testing import Running
from tests.support.merchants import merchant_of


def sandbox_settings(wechat: Running) -> dict[str, Any]:
    """The product's settings for a sandbox that plays everybody outside."""
    given = wechat.environment
    return {
        **merchant_of(wechat),
        "wechat_app_secret": given["WECHAT_APP_SECRET"],
        "wechat_api_base": wechat.url,
        "wechat_open_base": wechat.url,
        "sms_base": wechat.url,
        "sms_key": given["SMS_KEY"],
        "threads": 16,
    }


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a port of its own; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Phone:
    """Somebody's phone: WeChat's browser, signed in through OAuth as one openid."""

    def __init__(self, url: str, wechat: Running, openid: str, name: str) -> None:
        self.url, self.wechat, self.openid = url, wechat, openid
        self.http = requests.Session()
        self.http.trust_env = False
        wechat.persona(openid, name)

    def sign_in(self) -> "Phone":
        """Silent sign-in: the product sends us to WeChat, WeChat sends us back with a code."""
        self.wechat.sign_in_as(self.openid)
        answer = self.http.get(f"{self.url}/signin?next=/me", timeout=120)
        assert answer.status_code == 200, answer.text[:500]
        assert answer.url.startswith(f"{self.url}/me"), answer.url
        return self

    def page(self, path: str, status: int = 200) -> str:
        """The words of a page."""
        answer = self.http.get(self.url + path, timeout=120)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:800]}"
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))

    def get(self, path: str, status: int = 200) -> Any:
        """JSON of an API address."""
        answer = self.http.get(self.url + path, timeout=120)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:800]}"
        return answer.json()

    def post(self, path: str, body: dict[str, Any], status: int, key: str = "") -> Any:
        """Send a write as our pages do."""
        headers = {"X-Requested-By": "gongjian", "Idempotency-Key": key or str(uuid.uuid4())}
        answer = self.http.post(self.url + path, json=body, headers=headers, timeout=120)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:800]}"
        return answer.json() if answer.content else None

    def upload(self, path: str, file: bytes, **fields: str) -> Any:
        """Send a file."""
        headers = {"X-Requested-By": "gongjian", "Idempotency-Key": str(uuid.uuid4())}
        files = {"file": ("signature.png", file, "image/png")}
        answer = self.http.post(self.url + path, data=fields, files=files, headers=headers, timeout=120)
        assert answer.status_code == 201, answer.text[:800]
        return answer.json()


def run_jobs(after: Any = None) -> None:
    """One runner's round, until nothing moves."""
    now = clock.now() + after if after else clock.now()
    while pump_once(DRAINS, now=now):
        pass
