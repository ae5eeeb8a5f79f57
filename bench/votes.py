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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench.parts.load import Run, drive, request
from tests.support.live import ROOT, Live, free_port
from tests.support.postgres import Server

Voter = dict[str, Any]
ESTATES = 20
CITY = "city_shaoguan"


# ------------------------------------------------------------------------------- in the environment of the product


def seed(voters: int, out: Path) -> None:
    """Owners of one flat each in 20 estates, signed in, with an open vote on two motions at every estate."""
    from config import Config
    from kernel import clock, database
    from portal.app import create_app

    app = create_app(Config.from_env())
    with app.app_context(), database.city_scope(database.cities()[0]):
        from bench.parts.seeding import places

        where = places()
        told: list[Voter] = []
        for number, (estate, building, code) in enumerate(where):
            share = voters // ESTATES + (number < voters % ESTATES)
            told += _estate(estate, building, code, share, clock.now())
        out.write_text(json.dumps(told))


def _estate(estate: int, building: int, code: str, flats: int, now: datetime, *, unit: str = "1") -> list[Voter]:
    import sqlalchemy as sa

    from kernel.database import new_public_id, reading, transaction
    from kernel.people.models import Account, Holding, Person, Tie
    from kernel.places.models import Dwelling
    from portal.auth.models import WebSession
    from portal.auth.rules import hashed
    from surveys.votes import queries
    from surveys.votes.services.papers import papers_of

    names = [(new_public_id(), new_public_id(), new_public_id(), secrets.token_urlsafe(32)) for _ in range(flats)]
    with transaction() as session:
        homes = session.scalars(
            sa.insert(Dwelling).returning(Dwelling.id, sort_by_parameter_order=True),
            [
                {
                    "public_id": home,
                    "estate_id": estate,
                    "building_id": building,
                    "unit": unit,
                    "floor": n % 7 + 1,
                    "door": str(n),
                    "area_dm2": 8000,
                    "use": "home",
                    "label": f"1栋{unit}单元{n}",
                    "sort_key": f"{n:08}",
                }
                for n, (home, *_) in enumerate(names)
            ],
        ).all()
        people = session.scalars(
            sa.insert(Person).returning(Person.id, sort_by_parameter_order=True),
            [{"public_id": person, "kind": "natural", "name_sealed": b"x" * 60} for _, person, _, _ in names],
        ).all()
        accounts = session.scalars(
            sa.insert(Account).returning(Account.id, sort_by_parameter_order=True),
            [{"public_id": account, "openid": f"b-{account}", "created_at": now} for _, _, account, _ in names],
        ).all()
        rows = list(zip(homes, people, accounts, names, strict=True))
        session.execute(
            sa.insert(Holding),
            [
                {"person_id": person, "dwelling_id": home, "kind": "owner", "evidence": "roster", "held_from": now}
                for home, person, _, _ in rows
            ],
        )
        session.execute(
            sa.insert(Tie),
            [
                {
                    "public_id": new_public_id(),
                    "account_id": account,
                    "dwelling_id": home,
                    "person_id": person,
                    "relation": "self",
                    "level": 2,
                    "since": now,
                }
                for home, person, account, _ in rows
            ],
        )
        session.execute(
            sa.insert(WebSession),
            [
                {
                    "public_id": new_public_id(),
                    "token_hash": hashed(token),
                    "account_id": account,
                    "device": "bench",
                    "staff": False,
                    "made_at": now,
                    "seen_at": now,
                    "ends_at": now + timedelta(days=7),
                }
                for _, _, account, (_, _, _, token) in rows
            ],
        )
    vote_id = _vote(code, now)[0]
    session = reading()
    vote = queries.vote_by_public_id(session, vote_id)
    motions = [paper.motion for paper in papers_of(session, vote.id)]
    doors = {home: (key, person, account, token) for key, person, account, (home, _, _, token) in rows}
    told = []
    for line in queries.roll_of(session, vote.id):
        if line.value.dwellings[0] not in doors:
            continue  # a flat of an earlier vote
        key, person, account, token = doors[line.value.dwellings[0]]
        ids = {"vote_key": vote.id, "line_key": line.id, "dwelling": key, "person": person, "account": account}
        told.append(
            {
                **ids,
                "token": token,
                "vote": vote_id,
                "line": line.public_id,
                "text_hash": vote.text_hash,
                "motions": motions,
            }
        )
    return told


