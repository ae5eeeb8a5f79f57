"""What residents do all day, while the disk is full, while answers of the database are lost, while WeChat is silent.

Other faults have their places: a process that dies at any statement (``tests/payments/test_crashes.py``), everything at
once (``test_chaos.py``), lost connections (``tests/surveys/questionnaires/test_lost_connection.py``).
"""

import os
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from kernel import audit, clock, outbound
from kernel.database import Model, dispose_engines, end_reading, reading
from kernel.jobs import pump_once
from kernel.web.guards import use_identity_loader
from payments.gateways import registry
from payments.services import checking
from portal.app import create_app
from portal.jobs import DRAINS
from sandbox.testing import Running
from tests.conftest import test_config
from tests.factories import Factory, session_identity
from tests.functional.everyday import everyday
from tests.payments.world import FULL, World
from tests.support.crashes import what_stands
from tests.support.merchants import merchant_of
from tests.support.postgres import Server
from tests.support.small_disk import NoSmallDisk, SmallDisk, small_disk
from tests.support.wire import Wire

Fault = Callable[[], AbstractContextManager[None]]
Place = tuple[str, Path, Fault]
"""The database's address, the folder for all other files, and what befalls them."""


@contextmanager
def sqlite_on_a_small_disk(request: pytest.FixtureRequest) -> Iterator[Place]:
    disk: SmallDisk = request.getfixturevalue("disk")
    city = disk.folder / "city.db"
    shutil.copy(request.getfixturevalue("sqlite_template"), city)

    @contextmanager
    def full() -> Iterator[None]:
        with closing(sqlite3.connect(city)) as link:  # else the next change would fit into what the log has already
            assert link.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        with disk.full():
            yield

    yield f"sqlite:///{city}", disk.folder, full


@contextmanager
def postgres_on_a_small_disk(request: pytest.FixtureRequest) -> Iterator[Place]:
    """A database in a tablespace there; the server's own log lies elsewhere and has room."""
    disk: SmallDisk = request.getfixturevalue("disk")
    server: Server = request.getfixturevalue("postgres_server")
    template: str = request.getfixturevalue("postgres_template")
    assert server.base is not None
    space = disk.folder / "space"
    space.mkdir()
    owner = server.base.stat()
    shutil.chown(space, owner.st_uid, owner.st_gid)
    url = server.create("small", template=template, inside=space)
    try:
        yield url, disk.folder, disk.full
    finally:
        server.drop("small")


@contextmanager
def sqlite_whose_disk_errs(request: pytest.FixtureRequest) -> Iterator[Place]:
    """``fsync`` fails, as when a disk is dying: what it was called for is not on the disk."""

    @contextmanager
    def failing() -> Iterator[None]:
        inject = ["-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO"]
        command = ["strace", "-f", "-qq", "-o", os.devnull, *inject, "-p", str(os.getpid())]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as tracer:
            try:
                ends = time.monotonic() + 30
                while not traced():
                    if tracer.poll() is not None or time.monotonic() > ends:
                        pytest.skip("strace may not look at a process here")
                    time.sleep(0.02)
                yield
            finally:
                tracer.terminate()

    def traced() -> bool:
        return "TracerPid:\t0\n" not in Path("/proc/self/status").read_text()

    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    yield request.getfixturevalue("sqlite_url"), request.getfixturevalue("tmp_path"), failing


@contextmanager
def postgres_behind_a_wire(request: pytest.FixtureRequest) -> Iterator[Place]:
    server: Server = request.getfixturevalue("postgres_server")
    server.create("behind", template=request.getfixturevalue("postgres_template"))
    with Wire(server) as wire:

        @contextmanager
        def unheard() -> Iterator[None]:
            before = wire.unheard
            wire.cut_commits(1)
            yield
            assert wire.unheard == before + 1

        yield wire.url("behind"), request.getfixturevalue("tmp_path"), unheard
    server.drop("behind")


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    try:
        with small_disk(megabytes=128) as mounted:
            yield mounted
    except NoSmallDisk as no:  # a right of the machine, not of the product: nowhere a reason to fail
        pytest.skip(f"no small disk can be mounted here: {no}")


