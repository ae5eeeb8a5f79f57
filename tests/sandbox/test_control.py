"""The control API as a whole: who may use it, what it forgets, personas from a file, and the process itself."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sandbox.app import create_app
from sandbox.keys import make
from sandbox.settings import Settings
from sandbox.testing import ControlError, Running, common_keys
from tests.sandbox.support import Merchant


def test_a_stranger_on_the_network_cannot_steer_but_can_use_the_pages(wechat: Running) -> None:
    client = wechat.server.app.test_client()
    stranger = {"REMOTE_ADDR": "192.168.1.7"}
    assert client.get("/_sandbox/state", environ_overrides=stranger).status_code == 403
    assert client.post("/_sandbox/reset", json={}, environ_overrides=stranger).status_code == 403
    assert client.get("/_sandbox/phones.json", environ_overrides=stranger).status_code == 403
    assert client.get("/_sandbox/phones", environ_overrides=stranger).status_code == 200
    assert client.get("/", environ_overrides=stranger).status_code == 200


def test_a_form_of_another_page_cannot_steer(wechat: Running, http: requests.Session) -> None:
    assert http.post(f"{wechat.url}/_sandbox/reset", data={"x": "1"}).status_code == 415


def test_reset_forgets_everything_but_keys_and_settings(wechat: Running, merchant: Merchant) -> None:
    before = wechat.get("state")
    merchant.place()
    wechat.pay("ORDER001")
    wechat.persona("x", "某人")
    wechat.fault("*", "500")
    wechat.next_callback("lost")
    wechat.post("keys", mode="both")
    wechat.advance(1000)
    wechat.reset()
    after = wechat.get("state")
    assert after | {"now": ""} == before | {"now": ""}
    assert [persona["name"] for persona in wechat.get("personas")] == ["张小明", "李大芳", "王新来"]
    assert (wechat.orders(), wechat.callbacks(), wechat.calls()) == ([], [], [])
    assert wechat.get("faults")["waiting"] == []


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("personas", {"name": "nobody"}),
        ("personas", {"openid": "x"}),
        ("oauth/auto", {"openid": "x", "as": "king"}),
        ("oauth/code", {}),
        ("oauth/code", {"openid": "x", "scope": "all"}),
        ("consents", {"openid": "x"}),
        ("quotas", {"nothing": 1}),
        ("money", {"refund_outcome": "MAYBE"}),
        ("keys", {"mode": "none"}),
        ("keys", {"mode": "both", "public_key_percent": 101}),
        ("orders/NOBODY01/pay", {}),
        ("refunds/NOBODY01/settle", {}),
        ("callbacks/send", {"number": "NOBODY01"}),
        ("nothing/here", {}),
    ],
)
def test_a_wrong_call_is_answered_in_one_sentence(wechat: Running, path: str, given: dict[str, object]) -> None:
    with pytest.raises(ControlError, match=r"^40[04] .{5}"):
        wechat.post(path, **given)


def test_a_body_that_is_no_object_is_refused(wechat: Running, http: requests.Session) -> None:
    assert http.post(f"{wechat.url}/_sandbox/clock", json=[1]).status_code == 400


def test_personas_come_from_the_file_and_are_read_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "personas.json"
    with Running(personas_file=file) as wechat:
        names = lambda: [persona["name"] for persona in wechat.get("personas")]  # noqa: E731
        assert names() == ["张小明", "李大芳", "王新来"]
        file.write_text(json.dumps([{"openid": "a", "name": "甲", "says": "业主", "phone": "13800000000"}]))
        assert names() == ["甲"]
        file.write_text('[{"openid": "b", "na')
        assert names() == ["甲"]
        assert "personas.json" in wechat.get("state")["personas_trouble"]
        file.write_text(json.dumps([{"openid": "b", "name": "乙"}, {"openid": "c", "name": "丙"}]))
        assert names() == ["乙", "丙"]
        assert wechat.get("state")["personas_trouble"] == ""


def test_the_front_page_says_what_this_is_and_what_it_saw(
    wechat: Running, merchant: Merchant, http: requests.Session
) -> None:
    merchant.place()
    wechat.hold_callbacks()
    wechat.pay("ORDER001")
    wechat.send_callback("ORDER001", "wrong_key")
    page = http.get(wechat.url).text
    for text in ("微信沙箱", "WeChat sandbox", "ORDER001", "SUCCESS", "wrong_key", "/v3/pay/transactions/jsapi"):
        assert text in page


@pytest.mark.parametrize("path", ["/", "/_sandbox/phones", "/_sandbox/messages", "/_sandbox/scan", "/nowhere"])
def test_pages_run_no_code_from_anywhere(wechat: Running, http: requests.Session, path: str) -> None:
    answer = http.get(wechat.url + path)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "<script" not in answer.text


def test_it_works_as_a_plain_flask_application_too() -> None:
    client = create_app(Settings(keys_dir=common_keys())).test_client()
    assert client.get("/health").json == {"ok": True}
    client.post("/_sandbox/faults", json={"on": "sms.send", "do": "cut"})
    assert client.post("/sms/send", json={}).status_code == 502


def _environment(tmp_path: Path, port: int) -> dict[str, str]:
    return os.environ | {"PORT": str(port), "SANDBOX_KEYS_DIR": str(tmp_path / "keys"), "HOST": "127.0.0.1"}


def test_the_process_starts_says_where_and_ends_when_told(tmp_path: Path) -> None:
    make(tmp_path / "keys")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox"], env=_environment(tmp_path, port), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}/" in process.stdout.readline()
        assert requests.get(f"http://127.0.0.1:{port}/health", timeout=60).json() == {"ok": True}
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 0


def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", "sandbox"],
            env=_environment(tmp_path, port),
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"Port {port} is taken: stop what listens there or choose another with PORT=….\n"


def test_a_port_that_is_none_is_said_too(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="PORT must be a number"):
        Settings.from_env({"PORT": "eighty"})
