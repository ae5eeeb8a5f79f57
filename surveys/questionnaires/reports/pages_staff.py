"""Asking for reports on a page, and reading them."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.database import reading
from kernel.places.models import PlaceKind
from kernel.places.queries import place_by_code, places_under
from kernel.ratio import percent_text
from kernel.web import Pages, identity, page, require_grant
from surveys.questionnaires.exports.table import CHANNELS
from surveys.questionnaires.reports import services
from surveys.questionnaires.reports.models import Stage
from surveys.questionnaires.rules.crosstab import axes
from surveys.questionnaires.services import results
from surveys.questionnaires.services.forms import form_of

blp = Pages(
    "survey_reports_pages",
    __name__,
    guard=require_grant(services.RESULTS),
    url_prefix="/work/surveys",
    template_folder="../templates",
)
STAGES = {
    Stage.WAITING: ("排队中", "wait"),
    Stage.MAKING: ("正在做", "wait"),
    Stage.READY: ("做好了", "ok"),
    Stage.FAILED: ("没有做成，请重新要", "bad"),
}
LEVELS = [("2", "核实过身份的"), ("1", "只核对过姓名手机尾号的"), ("0", "社区代填和纸质表")]
YES_NO = {"let": [("1", "有租户登记的"), ("0", "没有租户登记的")], "old": [("1", "有60岁以上老人的"), ("0", "没有的")]}


@blp.route("/<campaign>/reports")
def reports(campaign: str) -> Response:
    """What may be asked, and what I asked for."""
    who, now = identity(), clock.now()
    found = results.staff_results(campaign, person_id=who.person_id, now=now)
    form = form_of(reading(), found.campaign.version_id)
    asked = services.mine(campaign, person_id=who.person_id or 0, now=now)
    alone = found.estates[0].estate if len(found.estates) == 1 else ""
    buildings = places_under(reading(), place_by_code(reading(), alone), PlaceKind.BUILDING) if alone else []
    return page(
        "questionnaires/staff_reports.html",
        campaign=found.campaign,
        estates=found.estates,
        buildings=buildings,
        axes=[(one.code, one.title) for one in axes(form)],
        texts=[(one.code, one.title) for one in form.questions if one.kind == "text" and not one.private],
        channels=[(code.value, word) for code, word in CHANNELS.items()],
        levels=LEVELS,
        yes_no=YES_NO,
        asked=[(each, *STAGES[Stage(each.state)]) for each in asked],
        unfinished=any(each.state in (Stage.WAITING, Stage.MAKING) for each in asked),
        china_text=china_text,
    )


@blp.route("/reports/<report>")
def report(report: str) -> Response:
    """One report; the look is written down."""
    who = identity()
    found, campaign = services.look(report, person_id=who.person_id, actor=who.actor, now=clock.now())
    return page(
        "questionnaires/staff_report.html",
        found=found,
        campaign=campaign,
        stage=STAGES[Stage(found.state)],
        filters=_filter_words(found.spec["filters"]),
        made_at=china_text(found.made_at) if found.made_at else "",
        percent_text=percent_text,
    )


def _filter_words(filters: dict[str, object]) -> list[str]:
    """The filters of a report in words."""
    words = []
    if filters["channel"]:
        words.append(next(word for code, word in CHANNELS.items() if code == filters["channel"]))
    if filters["level"] is not None:
        words.append(dict(LEVELS)[str(filters["level"])])
    for name, choices in YES_NO.items():
        if filters[name] is not None:
            words.append(dict(choices)["1" if filters[name] else "0"])
    if filters["building"]:
        words.append("只看一栋")
    return words
