"""The last five minutes of twenty votes, and a vote of 5,000 flats.

    sh dev bench votes [--ballots 2000] [--connections 16] [--flats 5000] [--rounds 3]

PostgreSQL with fsync on, two gunicorn workers, jobs beside. First the owners of 20 estates cast ballots on two motions
as fast as they are taken: how long it takes, p99, whether any acknowledged one is missing. Then rounds of ballots, of
Flask that parses the same body and does nothing ("floor"), and of the same inserts by bare psycopg. At last an estate
of 5,000 flats: the roll built from the register, the opening with its hash, the tally of all ballots.
"""

import argparse
import contextlib
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from bench.parts.load import Run, drive, request
from bench.parts.voting import ESTATES, Voter, big, seed
from tests.support.live import ROOT, Live, free_port
from tests.support.postgres import Server

CITY = "city_shaoguan"


def ballot_of(voter: Voter, port: int) -> bytes:
    """The request a phone sends."""
    body = json.dumps(
        {
            "line_id": voter["line"],
            "text_hash": voter["text_hash"],
            "choices": dict.fromkeys(voter["motions"], "approve"),
        }
    )
    headers = [f"Cookie: s={voter['token']}", "X-Requested-By: gongjian", f"Idempotency-Key: {uuid.uuid4()}"]
    path = f"/api/v1/votes/{voter['vote']}/ballots"
    return request("POST", path, f"127.0.0.1:{port}", body=body.encode(), headers=headers)


_WRITES = [
    "INSERT INTO idempotency (actor, token, request_hash, resource, at) VALUES (%s, %s, %s, %s, %s)",
    "INSERT INTO audit_entry (public_id, at, actor, action, subject, payload_hash, row_hash)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
    "INSERT INTO audit_payload (entry_id, salt, document) VALUES (%s, %s, %s)",
    "INSERT INTO ballot (public_id, vote_id, roll_line_id, dwelling_id, account_id, person_id, channel, standing,"
    " cast_at, receipt_no, text_hash, choices_sealed, audit_hash) VALUES (%s, %s, %s, %s, %s, %s, 'phone',"
    " 'valid', %s, %s, %s, %s, %s) RETURNING id",
    "INSERT INTO counted_ballot (vote_id, roll_line_id, ballot_id) VALUES (%s, %s, %s)",
    "INSERT INTO outbox (topic, payload, staged_at, due_at, tries) VALUES ('bench.nothing', %s, %s, %s, 0)",
]


