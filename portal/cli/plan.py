"""``flask plan``: show a frozen quarter's figures, freeze a quarter, enter a figure from outside."""

import json

import click
from flask.cli import AppGroup

from kernel import clock
from kernel.clock import china_stamp
from portal.cli.told import AS_JSON, CITY, in_city, operator
from portal.dashboards.services import city as figures
from portal.projects import services
from portal.projects.rules.quarter import Quarter

group = AppGroup("plan", help="改造计划：查看、冻结季度数据，填报外来数据。")


@group.command("show", help="列出一个已冻结季度的指标，例如：plan show 2023Q3")
@click.argument("quarter")
@AS_JSON
@CITY
def show(quarter: str, as_json: bool, city: str | None) -> None:
    """Every figure with numerator and denominator; exit code 1 when the quarter is not frozen."""
    with in_city(city):
        view = figures.quarter_view(quarter)
        if as_json:
            told = {
                each.indicator.key: {
                    "numerator": each.measure.numerator,
                    "denominator": each.measure.denominator,
                    "text": each.measure.text,
                }
                for each in view.figures
            }
            click.echo(
                json.dumps({"quarter": quarter, "version": view.version, "indicators": told}, ensure_ascii=False)
            )
            return
        click.echo(
            f"{view.quarter.text}，第 {view.version} 版，{china_stamp(view.frozen_at)} 冻结，{view.plan_year}年计划"
        )
        for each in view.figures:
            measure = each.measure
            click.echo(
                f"  {each.indicator.name}　{measure.text}　= {measure.numerator_text} ÷ {measure.denominator_text}"
                f"　（{each.indicator.formula}）"
            )
        for figure in view.entered:
            click.echo(f"  {figure.name}　{figure.value}　（填报，来源：{figure.source}）")


@group.command("freeze", help="按记录冻结一个已结束的季度；再冻结一次就是更正，两版都留着。")
@click.argument("quarter")
@click.option("--year", type=click.IntRange(2000, 2100), default=None, help="计划年度；不写就是季度所在的年度。")
@click.option("--reason", required=True, help="为什么冻结或更正，会公布。")
@click.option("--dry-run", is_flag=True, help="只检查，不保存。")
@CITY
def freeze(quarter: str, year: int | None, reason: str, dry_run: bool, city: str | None) -> None:
    """Exit code 1 for a quarter that is not over."""
    with in_city(city):
        wanted, now = Quarter.parse(quarter), clock.now()
        if dry_run:
            services.must_be_over(wanted, now)
            click.echo(f"{wanted.text}可以冻结。没有保存。")
            return
        version = services.freeze_quarter(wanted, plan_year=year or wanted.year, reason=reason, by=operator(), now=now)
        click.echo(f"{wanted.text}已冻结，第 {version} 版。")


@group.command("figure", help="填报一个算不出来的数据（如全省排名），要写来源；再填一次以新的为准。")
@click.argument("quarter")
@click.argument("name")
@click.argument("value")
@click.option("--source", required=True, help="来源，会公布。")
@CITY
def figure(quarter: str, name: str, value: str, source: str, city: str | None) -> None:
    """Exit code 1 when something is missing."""
    with in_city(city):
        wanted = Quarter.parse(quarter)
        services.enter_figure(wanted, name=name, value=value, source=source, by=operator(), now=clock.now())
        click.echo(f"{wanted.text}：{name} = {value}")
