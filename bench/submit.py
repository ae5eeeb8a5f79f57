"""Completed questionnaire submissions a second, and what each costs.

    sh dev bench submit [--rounds 3] [--number 600] [--connections 8] [--profile]

On PostgreSQL (fsync on) and on SQLite (synchronous=FULL): the official sheet with 41 answers, names sealed, signature
linked, session, eligibility, idempotency key, audit row, outbox, tally queue, commit; through gunicorn as it is served.
Beside it, in the same rounds: Flask that parses the same body and does nothing ("floor"), under the same gunicorn, and
the same inserts by bare psycopg and sqlite3. CPU is user + system time of the server's processes from /proc; jobs
(counting, sealing) are listed apart. The driver shares the cores: compare ratios of one run.
"""

import argparse
import cProfile
import json
import os
import pstats
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from bench.parts import bare
from bench.parts.load import Run, cpu_seconds, drive, request
from tests.support.live import ROOT, Live, free_port
from tests.support.postgres import Server
from tests.surveys.questionnaires.answers import FULL

Home = dict[str, str]
JOBS_S = 6.0
"""Seconds the jobs get to count, deliver and seal what a round left them."""


@dataclass
class Row:
    """One measured path, a list entry a round."""

    name: str
    per_second: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    app_us: list[float] = field(default_factory=list)
    database_us: list[float] = field(default_factory=list)
    jobs_us: list[float] = field(default_factory=list)
    failed: int = 0

    def add(self, run: Run, *, app_s: float, database_s: float = 0.0, jobs_s: float = 0.0) -> None:
        """Note a round."""
        number = len(run.latencies_ms)
        self.per_second.append(run.per_second)
        self.p50_ms.append(run.quantile(0.5))
        self.p99_ms.append(run.quantile(0.99))
        self.app_us.append(app_s / number * 1e6)
        self.database_us.append(database_s / number * 1e6)
        self.jobs_us.append(jobs_s / number * 1e6)
        self.failed += sum(n for status, n in run.statuses.items() if status not in (200, 201))

    @property
    def cpu_us(self) -> float:
        """Median CPU of application and database a request, jobs left out."""
        return statistics.median(a + d for a, d in zip(self.app_us, self.database_us, strict=True))


class Product:
    """The product on one database, with homes that have not answered yet."""

    def __init__(self, name: str, folder: Path, number: int, server: Server | None) -> None:
        self.name, self.server = name, server
        url = server.create("bench") if server else None
        self.live = Live(folder, database_url=url, workers=2, demo=(), environment={"ENVIRONMENT": "test"}).start()
        out = folder / "homes.json"
        self.live.run([sys.executable, "-m", "bench.parts.seeding", str(number), str(out)])
        told = json.loads(out.read_text())
        self.campaign: str = told["campaign"]
        self.version: str = told["version"]
        self.homes: list[Home] = told["homes"]
        self.sqlite = folder / "shaoguan.db"

    def take(self, number: int) -> list[Home]:
        """Homes nobody has used."""
        taken, self.homes = self.homes[:number], self.homes[number:]
        return taken

    def submission(self, home: Home) -> bytes:
        """The request a phone sends."""
        answers = {**FULL, "q38": home["file"]}
        body = json.dumps(
            {"dwelling": home["dwelling"], "channel": "wechat_self", "answers": answers}, ensure_ascii=False
        )
        headers = [f"Cookie: s={home['token']}", "X-Requested-By: gongjian", f"Idempotency-Key: {uuid.uuid4()}"]
        path = f"/api/v1/campaigns/{self.campaign}/responses"
        return request("POST", path, f"127.0.0.1:{self.live.port}", body=body.encode(), headers=headers)

    def page(self, home: Home) -> bytes:
        """The request for the questionnaire's page."""
        path = f"/q/{self.campaign}/{home['dwelling']}"
        return request("GET", path, f"127.0.0.1:{self.live.port}", headers=[f"Cookie: s={home['token']}"])

    def measure(self, row: Row, requests: list[bytes], connections: int) -> None:
        """Drive the requests and note what they cost. The jobs rest meanwhile, and then do what they left: so each is
        measured alone (``jobs_us`` holds the job runner and, on PostgreSQL, the server's work for it).
        """
        web, jobs = self.live.pid("web"), self.live.pid("jobs")
        os.kill(jobs, signal.SIGSTOP)
        before = cpu_seconds(web), self._database_s()
        run = drive(self.live.port, requests, connections)
        app, database = cpu_seconds(web) - before[0], self._database_s() - before[1]
        before = cpu_seconds(jobs), self._database_s()
        os.kill(jobs, signal.SIGCONT)
        time.sleep(JOBS_S)
        behind = cpu_seconds(jobs) - before[0] + self._database_s() - before[1]
        row.add(run, app_s=app, database_s=database, jobs_s=behind)

    def refused(self) -> str:
        """What PostgreSQL refused so far: deadlocks, and transactions rolled back for whatever reason."""
        assert self.server
        with psycopg.connect(self.server.conninfo("bench")) as link:
            found = link.execute("SELECT deadlocks, xact_rollback FROM pg_stat_database WHERE datname = 'bench'")
            deadlocks, rolled_back = found.fetchone() or (0, 0)
        return f"{deadlocks} deadlocks, {rolled_back} rollbacks"

    def _database_s(self) -> float:
        return cpu_seconds(self.server._process.pid) if self.server and self.server._process else 0.0


