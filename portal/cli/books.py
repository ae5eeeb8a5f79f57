"""``flask books``: begin to collect, prove the money."""

import json
import sys
from dataclasses import asdict

import click
from flask import current_app
from flask.cli import AppGroup

from config import Config
from kernel import clock, database
from kernel.errors import DomainError, Invalid
from kernel.money import fen_from_text, yuan_text
from kernel.places.models import PlaceKind
from kernel.places.queries import place_by_code
from payments.gateways import registry
from payments.models import CollectionMode
from payments.services import checking, collections

group = AppGroup("books", help="账目：开始收款，核对每一分钱。")

_NAMES = {
    "at_wechat": "微信商户账户",
    "deposits_held": "代收诚意金",
    "to_refund": "应退",
    "contributions": "改造出资",
    "at_bank": "银行账户",
    "from_wechat": "微信提现在途",
    "bank_fees": "银行手续费（收款单位承担）",
    "wechat_fees": "微信手续费（收款单位承担）",
    "holder_funds": "收款单位自有资金",
}


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


@group.command("open", help="给一个小区开始收诚意金：收款单位要是法人单位，有自己的微信商户号。")
@click.option("--estate", required=True, help="小区代号。")
@click.option("--holder", required=True, help="收款单位全称，例如：东河街道办事处。")
@click.option("--bank", required=True, help="开户银行。")
@click.option("--tail", required=True, help="账号后四位。")
@click.option("--merchant", default=None, help="微信商户号；只配置了一个时不用写。")
@click.option("--series", default=None, help="收据编号的系列（同一收款单位用同一个）；不写就用小区代号。")
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in CollectionMode]),
    default=CollectionMode.DEPOSIT_THEN_CONTRIBUTION.value,
    show_default=True,
    help="deposit_then_contribution：先收诚意金、再按分摊收出资；one_shot：开工前按分摊一次收齐，不收诚意金。",
)
@click.option("--suggested", default="500", show_default=True, help="参考金额（元）。")
@click.option("--city", default=None, help="城市代号；只有一座城市时不用写。")
@click.option("--dry-run", is_flag=True, help="只检查，不改动。")
def open_collection(
    estate: str,
    holder: str,
    bank: str,
    tail: str,
    merchant: str | None,
    series: str | None,
    mode: str,
    suggested: str,
    city: str | None,
    dry_run: bool,
) -> None:
    """Exit code 1 with one sentence when it cannot be."""
    config: Config = current_app.extensions["gongjian.config"]
    known = registry.merchants()
    try:
        if not (len(tail) == 4 and tail.isascii() and tail.isdigit()):
            raise Invalid("bad-tail", "账号后四位应是 4 个数字。")
        if merchant is None and len(known) != 1:
            raise Invalid("which-merchant", "请用 --merchant 写明微信商户号。")
        with database.city_scope(city or database.cities()[0]):
            place = place_by_code(database.reading(), estate)
            if place.kind != PlaceKind.ESTATE:
                raise Invalid("not-an-estate", "这个代号不是小区。")
            if dry_run:
                click.echo(f"可以开始：{place.name}，收款单位 {holder}。没有改动。")
                return
            collections.open_collection(
                estate_id=place.id,
                mode=CollectionMode(mode),
                account_holder=holder,
                account_bank=bank,
                account_tail=tail,
                merchant_id=merchant or known[0],
                series=(series or estate)[:24],
                largest_fen=config.most_deposit_fen,
                suggested_fen=fen_from_text(suggested),
                actor="cli",
                now=clock.now(),
            )
        what = "出资" if mode == CollectionMode.ONE_SHOT else "诚意金"
        click.echo(f"{place.name}开始收{what}，收款单位 {holder}。")
    except DomainError as refusal:
        click.echo(refusal.detail, err=True)
        sys.exit(1)


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
