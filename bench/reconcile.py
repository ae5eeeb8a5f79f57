"""A day's bill against the ledger: seconds and memory, for a small and for a large day.

    sh dev bench reconcile [--rows 100000] [--database sqlite|postgres]

Fills a city with that many payments of one day, writes the bill with ten lines changed, and compares them in a fresh
process: unpack and prove the file, sort both sides, merge, write the differences down. *RSS* is the process's peak
(``VmHWM``); the same for 1,000 rows beside it shows what the application itself takes.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kernel.database import reading, transaction, use_case
from kernel.people.models import Account
from payments import queries
from payments.gateways.bill import from_file
from payments.gateways.memory import MemoryGateway
from payments.gateways.writing import write_trade_bill
from payments.models import (
    Deposit,
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    PaymentAttempt,
    PaymentConfirmation,
)
from payments.reconciliation.services import days
from payments.rules.bill import BillKind, BillRow, RowKind
from tests.conftest import migrated, test_config
from tests.factories import Factory
from tests.payments.world import World
from tests.support.postgres import Server

NOON = datetime(2026, 6, 18, 4, tzinfo=UTC)
DAY = date(2026, 6, 18)
AT_ONCE = 5_000


@use_case
def fill(first: int, many: int, collection_id: int, dwelling_id: int, merchant: tuple[str, str]) -> None:
    """Insert ``many`` credited payments with inner ids from ``first`` on."""
    with transaction() as session:
        of_collection = sa.select(LedgerAccount.kind, LedgerAccount.id).where(
            LedgerAccount.collection_id == collection_id
        )
        accounts = {row.kind: row.id for row in session.execute(of_collection)}
        ids = range(first, first + many)
        at = {n: NOON + timedelta(milliseconds=n) for n in ids}
        tables: list[tuple[Any, list[dict[str, Any]]]] = [
            (Account, [{"id": n, "public_id": f"a{n:021}", "openid": f"o-{n}", "created_at": at[n]} for n in ids]),
            (
                Deposit,
                [
                    {
                        "id": n,
                        "public_id": f"d{n:021}",
                        "collection_id": collection_id,
                        "dwelling_id": dwelling_id,
                        "payer_account_id": n,
                        "amount_fen": 50_000,
                        "state": "paid",
                        "terms_version": "bench",
                        "terms_accepted_at": at[n],
                        "pledged_at": at[n],
                        "paid_at": at[n],
                    }
                    for n in ids
                ],
            ),
            (
                PaymentAttempt,
                [
                    {
                        "id": n,
                        "public_id": f"t{n:021}",
                        "deposit_id": n,
                        "channel": "memory",
                        "merchant_id": merchant[0],
                        "app_id": merchant[1],
                        "trade_no": trade_no(n),
                        "amount_fen": 50_000,
                        "description": "bench",
                        "payer_openid": f"o-{n}",
                        "notify_url": "http://127.0.0.1/n",
                        "state": "paid",
                        "begun_at": at[n],
                        "expires_at": at[n] + timedelta(days=7),
                    }
                    for n in ids
                ],
            ),
            (
                PaymentConfirmation,
                [
                    {
                        "id": n,
                        "attempt_id": n,
                        "channel": "memory",
                        "transaction_id": f"42{n:026}",
                        "amount_fen": 50_000,
                        "paid_at": at[n],
                        "told_by": "notice",
                        "at": at[n],
                        "audit_hash": "0" * 64,
                    }
                    for n in ids
                ],
            ),
            (
                LedgerEntry,
                [
                    {
                        "id": n,
                        "public_id": f"e{n:021}",
                        "collection_id": collection_id,
                        "kind": "deposit_paid",
                        "reference": trade_no(n),
                        "at": at[n],
                    }
                    for n in ids
                ],
            ),
            (
                LedgerPosting,
                [
                    {"entry_id": n, "account_id": accounts[kind], "amount_fen": sign * 50_000}
                    for n in ids
                    for kind, sign in (("at_wechat", 1), ("deposits_held", -1))
                ],
            ),
        ]
        for table, rows in tables:
            session.execute(sa.insert(table), rows)


def trade_no(number: int) -> str:
    """A number in no order of time, as real ones are."""
    return f"BENCH{(number * 7_919_993) % 10**12:012}"


def rows(many: int) -> list[BillRow]:
    """The service's bill in order of time, with ten lines dropped, doubled or changed."""
    made = [
        BillRow(RowKind.PAYMENT, trade_no(n), f"42{n:026}", 50_000, "SUCCESS", NOON + timedelta(milliseconds=n))
        for n in range(1000, 1000 + many)
    ]
    made[3:3] = made[4:6]
    del made[10:14]
    for at, number in enumerate(range(20, 24)):
        made[number] = replace(made[number], amount_fen=1 + at)
    return made


