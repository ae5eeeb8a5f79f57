"""``flask roster``: an office's workbook into the register."""

import hashlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup

from kernel import clock
from portal.cli.told import AS_JSON, CITY, in_city, operator, progress_shown
from portal.register.rules.roster import Roster
from portal.register.rules.tables import Sheet
from portal.register.services import ImportReport, import_roster
from portal.register.workbook import read_workbook, write_annotated

group = AppGroup("roster", help="住户名册：从 Excel 导入。")

SHOWN_PROBLEMS = 20


@group.command(
    "import", help="导入一个小区的名册（.xlsx 或 .xls）。有错误的行会写进一份带“错误原因”的表，全部无误才写入。"
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--estate", required=True, help="小区代号，如 taoyuan-beixiang。")
@click.option("--dry-run", is_flag=True, help="只检查，不写入。")
@click.option("--accept-good-rows", is_flag=True, help="有错误时，先把没有错误的行写入。")
@click.option("--errors", "errors", type=click.Path(dir_okay=False, path_type=Path), help="带错误原因的表存到哪里。")
@AS_JSON
@CITY
def import_command(
    file: Path,
    estate: str,
    dry_run: bool,
    accept_good_rows: bool,
    errors: Path | None,
    as_json: bool,
    city: str | None,
) -> None:
    """Exit code 0: written (or a dry run without a mistake); 1: rows are wrong, nothing written; 2: cannot be read."""
    with in_city(city, refusal=2), progress_shown(quiet=as_json) as tell:
        sheets = read_workbook(file)
        report, roster = import_roster(
            sheets,
            estate,
            actor=operator(),
            now=clock.now(),
            source=hashlib.sha256(file.read_bytes()).hexdigest(),
            dry_run=dry_run,
            accept_good_rows=accept_good_rows,
            progress=tell,
        )
    annotated = _annotated(file, errors, sheets, roster) if roster.problems else None
    if as_json:
        problems = [
            {"sheet": problem.sheet + 1, "row": problem.row + 1, "column": problem.column, "text": problem.text}
            for problem in roster.problems
        ]
        answer = {**asdict(report), "problems": problems, "annotated": str(annotated) if annotated else None}
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        _say(report, roster, annotated, dry_run=dry_run)
    sys.exit(1 if report.refused else 0)


def _annotated(file: Path, errors: Path | None, sheets: list[Sheet], roster: Roster) -> Path:
    """Write the roster back with its reasons, beside the file unless told otherwise."""
    path = errors or file.with_name(f"{file.stem}_错误.xlsx")
    try:
        write_annotated(path, sheets, roster.headers, roster.problems)
    except OSError as error:
        click.echo(f"写不了 {path}（{error.strerror}）。请用 --errors 指定另一个位置。", err=True)
        sys.exit(2)
    return path


def _say(report: ImportReport, roster: Roster, annotated: Path | None, *, dry_run: bool) -> None:
    click.echo(f"{report.estate_name}（{report.estate}）：读到 {report.rows} 行，{report.bad_rows} 行有错误。")
    for problem in roster.problems[:SHOWN_PROBLEMS]:
        click.echo(f"  第 {problem.row + 1} 行：{problem.text}")
    if len(roster.problems) > SHOWN_PROBLEMS:
        click.echo(f"  ……共 {len(roster.problems)} 处。")
    verb = "已" if report.written else "将"
    click.echo(
        f"{verb}新增 {report.new} 户、改动 {report.changed} 户，{report.unchanged} 户不变；"
        f"{verb}新增楼栋 {report.new_buildings} 个、住户或单位 {report.new_people} 个，"
        f"更新电话 {report.changed_people} 个，结束权属 {report.ended_holdings} 条。"
    )
    for note in report.notes:
        click.echo(f"提示：{note}")
    if annotated is not None:
        click.echo(f"错误原因已写在：{annotated}")
    if report.refused:
        click.echo("什么也没有写入。请改好后再导入，或加 --accept-good-rows 先写入没有错误的行。")
    elif dry_run:
        click.echo("这是检查，什么也没有写入。")
