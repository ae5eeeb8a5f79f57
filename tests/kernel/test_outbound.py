"""Calls that leave the machine: an upstream that is slow or dead may not take the rest with it."""

import http.server
import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import requests

from kernel import outbound
from kernel.outbound import HostNotAllowed, OutboundFailed, Upstream
from tests.support import patience


class Answers(http.server.BaseHTTPRequestHandler):
    status, location = 200, ""

    def do_GET(self) -> None:
        self.send_response(type(self).status)
        if type(self).location:
            self.send_header("Location", type(self).location)
        body = json.dumps({"path": self.path}).encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Answers.status, Answers.location = 200, ""
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture
def silent() -> Iterator[str]:
    """A socket that accepts and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=50)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()


@pytest.fixture
def impatient() -> Iterator[None]:
    with patience.impatient():
        yield


def assert_no_secret_in(error: BaseException | None) -> None:
    while error is not None:
        assert "s3cr3t" not in f"{error!r} {vars(error)}"
        error = error.__cause__ or error.__context__


def test_an_answer_comes_through(server: str) -> None:
    with Upstream("wechat", [server], cap=1).session() as session:
        assert session.get(f"{server}/hello").json() == {"path": "/hello"}


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "https://127.0.0.1/",
        "http://127.0.0.1:1/",
        "file:///etc/passwd",
        "http://api.weixin.qq.com@127.0.0.1/",
        "ftp://127.0.0.1/",
    ],
)
def test_a_host_that_is_not_configured_is_never_called(server: str, url: str) -> None:
    with Upstream("wechat", [server], cap=1).session() as session, pytest.raises(HostNotAllowed):
        session.get(url)


def test_a_redirect_is_not_followed(server: str) -> None:
    Answers.status, Answers.location = 302, "http://169.254.169.254/"
    with Upstream("wechat", [server], cap=1).session() as session:
        assert session.get(server, allow_redirects=True).status_code == 302


def test_a_caller_cannot_lengthen_the_time_out(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    send = requests.Session.send

    def watching(self, request, **kwargs):
        seen.append(kwargs["timeout"])
        return send(self, request, **kwargs)

    monkeypatch.setattr(requests.Session, "send", watching)
    with Upstream("wechat", [server], cap=1).session("request") as session:
        session.get(server, timeout=600)
    with Upstream("wechat", [server], cap=1).session("job") as session:
        session.get(server)
    assert seen == [outbound.TIMEOUTS_S["request"], outbound.TIMEOUTS_S["job"]]
    assert patience.IN_LIFE == {"request": (1, 3), "job": (3, 10)}


@pytest.mark.usefixtures("impatient")
def test_a_silent_upstream_is_given_up_and_the_call_may_have_arrived(silent: str) -> None:
    with Upstream("wechat", [silent], cap=1).session() as session, pytest.raises(OutboundFailed) as caught:
        session.get(f"{silent}/?secret=s3cr3t")
    assert caught.value.code == "upstream-silent"
    assert caught.value.maybe_sent


@pytest.mark.usefixtures("impatient")
def test_an_error_carries_no_url_and_no_original(silent: str) -> None:
    with Upstream("wechat", [silent], cap=1).session() as session, pytest.raises(OutboundFailed) as caught:
        session.get(f"{silent}/?secret=s3cr3t")
    assert_no_secret_in(caught.value)


def test_a_closed_port_means_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Upstream("wechat", [f"http://127.0.0.1:{port}"], cap=1).session() as session:
        with pytest.raises(OutboundFailed) as caught:
            session.get(f"http://127.0.0.1:{port}/")
    assert caught.value.code == "upstream-unreachable"
    assert not caught.value.maybe_sent


@pytest.mark.usefixtures("impatient")
def test_with_a_silent_upstream_only_the_cap_waits_and_everyone_else_is_told_at_once(silent: str) -> None:
    upstream = Upstream("wechat", [silent], cap=2)
    codes: list[str] = []
    start = threading.Barrier(8)

    def call() -> None:
        start.wait()
        try:
            with upstream.session() as session:
                session.get(silent)
        except OutboundFailed as error:
            codes.append(error.code)

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["upstream-busy"] * 6 + ["upstream-silent"] * 2


def test_after_repeated_failures_the_breaker_rests_and_one_success_closes_it(server: str) -> None:
    upstream = Upstream("wechat", [server], cap=1, rest_s=0.05)
    Answers.status = 503
    with upstream.session() as session:
        for _ in range(5):
            assert session.get(server).status_code == 503
        with pytest.raises(OutboundFailed, match="upstream-resting"):
            session.get(server)
        Answers.status = 200
        time.sleep(0.06)
        assert session.get(server).status_code == 200
        assert session.get(server).status_code == 200


def test_a_refusal_of_the_upstream_is_an_answer_and_not_a_failure(server: str) -> None:
    Answers.status = 400
    with Upstream("wechat", [server], cap=1).session() as session:
        for _ in range(12):
            assert session.get(server).status_code == 400


def test_a_guard_round_an_sdk_turns_its_transport_errors_into_ours() -> None:
    upstream = Upstream("pay", ["http://127.0.0.1:1"], cap=1)
    with pytest.raises(OutboundFailed) as caught, upstream.guard("job"):
        raise requests.ReadTimeout("https://api.mch/?secret=s3cr3t")
    assert caught.value.code == "upstream-silent"
    assert_no_secret_in(caught.value)


def test_a_domain_error_inside_a_guard_passes_unchanged() -> None:
    upstream = Upstream("pay", ["http://127.0.0.1:1"], cap=1)
    with pytest.raises(KeyError), upstream.guard():
        raise KeyError("prepay_id")
    with upstream.guard():  # the slot is free again
        pass


def test_a_guarded_session_inside_a_guard_counts_once(server: str) -> None:
    upstream = Upstream("wechat", [server], cap=1)
    with upstream.guard(), upstream.session() as session:
        assert session.get(server).status_code == 200


def test_an_upstream_gets_a_quarter_of_the_threads(silent: str) -> None:
    outbound.configure({"wechat": [silent], "pay": [silent]}, threads=8)
    upstream = outbound.upstream("wechat")
    assert upstream is outbound.upstream("wechat")
    inside, leave = threading.Barrier(3), threading.Event()

    def hold() -> None:
        with upstream.guard():
            inside.wait()
            leave.wait()

    threads = [threading.Thread(target=hold) for _ in range(2)]
    for thread in threads:
        thread.start()
    inside.wait()
    with pytest.raises(OutboundFailed, match="upstream-busy"), upstream.guard():
        pass
    with outbound.upstream("pay").guard():
        pass
    leave.set()
    for thread in threads:
        thread.join()


def test_an_upstream_nobody_configured_is_a_mistake_of_the_program() -> None:
    with pytest.raises(RuntimeError):
        outbound.upstream("nobody")
