"""What a page of results costs with ten thousand and with a million answers stored.

    sh dev bench results [--pages 10000,100000,1000000] [--rounds 30]

Each size is a fresh SQLite city of 20 estates in a process of its own. Responses are inserted by SQL, two hundred
different sheets in turn; the counters, the public releases and the estates' sheets are then made as the jobs make them,
so a page reads what it would read. Pages go through the application without a network: of the public, of the city
(public figures added up) and of a street officer (exact live counters, each figure weighed). Compare rows of one table.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.parts.answered import NOW, city
from kernel import clock
from kernel.clock import CHINA
from kernel.database import reading
from kernel.people.models import Account
from kernel.places.models import Place
from kernel.web.guards import use_identity_loader
from tests.factories import Factory, session_identity


def cost_ms(work: Callable[[], Any], rounds: int) -> float:
    """Median of this process's processor time."""
    work()
    spent = []
    for _ in range(rounds):
        before = time.process_time()
        work()
        spent.append((time.process_time() - before) * 1e3)
    return statistics.median(spent)


def pages(number: int, rounds: int) -> dict[str, float]:
    """What each page costs with so many answers stored: milliseconds of the processor."""
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-") as folder:
        app, campaign = city(Path(folder), number)
        use_identity_loader(app, session_identity)
        make = Factory()
        visitors = {"": app.test_client()}
        for role, kind in (("city_officer", "city"), ("street_officer", "street")):
            account = make.account()
            make.grant(account, role, reading().scalars(sa.select(Place).where(Place.kind == kind)).one())
            visitors[role] = make.signed_in(reading().get_one(Account, account.id))
        ticks = iter(range(10**6))

        def look(role: str, path: str) -> None:
            # A second later each time: a page kept for a second is not what is measured.
            with clock.at(datetime.fromtimestamp(NOW.timestamp() + next(ticks), CHINA)):
                answer = visitors[role].get(path)
            assert answer.status_code == 200, answer.status_code

        staff = f"/work/surveys/{campaign}/results"
        asked = {
            "public page of an estate": ("", f"/q/{campaign}/results?estate=bench-1"),
            "public page of the city": ("", f"/q/{campaign}/results?place=bench"),
            "city officer, an estate": ("city_officer", f"{staff}?estate=bench-1"),
            "city officer, all estates": ("city_officer", staff),
            "street officer, an estate, live and weighed": ("street_officer", f"{staff}?estate=bench-1"),
            "street officer, all estates, live and weighed": ("street_officer", staff),
            "menu of needs, street officer": ("street_officer", f"/work/surveys/{campaign}/needs"),
        }
        return {name: cost_ms(lambda asked=one: look(*asked), rounds) for name, one in asked.items()}  # type: ignore[misc]


def main() -> None:
    """Measure and print; one size in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", default="10000,100000,1000000")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(pages(asked.one, asked.rounds)))
        return
    told: dict[int, dict[str, float]] = {}
    for size in (int(each) for each in asked.pages.split(",")):
        command = [sys.executable, "-m", "bench.results", "--rounds", str(asked.rounds), "--one", str(size)]
        told[size] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    sizes = list(told)
    print("| page, ms of the processor | " + " | ".join(f"{size:,}" for size in sizes) + " | ratio |")
    print("|---" * (len(sizes) + 2) + "|")
    for name in told[sizes[0]]:
        row = [told[size][name] for size in sizes]
        print(f"| {name} | " + " | ".join(f"{ms:.1f}" for ms in row) + f" | {row[-1] / row[0]:.2f} |")


if __name__ == "__main__":
    main()
