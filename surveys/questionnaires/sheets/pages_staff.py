"""The staff's page of results: live figures by place and channel, who is missing, and what weighing does."""

from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.ratio import NOTHING, percent_text, quotient_text
from kernel.web import Pages, identity, page, require_grant
from surveys.questionnaires.charts import FEW, drawn
from surveys.questionnaires.results.audience import RESULTS
from surveys.questionnaires.rules.ages import AGES
from surveys.questionnaires.rules.lifecycle import CHANNEL_WORDS
from surveys.questionnaires.rules.rates import WORDS, Part
from surveys.questionnaires.rules.sheet import Sheet
from surveys.questionnaires.rules.tally import EACH_ROW, respondents
from surveys.questionnaires.rules.weights import Weighing
from surveys.questionnaires.services import results
from surveys.questionnaires.services.results import Results

blp = Pages(
    "survey_results_pages",
    __name__,
    guard=require_grant(RESULTS),
    url_prefix="/work/surveys",
    template_folder="../templates",
)


@blp.route("/<campaign>/results")
def show(campaign: str) -> Response:
    """``?estate=`` one of mine, ``?channel=`` one way of answering."""
    estate, channel = request.args.get("estate", "")[:64], request.args.get("channel", "")[:24]
    if channel not in CHANNEL_WORDS:
        channel = ""
    found = results.staff_results(campaign, estate, channel=channel, person_id=identity().person_id, now=clock.now())
    whole = results.staff_results(campaign, person_id=identity().person_id, now=clock.now()) if estate else found
    sheet = found.sheet
    made_at = china_text(found.taken_at) if found.taken_at else ""
    told = None if channel else results.weighted(found)
    return page(
        "questionnaires/staff_results.html",
        found=found,
        campaign=found.campaign,
        estates=whole.estates,
        estate=estate,
        channel=channel,
        channels=[(code.value, word, _told(found.channels.get(code, 0))) for code, word in CHANNEL_WORDS.items()],
        drawn=drawn(
            found.figures, mark_small=True, weighted={each.code: each for each in told.figures} if told else None
        ),
        beside=beside(found, told.weighing, made_at) if told else {},
        ages=AGES,
        reported=[(AGES[age], each) for age, each in found.reported.items()],
        weighing=told.weighing if told else None,
        weights=weights_rows(told.weighing) if told else [],
        rates=rates_rows(sheet, found),
        outcomes=[(word, _told(found.doors.get(code, 0))) for code, word in WORDS.items()],
        made_at=made_at,
        china_text=china_text,
        percent_text=percent_text,
    )


def _told(homes: int | None) -> str:
    return FEW if homes is None else f"{homes} 户"


def rates_rows(sheet: Sheet | None, found: Results) -> list[list[str]]:
    """The rates as lines of a table: name, by homes, by area, what is divided by what."""
    if sheet is None:
        return []
    rates = sheet.rates
    lines = [
        ("入户率", rates.reached, rates.total, "见到的户 ÷ 全部户"),
        ("回收率", rates.valid, rates.total, "有效问卷 ÷ 全部户"),
    ]
    agreement = [
        ("同意率（占全部）", rates.agree, rates.total, "同意 ÷ 全部户"),
        ("同意率（占有效）", rates.agree, rates.may_agree, "同意 ÷ 可表态的有效问卷（租户填的不算）"),
    ]
    lines += agreement if found.knows_homes else []
    rows = [[name, _of(part, whole), _area_of(part, whole), words] for name, part, whole, words in lines]
    if not found.knows_homes:
        told = found.agreement
        share = f"{percent_text(told.agreeing, told.homes)}（{told.agreeing}/{told.homes}）" if told else FEW
        untold = f"（不含没有公布的 {told.untold} 个小区）" if told and told.untold else ""
        rows.append(["同意率（占全部）", share, NOTHING, f"已公布的同意 ÷ 全部户{untold}"])
    return rows


def _of(part: Part, whole: Part) -> str:
    return f"{percent_text(part.homes, whole.homes)}（{part.homes}/{whole.homes}）"


def _area_of(part: Part, whole: Part) -> str:
    return percent_text(part.area_dm2, whole.area_dm2)


def weights_rows(weighing: Weighing) -> list[list[str]]:
    """The groups of homes with what a sheet of each counts for."""
    return [
        [
            each.name,
            f"{each.sheets} / {each.homes} 户",
            quotient_text(each.homes, each.sheets, 1) + " 户" if each.sheets else NOTHING,
        ]
        for each in weighing.groups
    ]


@dataclass(frozen=True)
class Beside:
    """What stands beside a question's chart: how many of all homes answered it, and how many of each group."""

    summary: str
    groups: list[list[str]]


def beside(results: Results, weighing: Weighing, made_at: str) -> dict[str, Beside]:
    """Question → what stands beside its chart, where anybody answered it and it is asked by households: the groups of
    the register, then the ages communities report. ``made_at``: the moment the groups are of."""
    heard = results.sheet.ages if results.sheet else {}
    by_group = [(each, respondents(each.counts)) for each in weighing.groups]
    found = {}
    for figure in results.figures:
        answered = sum(told.get(figure.code, 0) for _, told in by_group)
        if not answered or figure.rows[0].label.startswith(EACH_ROW):
            continue
        lines = [
            [each.name, f"{n} / {each.homes} 户", percent_text(n, each.homes)]
            for each, told in by_group
            for n in [told.get(figure.code, 0)]
        ]
        lines += [
            [AGES[age], f"{n} / {each.households} 户", percent_text(n, each.households)]
            for age, each in results.reported.items()
            if age in heard
            for n in [heard[age].said.get(figure.code, 0)]
        ]
        share = percent_text(answered, weighing.homes)
        found[figure.code] = Beside(f"全部 {weighing.homes} 户里 {share} 回答了（{made_at}），谁没有答", lines)
    return found
