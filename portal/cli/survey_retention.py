"""``flask survey retention``: what loses its names now, or would."""

import click

from kernel import clock
from kernel.clock import china_stamp
from portal.cli.survey import group
from portal.cli.told import CITY, in_city, operator
from surveys.questionnaires.retention import services

__all__ = ["group"]


@group.command("retention", help="截止满年限（SURVEY_NAMED_DAYS 天）的答卷去掉姓名、电话、签名和账号。")
@click.option("--dry-run", is_flag=True, help="只列出会处理什么，不改动任何内容。")
@CITY
def retention(dry_run: bool, city: str | None) -> None:
    """The same as the timer does every night."""
    with in_city(city):
        for each in services.due(now=clock.now()):
            click.echo(
                f"{each.campaign}  {china_stamp(each.closed_at)} 截止，"
                f"{each.responses} 份答卷、{each.signatures} 个签名  {each.title}"
            )
        if dry_run:
            click.echo("只是看看，没有改动。")
            return
        click.echo(f"{services.forget_names(now=clock.now(), actor=operator())} 份答卷去掉了姓名。")
