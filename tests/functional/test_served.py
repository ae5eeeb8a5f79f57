"""The product as it is really served: under gunicorn, with the job runner and the sandbox beside it."""

import json
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.support.live import Live
from tests.support.postgres import Server


def _get(address: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return int(answer.status), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_the_access_log_holds_no_query_string_and_no_address(live: Live) -> None:
    status, _ = _get(f"{live.url}/health?code=what-wechat-told-us&state=secret")
    assert status == 200
    lines: list[str] = []
    deadline = time.monotonic() + 60  # the line is written after the answer has left
    while not lines and time.monotonic() < deadline:
        lines = [line for line in live.log("web").splitlines() if " /health " in line]
    assert lines
    assert all("what-wechat" not in line and "127.0.0.1" not in line for line in lines)


def test_a_body_that_is_too_large_is_refused_in_plain_words(live: Live) -> None:
    request = urllib.request.Request(
        f"{live.url}/api/v1/anything",
        data=b'"' + b"x" * (3 << 20) + b'"',
        headers={"Content-Type": "application/json", "X-Requested-By": "gongjian"},
    )
    with pytest.raises((urllib.error.HTTPError, urllib.error.URLError)) as refused:
        urllib.request.urlopen(request, timeout=60)
    if isinstance(refused.value, urllib.error.HTTPError):
        assert refused.value.code in (404, 413)
        refused.value.close()
    assert _get(f"{live.url}/health")[0] == 200


def test_it_runs_on_postgresql_by_one_setting(tmp_path: Path, postgres_server: Server) -> None:
    url = postgres_server.create("served")
    running = Live(tmp_path / "var", database_url=url, demo=("demo", "seed", "--households", "5"))
    try:
        running.start()
        status, body = _get(f"{running.url}/ready")
        assert status == 200
        assert all(city["migrations"] == "ok" for city in json.loads(body)["cities"].values())
        assert not list(running.folder.glob("*city*.db"))
    finally:
        running.stop()
        postgres_server.drop("served")
    assert running.killed == []  # each part, the job runner too, ends when it is asked to