@pytest.mark.parametrize(
    ("place", "codes"),
    [
        pytest.param(sqlite_on_a_small_disk, {"no-room"}, id="the disk is full under SQLite"),
        pytest.param(postgres_on_a_small_disk, {"no-room"}, id="the disk is full under PostgreSQL"),
        pytest.param(sqlite_whose_disk_errs, {"no-room", "storage-unavailable"}, id="fsync fails under SQLite"),
        pytest.param(postgres_behind_a_wire, {"database-busy"}, id="COMMIT is carried out and its answer lost"),
    ],
)
def test_what_a_fault_refused_is_there_whole_or_not_at_all_and_once_when_sent_again(
    place: Callable[[pytest.FixtureRequest], AbstractContextManager[Place]],
    codes: set[str],
    request: pytest.FixtureRequest,
) -> None:
    tables = list(Model.metadata.sorted_tables)
    nothing_is_kept = "no-room" in codes

    def stands() -> dict[str, Any]:
        end_reading()
        found = what_stands(reading(), tables)
        end_reading()
        return found

    with place(request) as (url, var, fault):
        app = create_app(test_config(var, url))
        use_identity_loader(app, session_identity)
        with app.app_context():
            for deed in everyday(Factory()):
                before = stands()
                with fault():
                    refused = deed.send()
                    if nothing_is_kept:
                        pump_once(DRAINS, now=clock.now())  # the job runner meets it, too, and goes on
                assert refused.status_code == 503, deed.made
                assert refused.json["code"] in codes, deed.made
                if nothing_is_kept:
                    assert stands() == before, deed.made
                done, again = deed.send(), deed.send()
                assert done.status_code == again.status_code == 201, done.json
                assert said(done) == said(again), deed.made
                assert rows(stands(), deed.made) == rows(before, deed.made) + 1
            while pump_once(DRAINS, now=clock.now()):
                pass
            assert checking.check().differences == []
            assert audit.verify().ok
            end_reading()
            dispose_engines()


@pytest.fixture(scope="module")
def wechat() -> Iterator[Running]:
    """Whose merchant the application is; nobody calls it here."""
    with Running() as running:
        yield running


def test_while_wechat_is_silent_few_payers_wait_and_everybody_else_is_served(
    make_app: Callable[..., Flask], wechat: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No clock is needed for that: all others are answered while the silent calls still hang."""
    threads, payers, others = 8, 5, 20
    hang = threads // 4
    monkeypatch.setattr(outbound, "TIMEOUTS_S", {"request": (60, 60), "job": (60, 60)})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        app = make_app(threads=threads, **merchant_of(wechat, f"http://127.0.0.1:{silent.getsockname()[1]}"))
        use_identity_loader(app, session_identity)
        with app.app_context():
            world = World(Factory(), registry.of("wechat", wechat.environment["WECHATPAY_MCHID"]))  # type: ignore[arg-type]
            accounts = [world.payer(home) for home in world.homes[:payers]]
            pledged = [
                world.pledge(each, home, now=clock.now()) for each, home in zip(accounts, world.homes, strict=False)
            ]
            phones = [world.make.signed_in(accounts[number % payers]) for number in range(payers + others)]
            end_reading()

        def pay(number: int) -> Any:
            return phones[number].post(f"/api/v1/deposits/{pledged[number]}/attempts", json={})

        def look(number: int) -> Any:
            return phones[payers + number].get(f"/api/v1/deposits/{pledged[number % payers]}")

        with ThreadPoolExecutor(threads) as server:
            paying = {server.submit(pay, number) for number in range(payers)}
            lines = [silent.accept()[0] for _ in range(hang)]
            told: set[Future[Any]] = set()
            while len(told) < payers - hang:
                told |= wait(paying - told, return_when=FIRST_COMPLETED).done
            looks = list(server.map(look, range(others)))
            hanging = paying - told
            assert not any(each.done() for each in hanging)
            for line in lines:
                line.close()
            answers = [each.result() for each in (*told, *hanging)]
        assert {each.status_code for each in answers} == {503}
        assert {each.status_code for each in looks} == {200}
        assert [each.json["state"] for each in looks] == ["pledged"] * others


def test_with_our_clock_wrong_no_notice_is_believed_ready_says_so_and_our_own_question_heals_it(
    make_app: Callable[..., Flask], wechat: Running
) -> None:
    app = make_app(**merchant_of(wechat))
    wechat.hold_callbacks()
    client = app.test_client()
    with app.app_context():
        world = World(Factory(), registry.of("wechat", wechat.environment["WECHATPAY_MCHID"]))  # type: ignore[arg-type]
        registry.configure([world.gateway], base_urls={"shaoguan": "http://127.0.0.1:9"})
        account = world.payer()
        wechat.persona(account.openid, "陈秀英")
        trade_no = world.begin(account, world.pledge(account, now=clock.now()), now=clock.now())
        wechat.pay(trade_no)
        headers, raw = wechat.write_callback(trade_no)

        def tell() -> int:
            return client.post(registry.NOTICE_PATH, headers=headers, data=raw).status_code

        one_clock = reading().get_bind().dialect.name == "sqlite"  # the database has no other than ours
        for wrong in (timedelta(minutes=-10), timedelta(minutes=10)):
            with clock.at(clock.now() + wrong):
                assert tell() == 400
                assert client.get("/ready").status_code == (200 if one_clock else 503)
        assert client.get("/ready").status_code == 200
        assert world.balances() == {}
        world.run_jobs(clock.now() + timedelta(minutes=1))
        assert tell() == 204
        assert world.balances() == {"at_wechat": FULL, "deposits_held": -FULL}


def said(answer: Any) -> dict[str, Any]:
    """An answer without what is signed anew each time (the way into WeChat's sheet, for the same order)."""
    return {name: value for name, value in answer.json.items() if name != "handoff"}


def rows(stands: dict[str, Any], table: str) -> int:
    """How many rows a table has."""
    return int(stands[table].total()) if table in stands else 0
