"""Asking for reports on a page, and reading them."""

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.database import reading
from kernel.places.models import PlaceKind
from kernel.places.queries import place_by_code, places_under
from kernel.ratio import percent_text
from kernel.web import Pages, identity, page, require_grant
from surveys.questionnaires.reports.models import Stage
from surveys.questionnaires.reports.services import asking
from surveys.questionnaires.rules import blurring
from surveys.questionnaires.rules.crosstab import FACTS, axes
from surveys.questionnaires.services import results
from surveys.questionnaires.services.forms import form_of

blp = Pages(
    "survey_reports_pages",
    __name__,
    guard=require_grant(asking.RESULTS),
    url_prefix="/work/surveys",
    template_folder="../templates",
)
STAGES = {
    Stage.WAITING: ("排队中", "wait"),
    Stage.MAKING: ("正在做", "wait"),
    Stage.READY: ("做好了", "ok"),
    Stage.FAILED: ("没有做成，请重新要", "bad"),
}
FLAGS = {"yes": "1", "no": "0"}
FILTERS = [(one.row, one.title, [(FLAGS.get(code, code), word) for code, word in one.cells]) for one in FACTS]
"""(name, title, choices as the page sends them)."""


@blp.route("/<campaign>/reports")
def reports(campaign: str) -> Response:
    """What may be asked, and what I asked for."""
    who, now = identity(), clock.now()
    found = results.staff_results(campaign, person_id=who.person_id, now=now)
    form = form_of(reading(), found.campaign.version_id)
    asked = asking.mine(campaign, person_id=who.person_id or 0, now=now)
    alone = found.estates[0].estate if len(found.estates) == 1 else ""
    buildings = places_under(reading(), place_by_code(reading(), alone), PlaceKind.BUILDING) if alone else []
    titles = {one.code: one.title for one in (*FACTS, *axes(form))}
    return page(
        "questionnaires/staff_reports.html",
        campaign=found.campaign,
        estates=found.estates,
        buildings=buildings if found.knows_homes else [],
        exact=found.knows_homes,
        axes=[(one.code, one.title) for one in axes(form)],
        facts=[(one.code, one.title) for one in FACTS],
        texts=[(one.code, one.title) for one in form.questions if one.kind == "text" and not one.private],
        filters=FILTERS,
        asked=[(each, _name(each.spec, titles), *STAGES[Stage(each.state)]) for each in asked],
        unfinished=any(each.state in (Stage.WAITING, Stage.MAKING) for each in asked),
        china_text=china_text,
    )


@blp.route("/reports/<report>")
def report(report: str) -> Response:
    """One report; the look is written down."""
    who = identity()
    found, campaign = asking.look(report, person_id=who.person_id, actor=who.actor, now=clock.now())
    return page(
        "questionnaires/staff_report.html",
        found=found,
        campaign=campaign,
        stage=STAGES[Stage(found.state)],
        filters=_filter_words(found.spec["filters"]),
        blurred=bool(found.spec.get("blurred")),
        table=_table(found.document, blurred=bool(found.spec.get("blurred"))) if found.document.get("lines") else None,
        made_at=china_text(found.made_at) if found.made_at else "",
        reworded_at=china_text(found.reworded_at) if found.reworded_at else "",
    )


MOST_LINES, FIRST_LINES = 12, 8
"""Of a longer table the greatest lines come first, the others are folded away."""


def _table(document: Mapping[str, Any], *, blurred: bool) -> dict[str, Any]:
    """A crosstab as texts: heads, lines, and the lines that are folded away."""
    columns = document["columns"]
    heads = ["选项", *(f"{each['label']}（{_count(each['of'], blurred=blurred)}）" for each in columns)]
    lines = sorted(document["lines"], key=lambda line: -sum(cell["n"] for cell in line["cells"]))
    if len(lines) <= MOST_LINES:
        lines = document["lines"]
    texts = [
        [
            line["label"],
            *(_cell(cell, each["of"], blurred=blurred) for each, cell in zip(columns, line["cells"], strict=True)),
        ]
        for line in lines
    ]
    first = FIRST_LINES if len(lines) > MOST_LINES else len(lines)
    return {"heads": heads, "lines": texts[:first], "more": texts[first:]}


def _count(n: int, *, blurred: bool) -> str:
    if not blurred:
        return f"{n} 户"
    return f"约 {n} 户" if n else "很少"


def _cell(cell: Mapping[str, Any], of: int, *, blurred: bool) -> str:
    n = cell["n"]
    if not n:
        return "很少" if blurred else "—"
    if not blurred:
        return f"{n} 户，{percent_text(n, of)}" + (" 少" if cell["small"] else "")
    share = blurring.share(n, of)
    return f"约 {n} 户" + (f"，{percent_text(*share, 0)}" if share else "")


def _name(spec: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """What was asked for, in a line."""
    if spec["kind"] == "words":
        return f"住户写的话：含有“{spec['find']}”的" if spec["find"] else "住户写的话：全部"
    rows = titles.get(spec["rows"], spec["rows"])
    return f"{rows}，按“{titles.get(spec['columns'], spec['columns'])}”分" if spec["columns"] else rows


def _filter_words(filters: Mapping[str, Any]) -> list[str]:
    """The filters of a report in words."""
    words = []
    for name, _, choices in FILTERS:
        value = filters.get(name)
        if value not in (None, ""):
            words.append(dict(choices)[str(int(value)) if isinstance(value, bool) else str(value)])
    if filters.get("building"):
        words.append("只看一栋")
    return words