def bare(conninfo: str, voters: list[Voter], connections: int) -> Run:
    """The rows of a ballot by psycopg alone, with prepared statements."""
    run, lock, todo = Run(), threading.Lock(), iter(voters)

    def one(link: psycopg.Connection[Any], voter: Voter) -> None:
        now, name, row_hash = datetime.now(UTC), secrets.token_urlsafe(16), secrets.token_hex(32)
        document = json.dumps({"vote": voter["vote"], "line": voter["line"], "d": "z" * 300})
        link.execute(_WRITES[0], (f"account:{voter['account']}", secrets.token_hex(16), row_hash, name, now))
        entry = link.execute(_WRITES[1], (name, now, "account:x", "ballot.cast", f"ballot:{name}", row_hash, row_hash))
        link.execute(_WRITES[2], ((entry.fetchone() or (0,))[0], secrets.token_hex(16), document))
        values = (name, voter["vote_key"], voter["line_key"], voter["dwelling"], voter["account"], voter["person"], now)
        ballot = link.execute(_WRITES[3], (*values, name[:10], voter["text_hash"], b"x" * 120, row_hash))
        key = (ballot.fetchone() or (0,))[0]
        link.execute(_WRITES[4], (voter["vote_key"], voter["line_key"], key))
        link.execute(_WRITES[5], (document, now, now))
        link.commit()

    def work() -> None:
        with psycopg.connect(conninfo, options=f"-c search_path={CITY}", prepare_threshold=0) as link:
            while True:
                with lock:
                    voter = next(todo, None)
                if voter is None:
                    return
                began = time.perf_counter()
                one(link, voter)
                with lock:
                    run.latencies_ms.append((time.perf_counter() - began) * 1000)

    threads = [threading.Thread(target=work) for _ in range(connections)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.seconds = time.perf_counter() - began
    return run


def hello_server(folder: Path, environment: dict[str, str]) -> tuple[subprocess.Popen[bytes], int]:
    """The floor under the product's own gunicorn settings."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "bench.parts.hello:app"],
        cwd=ROOT,
        env={**environment, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return process, port
        time.sleep(0.1)
    raise TimeoutError("the floor did not come up")


def told(name: str, run: Run) -> None:
    """One line of the table."""
    print(f"{name:28} {run.per_second:9,.0f} {run.quantile(0.5):8.1f} {run.quantile(0.99):8.1f} {dict(run.statuses)}")


def middle(name: str, runs: Iterable[Run]) -> None:
    """The medians of some rounds."""
    runs = list(runs)
    figures = [
        statistics.median(run.per_second for run in runs),
        statistics.median(run.quantile(0.5) for run in runs),
        statistics.median(run.quantile(0.99) for run in runs),
    ]
    print(f"{name:28} {figures[0]:9,.0f} {figures[1]:8.1f} {figures[2]:8.1f}")


def main() -> int:
    """Run all and print the tables; 1 when an acknowledged ballot is missing or a request failed."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--ballots", type=int, default=2000)
    words.add_argument("--connections", type=int, default=16)
    words.add_argument("--flats", type=int, default=5000)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--number", type=int, default=200, help="ballots a round")
    words.add_argument("--inside", nargs=3, metavar=("PART", "NUMBER", "OUT"), help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.inside:
        part, number, out = given.inside
        {"seed": seed, "big": big}[part](int(number), Path(out))
        return 0
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-") as base, Server(durable=True) as server:
        folder = Path(base)
        url = server.create("bench")
        live = Live(folder, database_url=url, workers=2, demo=(), environment={"ENVIRONMENT": "test"}).start()
        hello: subprocess.Popen[bytes] | None = None
        try:
            out = folder / "voters.json"
            more = given.rounds * given.number * 2
            live.run([sys.executable, "-m", "bench.votes", "--inside", "seed", str(given.ballots + more), str(out)])
            voters: list[Voter] = json.loads(out.read_text())
            secrets.SystemRandom().shuffle(voters)
            conninfo = url.replace("postgresql+psycopg://", "postgresql://")
            print(f"\n{'path':28} {'a second':>9} {'p50 ms':>8} {'p99 ms':>8} answers")
            last, rest = voters[: given.ballots], voters[given.ballots :]
            run = drive(live.port, [ballot_of(voter, live.port) for voter in last], given.connections)
            told(f"last minutes, {len(last)} ballots", run)
            with psycopg.connect(conninfo, options=f"-c search_path={CITY}") as link:
                there = link.execute("SELECT count(*) FROM counted_ballot").fetchone()
            acknowledged = run.statuses[201]
            kept = there[0] if there else 0
            failed = len(last) - acknowledged + (kept < acknowledged)
            print(f"{run.seconds:.1f} s for {acknowledged} acknowledged ballots to {ESTATES} estates; {kept} counted")
            hello, hello_port = hello_server(folder, live.environment)
            rounds: dict[str, list[Run]] = {"floor: Flask POST": [], "ballot": [], "bare inserts": []}
            body = json.dumps({"answers": {"a": "approve", "b": "approve"}, "text_hash": "0" * 64}).encode()
            floor = request("POST", "/", "127.0.0.1", body=body)
            for _ in range(given.rounds):
                mine, rest = rest[: given.number], rest[given.number :]
                plain, rest = rest[: given.number], rest[given.number :]
                rounds["floor: Flask POST"].append(drive(hello_port, [floor] * given.number * 3, 8))
                rounds["ballot"].append(drive(live.port, [ballot_of(voter, live.port) for voter in mine], 8))
                rounds["bare inserts"].append(bare(conninfo, plain, 8))
            for name, runs in rounds.items():
                middle(name, runs)
            out = folder / "big.json"
            live.run([sys.executable, "-m", "bench.votes", "--inside", "big", str(given.flats), str(out)])
            figures = json.loads(out.read_text())
            print(f"\n{figures['lines']} lines (seconds by the clock, and of CPU without the database's)")
            for word, part in (("roll built", "roll"), ("opening", "opening"), ("tally", "tally")):
                print(f"{word:12} {figures[part][0]:6.2f} {figures[part][1]:6.2f}")
        finally:
            if hello is not None:
                hello.terminate()
                hello.wait()
            live.stop()
    print(f"load of the machine after: {os.getloadavg()[0]:.1f}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