def hello_server(folder: Path, environment: dict[str, str]) -> tuple[subprocess.Popen[bytes], int]:
    """The floor under the product's own gunicorn settings."""
    port = free_port()
    with (folder / "hello.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "bench.parts.hello:app"],
            cwd=ROOT,
            env={**environment, "PORT": str(port)},
            stdout=log,
            stderr=log,
        )
    for _ in range(200):
        try:
            drive(port, [request("GET", "/", "127.0.0.1")], 1)
            return process, port
        except OSError:
            time.sleep(0.1)
    process.terminate()
    raise SystemExit("the floor does not start: " + (folder / "hello.log").read_text()[-500:])


def bare_run(row: Row, product: Product, homes: list[Home], connections: int) -> None:
    """The same inserts without HTTP, Flask or SQLAlchemy."""
    postgres = [product.server._process.pid] if product.server and product.server._process else []
    before = time.process_time(), cpu_seconds(*postgres) if postgres else 0.0
    if product.server:
        run = bare.postgres(product.server.conninfo("bench"), product.campaign, homes, connections)
    else:
        run = bare.sqlite(product.sqlite, product.campaign, homes)
    database = cpu_seconds(*postgres) - before[1] if postgres else 0.0
    row.add(run, app_s=time.process_time() - before[0], database_s=database)


def show(rows: list[Row]) -> None:
    """One table, medians of the rounds."""
    median: Callable[[list[float]], float] = statistics.median
    print(f"\n{'path':34} {'a second':>9} {'p50 ms':>7} {'p99 ms':>7} {'app us':>7} {'db us':>7} {'jobs us':>8} failed")
    for row in rows:
        print(
            f"{row.name:34} {median(row.per_second):9,.0f} {median(row.p50_ms):7.1f} {median(row.p99_ms):7.1f}"
            f" {median(row.app_us):7,.0f} {median(row.database_us):7,.0f} {median(row.jobs_us):8,.0f} {row.failed:6}"
        )


def ratios(rows: dict[str, Row]) -> None:
    """What the goals ask for: CPU of a submission over (floor + bare inserts), and the whole flow."""
    print()
    for name in ("PostgreSQL", "SQLite"):
        submit, plain, page = rows[f"{name}: submit"], rows[f"{name}: bare inserts"], rows[f"{name}: page"]
        limit = rows["floor: Flask POST"].cpu_us + plain.cpu_us
        flow = submit.cpu_us + page.cpu_us
        print(
            f"{name}: a submission costs {submit.cpu_us:,.0f} us, {submit.cpu_us / limit:.1f} x (floor + bare inserts ="
            f" {limit:,.0f} us); page + submission {flow / 1000:.1f} ms; submissions a second ="
            f" {statistics.median(submit.per_second) / statistics.median(rows['floor: Flask POST'].per_second):.0%}"
            f" of the floor's"
        )


