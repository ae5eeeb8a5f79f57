"""``flask demo``: fill an empty city with the report's places and invented people; print where to go."""

import sys
import time

import click
from flask import current_app
from flask.cli import AppGroup

from config import Config
from kernel import clock
from kernel.places.rules import grouped
from portal import demo
from portal.cli.told import CITY, in_city
from portal.demo import people
from portal.demo.city import is_empty
from portal.demo.personas import PERSONAS

group = AppGroup("demo", help="演示城市：生成数据、列出各角色的入口。")


@group.command("seed", help="在空库里生成演示城市。人名都是虚构的。")
@click.option("--estates", default=5, show_default=True, type=click.IntRange(5, 161), help="有房屋数据的小区数。")
@click.option("--households", default=84, show_default=True, type=click.IntRange(5, 5000), help="每个小区大约多少户。")
@click.option("--seed", default=2023, show_default=True, help="随机种子：同一天、同一种子，同一座城市。")
@click.option("--if-empty", is_flag=True, help="已有数据就什么也不做。")
@CITY
def seed(estates: int, households: int, seed: int, if_empty: bool, city: str | None) -> None:
    """Exit code 1 when the city is not empty (unless --if-empty) or in production."""
    config: Config = current_app.extensions["gongjian.config"]
    if config.production:
        click.echo("正式环境不能生成演示数据。", err=True)
        sys.exit(1)
    with in_city(city):
        if not is_empty():
            if if_empty:
                return
            click.echo("这座城市已有数据，没有改动。", err=True)
            sys.exit(1)
        began = time.monotonic()
        told = demo.Demo(clock.now(), config.var_dir, seed, estates, households)
        demo.seed(told, lambda said: click.echo(f"  {said}"))
        click.echo(f"演示城市已就绪，用时 {time.monotonic() - began:.1f} 秒。")


@group.command("card", help="列出各角色打开的网址。")
@CITY
def card(city: str | None) -> None:
    """One line a role; the sandbox then asks who one is."""
    config: Config = current_app.extensions["gongjian.config"]
    base = config.public_base_url
    with in_city(city):
        if is_empty():
            click.echo("还没有演示数据。请先运行：flask --app wsgi demo seed", err=True)
            sys.exit(1)
        door = people.door_of("3栋2单元501") or ""
    click.echo("打开下面的网址，在“模拟微信”里选择要扮演的人：")
    for persona in PERSONAS:
        if persona.opens:
            address = base + persona.opens.format(door=door)
            click.echo(f"  {_wide(persona.title)}{address}    {persona.name}，{persona.says}")
    click.echo(f"  {_wide('公众')}{base}/city    不用登录")
    if door:
        click.echo(f"  门牌码 {grouped(door)} 是桃园北巷 3栋2单元501。")
    if config.sandbox_url:
        click.echo(f"  短信和收款都在模拟微信里看：{config.sandbox_url}/_sandbox/phones")


def _wide(title: str) -> str:
    """A title padded to six characters of double width, so that the addresses stand in a column."""
    return title + "　" * (7 - len(title))
