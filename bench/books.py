"""Proving the books and reading them in public, for a small and a large ledger.

    sh dev bench books [--entries 100000] [--database sqlite|postgres]

One estate gets that many credited payments with receipts and fees, another has twelve, as most do. In a process of its
own: ``books check`` over the whole city, and of what is published the books page of the small estate (does it notice
the large one?) and of the large one, medians of nine; pages in processor time on SQLite, by the clock on PostgreSQL.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.reconcile import AT_ONCE, DAY, NOON, fill, peak_mb, trade_no
from kernel.database import end_reading, reading, transaction, use_case
from kernel.places.queries import place_by_id
from payments import queries
from payments.fund_flow.models import ServiceFee
from payments.fund_flow.services import TOGETHER
from payments.models import Receipt, ReceiptCounter
from payments.publications import services as publications
from payments.publications.models import PublishedRow
from payments.rules import ledger
from payments.rules.ledger import EntryKind
from payments.services import checking, public_books
from payments.services.bookkeeping import enter
from tests.conftest import migrated, test_config
from tests.factories import Factory
from tests.payments.world import World
from tests.support.postgres import Server

FEW = 12


@use_case
def receipts(first: int, many: int, collection_id: int, series: str, before: int) -> None:
    """Number the payments from inner id ``first`` on; ``before``: how many of the series are numbered already."""
    with transaction() as session:
        made = [
            {
                "public_id": f"r{n:021}",
                "collection_id": collection_id,
                "deposit_id": n,
                "series": series,
                "year": 2026,
                "counted": before + 1 + n - first,
                "number": f"{series}-2026-{n:07}",
                "amount_fen": 50_000,
                "issued_at": NOON + timedelta(milliseconds=n),
                "audit_hash": "0" * 64,
            }
            for n in range(first, first + many)
        ]
        session.execute(sa.insert(Receipt), made)
        session.execute(sa.delete(ReceiptCounter).where(ReceiptCounter.series == series))
        session.execute(sa.insert(ReceiptCounter), {"series": series, "year": 2026, "last": before + many})


@use_case
def fees(first: int, many: int, collection_id: int, merchant_id: str) -> None:
    """What the service took for the payments from inner id ``first`` on, entered together as its bills are."""
    with transaction() as session:
        for begin in range(first, first + many, TOGETHER):
            ids, booking = range(begin, min(begin + TOGETHER, first + many)), f"f{begin:021}"
            told = [
                {
                    "channel": "memory",
                    "merchant_id": merchant_id,
                    "day": DAY,
                    "service_no": f"42{n:026}",
                    "flow_no": f"43{n:026}",
                    "at": NOON + timedelta(milliseconds=n),
                    "balance_fen": n,
                    "amount_fen": 300,
                    "number": trade_no(n),
                    "collection_id": collection_id,
                    "booking": booking,
                }
                for n in ids
            ]
            session.execute(sa.insert(ServiceFee), told)
            postings = ledger.service_fee(300 * len(ids))
            enter(session, collection_id, EntryKind.SERVICE_FEE, booking, postings, now=NOON)


def median_ms(deed: Callable[[], object], now: Callable[[], float]) -> float:
    """Of nine, each in a fresh snapshot. ``now``: the clock to measure with."""
    took = []
    for _ in range(9):
        end_reading()
        began = now()
        deed()
        took.append((now() - began) * 1000)
    return round(statistics.median(took), 1)


def measure(folder: Path, url: str, large: int, small: int) -> None:
    """Measure in this process and print what it took."""
    app = migrated(test_config(folder, url))
    with app.app_context():
        before = peak_mb()
        began = time.perf_counter()
        report = checking.check()
        took_s = time.perf_counter() - began
        peak = peak_mb()

        # SQLite works in this process, so its processor time is all of it, whatever else runs on the machine.
        cpu = time.process_time if url.startswith("sqlite") else time.perf_counter

        def page(estate: int) -> None:
            session = reading()
            if not public_books.books_of(session, place_by_id(session, estate)).rows:
                raise SystemExit("nothing was published: the page of an empty list says nothing")

        published = reading().scalar(sa.select(sa.func.count()).select_from(PublishedRow))
        end_reading()
        told = {
            "entries": report.entries,
            "published": published,
            "differences": len(report.differences),
            "check_s": round(took_s, 2),
            "check_mb": peak - before,
            "small_page_ms": median_ms(lambda: page(small), cpu),
            "large_page_ms": median_ms(lambda: page(large), cpu),
        }
    print(json.dumps(told))


def one(folder: Path, url: str, many: int) -> dict[str, Any]:
    """Fill a fresh city, then measure in a process of its own."""
    folder.mkdir(parents=True)
    app = migrated(test_config(folder, url))
    with app.app_context():
        make = Factory()
        worlds = [World(make, now=NOON - timedelta(days=30), series=series) for series in ("large", "small")]
        at, spans = 1000, list[tuple[int, int, int, str]]()
        for world, wanted in zip(worlds, (many, FEW), strict=True):
            session = reading()
            collection = queries.open_collection(session, world.estate.id)
            assert collection is not None
            collection_id, series = collection.id, collection.series
            session.close()
            merchant = (world.gateway.merchant_id, world.gateway.app_id)
            step = min(AT_ONCE, -(-wanted // len(world.homes)))  # over all homes: what fewer than five paid waits
            for number, first in enumerate(range(at, at + wanted, step)):
                count = min(step, at + wanted - first)
                fill(first, count, collection_id, world.homes[number % len(world.homes)].id, merchant)
                receipts(first, count, collection_id, series, first - at)
            spans.append((at, wanted, collection_id, merchant[0]))
            at += wanted
        for span in spans:  # last: until then the entries' inner ids are given by hand
            fees(*span)
        publications.publish_due(now=NOON + timedelta(days=100))
        estates = [str(world.estate.id) for world in worlds]
    done = subprocess.run(
        [sys.executable, "-m", "bench.books", "--measure", str(folder), url, *estates],
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def main(arguments: list[str] | None = None) -> int:
    """Print one line a size, and the ratio of the last to the first."""
    parser = argparse.ArgumentParser(prog="sh dev bench books", description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--measure", nargs=4, metavar=("FOLDER", "URL", "LARGE", "SMALL"), help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.measure:
        measure(Path(given.measure[0]), given.measure[1], int(given.measure[2]), int(given.measure[3]))
        return 0
    server = Server(durable=True).start() if given.database == "postgres" else None
    heads = ("entries", "published rows", "differences", "books check s", "MB", "page of 12 ms", "page of the rest ms")
    print("| " + " | ".join(heads) + " |")
    print("|---" * len(heads) + "|")
    found = []
    try:
        with tempfile.TemporaryDirectory() as temporary:
            for many in sorted({1_000, given.entries}):
                folder = Path(temporary) / str(many)
                url = server.create(f"b{many}") if server else f"sqlite:///{folder}/city.db"
                found.append(one(folder, url, many))
                print("| " + " | ".join(str(value) for value in found[-1].values()) + " |", flush=True)
    finally:
        if server:
            server.stop()
    least, most = found[0], found[-1]
    grown = most["entries"] / least["entries"]
    print(
        f"\n{grown:.0f} times the entries: check {most['check_s'] / max(least['check_s'], 0.01):.1f} times, "
        f"the small estate's page {most['small_page_ms'] / least['small_page_ms']:.1f} times"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
