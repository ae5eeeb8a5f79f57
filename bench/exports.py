"""What a file of answers takes beside the barest way to write the same cells, and whether its memory is flat.

    sh dev bench exports [--sizes 5000,20000] [--formats csv,sav,xlsx] [--no-postgres]

Each file is written in a process of its own from a SQLite city of 20 estates, without names, as the job writes it: two
hundred different sheets of the official questionnaire in turn. *bare* writes the same cells, which lie ready in memory,
with the library alone: csv.writer, XlsxWriter with constant_memory (both sheets). *COPY* is PostgreSQL writing the
columns of the questionnaire from the same documents as jsonb, by its own processor time: it knows no corrections, no
owner's second sheet, no labels, and takes out no phone numbers. Compare figures of one run only.
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
import xlsxwriter

from bench.parts.answered import city
from kernel import clock
from kernel.database import reading
from surveys.questionnaires import queries
from surveys.questionnaires.exports import table
from surveys.questionnaires.exports.models import Format
from surveys.questionnaires.models import Campaign, Response
from surveys.questionnaires.rules.columns import Row, TableColumn, columns
from surveys.questionnaires.services.forms import form_of
from tests.support.postgres import Server

BARE = 4000
"""Rows of which the bare way is measured."""


def cpu_us(work: Callable[[], Any], rows: int) -> float:
    """Processor time of this process a row."""
    before = time.process_time()
    work()
    return (time.process_time() - before) / rows * 1e6


class Kept:
    """A writer that keeps its rows."""

    has_sums = False

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def row(self, row: Row) -> None:
        """Keep it."""
        self.rows.append(row)

    def close(self, figures: object, people: int) -> None:
        """Nothing more."""


def bare_csv(rows: list[Row], path: Path) -> None:
    """The codes by csv.writer."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(row.coded for row in rows)


def bare_xlsx(rows: list[Row], path: Path) -> None:
    """Codes and words on two sheets by XlsxWriter."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    codes, words = book.add_worksheet(), book.add_worksheet()
    for at, row in enumerate(rows):
        for sheet, cells in ((codes, row.coded), (words, row.said)):
            for column, cell in enumerate(cells):
                if not isinstance(cell, str):
                    sheet.write_number(at, column, cell)
                elif cell:
                    sheet.write_string(at, column, cell)
    book.close()


def export(number: int, format: str) -> dict[str, float]:
    """Processor time a row of a file and of the bare way, the peak of memory in MB, the size of the file."""
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-") as folder:
        _, campaign = city(Path(folder), number)
        found = reading().scalars(sa.select(Campaign).where(Campaign.public_id == campaign)).one()
        estates = [estate.id for estate in queries.estates_of(reading(), found.id)]
        path = Path(folder) / f"file.{format}"

        def write() -> None:
            kind = Format(format)
            done = table.write(
                found, estates, path, format=kind, named=False, tell=lambda done, of: None, now=clock.now()
            )
            assert done == number, done

        before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        told = {"us": cpu_us(write, number), "before_mb": before_mb, "file_mb": path.stat().st_size / 1e6}
        told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        bare = {"csv": bare_csv, "xlsx": bare_xlsx}.get(format)
        if bare is not None:
            kept = Kept()
            with _writing_to(kept):
                write()
            rows = kept.rows[:BARE]
            told["bare_us"] = cpu_us(lambda: bare(rows, path), len(rows))
        return told


class _writing_to:
    """The job's writer replaced, for as long as it lasts."""

    def __init__(self, writer: Any) -> None:
        self._writer, self._was = writer, table._writer

    def __enter__(self) -> None:
        table._writer = lambda *_args, **_more: self._writer

    def __exit__(self, *_: object) -> None:
        table._writer = self._was


def expression(column: TableColumn) -> str:
    """A column of the questionnaire as PostgreSQL finds it in the document."""
    code, _, key = column.code.partition("/")
    if not key:
        return f"answers->>'{code}'"
    if column.kind == "multi":
        return f"CASE WHEN answers ? '{code}' THEN ((answers->'{code}') ? '{key}')::int END"
    if column.kind in ("ranking", "cascade"):
        return f"answers->'{code}'->>{int(key) - 1}"
    return f"answers->'{code}'->>'{key}'"


def copied(number: int) -> dict[str, float]:
    """PostgreSQL's processor time a row of COPY, as its process says."""
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-") as folder, Server() as server:
        _, campaign = city(Path(folder), number)
        session = reading()
        found = session.scalars(sa.select(Campaign).where(Campaign.public_id == campaign)).one()
        wanted = columns(form_of(session, found.version_id), named=False)
        asked = ", ".join(expression(column) for column in wanted)
        url = server.create("copied").replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE response (answers jsonb)")
            with connection.cursor().copy("COPY response FROM STDIN") as copy:
                for (answers,) in session.execute(sa.select(Response.answers)):
                    copy.write_row([json.dumps(answers, ensure_ascii=False)])
            connection.execute("ANALYZE response")
            pid = connection.info.backend_pid

            def backend_s() -> float:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

            before, mine = backend_s(), time.process_time()
            size = 0
            # The statement is made of the columns' codes, which are letters and digits (rules.form).
            with connection.cursor().copy(f"COPY (SELECT {asked} FROM response) TO STDOUT (FORMAT csv)") as copy:
                for piece in copy:
                    size += len(piece)
            return {
                "us": (backend_s() - before) / number * 1e6,
                "client_us": (time.process_time() - mine) / number * 1e6,
                "file_mb": size / 1e6,
            }


def _apart(what: str, number: int) -> dict[str, float]:
    """One measurement in a process of its own: memory is a process's."""
    command = [sys.executable, "-m", "bench.exports", "--one", what, str(number)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="5000,20000")
    parser.add_argument("--formats", default="csv,sav,xlsx")
    parser.add_argument("--no-postgres", action="store_true")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        what, number = asked.one[0], int(asked.one[1])
        print(json.dumps(copied(number) if what == "copy" else export(number, what)))
        return
    sizes = [int(each) for each in asked.sizes.split(",")]
    copy = None if asked.no_postgres else _apart("copy", sizes[0])
    print(
        "| file, without names | responses | processor us a row | bare us | of bare | MB at start | at peak | file MB |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for format in asked.formats.split(","):
        for size in sizes:
            one = _apart(format, size)
            bare = one.get("bare_us")
            beside = f"{bare:.0f} | {bare / one['us']:.0%}" if bare else "— | —"
            print(
                f"| {format} | {size:,} | {one['us']:.0f} | {beside} | {one['before_mb']:.0f} | {one['peak_mb']:.0f}"
                f" | {one['file_mb']:.1f} |"
            )
            if format == "csv" and copy:
                print(f"csv beside COPY ({copy['us']:.0f} + {copy['client_us']:.0f} us): {copy['us'] / one['us']:.0%}")


if __name__ == "__main__":
    main()