def profile(product: Product) -> None:
    """Where the time goes: shares of one process's own time by package, under cProfile (which favours C)."""
    os.environ.pop("DATABASE_URL", None)
    os.environ.update(product.live.environment)
    from config import Config
    from portal.app import create_app

    app = create_app(Config.from_env())
    client = app.test_client()
    watch = cProfile.Profile(time.process_time)
    for home in product.take(300):
        body = {"dwelling": home["dwelling"], "channel": "wechat_self", "answers": {**FULL, "q38": home["file"]}}
        headers = {
            "X-Requested-By": "gongjian",
            "Idempotency-Key": secrets.token_hex(16),
        }
        client.set_cookie("s", home["token"])
        path = f"/api/v1/campaigns/{product.campaign}/responses"
        watch.enable()
        status = client.post(path, json=body, headers=headers).status_code
        watch.disable()
        assert status == 201, status
    shares: Counter[str] = Counter()
    stats: Any = pstats.Stats(watch)
    for (file, _, function), (_, _, own, _, _) in stats.stats.items():
        parts = Path(file).parts
        if "site-packages" in parts:
            package = parts[parts.index("site-packages") + 1]
        elif str(ROOT) in file:
            package = "gongjian: " + "/".join(Path(file).relative_to(ROOT).parts[:2])
        else:
            package = "database driver" if "execute" in function or "commit" in function else "python"
        shares[package] += own
    whole = sum(shares.values())
    print(
        f"\nWhere the time of a submission goes ({product.name}, cProfile, {whole / 300 * 1e6:,.0f} us each with it):"
    )
    for package, own in shares.most_common(14):
        print(f"  {own / whole:5.1%}  {package}")


def main() -> int:
    """Run the rounds and print the tables; 1 when a submission failed."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--number", type=int, default=600, help="submissions a round")
    words.add_argument("--connections", type=int, default=8)
    words.add_argument("--profile", action="store_true", help="also show where the time goes")
    given = words.parse_args()
    homes = given.rounds * given.number * 2 + 1000
    rows = {name: Row(name) for name in ("floor: Flask GET", "floor: Flask POST")}
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-") as base, Server(durable=True) as server:
        folder = Path(base)
        products = [
            Product("PostgreSQL", folder / "pg", homes, server),
            Product("SQLite", folder / "sqlite", homes, None),
        ]
        hello, hello_port = hello_server(folder, products[1].live.environment)
        try:
            for product in products:
                drive(product.live.port, [product.submission(home) for home in product.take(200)], given.connections)
                for path in ("submit", "page", "bare inserts"):
                    rows[f"{product.name}: {path}"] = Row(f"{product.name}: {path}")
            for _ in range(given.rounds):
                one_round(rows, products, hello, hello_port, given)
            show(list(rows.values()))
            ratios(rows)
            if given.profile:
                for product in products:
                    profile(product)
        finally:
            hello.terminate()
            hello.wait()
            for product in products:
                product.live.stop()
    return 1 if any(row.failed for row in rows.values()) else 0


def one_round(
    rows: dict[str, Row], products: list[Product], hello: subprocess.Popen[bytes], hello_port: int, given: Any
) -> None:
    """Every path once, one after the other."""
    body = json.dumps({"answers": FULL}, ensure_ascii=False).encode()
    for path, message in (
        ("floor: Flask GET", request("GET", "/", "127.0.0.1")),
        ("floor: Flask POST", request("POST", "/", "127.0.0.1", body=body)),
    ):
        before = cpu_seconds(hello.pid)
        run = drive(hello_port, [message] * given.number * 3, given.connections)
        rows[path].add(run, app_s=cpu_seconds(hello.pid) - before)
    for product in products:
        name = product.name
        fresh = product.take(given.number)
        product.measure(rows[f"{name}: page"], [product.page(home) for home in fresh], given.connections)
        sheets = [product.submission(home) for home in fresh]
        product.measure(rows[f"{name}: submit"], sheets, given.connections)
        bare_run(rows[f"{name}: bare inserts"], product, product.take(given.number), given.connections)


if __name__ == "__main__":
    raise SystemExit(main())
