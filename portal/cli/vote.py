"""``flask vote``: what votes there are, how one stands, close it, count it."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from kernel import clock, database
from kernel.errors import DomainError
from surveys.votes import notice_pdf as notices
from surveys.votes import notice_sheet, queries, result_sheet, words
from surveys.votes.rules.lifecycle import STATE_WORDS, State
from surveys.votes.secret import queries as secret
from surveys.votes.secret.services import keys, opening
from surveys.votes.services import bundles, counting, preparing
from surveys.votes.services import reading as shown
from surveys.votes.services import weights as weighing

group = AppGroup("vote", help="表决：列出、查看、截止、计票。")

CITY = click.option("--city", default=None, help="城市代号；只有一座城市时不用写。")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="给程序看的输出。")


@contextmanager
def _told(city: str | None) -> Iterator[None]:
    """In one city; a refusal is one sentence on stderr and exit code 1."""
    with database.city_scope(city or database.cities()[0]):
        try:
            yield
        except DomainError as error:
            click.echo(error.detail, err=True)
            sys.exit(1)


@group.command("list", help="列出表决；--closed 只列已截止和已公布结果的。")
@click.option("--closed", is_flag=True)
@AS_JSON
@CITY
def list_votes(closed: bool, as_json: bool, city: str | None) -> None:
    """Newest first."""
    with _told(city):
        session = database.reading()
        states = (State.CLOSED, State.RESULT) if closed else tuple(State)
        rows = [
            (vote, place, queries.turnout_of(session, vote.id)) for vote, place in queries.all_votes(session, states)
        ]
        if as_json:
            found = [
                {
                    "id": vote.public_id,
                    "title": vote.title,
                    "place": place.code,
                    "electorate": vote.electorate,
                    "state": vote.state,
                    "closes_at": vote.closes_at.isoformat() if vote.closes_at else None,
                    "roll_heads": vote.roll_heads,
                    "voted_heads": turnout.heads,
                }
                for vote, place, turnout in rows
            ]
            click.echo(json.dumps(found, ensure_ascii=False, indent=1))
            return
        if not rows:
            click.echo("还没有表决。")
        for vote, place, turnout in rows:
            word = STATE_WORDS[State(vote.state)]
            click.echo(f"{vote.public_id}  {word}  {turnout.heads}/{vote.roll_heads}  {place.name}  {vote.title}")


@group.command("show", help="查看一次表决：公告、规则、参与情况，名册是否与冻结时一致。")
@click.argument("vote")
@AS_JSON
@CITY
def show(vote: str, as_json: bool, city: str | None) -> None:
    """Exit code 1 when the roll is not the one that was frozen."""
    with _told(city):
        session = database.reading()
        found = queries.vote_by_public_id(session, vote)
        notice = shown.notice(session, found)
        intact = counting.roll_is_intact(session, found) if found.roll_hash else None
        if as_json:
            click.echo(json.dumps(_as_json(notice, intact), ensure_ascii=False, indent=1))
        else:
            _say(notice, intact)
    sys.exit(1 if intact is False else 0)


def _as_json(notice: shown.Notice, intact: bool | None) -> dict[str, Any]:
    return {
        "id": notice.vote.public_id,
        "title": notice.vote.title,
        "state": notice.vote.state,
        "electorate": notice.vote.electorate,
        "roll": {
            "heads": notice.vote.roll_heads,
            "area_dm2": notice.vote.roll_area_dm2,
            "hash": notice.vote.roll_hash,
            "intact": intact,
        },
        "voted": {"heads": notice.turnout.heads, "area_dm2": notice.turnout.area_dm2},
        "motions": [
            {
                "id": motion.id,
                "title": motion.title,
                "rule": motion.rule.version,
                "needed": {
                    str(each.measure): {"turnout": each.needed.turnout, "approval": each.needed.approval}
                    for each in motion.needed
                },
            }
            for motion in notice.motions
        ],
    }


def _say(notice: shown.Notice, intact: bool | None) -> None:
    vote = notice.vote
    click.echo(f"{vote.title}（{notice.place.name}，{STATE_WORDS[notice.state]}）")
    if vote.opens_at and vote.closes_at:
        opens = words.opening_text(vote.opened_at or vote.opens_at)
        click.echo(f"  {opens} 开始，{words.instant_text(vote.closes_at)} 截止")
    who = words.HEAD_UNIT[notice.electorate]
    click.echo(
        f"  名册 {vote.roll_heads} {who}，{words.area_text(vote.roll_area_dm2)} ㎡；已投 {notice.turnout.heads} {who}"
    )
    if intact is not None:
        click.echo(f"  名册指纹 {vote.roll_hash}：{'与冻结时一致' if intact else '与冻结时不一致！'}")
    for motion in notice.motions:
        click.echo(f"  · {motion.title}  依据{motion.rule.clause}")
        for each in motion.needed:
            turnout = words.amount_text(each.measure, each.needed.turnout, notice.electorate)
            approval = words.amount_text(each.measure, each.needed.approval, notice.electorate)
            click.echo(f"      至少参加 {turnout}，其中至少同意 {approval}")


@group.command("notice", help="把公告写成 PDF（草稿也可以，供校对）。")
@click.argument("vote")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="写到哪个文件。")
@CITY
def notice_pdf(vote: str, out: Path, city: str | None) -> None:
    """A4, for the notice board; with the QR code of its page once it is out."""
    with _told(city):
        session = database.reading()
        found = queries.vote_by_public_id(session, vote)
        base = current_app.extensions["gongjian.config"].public_base_url.rstrip("/")
        address = f"{base}/v/{found.public_id}" if found.published_at else ""
        out.write_bytes(notices.pdf(notice_sheet.sheet(session, found), address))
        click.echo(f"已写出 {out}。")


@group.command("close", help="截止一次投票（到了截止时间，或者全部投完）。")
@click.argument("vote")
@CITY
def close(vote: str, city: str | None) -> None:
    """Refused before the instant unless everyone has voted."""
    with _told(city):
        counting.close(vote, by=preparing.OPERATOR, now=clock.now())
        click.echo("已截止。")


@group.command("result", help="计票并公布结果；已公布的只显示。")
@click.argument("vote")
@AS_JSON
@CITY
def result(vote: str, as_json: bool, city: str | None) -> None:
    """Counts a closed vote, and prints the result sheet."""
    with _told(city):
        if queries.vote_by_public_id(database.reading(), vote).state != State.RESULT:
            counting.publish_result(vote, by=preparing.OPERATOR, now=clock.now())
        session = database.reading()
        found = queries.vote_by_public_id(session, vote)
        if as_json:
            click.echo(json.dumps(shown.result(session, found).document, ensure_ascii=False, indent=1))
            return
        sheet = result_sheet.sheet(session, found)
        click.echo(sheet.title)
        for label, value in sheet.facts:
            click.echo(f"  {label}：{value}")
        for motion in sheet.motions:
            click.echo(f"{motion.title}：{motion.verdict}")
            for line in motion.missing:
                click.echo(f"  {line}")
            for each in motion.names:
                click.echo(f"  {each.rank}. {each.name}  {each.votes}  {each.standing}")
            for row in motion.rows:
                click.echo("  " + "  ".join(row))
        click.echo(f"计票结果指纹 {sheet.tally_hash}")


@group.command("bundle", help="写出公开包，任何人可用 python -m surveys.votes.verify 核验；--auditor 含每张票的内容。")
@click.argument("vote")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="写到哪个文件。")
@click.option("--auditor", "reason", default=None, metavar="事由", help="审计用的包；事由会先记入审计链。")
@CITY
def bundle(vote: str, out: Path, reason: str | None, city: str | None) -> None:
    """The auditor's bundle opens choices: its reason is on record before anything is opened."""
    verifier = "surveys.votes.verify"
    with _told(city):
        session = database.reading()
        if secret.key_of(session, queries.vote_by_public_id(session, vote).id) is not None:
            made, verifier = opening.bundle(vote), "surveys.votes.verify_secret"
        elif reason is None:
            made = bundles.public_bundle(vote)
        else:
            made = bundles.auditor_bundle(vote, by=preparing.OPERATOR, reason=reason, now=clock.now())
        out.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        if reason is not None:
            out.chmod(0o600)
        click.echo(f"已写出 {out}。核验：python -m {verifier} {out}")


