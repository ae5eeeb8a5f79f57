"""``flask collection``: how far collections have come, what a budget would mean, reminders, payments out."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from kernel import clock
from kernel.database import reading
from kernel.errors import Invalid
from kernel.money import fen_from_text, yuan_text
from kernel.places.models import Place, PlaceKind
from kernel.places.queries import place_by_code
from payments import queries as payments
from payments.contributions import queries as budgets
from payments.contributions.services import budgeting, showing
from payments.gates.services import measuring as gates
from payments.models import Collection
from payments.reminders import queries as reminders
from payments.rules.gate import Standing
from payments.spending import queries as spending
from portal.cli.told import CITY, in_city

group = AppGroup("collection", help="出资：分摊试算、缴纳进度、达标情况、账户支出。")


def _estate(code: str) -> tuple[Place, Collection]:
    place = place_by_code(reading(), code)
    found = payments.collection_of(reading(), place.id)
    if place.kind != PlaceKind.ESTATE or found is None:
        raise Invalid("no-collection", "这个代号不是小区，或者它还没有开始收款。")
    return place, found


@group.command("gate", help="达标情况：全小区和各楼的户均、已缴户数、离目标还差多少。")
@click.option("--estate", required=True, help="小区代号。")
@CITY
def gate(estate: str, city: str | None) -> None:
    """Exit code 0 when the gate is met, 1 when not."""
    with in_city(city):
        place, collection = _estate(estate)
        found = gates.gate_of(reading(), collection)
        _say_standing(place.name, found.standing, found.wanted.average_fen)
        for condition in found.conditions[1:]:
            click.echo(f"  {condition.title}：{condition.reached}，要 {condition.wanted}")
        click.echo(f"  {found.measure.words}")
        for one in found.buildings:
            _say_standing(one.building, one.standing, found.wanted.average_fen)
    sys.exit(0 if found.is_passed else 1)


def _say_standing(name: str, standing: Standing, average_fen: int) -> None:
    word = "已达到" if standing.is_met(average_fen) else f"还差 {yuan_text(standing.missing_fen(average_fen))} 元"
    click.echo(
        f"{name}：户均 {standing.average_text} 元（{standing.paid_households}/{standing.households} 户，"
        f"{standing.share_text}），{word}"
    )


@group.command("apportion", help="分摊试算：读一份预算（JSON），按户算出来，不改动任何东西。")
@click.option("--estate", required=True, help="小区代号。")
@click.option("--file", "file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--lines", is_flag=True, help="逐户写出算式。")
@CITY
def apportion(estate: str, file: Path, lines: bool, city: str | None) -> None:
    """The file: {"costs": [{"name", "yuan", "scope"?, "how": {"method", …}}], "exemptions"?, "borne_by"?}."""
    with in_city(city):
        place, _ = _estate(estate)
        homes = budgets.homes_of(reading(), place.id)
        said = _read(file)
        shared = budgeting.computed(reading(), place.id, said["costs"], said["exemptions"], said["borne_by"]).shared
        labels = {home.key: home.label for home in homes}
    dues = shared.dues()
    click.echo(
        f"{place.name}：{len(dues)} 户分摊 {yuan_text(sum(dues.values()))} 元，"
        f"资金承担 {yuan_text(shared.by_fund_fen)} 元"
    )
    if dues:
        click.echo(f"  最少 {yuan_text(min(dues.values()))} 元，最多 {yuan_text(max(dues.values()))} 元")
    for line in shared.lines if lines else ():
        click.echo(f"  {labels[line.key]} {line.cost} {yuan_text(line.amount_fen)} 元：{line.words}")


def _read(file: Path) -> dict[str, Any]:
    """A budget as a person writes it: yuan as text, homes by their labels."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        costs = [
            {
                "name": one["name"],
                "amount_fen": fen_from_text(str(one["yuan"])),
                "scope": one.get("scope", ""),
                "how": _how(one["how"]),
            }
            for one in said["costs"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid("budget-file", f"预算文件看不懂：{error}。请对照说明检查。") from None
    return {"costs": costs, "exemptions": said.get("exemptions", []), "borne_by": said.get("borne_by", "fund")}


def _how(how: dict[str, Any]) -> dict[str, Any]:
    made = dict(how)
    if "amounts" in made:
        made["amounts"] = {name: fen_from_text(str(yuan)) for name, yuan in made["amounts"].items()}
    if "parts" in made:
        made["parts"] = [_how(part) for part in made["parts"]]
    return made


@group.command("dues", help="出资进度：应出、已缴、缴清户数；不列户。")
@click.option("--estate", required=True, help="小区代号。")
@CITY
def dues(estate: str, city: str | None) -> None:
    """Exit code 1 before a budget is published."""
    with in_city(city):
        place, collection = _estate(estate)
        budget = budgets.current_budget(reading(), collection.id)
        if budget is None:
            raise Invalid("no-budget", "还没有公布分摊方案。")
        came = showing.progress_of(showing.door_standings(reading(), collection, budget))
        reminded = reminders.reminded(reading(), budget.id)
        spent = spending.published_of(reading(), collection.id)
    click.echo(
        f"{place.name} 第 {budget.version} 版：应出 {yuan_text(came.due_fen)} 元，已缴 {yuan_text(came.paid_fen)} 元，"
        f"{came.met}/{came.homes} 户缴清，多缴 {yuan_text(came.over_fen)} 元"
    )
    out = sum(one.amount_fen for one in spent if not one.is_reversed)
    click.echo(
        f"  提醒过 {len(reminded)} 户；已付款 {len(spent)} 笔，{yuan_text(out)} 元（{clock.china_day(clock.now())}）"
    )
