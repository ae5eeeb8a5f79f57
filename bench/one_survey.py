"""All writers on one survey: what counting costs those who write.

    sh dev bench one_survey [--rounds 3] [--number 300] [--writers 16] [--database [--serializable]]

PostgreSQL with fsync on; each commit waits 2 ms more, as for a disk (``commit_delay``). In turn: *not counted* (the
writers leave nothing to count, the jobs rest), *noted* (each leaves its row in the tally queue, the jobs rest) and
*counted* (the jobs count, deliver and seal meanwhile). Through gunicorn, where two cores hold the writers, the server,
the database and the jobs; with ``--database`` by psycopg alone, which leaves the database more to do at once, at READ
COMMITTED as the product does or at SERIALIZABLE. A sampler looks every 10 ms who waits for a lock of another: counting
in the writers' own transactions would show there, and in deadlocks and serialization failures.
"""

import argparse
import os
import signal
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench.parts import bare
from bench.parts.load import Run, drive
from bench.submit import Product
from tests.support.postgres import Server

DISK = ["commit_delay=2000", "commit_siblings=0"]
DRAIN_S = 4.0
SERIALIZABLE = "-c default_transaction_isolation=serializable"
WAYS = ("not counted", "noted", "counted")


class Waits:
    """How many sessions were seen at work, and how many of them waiting for a lock of another."""

    def __init__(self, conninfo: str) -> None:
        self.conninfo, self.active, self.waiting = conninfo, 0, 0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look every 10 ms until the block ends."""
        over = threading.Event()

        def look() -> None:
            with psycopg.connect(self.conninfo, autocommit=True) as link:
                while not over.wait(0.01):
                    found = link.execute(
                        "SELECT count(*), count(*) FILTER (WHERE wait_event_type = 'Lock') FROM pg_stat_activity"
                        " WHERE datname = 'bench' AND state <> 'idle' AND pid <> pg_backend_pid()"
                    ).fetchone() or (0, 0)
                    self.active += found[0]
                    self.waiting += found[1]

        sampler = threading.Thread(target=look)
        sampler.start()
        try:
            yield
        finally:
            over.set()
            sampler.join()


def write(product: Product, way: str, number: int, writers: int, *, by_database: bool, options: str = "") -> Run:
    """One round in one of the ``WAYS``; ``options``: of the connections of writers by psycopg."""
    jobs, homes = product.live.pid("jobs"), product.take(number)
    if way != "counted":
        os.kill(jobs, signal.SIGSTOP)
    try:
        if by_database:
            assert product.server
            conninfo = product.server.conninfo("bench")
            noted = way != "not counted"
            return bare.postgres(conninfo, product.campaign, homes, writers, noted=noted, options=options)
        return drive(product.live.port, [product.submission(home) for home in homes], writers)
    finally:
        os.kill(jobs, signal.SIGCONT)
        time.sleep(DRAIN_S)


def main() -> int:
    """Run the rounds and print rates and their ratios; 1 when a writer failed."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--number", type=int, default=300, help="submissions a round and way")
    words.add_argument("--writers", type=int, default=16)
    words.add_argument("--database", action="store_true", help="the inserts alone, by psycopg")
    words.add_argument("--serializable", action="store_true")
    given = words.parse_args()
    options = SERIALIZABLE if given.serializable else ""
    ways = WAYS if given.database else WAYS[1:]
    rates: dict[str, list[float]] = {way: [] for way in ways}
    failed = 0
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-") as base, Server(durable=True, settings=DISK) as server:
        product = Product("PostgreSQL", Path(base) / "pg", given.rounds * given.number * len(ways) + 100, server)
        waits = Waits(server.conninfo("bench"))
        try:
            write(product, "noted", 100, given.writers, by_database=given.database)
            for _ in range(given.rounds):
                for way in ways:
                    with waits.watching():
                        run = write(
                            product, way, given.number, given.writers, by_database=given.database, options=options
                        )
                    rates[way].append(run.per_second)
                    failed += sum(n for status, n in run.statuses.items() if status >= 300)
            refused = product.refused()
        finally:
            product.live.stop()
    for way in ways:
        share = statistics.median(mine / first for mine, first in zip(rates[way], rates[ways[0]], strict=True))
        print(f"{way:12} {statistics.median(rates[way]):7,.0f} a second   {share:5.0%} of {ways[0]}")
    print(f"{failed} failed; {refused}; waiting for a lock: {waits.waiting} of {waits.active} sessions seen at work")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
