"""What WeChat's callback costs: verify, open, credit, commit.

    sh dev bench callback [--rounds 3] [--number 200] [--connections 4]

On PostgreSQL (fsync on) and on SQLite (synchronous=FULL), through gunicorn as it is served: true letters of the sandbox
(RSA over the raw body, AES-GCM inside), one a payment, then the same letters once more ("told again"). Beside it, in
the same rounds: a Flask POST that parses the same bytes ("floor") and the cryptography alone. CPU is user + system time
of the servers' processes from /proc; receipts and seals are the jobs' work, listed apart. The driver shares the cores:
compare ratios of one run.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.parts.load import Run, cpu_seconds, drive, request
from bench.submit import Row, hello_server, show
from sandbox.testing import Control
from tests.support.live import Live
from tests.support.postgres import Server


class Product:
    """The product on one database, with payers who have just confirmed in WeChat and of whom nobody was told yet."""

    def __init__(self, name: str, folder: Path, number: int, server: Server | None) -> None:
        self.name, self.server = name, server
        url = server.create("bench") if server else None
        self.live = Live(folder, database_url=url, workers=2, demo=(), environment={"ENVIRONMENT": "test"}).start()
        self.sandbox = Control(self.live.sandbox_url)
        self.sandbox.hold_callbacks()
        out = folder / "orders.json"
        self.live.run([sys.executable, "-m", "bench.parts.paying", str(number), str(out)])
        self.orders: list[str] = json.loads(out.read_text())
        for trade_no in self.orders:
            self.sandbox.pay(trade_no)

    def letters(self, number: int) -> list[bytes]:
        """Requests with fresh letters for orders nobody was told of yet."""
        taken, self.orders = self.orders[:number], self.orders[number:]
        made = []
        for trade_no in taken:
            headers, body = self.sandbox.write_callback(trade_no)
            lines = [f"{name}: {value}" for name, value in headers.items() if name.lower() != "content-type"]
            made.append(
                request("POST", "/payments/wechat/notices", f"127.0.0.1:{self.live.port}", body=body, headers=lines)
            )
        return made

    def measure(self, row: Row, letters: list[bytes], connections: int) -> None:
        """Deliver the letters and note what they cost."""
        web, jobs = self.live.pid("web"), self.live.pid("jobs")
        postgres = [self.server._process.pid] if self.server and self.server._process else []
        before = cpu_seconds(web), cpu_seconds(*postgres) if postgres else 0.0, cpu_seconds(jobs)
        run = drive(self.live.port, letters, connections)
        run.statuses = run.statuses.__class__({200 if code == 204 else code: n for code, n in run.statuses.items()})
        app = cpu_seconds(web) - before[0]
        database = cpu_seconds(*postgres) - before[1] if postgres else 0.0
        time.sleep(3)
        row.add(run, app_s=app, database_s=database, jobs_s=cpu_seconds(jobs) - before[2])


def crypto(row: Row, product: Product, number: int) -> None:
    """One letter verified and opened again and again, in this process: no HTTP, no database."""
    import os

    os.environ.update(product.live.environment)
    from config import Config
    from kernel import clock
    from payments.gateways import registry
    from portal.app import create_app

    create_app(Config.from_env())
    gateway = registry.of_channel("wechat")[0]
    headers, body = product.sandbox.write_callback(product.orders[-1])
    began, before = time.perf_counter(), time.process_time()
    for _ in range(number):
        gateway.read(headers, body, now=clock.now())
    run = Run(time.perf_counter() - began, [1000 * (time.perf_counter() - began) / number] * number)
    row.add(run, app_s=time.process_time() - before)


def main() -> int:
    """Run the rounds and print the table; 1 when a letter was not taken."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--number", type=int, default=200, help="callbacks a round")
    words.add_argument("--connections", type=int, default=4)
    given = words.parse_args()
    orders = given.rounds * given.number + 60
    rows = {"floor: Flask POST": Row("floor: Flask POST")}
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-") as base, Server(durable=True) as server:
        folder = Path(base)
        products = [
            Product("PostgreSQL", folder / "pg", orders, server),
            Product("SQLite", folder / "sqlite", orders, None),
        ]
        hello, hello_port = hello_server(folder, products[1].live.environment)
        try:
            for product in products:
                drive(product.live.port, product.letters(50), given.connections)
                for path in ("callback", "told again"):
                    rows[f"{product.name}: {path}"] = Row(f"{product.name}: {path}")
            rows["verify and open"] = Row("verify and open")
            for _ in range(given.rounds):
                _one_round(rows, products, hello.pid, hello_port, given)
            show(list(rows.values()))
            _ratios(rows)
        finally:
            hello.terminate()
            hello.wait()
            for product in products:
                product.live.stop()
    return 1 if any(row.failed for row in rows.values()) else 0


def _one_round(rows: dict[str, Row], products: list[Product], hello: int, hello_port: int, given: Any) -> None:
    body = json.dumps({"answers": {"id": "x" * 36, "resource": {"ciphertext": "y" * 900}}}).encode()
    before = cpu_seconds(hello)
    run = drive(hello_port, [request("POST", "/", "127.0.0.1", body=body)] * given.number * 5, given.connections)
    rows["floor: Flask POST"].add(run, app_s=cpu_seconds(hello) - before)
    for product in products:
        letters = product.letters(given.number)
        product.measure(rows[f"{product.name}: callback"], letters, given.connections)
        product.measure(rows[f"{product.name}: told again"], letters, given.connections)
    crypto(rows["verify and open"], products[0], given.number)


def _ratios(rows: dict[str, Row]) -> None:
    print()
    floor, seal = rows["floor: Flask POST"].cpu_us, statistics.median(rows["verify and open"].app_us)
    for name in ("PostgreSQL", "SQLite"):
        row = rows[f"{name}: callback"]
        print(
            f"{name}: a callback costs {row.cpu_us:,.0f} us, {row.cpu_us / floor:.1f} x the floor of {floor:,.0f} us;"
            f" verifying and opening is {seal:,.0f} us of it; p99 {statistics.median(row.p99_ms):.0f} ms"
        )


if __name__ == "__main__":
    raise SystemExit(main())