Seconds = tuple[float, float]
"""By the clock, and of this process's own CPU."""


def _vote(code: str, now: datetime) -> tuple[str, Seconds, Seconds]:
    """An open vote on two motions at an estate; what the draft with its roll took, and the opening."""
    from surveys.votes.services import preparing
    from surveys.votes.services.preparing import OPERATOR, NewMotion, NewVote

    motions = (
        NewMotion("owners.fund_use", "是否同意使用维修资金更换水泵", "预算 48,600 元"),
        NewMotion("owners.scheme", "是否同意改造方案", "方案见公示栏"),
    )
    draft = NewVote(code, "测量", motions, notice_days=0, voting_days=0, closes_at=now + timedelta(days=7))
    began = time.perf_counter(), time.process_time()
    vote_id = preparing.create(draft, by=OPERATOR, now=now)
    made = time.perf_counter() - began[0], time.process_time() - began[1]
    preparing.publish(vote_id, by=OPERATOR, now=now)
    began = time.perf_counter(), time.process_time()
    preparing.open_voting(vote_id, by=OPERATOR, now=now)
    return vote_id, made, (time.perf_counter() - began[0], time.process_time() - began[1])


def big(flats: int, out: Path) -> None:
    """An estate of so many flats: seconds for roll, opening, and tally of a ballot from every line."""
    import sqlalchemy as sa

    from config import Config
    from kernel import clock, database
    from kernel.database import reading, transaction
    from portal.app import create_app
    from surveys.votes import queries
    from surveys.votes.models import CountedBallot
    from surveys.votes.rules.ballot import Standing
    from surveys.votes.services import casting, counting, keeping
    from surveys.votes.services.papers import papers_of
    from surveys.votes.services.preparing import OPERATOR

    app = create_app(Config.from_env())
    with app.app_context(), database.city_scope(database.cities()[0]):
        from kernel.places.models import Place

        session = reading()
        estate = session.scalars(sa.select(Place).where(Place.code == "bench-0")).one()
        building = session.scalars(sa.select(Place).where(Place.code == "bench-0-1")).one()
        now = clock.now()
        _estate(estate.id, building.id, estate.code, flats, now, unit="2")
        vote_id, made, opened = _vote(estate.code, now)
        session = reading()
        vote = queries.vote_by_public_id(session, vote_id)
        papers, lines = papers_of(session, vote.id), queries.roll_of(session, vote.id)
        doors: dict[int, int] = dict(
            session.execute(
                sa.text("SELECT roll_line_id, dwelling_id FROM roll_line_dwelling WHERE vote_id = :v"), {"v": vote.id}
            ).all()
        )
        with transaction() as session:
            for n, line in enumerate(lines):
                choices = {paper.motion: ("approve", "against", "abstain")[n % 3 and n % 2] for paper in papers}
                how = keeping.How("bench", doors[line.id], helper_id=1)
                sealed = casting.sealed_ballot(papers, choices)
                kept = keeping.add(
                    session,
                    vote,
                    (line.id, line.public_id),
                    sealed,
                    how=how,
                    standing=Standing.VALID,
                    received_at=now,
                    now=now,
                )
                session.execute(sa.insert(CountedBallot).values(vote_id=vote.id, roll_line_id=line.id, ballot_id=kept))
        assert vote.closes_at is not None
        counting.close(vote_id, by=OPERATOR, now=vote.closes_at)
        began = time.perf_counter(), time.process_time()
        counting.publish_result(vote_id, by=OPERATOR, now=vote.closes_at)
        tallied = time.perf_counter() - began[0], time.process_time() - began[1]
        out.write_text(json.dumps({"lines": len(lines), "roll": made, "opening": opened, "tally": tallied}))


# ------------------------------------------------------------------------------------------------------- the driver


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
