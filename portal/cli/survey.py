"""``flask survey``: load questionnaires; set up, open, close and list campaigns; prove the counts."""

import json
import sys
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from kernel import clock, database
from kernel.clock import CHINA, china_stamp
from kernel.errors import Invalid
from portal.cli.told import AS_JSON, CITY, in_city, operator
from surveys.questionnaires import data, queries
from surveys.questionnaires.exports.services import making as exporting
from surveys.questionnaires.needs import catalogues
from surveys.questionnaires.needs import services as needs
from surveys.questionnaires.rules.lifecycle import State
from surveys.questionnaires.services import campaigns, counting, forms

group = AppGroup("survey", help="问卷：装入、建立、开始、截止、列出、核对计数。")

WORDS = {State.DRAFT: "未开始", State.OPEN: "进行中", State.CLOSED: "已截止"}
WHEN = click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%d"])


def moment_of(given: datetime | None) -> datetime | None:
    """What was typed is China's time."""
    return given.replace(tzinfo=CHINA) if given else None


@group.command("load", help="装入一份问卷：随程序带的名称，或一个 JSON 文件。")
@click.argument("source")
@AS_JSON
@CITY
def load(source: str, as_json: bool, city: str | None) -> None:
    """The same text twice is one version. Exit code 1 with every fault when the document is wrong."""
    with in_city(city):
        path = Path(source)
        try:
            document = json.loads(path.read_text(encoding="utf-8")) if path.suffix else data.shipped(source)
        except FileNotFoundError:
            click.echo(f"没有找到 {source}。随程序带的有：{'、'.join(data.names())}。", err=True)
            sys.exit(2)
        except ValueError:
            click.echo(f"{source} 不是完好的 JSON 文件。", err=True)
            sys.exit(1)
        try:
            loaded = forms.load(document, actor=operator(), now=clock.now())
        except Invalid as refused:
            click.echo(refused.detail, err=True)
            for where, texts in refused.fields.items():
                click.echo(f"  {where}：{'；'.join(texts)}", err=True)
            sys.exit(1)
        version = loaded.version
        if as_json:
            told = {"code": loaded.code, "version": version.public_id, "edition": version.edition, "new": loaded.new}
            click.echo(json.dumps(told | {"content_hash": version.content_hash}, ensure_ascii=False))
            return
        word = "已装入" if loaded.new else "早已装入，没有变化"
        click.echo(
            f"{loaded.code} {version.edition} {word}。版本 {version.public_id}，指纹 {version.content_hash[:16]}…"
        )


@group.command("create", help="用一份问卷（取最新版）在一些小区建立一次调查，先不开始。")
@click.option("--questionnaire", "code", default="estate-renovation-needs", show_default=True, help="问卷代码。")
@click.option("--title", required=True, help="居民看到的名称。")
@click.option("--year", type=click.IntRange(2000, 2100), required=True)
@click.option("--place", "places", multiple=True, required=True, help="小区编码，或上级地方的编码；可写多次。")
@click.option("--opens-at", type=WHEN, help="到时自动开始（中国时间）。")
@click.option("--closes-at", type=WHEN, help="到时自动截止（中国时间）。")
@CITY
def create(
    code: str,
    title: str,
    year: int,
    places: tuple[str, ...],
    opens_at: datetime | None,
    closes_at: datetime | None,
    city: str | None,
) -> None:
    """Prints the campaign's id."""
    with in_city(city):
        version = queries.newest_version(database.reading(), code)
        made = campaigns.create(
            version=version.public_id,
            title=title,
            year=year,
            place_codes=places,
            opens_at=moment_of(opens_at),
            closes_at=moment_of(closes_at),
            person_id=None,
            actor=operator(),
            now=clock.now(),
        )
        click.echo(made)


@group.command("open", help="现在开始一次调查。")
@click.argument("campaign")
@click.option("--closes-at", type=WHEN, help="定下或改动截止时间（中国时间）。")
@CITY
def open_campaign(campaign: str, closes_at: datetime | None, city: str | None) -> None:
    """Refused when it is open or closed already."""
    with in_city(city):
        campaigns.open_by_hand(
            campaign, person_id=None, actor=operator(), closes_at=moment_of(closes_at), now=clock.now()
        )
        click.echo("已开始。")


