"""``flask survey paper``: the questionnaire on A4, a dwelling or a building at a time."""

from pathlib import Path

import click

from kernel import database
from kernel.places.queries import dwellings_of_building, place_by_code
from portal.cli.survey import group
from portal.cli.told import CITY, in_city
from surveys.questionnaires.paper import printing

__all__ = ["group"]


@group.command("paper", help="把一栋楼每一户的纸质问卷做成 PDF（A4，带门牌码），一户一个文件。")
@click.argument("campaign")
@click.option("--building", required=True, help="楼栋编码。")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, exists=True, path_type=Path), help="放到哪个文件夹。"
)
@CITY
def paper(campaign: str, building: str, out: Path, city: str | None) -> None:
    """The same wording as on the phone."""
    with in_city(city):
        session = database.reading()
        homes = dwellings_of_building(session, place_by_code(session, building).id)
        for home in homes:
            (out / f"{home.label.replace('/', '-')}.pdf").write_bytes(printing.sheet(campaign, home))
        click.echo(f"{len(homes)} 份，在 {out}。")
