"""``flask survey times``, ``grow`` and ``remind``: a campaign while it runs."""

from datetime import datetime

import click

from kernel import clock
from kernel.clock import china_stamp
from portal.cli.survey import WHEN, group, moment_of
from portal.cli.told import CITY, in_city, operator
from surveys.questionnaires.running import services

__all__ = ["group"]

REASON = click.option("--reason", required=True, help="理由，记入审计记录。")


@group.command("times", help="改一次调查的开始和截止时间；开始以后只能改截止时间。")
@click.argument("campaign")
@click.option("--opens-at", type=WHEN, help="新的开始时间（中国时间）；不写就不改。")
@click.option("--closes-at", type=WHEN, help="新的截止时间（中国时间）；不写就不改。")
@REASON
@CITY
def times(campaign: str, opens_at: datetime | None, closes_at: datetime | None, reason: str, city: str | None) -> None:
    """Refused for a time that has come, and for one in the past."""
    with in_city(city):
        opens, closes = moment_of(opens_at), moment_of(closes_at)
        services.move_times(
            campaign,
            opens_at=opens,
            closes_at=closes,
            reason=reason,
            person_id=None,
            actor=operator(),
            now=clock.now(),
        )
        for moment, word in ((opens, "开始"), (closes, "截止")):
            if moment is not None:
                click.echo(f"{word}时间改为 {china_stamp(moment)}。")


@group.command("grow", help="给一次调查增加小区，进行中也可以。")
@click.argument("campaign")
@click.option("--place", "places", multiple=True, required=True, help="小区编码，或上级地方的编码；可写多次。")
@CITY
def grow(campaign: str, places: tuple[str, ...], city: str | None) -> None:
    """Refused once it is closed, or when all of them are in it already."""
    with in_city(city):
        services.add_places(campaign, places, person_id=None, actor=operator(), now=clock.now())
        click.echo("已增加。")


@group.command("remind", help="提醒一个小区里还没填的户（到居民的消息里）。")
@click.argument("campaign")
@click.option("--estate", required=True, help="小区编码。")
@CITY
def remind(campaign: str, estate: str, city: str | None) -> None:
    """Refused when it was done lately or as often as the settings allow."""
    with in_city(city):
        number = services.remind(campaign, estate, person_id=None, actor=operator(), now=clock.now())
        click.echo(f"已发第 {number} 次提醒。")