def peak_mb() -> int:
    """This process's largest resident set so far; unlike ``ru_maxrss`` it knows nothing of who started it."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


def measure(folder: Path, url: str) -> None:
    """Compare in this process and print what it took."""
    gateway = MemoryGateway()
    app = migrated(test_config(folder, url))
    with app.app_context():
        data = (folder / "bill.gz").read_bytes()
        before = peak_mb()
        started, cpu = time.perf_counter(), time.process_time()
        bill = from_file(DAY, BillKind.TRADE, data)
        proved = time.perf_counter()
        told = days.reconcile_day(gateway, DAY, actor="bench", now=NOON + timedelta(days=1), given=bill)
        done = time.perf_counter()
        cpu_s, after = time.process_time() - cpu, peak_mb()
    print(
        json.dumps(
            {
                "rows": told.rows,
                "waiting": told.waiting,
                "proved_s": round(proved - started, 2),
                "compared_s": round(done - proved, 2),
                "cpu_s": round(cpu_s, 2),
                "rss_before_mb": before,
                "rss_peak_mb": after,
                "file_mb": round(len(data) / 1e6, 1),
            }
        )
    )


def one(folder: Path, url: str, many: int) -> dict[str, Any]:
    """Fill a fresh city, then measure in a process of its own."""
    folder.mkdir(parents=True)
    app = migrated(test_config(folder, url))
    with app.app_context():
        world = World(Factory(), now=NOON - timedelta(days=30))
        session = reading()
        collection = queries.open_collection(session, world.estate.id)
        assert collection is not None
        collection_id, dwelling_id = collection.id, world.homes[0].id
        session.close()
        merchant = (world.gateway.merchant_id, world.gateway.app_id)
        for first in range(1000, 1000 + many, AT_ONCE):
            fill(first, min(AT_ONCE, 1000 + many - first), collection_id, dwelling_id, merchant)
    (folder / "bill.gz").write_bytes(write_trade_bill(rows(many), app_id=merchant[1], merchant_id=merchant[0]))
    done = subprocess.run(
        [sys.executable, "-m", "bench.reconcile", "--measure", str(folder), url],
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def main(arguments: list[str] | None = None) -> int:
    """Print one line a size."""
    parser = argparse.ArgumentParser(prog="sh dev bench reconcile", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--measure", nargs=2, metavar=("FOLDER", "URL"), help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.measure:
        measure(Path(given.measure[0]), given.measure[1])
        return 0
    server = Server(durable=True).start() if given.database == "postgres" else None
    print(
        "| rows | waiting | prove the file s | compare and record s | CPU s | RSS before MB | RSS peak MB | file MB |"
    )
    print("|---|---|---|---|---|---|---|---|")
    try:
        with tempfile.TemporaryDirectory() as temporary:
            for many in sorted({1_000, given.rows}):
                folder = Path(temporary) / str(many)
                url = server.create(f"b{many}") if server else f"sqlite:///{folder}/city.db"
                print("| " + " | ".join(str(value) for value in one(folder, url, many).values()) + " |", flush=True)
    finally:
        if server:
            server.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
