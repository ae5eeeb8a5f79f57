"""What importing a roster and printing labels cost: seconds by the clock and of the processor.

    sh dev bench roster [--rows 20000] [--labels 120] [--json]

Makes a workbook of invented people, imports it into an empty SQLite city (``synchronous=FULL``) twice, writes the
copy with the reasons, and prints sheets of labels. Nothing else should run meanwhile: compare the two columns to see.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from kernel import clock
from kernel.database import transaction, use_case
from kernel.places.models import Place
from kernel.places.rules import new_door_code
from portal.register.labels import Label, write_sheet
from portal.register.rules.roster import read_roster
from portal.register.services import import_roster
from portal.register.workbook import read_workbook, write_annotated
from tests.conftest import migrated, test_config


def make_workbook(path: Path, rows: int, *, wrong_each: int = 0) -> None:
    """A roster of 72 dwellings a building; every ``wrong_each``-th row has a wrong name."""
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("名册")
        page.write_row(0, 0, ["栋", "单元", "房号", "建筑面积（㎡）", "户主", "联系电话", "产权性质"])
        for row in range(rows):
            name = "陈" if wrong_each and row % wrong_each == 0 else "陈秀英"
            building, unit, door = row // 72 + 1, row % 72 // 36 + 1, row % 36 // 3 * 100 + 101 + row % 3
            page.write_row(row + 1, 0, [f"{building}栋", unit, door, 78.5, name, str(19900000000 + row), "房改房"])


@use_case
def make_estate() -> None:
    """A place to import into."""
    with transaction() as session:
        session.add(Place(kind="estate", code="big", name="大小区", path="/big/", facts={}))


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    """Seconds by the clock and of this process's processor time."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def measure(folder: Path, rows: int, labels: int) -> list[tuple[str, float, float]]:
    """Name, seconds by the clock, seconds of the processor."""
    good, bad = folder / "good.xlsx", folder / "bad.xlsx"
    make_workbook(good, rows)
    make_workbook(bad, rows, wrong_each=50)
    app = migrated(test_config(folder, f"sqlite:///{folder}/city.db"))
    results = []

    def bring() -> None:
        import_roster(read_workbook(good), "big", actor="operator:bench", now=clock.now())

    def annotate() -> None:
        sheets = read_workbook(bad)
        found = read_roster(sheets)
        write_annotated(folder / "back.xlsx", sheets, found.headers, found.problems)

    made = [Label(new_door_code(), "1栋", "1", str(number)) for number in range(labels)]

    def print_labels() -> None:
        write_sheet(
            folder / "labels.pdf",
            made,
            estate="大小区",
            base_url="https://gj.example.gov.cn",
            host="gj.example.gov.cn",
            made_on=date(2026, 11, 22),
        )

    with app.app_context():
        make_estate()
        for name, work in (
            (f"import {rows:,} rows", bring),
            ("import them again (nothing changes)", bring),
            ("read them with 2 % wrong rows, write the copy with reasons", annotate),
            (f"{labels} labels as PDF", print_labels),
        ):
            results.append((name, *timed(work)))
    return results


def main(arguments: list[str] | None = None) -> int:
    """Prints one line a task; with ``--json`` a list of objects."""
    parser = argparse.ArgumentParser(prog="sh dev bench roster", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--labels", type=int, default=120)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        results = measure(Path(folder), given.rows, given.labels)
    if given.json:
        json.dump([{"task": name, "s": wall, "cpu_s": cpu} for name, wall, cpu in results], sys.stdout, indent=1)
        return 0
    print("| task | s | processor s |")
    print("|---|---|---|")
    for name, wall, cpu in results:
        print(f"| {name} | {wall:.1f} | {cpu:.1f} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