@group.command("weights", help="导出一次记名表决的权重和选择（CSV，审计用）；事由会先记入审计链。")
@click.argument("vote")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="写到哪个文件。")
@click.option("--reason", required=True, metavar="事由")
@CITY
def weights(vote: str, out: Path, reason: str, city: str | None) -> None:
    """One row a counted ballot; the columns are told in ``surveys/votes/services/weights.py``."""
    with _told(city):
        table = weighing.weighted_csv(vote, by=preparing.OPERATOR, reason=reason, now=clock.now())
        out.touch(mode=0o600)
        out.write_text(table, encoding="utf-8", newline="")
        click.echo(f"已写出 {out}。只供审计使用，不要外传。")


@group.command("secret", help="把一份草稿改为无记名选举：导入选举公钥（public.json）。")
@click.argument("vote")
@click.option("--key", "key_file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@CITY
def make_secret(vote: str, key_file: Path, city: str | None) -> None:
    """The key comes from ``python -m surveys.votes.ceremony make``; the notice fixes it."""
    with _told(city):
        keys.make_secret(vote, str(_document(key_file).get("public_key", "")), by=preparing.OPERATOR, now=clock.now())
        session = database.reading()
        made = secret.must_be_secret(session, queries.vote_by_public_id(session, vote).id)
        click.echo(f"已改为无记名投票。选举公钥指纹 {made.fingerprint}")


@group.command("envelopes", help="截止后导出无记名选举的信封（不带房号、回执和时间），交给保管人开箱。")
@click.argument("vote")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="写到哪个文件。")
@CITY
def envelopes(vote: str, out: Path, city: str | None) -> None:
    """To be opened by ``python -m surveys.votes.ceremony open`` on a machine without network."""
    with _told(city):
        made = opening.envelopes(vote, by=preparing.OPERATOR, now=clock.now())
        out.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        click.echo(f"已写出 {len(made['envelopes'])} 个信封到 {out}。")


@group.command("open-envelopes", help="导入开箱结果，计票并公布。")
@click.argument("vote")
@click.argument("opened", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@CITY
def open_envelopes(vote: str, opened: Path, city: str | None) -> None:
    """Numbers and envelopes must be as many, every choice lawful, or nothing is published."""
    with _told(city):
        opening.open_envelopes(vote, _document(opened), by=preparing.OPERATOR, now=clock.now())
        click.echo("已计票并公布结果。")


def _document(path: Path) -> dict[str, Any]:
    """A JSON object from a file; {} for anything else, which the service then refuses in words."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
