"""``flask payments``: the daily work on the money."""

import json
import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from kernel import clock, database
from kernel.errors import DomainError
from kernel.money import yuan_text
from payments.gateways import bill as bills
from payments.gateways import registry
from payments.gateways.port import PaymentGateway
from payments.reconciliation import queries
from payments.reconciliation.services import days
from payments.reconciliation.services.recording import Outcome
from payments.rules.bill import BadBill, BillKind
from payments.rules.reconcile import KIND_WORDS, WAITING, DifferenceKind
from payments.rules.statement import Column
from payments.statements.services import importing as statements

group = AppGroup("payments", help="收款：和微信账单对账。")

BY = "cli:reconcile"


@group.command("reconcile", help="把一天的账和微信账单逐笔核对；漏记的付款向微信核实后补记。")
@click.option("--date", "day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="哪一天，例如 2026-06-18。")
@click.option("--bill", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="已下载的账单文件。")
@click.option(
    "--fund-flow", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="已下载的资金账单文件。"
)
@click.option("--merchant", help="商户号；只有一个时不用写。")
@click.option("--json", "as_json", is_flag=True, help="给程序看的输出。")
def reconcile(day: datetime, file: Path | None, fund_flow: Path | None, merchant: str | None, as_json: bool) -> None:
    """Exit code 0 when nothing waits for a person, 1 when something does, 2 when it could not be done."""
    waiting = 0
    for city in database.cities():
        with database.city_scope(city):
            for gateway in _gateways(merchant, needed=file is not None or fund_flow is not None):
                outcome = _one(gateway, day.date(), file, fund_flow)
                waiting += outcome.waiting
                _say(city, outcome, as_json=as_json)
    sys.exit(1 if waiting else 0)


def _gateways(merchant: str | None, *, needed: bool) -> list[PaymentGateway]:
    known = registry.merchants()
    if merchant is not None and merchant not in known:
        raise click.UsageError(f"没有商户号 {merchant}。已开通：{'、'.join(known) or '无'}。")
    if not known:
        raise click.UsageError("还没有开通微信支付：缺少商户密钥（WECHATPAY_MERCHANT_KEY_FILE）。")
    if needed and merchant is None and len(known) > 1:
        raise click.UsageError("有几个商户号，请用 --merchant 写明账单是哪一个的。")
    return [registry.for_new(one) for one in ([merchant] if merchant else known)]


def _one(gateway: PaymentGateway, day: date, file: Path | None, fund_flow: Path | None) -> Outcome:
    try:
        given = bills.from_file(day, BillKind.TRADE, file.read_bytes()) if file else None
        flow = bills.from_file(day, BillKind.FUND_FLOW, fund_flow.read_bytes()) if fund_flow else None
        return days.reconcile_day(gateway, day, actor=BY, now=clock.now(), given=given, given_flow=flow)
    except BadBill as bad:
        raise click.UsageError(f"账单不能用：{bad}。没有改动任何账目。") from None
    except DomainError as error:
        raise click.UsageError(error.detail) from None


def _say(city: str, outcome: Outcome, *, as_json: bool) -> None:
    session = database.reading()
    day = queries.day_by_public_id(session, outcome.public_id)
    found = queries.differences_of(session, day.id)
    database.end_reading()
    if as_json:
        told = {"city": city, **asdict(outcome), "day": outcome.day.isoformat()}
        rows = [
            {"kind": one.kind, "item": one.item, "number": one.number, "state": one.state}
            | {"ours_fen": one.ours_fen, "theirs_fen": one.theirs_fen}
            for one in found
        ]
        click.echo(json.dumps(told | {"differences": rows}, ensure_ascii=False))
        return
    word = f"有 {outcome.waiting} 处差异待处理" if outcome.waiting else "账目相符"
    click.echo(
        f"{city} {outcome.merchant_id} {outcome.day}：{word}。账单 {outcome.rows} 笔，相符 {outcome.matched} 笔。"
    )
    click.echo(f"  收款 本账 {yuan_text(day.ours_paid_fen)} 元，微信 {yuan_text(day.theirs_paid_fen)} 元")
    click.echo(f"  退款 本账 {yuan_text(day.ours_refunded_fen)} 元，微信 {yuan_text(day.theirs_refunded_fen)} 元")
    click.echo(f"  手续费 本账 {yuan_text(day.ours_fees_fen)} 元，微信 {yuan_text(day.theirs_fees_fen)} 元")
    if outcome.healed:
        click.echo(f"  向微信核实后补记 {outcome.healed} 笔")
    for one in found:
        if one.state in WAITING:
            click.echo(f"  ✗ {KIND_WORDS[DifferenceKind(one.kind)]} {one.number}")


@group.command("statement", help="导入银行流水（xlsx、xls、csv），和微信提现核对；对不上的留给人处理。")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--account", "tail", required=True, help="收款账号后四位。")
@click.option("--column", "columns", multiple=True, help="指明一列，例如 day=交易日期；银行的写法会被记住。")
@click.option("--json", "as_json", is_flag=True, help="给程序看的输出。")
def statement(file: Path, tail: str, columns: tuple[str, ...], as_json: bool) -> None:
    """Exit code 0 when nothing waits for a person, 1 when something does, 2 when it could not be read."""
    layout = _layout(columns)
    try:
        told = statements.import_statement(
            file.read_bytes(), tail=tail, layout=layout, actor="cli:statement", now=clock.now()
        )
    except DomainError as error:
        raise click.UsageError(error.detail) from None
    if as_json:
        click.echo(json.dumps(asdict(told), ensure_ascii=False))
    else:
        click.echo(
            f"读到 {told.lines} 行，新增 {told.new} 行，以前导入过 {told.known} 行；和微信提现对上 {told.matched} 行。"
            f"还有 {told.waiting} 行未对上，{told.review} 行读不出来。"
        )
    sys.exit(1 if told.waiting + told.review else 0)


def _layout(columns: tuple[str, ...]) -> dict[str, str] | None:
    known = [column.value for column in Column]
    pairs = [column.partition("=")[::2] for column in columns]
    if any(name not in known or not head for name, head in pairs):
        raise click.UsageError(f"--column 写成 名称=列名；名称有：{'、'.join(known)}。")
    return dict(pairs) or None
