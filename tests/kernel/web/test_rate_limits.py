"""A limit is a limit, whatever the number of worker processes."""

import gc
import multiprocessing
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, request
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from kernel.web import guards, rate_limits
from kernel.web.guards import Identity
from kernel.web.rate_limits import CounterFile


@pytest.fixture
def counters(tmp_path: Path) -> Iterator[CounterFile]:
    yield CounterFile(f"sqlite-counters://{tmp_path}/limits.db")
    gc.collect()


def hit_many(path: str, allowed) -> None:
    limiter = FixedWindowRateLimiter(CounterFile(f"sqlite-counters://{path}"))
    limit = parse("10 per hour")
    for _ in range(25):
        if limiter.hit(limit, "caller"):
            with allowed.get_lock():
                allowed.value += 1


def test_four_processes_together_get_ten_and_not_forty(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    allowed = context.Value("i", 0)
    processes = [context.Process(target=hit_many, args=(f"{tmp_path}/limits.db", allowed)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert allowed.value == 10


def test_a_window_ends_and_a_new_one_begins(counters: CounterFile, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [counters.incr("key", 60), counters.incr("key", 60, amount=2)] == [1, 3]
    ends = counters.get_expiry("key")
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    assert counters.get("key") == 0
    assert counters.incr("key", 60) == 1
    assert counters.get_expiry("key") > ends


def test_old_counters_are_swept_away(counters: CounterFile, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(499):
        counters.incr(f"caller-{number}", 60)
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    counters.incr("one more", 60)
    assert counters.reset() == 1


def test_a_counter_can_be_cleared_and_the_file_checked(counters: CounterFile) -> None:
    counters.incr("key", 60)
    counters.clear("key")
    assert counters.get("key") == 0
    assert counters.check()


def test_the_storage_is_known_by_its_address(tmp_path: Path) -> None:
    assert isinstance(storage_from_string(f"sqlite-counters://{tmp_path}/limits.db"), CounterFile)
    gc.collect()


def test_an_endpoint_refuses_the_call_too_many_and_says_when_to_come_back(tmp_path: Path) -> None:
    app = Flask(__name__)

    guards.use_identity_loader(app, lambda: Identity(1, request.headers["Account"], None))

    @app.get("/")
    @rate_limits.limiter.limit("2 per hour")
    def index() -> str:
        return "ok"

    rate_limits.install(app, url=None, var=tmp_path)
    client = app.test_client()

    def ask(account: str):
        return client.get("/", headers={"Account": account})

    assert [ask("first").status_code for _ in range(3)] == [200, 200, 429]
    assert int(ask("first").headers["Retry-After"]) > 0
    assert ask("second").status_code == 200
    gc.collect()
