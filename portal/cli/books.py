"""``flask books``: prove the money."""

import json
import sys
from dataclasses import asdict

import click
from flask.cli import AppGroup

from kernel import database
from kernel.money import yuan_text
from payments.services import checking

group = AppGroup("books", help="账目：核对每一分钱。")

_NAMES = {"at_wechat": "微信商户账户", "deposits_held": "代收诚意金", "to_refund": "应退"}


@group.command("check", help="核对账目：每笔借贷相等，余额等于明细，入账等于微信确认，诚意金等于账上。")
@click.option("--json", "as_json", is_flag=True, help="给程序看的输出。")
def check(as_json: bool) -> None:
    """Exit code 1 when anything differs; says where."""
    holds = True
    for city in database.cities():
        with database.city_scope(city):
            report = checking.check()
        holds = holds and report.holds
        if as_json:
            click.echo(json.dumps({"city": city, "holds": report.holds, **asdict(report)}, ensure_ascii=False))
            continue
        _say(city, report)
    sys.exit(0 if holds else 1)


def _say(city: str, report: checking.Report) -> None:
    word = "账目相符" if report.holds else f"有 {len(report.differences)} 处不符"
    click.echo(f"{city}：{word}。分录 {report.entries} 笔，微信确认 {report.confirmations} 笔。")
    for kind, fen in sorted(report.balances.items()):
        click.echo(f"  {_NAMES.get(kind, kind)} {yuan_text(fen)} 元")
    if report.waiting_receipts or report.open_refunds:
        click.echo(f"  待开收据 {report.waiting_receipts} 张，在途退款 {report.open_refunds} 笔")
    for kind, many in sorted(report.open_alarms.items()):
        click.echo(f"  待处理：{kind} {many} 件")
    for one in report.differences:
        click.echo(f"  ✗ {one.check} {one.where}：{one.says}")
