"""``flask audit``: prove the chain, sign its head."""

import json
import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from kernel import audit, clock, database

group = AppGroup("audit", help="审计链：核验、签出链头。")


@group.command("verify", help="核验整条审计链；--head 另外核对一份签出的链头。")
@click.option("--head", "--checkpoint", "head", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="给程序看的输出。")
def verify(head: Path | None, as_json: bool) -> None:
    """Exit code 1 when anything does not hold."""
    given = json.loads(head.read_text()) if head else None
    holds = True
    for city in database.cities():
        if given and given["city"] != city:
            continue
        with database.city_scope(city):
            found = audit.verify(given)
        holds = holds and found.ok
        if as_json:
            click.echo(json.dumps({"city": city, **found.__dict__}, ensure_ascii=False))
            continue
        word = "完好" if found.ok else "有问题"
        click.echo(f"{city}：{word}。已封存 {found.sealed} 条，待封存 {found.unsealed} 条，链头 {found.head[:16]}…")
        for fault in found.faults:
            click.echo(f"  {fault}")
    sys.exit(0 if holds else 1)


@group.command("checkpoint", help="封存新记录，签出链头（一行 JSON，请存到本机之外）。")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="另存为文件。")
def checkpoint(out: Path | None) -> None:
    """One line a city; nothing when there is nothing new."""
    for city in database.cities():
        with database.city_scope(city):
            now = clock.now()
            while audit.seal_new_entries(now=now):
                pass
            signed = audit.checkpoint(now=now)
        if signed is None:
            click.echo(f"{city}：没有新的记录。", err=True)
            continue
        line = json.dumps(signed, ensure_ascii=False)
        click.echo(line)
        if out is not None:
            out.write_text(line + "\n")