@group.command("close", help="现在截止一次调查；截止后不能重新开始。")
@click.argument("campaign")
@CITY
def close_campaign(campaign: str, city: str | None) -> None:
    """Refused unless it is open."""
    with in_city(city):
        campaigns.close_by_hand(campaign, person_id=None, actor=operator(), now=clock.now())
        click.echo("已截止。")


@group.command("list", help="列出调查和填了多少户。")
@AS_JSON
@CITY
def list_campaigns(as_json: bool, city: str | None) -> None:
    """Newest first."""
    with in_city(city):
        session = database.reading()
        rows = [
            (campaign, len(queries.estates_of(session, campaign.id)), queries.answered_by_estate(session, campaign.id))
            for campaign in queries.campaigns(session)
        ]
        if as_json:
            found = [
                {
                    "id": campaign.public_id,
                    "title": campaign.title,
                    "year": campaign.year,
                    "state": campaign.state,
                    "closes_at": campaign.closes_at.isoformat() if campaign.closes_at else None,
                    "estates": estates,
                    "answered": sum(answered.values()),
                }
                for campaign, estates, answered in rows
            ]
            click.echo(json.dumps(found, ensure_ascii=False, indent=1))
            return
        if not rows:
            click.echo("还没有调查。")
        for campaign, estates, answered in rows:
            until = f"，{china_stamp(campaign.closes_at)} 截止" if campaign.closes_at else ""
            word = WORDS[State(campaign.state)]
            count = sum(answered.values())
            click.echo(f"{campaign.public_id}  {word}{until}  {estates} 个小区，{count} 户已填  {campaign.title}")


@group.command("recount", help="把所有有效答卷重数一遍，与实时计数核对。")
@click.argument("campaign")
@click.option("--check", is_flag=True, required=True, help="只核对，不改动。")
@CITY
def recount(campaign: str, check: bool, city: str | None) -> None:
    """Exit code 1 when they differ."""
    with in_city(city):
        while counting.drain_tally(now=clock.now()):
            pass
        found = counting.differences(queries.campaign_by_public_id(database.reading(), campaign).id)
        for (estate, channel, question, row, cell), (counter, truth) in sorted(found.items())[:50]:
            click.echo(f"  小区{estate} {channel} {question} {row} {cell}：计数 {counter}，重数 {truth}")
        click.echo(f"有 {len(found)} 处不一致。" if found else "一致。")
        sys.exit(1 if found else 0)


@group.command("catalogue", help="装入一年的改造内容清单：随程序带的名称，或一个 JSON 文件。")
@click.argument("source", default="works-2026")
@click.option("--year", type=click.IntRange(2000, 2100), help="从哪一年起用；不写就用文件里的 year。")
@CITY
def catalogue(source: str, year: int | None, city: str | None) -> None:
    """The same text twice is one version. Exit code 1 with every fault when the document is wrong."""
    with in_city(city):
        path = Path(source)
        try:
            document = json.loads(path.read_text(encoding="utf-8")) if path.suffix else catalogues.shipped(source)
            made, new = needs.load_catalogue(
                document, year=year or int(document["year"]), actor=operator(), now=clock.now()
            )
        except FileNotFoundError:
            click.echo(f"没有找到 {source}。", err=True)
            sys.exit(2)
        except (KeyError, TypeError, ValueError):
            click.echo(f"{source} 不是完好的清单文件：要有 year、classes 和 items。", err=True)
            sys.exit(1)
        except Invalid as refused:
            click.echo(refused.detail, err=True)
            for where, texts in refused.fields.items():
                click.echo(f"  {where}：{'；'.join(texts)}", err=True)
            sys.exit(1)
        click.echo(f"{made.year} 年清单{'已装入' if new else '早已装入，没有变化'}，指纹 {made.content_hash[:16]}…")


@group.command("export", help="把有效答卷导出成 FILE.xlsx、FILE.csv 或 FILE.sav（不带姓名、电话、门牌）。")
@click.argument("campaign")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="后缀定格式：.xlsx、.csv 或 .sav。"
)
@CITY
def export(campaign: str, out: Path, city: str | None) -> None:
    """All estates of the campaign; audited. Names and phones are only for a community worker, on his page."""
    with in_city(city):
        if out.suffix not in (".xlsx", ".csv", ".sav") or not out.parent.is_dir():
            raise click.UsageError("--out 要写 FILE.xlsx、FILE.csv 或 FILE.sav，文件夹要已经存在。")
        written = exporting.write_all(campaign, out, actor=operator(), now=clock.now())
        click.echo(f"{out}：{written} 份答卷。")
