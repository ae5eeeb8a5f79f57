"""``flask user``: give a role at a place for a term, and take it away."""

import sys
from datetime import date, datetime

import click
from flask.cli import AppGroup

from kernel import calendar, clock
from kernel.clock import china_stamp
from kernel.grants import ROLES
from portal.auth import services
from portal.cli.told import CITY, in_city, operator

group = AppGroup("user", help="人员：授予和收回职责。")

_ROLES = "、".join(f"{role}（{rule.title}）" for role, rule in ROLES.items())


@group.command("grant", help=f"授予职责。PLACE 是地方代号。ROLE：{_ROLES}")
@click.argument("openid")
@click.argument("role")
@click.argument("place")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), default=None, help="任期到哪一天（含当天）。")
@click.option("--name", default="工作人员", help="姓名（加密保存）。")
@click.option("--phone", default=None, help="手机号（加密保存）。")
@CITY
def grant(
    openid: str, role: str, place: str, until: datetime | None, name: str, phone: str | None, city: str | None
) -> None:
    """Exit code 1 for an unknown place or role, or a term that is over."""
    ends_at = calendar.end_of(date(until.year, until.month, until.day)) if until else None
    with in_city(city):
        given = services.grant_role(
            openid, role, place, name=name, phone=phone, ends_at=ends_at, actor=operator(), now=clock.now()
        )
    term = f"到 {china_stamp(ends_at)}" if ends_at else "没有期限"
    word = "已授予" if given.new else "已经有了"
    click.echo(f"{word}：{given.title} · {given.place}，{term}。")


@group.command("revoke", help="收回职责：不写 ROLE 就收回全部。立即生效，并退出登录。")
@click.argument("openid")
@click.argument("role", required=False)
@click.argument("place", required=False)
@CITY
def revoke(openid: str, role: str | None, place: str | None, city: str | None) -> None:
    """Exit code 1 when there is nothing to take away."""
    with in_city(city):
        taken = services.revoke_roles(openid, role, place, actor=operator(), now=clock.now())
    if not taken:
        click.echo("没有可收回的职责。", err=True)
        sys.exit(1)
    click.echo(f"已收回：{'、'.join(taken)}。")
