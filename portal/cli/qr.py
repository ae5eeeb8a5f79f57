"""``flask qr``: door labels to print, codes to revoke."""

import json
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from kernel import clock, database
from kernel.places.rules import read_door_code
from portal.cli.told import AS_JSON, CITY, in_city, operator, progress_shown
from portal.register.rules import cells
from portal.register.services import issue_codes, print_labels, revoke_code

group = AppGroup("qr", help="门牌二维码：打印、作废。")


@group.command("sheets", help="每栋一份 A4 PDF，每页 12 张门牌。没有编号的住户先发编号。")
@click.option("--estate", required=True, help="小区代号，如 taoyuan-beixiang。")
@click.option("--building", default=None, help="只印一栋，如 3栋。")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="存放 PDF 的文件夹。")
@click.option("--dry-run", is_flag=True, help="只说要印多少张，不发编号，不写文件。")
@AS_JSON
@CITY
def sheets(estate: str, building: str | None, out: Path, dry_run: bool, as_json: bool, city: str | None) -> None:
    """Exit code 1 when there is nothing to print."""
    try:
        building = cells.building(building) if building else None
    except cells.BadCell as error:
        raise click.UsageError(str(error)) from None
    with in_city(city), progress_shown(quiet=as_json or dry_run) as tell:
        now, (base_url, host) = clock.now(), _address()
        issued = issue_codes(estate, building=building, actor=operator(), now=now, dry_run=dry_run)
        count, done = len(issued.labels), 0

        def step(more: int) -> None:
            nonlocal done
            done += more
            tell("门牌", done, count)

        printed = (
            [] if dry_run else print_labels(issued, estate, out, base_url=base_url, host=host, now=now, progress=step)
        )
    if as_json:
        files = [
            {"path": str(each.path), "building": each.building, "labels": each.labels, "pages": each.pages}
            for each in printed
        ]
        answer = {"estate": estate, "labels": count, "issued": issued.issued, "dry_run": dry_run, "files": files}
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    for each in printed:
        click.echo(f"{each.path}：{each.building} {each.labels} 张，{each.pages} 页")
    verb = "将印" if dry_run else "已印"
    click.echo(f"{issued.estate}：{verb} {count} 张门牌，其中新编号 {issued.issued} 个。网址：{base_url}")


def _address() -> tuple[str, str]:
    """The city's public address, and its host as people read it on the label."""
    config = current_app.extensions["gongjian.config"]
    hosts = config.cities[database.current_city()]
    if not hosts:
        return config.public_base_url, config.host_in_words
    return f"{'https' if config.https else 'http'}://{hosts[0]}", hosts[0]


@group.command("revoke", help="作废一个编号（门牌丢了、被换了）；下次打印时发新编号。")
@click.argument("code")
@CITY
def revoke(code: str, city: str | None) -> None:
    """Exit code 1 for an unknown or revoked code, 2 for what is none."""
    read = read_door_code(code)
    if read is None:
        click.echo("编号是 10 个数字和字母，例如 7KQ2-M9X4-PT。", err=True)
        sys.exit(2)
    with in_city(city):
        label = revoke_code(read, actor=operator(), now=clock.now())
    click.echo(f"{label} 的编号 {read} 已作废。")
