"""The staff's page of results: live figures by place and channel, who is missing, and what weighing does."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from flask import request
from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.ratio import percent_text
from kernel.web import Pages, identity, page, require_grant
from surveys.questionnaires.charts import FEW, drawn
from surveys.questionnaires.rules.lifecycle import CHANNEL_WORDS
from surveys.questionnaires.rules.rates import WORDS, Part
from surveys.questionnaires.rules.sheet import Sheet, strata, widest_row
from surveys.questionnaires.rules.tally import Figure
from surveys.questionnaires.rules.weights import weighted
from surveys.questionnaires.services import results
from surveys.questionnaires.services.results import Results
from surveys.questionnaires.sheets.services import RESULTS

blp = Pages(
    "survey_results_pages",
    __name__,
    guard=require_grant(RESULTS),
    url_prefix="/work/surveys",
    template_folder="../templates",
)


WEIGHTED = ("single", "multi", "rating")
"""Kinds whose bars get a re-weighted share; of the others who answered is told alone."""


@blp.route("/<campaign>/results")
def show(campaign: str) -> Response:
    """``?estate=`` one of mine, ``?channel=`` one way of answering."""
    estate, channel = request.args.get("estate", "")[:64], request.args.get("channel", "")[:24]
    if channel not in CHANNEL_WORDS:
        channel = ""
    found = results.staff_results(campaign, estate, channel=channel, person_id=identity().person_id, now=clock.now())
    whole = results.staff_results(campaign, person_id=identity().person_id, now=clock.now()) if estate else found
    sheet = found.sheet
    told: dict[str, Beside] = {}
    if sheet is not None and not channel:
        told = {each.code: one for each in found.figures if (one := beside(each, sheet)) is not None}
    return page(
        "questionnaires/staff_results.html",
        found=found,
        campaign=found.campaign,
        estates=whole.estates,
        estate=estate,
        channel=channel,
        channels=[(code.value, word, found.channels.get(code, 0)) for code, word in CHANNEL_WORDS.items()],
        drawn=drawn(found.figures, mark_small=True, weights={code: one.shares for code, one in told.items()}),
        beside=told,
        rates=rates_rows(sheet, found),
        outcomes=[(word, sheet.outcomes.get(code, 0)) for code, word in WORDS.items()] if sheet else [],
        made_at=china_text(found.taken_at) if found.taken_at else "",
        percent_text=percent_text,
    )


def rates_rows(sheet: Sheet | None, found: Results) -> list[list[str]]:
    """The rates as lines of a table: name, by homes, by area, what is divided by what."""
    if sheet is None:
        return []
    told = sheet.rates
    lines = [
        ("入户率", told.reached, told.total, "见到的户 ÷ 全部户"),
        ("回收率", told.valid, told.total, "有效问卷 ÷ 全部户"),
    ]
    agreement = [
        ("同意率（占全部）", told.agree, told.total, "同意 ÷ 全部户"),
        ("同意率（占有效）", told.agree, told.may_agree, "同意 ÷ 可表态的有效问卷（租户填的不算）"),
    ]
    lines += agreement if found.may_see_agreement else []
    rows = [[name, _of(part, whole), _area_of(part, whole), words] for name, part, whole, words in lines]
    if not found.may_see_agreement:
        homes, agreeing = told.total.homes, found.agreeing
        share = FEW if agreeing is None else f"{percent_text(agreeing, homes)}（{agreeing}/{homes}）"
        rows.append(["同意率（占全部）", share, "截止后看", "已公布的同意 ÷ 全部户"])
    return rows


def _of(part: Part, whole: Part) -> str:
    return f"{percent_text(part.homes, whole.homes)}（{part.homes}/{whole.homes}）"


def _area_of(part: Part, whole: Part) -> str:
    return percent_text(part.area_dm2, whole.area_dm2)


@dataclass(frozen=True)
class Beside:
    """What stands beside a question's chart: re-weighted shares, on what they rest in words, and group by group how
    many answered it."""

    summary: str
    words: str
    groups: list[list[str]]
    shares: Mapping[str, Fraction]


def beside(figure: Figure, sheet: Sheet) -> Beside | None:
    """What stands beside a chart; None where nobody answered or something of it is kept back."""
    row = figure.rows[0]
    if not row.cells or any(each.hides for each in figure.rows):
        return None
    groups = strata(sheet, figure.code, widest_row(sheet, figure.code), several=figure.kind == "multi")
    found = weighted(groups)
    if found is None:
        return None
    words = f"各类住户回答的多少不同。按楼层和租住登记加权，代表 {found.covered} / {found.homes} 户。"
    if found.silent:
        words += f"没有人回答、不在其中的：{'、'.join(found.silent)}。"
    if found.thin:
        words += f"回答不到 5 户、容易偏的：{'、'.join(found.thin)}。"
    lines = [
        [each.name, f"{each.respondents} / {each.homes} 户", percent_text(each.respondents, each.homes)]
        for each in groups
        if each.homes
    ]
    answered, homes = sum(each.respondents for each in groups), sum(each.homes for each in groups)
    summary = f"全部 {homes} 户里 {percent_text(answered, homes)} 回答了，谁没有答"
    return Beside(summary, words, lines, found.shares if figure.kind in WEIGHTED else {})
