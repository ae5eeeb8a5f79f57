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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

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
from surveys.questionnaires.rules.columns import TableColumn, columns
from surveys.questionnaires.rules.layout import Line
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
    """A writer that keeps its lines: (code, words) of each cell."""

    has_sums = False

    def __init__(self, columns: Sequence[TableColumn]) -> None:
        self.blank: Line = [("", "")] * len(columns)
        self.lines: list[Line] = []

    def cell(self, place: int, coded: object, said: object) -> tuple[object, object]:
        """Both as they are."""
        return coded, said

    def row(self, line: Line) -> None:
        """Keep it."""
        self.lines.append(line)

    def close(self, figures: object, people: int) -> None:
        """Nothing more."""


Both = tuple[Sequence[Any], Sequence[Any]]
"""A line's codes and words."""


def bare_csv(lines: list[Both], path: Path) -> None:
    """The codes by csv.writer."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(codes for codes, _ in lines)


def bare_xlsx(lines: list[Both], path: Path) -> None:
    """Codes and words on two sheets by XlsxWriter."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    codes, words = book.add_worksheet(), book.add_worksheet()
    for at, line in enumerate(lines):
        for sheet, cells in zip((codes, words), line, strict=True):
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
            kept = Kept(())

            def keeping(_campaign: object, _path: object, wanted: Sequence[TableColumn], **_more: object) -> Kept:
                kept.blank = Kept(wanted).blank
                return kept

            with patch.object(table, "_writer", keeping):
                write()
            lines: list[Both] = [([code for code, _ in line], [word for _, word in line]) for line in kept.lines[:BARE]]
            told["bare_us"] = cpu_us(lambda: bare(lines, path), len(lines))
        return told


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
