"""A thousand households hand in their sheet within the same minute: is one lost, and how long do they wait?

    sh dev bench minute [--households 1000] [--seconds 60] [--database postgres|sqlite]

Each comes at a moment of its own over a fresh connection; gunicorn gthread 2 workers x 4 threads and the job runner
beside it. Afterwards every household must have one response that counts, and the counters must equal a recount.
"""

import argparse
import tempfile
import time
from pathlib import Path

from bench.parts.load import arrive
from bench.submit import Product
from tests.support.postgres import Server

COUNTED_S = 3.0
"""How long the counters may be behind."""


def main(arguments: list[str] | None = None) -> int:
    """Print one line; 1 when a household was lost or the counters differ."""
    parser = argparse.ArgumentParser(prog="sh dev bench minute", description=__doc__.splitlines()[0])
    parser.add_argument("--households", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--database", choices=["postgres", "sqlite"], default="postgres")
    given = parser.parse_args(arguments)
    server = Server(durable=True).start() if given.database == "postgres" else None
    product = None
    try:
        with tempfile.TemporaryDirectory(prefix="gongjian-bench-") as folder:
            product = Product(given.database, Path(folder), given.households + 50, server)
            arrive(product.live.port, [product.submission(home) for home in product.take(50)], 5)
            sheets = [product.submission(home) for home in product.take(given.households)]
            run = arrive(product.live.port, sheets, given.seconds)
            time.sleep(COUNTED_S)
            told = product.live.flask("survey", "recount", "--check", product.campaign)
            product.live.stop()
            product = None
    finally:
        if product is not None:
            product.live.stop()
        if server is not None:
            server.stop()
    print("| households | in s | stored | p50 ms | p99 ms | longest ms | counters |")
    print("|---|---|---|---|---|---|---|")
    print(
        f"| {given.households:,} | {run.seconds:.0f} | {run.statuses[201]:,} | {run.quantile(0.5):.0f}"
        f" | {run.quantile(0.99):.0f} | {max(run.latencies_ms):.0f} | {told.strip().splitlines()[-1]} |"
    )
    return 0 if run.statuses[201] == given.households else 1


if __name__ == "__main__":
    raise SystemExit(main())
