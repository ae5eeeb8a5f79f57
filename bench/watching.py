"""What live figures cost: the roll-up behind them, how far they lag, and what those who watch them cost.

    sh dev bench watching [--rounds 3] [--number 400] [--connections 8]

PostgreSQL with fsync on, gunicorn with two workers as it is served, the job runner beside. While ``number`` households
submit, the oldest response not counted yet is looked up ten times a second (the lag). Then the public results page, the
city's front page and the questionnaire's sections (kept as bytes) are fetched again and again beside a Flask that
answers 23 bytes ("hello") under the same gunicorn; the database's transactions are counted meanwhile. The roll-up is
counting alone, in this process on SQLite, beside the submissions it counts. CPU from /proc; the driver shares the
cores: compare ratios of one run.
"""

import argparse
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench.parts import seeding
from bench.parts.load import cpu_seconds, drive, request
from bench.submit import Product, Row, hello_server, show
from kernel import clock
from surveys.questionnaires.services import counting
from tests.conftest import migrated, test_config
from tests.support.postgres import Server
from tests.surveys.questionnaires.answers import FULL

_LAG = (
    "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(submitted_at)), 0)::float"
    " FROM tally_queue JOIN response ON response.id = tally_queue.response_id"
)
_READS = "SELECT sum(xact_commit + xact_rollback) FROM pg_stat_database WHERE datname = 'bench'"


@contextmanager
def lags(conninfo: str) -> Iterator[list[float]]:
    """Seconds the oldest uncounted response has waited, ten times a second while the block runs."""
    seen: list[float] = []
    done = threading.Event()

    def watch() -> None:
        with psycopg.connect(conninfo, autocommit=True, options="-c search_path=city_shaoguan") as link:
            while not done.wait(0.1):
                row = link.execute(_LAG).fetchone()
                seen.append(row[0] if row else 0.0)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def transactions(conninfo: str) -> int:
    """How many transactions the database has ended; its statistics come a moment late."""
    time.sleep(1.5)
    with psycopg.connect(conninfo, autocommit=True) as link:
        row = link.execute(_READS).fetchone()
        return int(row[0]) if row else 0


def roll_up(number: int) -> tuple[float, float]:
    """Processor time of a submission and of counting one, in us (SQLite, this process, the counters exact after)."""
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-") as folder:
        app = migrated(test_config(Path(folder), f"sqlite:///{folder}/city.db"))
        with app.app_context():
            where = seeding.places()
            campaign, _ = seeding.survey()
            homes = seeding.homes(number, campaign, where)
        client = app.test_client()
        began = time.process_time()
        for home in homes:
            client.set_cookie("s", home["token"])
            body = {"dwelling": home["dwelling"], "channel": "wechat_self", "answers": {**FULL, "q38": home["file"]}}
            headers = {"X-Requested-By": "gongjian", "Idempotency-Key": str(uuid.uuid4())}
            status = client.post(f"/api/v1/campaigns/{campaign}/responses", json=body, headers=headers).status_code
            assert status == 201, status
        submitted = time.process_time() - began
        with app.app_context():
            began = time.process_time()
            while counting.drain_tally(now=clock.now()):
                pass
            counted = time.process_time() - began
        return submitted / number * 1e6, counted / number * 1e6


def main() -> int:
    """Measure and print; 1 when a request failed."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--number", type=int, default=400, help="submissions, and polls a round")
    words.add_argument("--connections", type=int, default=8)
    given = words.parse_args()
    submit_us, count_us = roll_up(given.number)
    print(f"a submission costs {submit_us:,.0f} us, counting it {count_us:,.0f} us: {count_us / submit_us:.1%}")
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-") as base, Server(durable=True) as server:
        folder, conninfo = Path(base), server.conninfo("bench")
        product = Product("PostgreSQL", folder / "pg", given.number, server)
        hello, hello_port = hello_server(folder, product.live.environment)
        try:
            homes = product.take(given.number)
            with lags(conninfo) as seen:
                sheets = [product.submission(home) for home in homes]
                run = drive(product.live.port, sheets, given.connections)
                time.sleep(2)
            print(
                f"{run.per_second:.0f} submissions a second: longest lag {max(seen):.2f} s, at the end {seen[-1]:.2f}"
            )
            host = f"127.0.0.1:{product.live.port}"
            paths = {
                "public results of the city's estates": f"/q/{product.campaign}/results?place=bench",
                "public front page of the city": "/city",
                "sections of the questionnaire": f"/api/v1/questionnaire-versions/{product.version}/sections/0",
            }
            rows = {"hello": Row("hello")} | {name: Row(name) for name in paths}
            polls = given.number * 5
            for path in paths.values():  # each worker builds a page for the first time before the clock runs
                drive(product.live.port, [request("GET", path, host)] * 40, given.connections)
            reads = {name: list[float]() for name in paths}
            for _ in range(given.rounds):
                before = cpu_seconds(hello.pid)
                run = drive(hello_port, [request("GET", "/", host)] * polls, given.connections)
                rows["hello"].add(run, app_s=cpu_seconds(hello.pid) - before)
                for name, path in paths.items():
                    ended, before = transactions(conninfo), cpu_seconds(product.live.pid("web"))
                    run = drive(product.live.port, [request("GET", path, host)] * polls, given.connections)
                    rows[name].add(run, app_s=cpu_seconds(product.live.pid("web")) - before)
                    reads[name].append((transactions(conninfo) - ended) / (run.seconds + 1.5))
            show(list(rows.values()))
            for name in paths:
                share = statistics.median(rows[name].per_second) / statistics.median(rows["hello"].per_second)
                cost = rows["hello"].cpu_us / rows[name].cpu_us
                print(
                    f"{name}: {share:.0%} of hello's requests a second, {cost:.0%} by the processor;"
                    f" {statistics.median(reads[name]):.1f} transactions a second in the database, the jobs' among them"
                )
        finally:
            hello.terminate()
            hello.wait()
            product.live.stop()
    return 1 if any(row.failed for row in rows.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
