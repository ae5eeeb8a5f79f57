"""``flask audit``: prove the chain, sign its head, compare the tables with it."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup

from kernel import audit, clock, database
from portal.facts import facts

MOST_SHOWN = 50

group = AppGroup("audit", help="审计链：核验、签出链头、与各表核对。")


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


@group.command("compare", help="把职责、认领、答卷、表决、选票、缴款、公示逐条与审计链核对：少了、多了、改了都会列出。")
@click.option("--json", "as_json", is_flag=True, help="给程序看的输出。")
def compare(as_json: bool) -> None:
    """Exit code 1 when anything is apart. Proves nothing by itself: ``verify`` proves that the chain is whole."""
    holds = True
    for city in database.cities():
        with database.city_scope(city):
            found = audit.compare(database.reading(), facts())
        holds = holds and found.ok
        if as_json:
            click.echo(json.dumps({"city": city, "holds": found.ok, **asdict(found)}, ensure_ascii=False))
            continue
        many = "，".join(f"{title} {count}" for title, count in found.rows.items())
        click.echo(f"{city}：{'与审计链一致' if found.ok else f'有 {len(found.faults)} 处不一致'}。{many}。")
        for fault in found.faults[:MOST_SHOWN]:
            click.echo(f"  ✗ {fault.title} {fault.key}：{fault.says}")
        if len(found.faults) > MOST_SHOWN:
            click.echo(f"  …… 还有 {len(found.faults) - MOST_SHOWN} 处，用 --json 看全部。")
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
