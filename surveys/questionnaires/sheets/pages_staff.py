"""The staff's page of results: live figures by place and channel, who is missing, and what weighing does."""

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
from surveys.questionnaires.rules.sheet import Sheet, reweighted
from surveys.questionnaires.rules.tally import Figure
from surveys.questionnaires.services import results
from surveys.questionnaires.sheets.services import RESULTS

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
    return page(
        "questionnaires/staff_results.html",
        found=found,
        campaign=found.campaign,
        estates=whole.estates,
        estate=estate,
        channel=channel,
        channels=[(code.value, word, found.channels.get(code, 0)) for code, word in CHANNEL_WORDS.items()],
        drawn=drawn(found.figures, mark_small=True),
        weights={} if sheet is None or channel else {each.code: weights(each, sheet) for each in found.figures},
        few=FEW,
        rates=rates_rows(sheet),
        outcomes=[(word, sheet.outcomes.get(code, 0)) for code, word in WORDS.items()] if sheet else [],
        made_at=china_text(found.taken_at) if found.taken_at else "",
        percent_text=percent_text,
    )


def rates_rows(sheet: Sheet | None) -> list[list[str]]:
    """The rates as lines of a table: name, by homes, by area, what is divided by what."""
    if sheet is None:
        return []
    told = sheet.rates
    lines = [
        ("入户率", told.reached, told.total, "见到的户 ÷ 全部户"),
        ("回收率", told.valid, told.total, "有效问卷 ÷ 全部户"),
        ("同意率（占全部）", told.agree, told.total, "同意 ÷ 全部户"),
        ("同意率（占有效）", told.agree, told.may_agree, "同意 ÷ 可表态的有效问卷（租户填的不算）"),
    ]
    return [[name, _of(part, whole), _area_of(part, whole), words] for name, part, whole, words in lines]


def _of(part: Part, whole: Part) -> str:
    return f"{percent_text(part.homes, whole.homes)}（{part.homes}/{whole.homes}）"


def _area_of(part: Part, whole: Part) -> str:
    return percent_text(part.area_dm2, whole.area_dm2)


def weights(figure: Figure, sheet: Sheet) -> list[tuple[str, list[list[str]], str]]:
    """Raw and re-weighted shares of a question of single or several choices, with the conditions in words."""
    if figure.kind not in ("single", "multi") or any(row.hides for row in figure.rows):
        return []
    found = reweighted(sheet, figure.code, "", several=figure.kind == "multi")
    if found is None:
        return []
    row = figure.rows[0]
    lines = [
        [cell.label, percent_text(cell.n or 0, row.of(cell)), percent_of(found.shares.get(cell.code, Fraction(0)))]
        for cell in row.cells
        if cell.n
    ]
    words = f"按楼层和租住登记加权，代表 {found.covered} / {found.homes} 户。"
    if found.silent:
        words += f"没有人回答、不在其中的：{'、'.join(found.silent)}。"
    if found.thin:
        words += f"回答不到 5 户、容易偏的：{'、'.join(found.thin)}。"
    return [("", lines, words)]


def percent_of(share: Fraction) -> str:
    """An exact share as a percentage."""
    return percent_text(share.numerator, share.denominator)
