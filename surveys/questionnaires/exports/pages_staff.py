"""The staff's page of a campaign: how far each estate is, files of the answers."""

from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.clock import china_text
from kernel.database import reading
from kernel.ratio import percent_text
from kernel.web import Pages, identity, page, require_grant
from surveys.questionnaires import queries
from surveys.questionnaires.exports import queries as export_queries
from surveys.questionnaires.exports.models import Progress
from surveys.questionnaires.exports.services import asking
from surveys.questionnaires.rules.lifecycle import State
from surveys.questionnaires.services import results
from surveys.questionnaires.services.responses import ASSIST

blp = Pages(
    "survey_exports_pages",
    __name__,
    guard=require_grant(asking.RESULTS),
    url_prefix="/work/surveys",
    template_folder="../templates",
)
STATES = {State.DRAFT: ("未开始", ""), State.OPEN: ("进行中", "ok"), State.CLOSED: ("已截止", "")}
PROGRESS = {
    Progress.WAITING: ("排队中", "wait"),
    Progress.MAKING: ("正在做", "wait"),
    Progress.READY: ("可以下载", "ok"),
    Progress.FAILED: ("没有做成，请重新导出", "bad"),
    Progress.GONE: ("已过保存期", ""),
}


@blp.route("")
def campaigns() -> Response:
    """The campaigns that ask in my estates."""
    session = reading()
    places = grants.places_for(session, identity().person_id, asking.RESULTS, clock.now())
    rows = [(each, *STATES[State(each.state)]) for each in export_queries.campaigns_within(session, places)]
    settles = grants.may_anywhere(session, identity().person_id, "response.settle", clock.now())
    return page("questionnaires/staff_campaigns.html", rows=rows, settles=settles, china_text=china_text)


@blp.route("/<campaign>")
def campaign(campaign: str) -> Response:
    """One campaign: how many answered in each of my estates, and files of the answers."""
    who, now = identity(), clock.now()
    found = results.staff_results(campaign, person_id=who.person_id, now=now)
    session = reading()
    estates = queries.estates_of(session, found.campaign.id)
    exports = asking.mine(campaign, account_id=who.account_id, person_id=who.person_id, now=now)
    return page(
        "questionnaires/staff_campaign.html",
        campaign=found.campaign,
        state=STATES[State(found.state)],
        estates=found.estates,
        waiting=found.waiting,
        floors=found.floors,
        tenure=found.tenure,
        named=any(grants.may(session, who.person_id, ASSIST, place, now) for place in estates),
        rows=any(grants.may(session, who.person_id, asking.CONTACT, place, now) for place in estates),
        manages=grants.may_anywhere(session, who.person_id, "survey.manage", now),
        exports=[(each, *PROGRESS[Progress(each.state)]) for each in exports],
        unfinished=any(each.state in (Progress.WAITING, Progress.MAKING) for each in exports),
        percent_text=percent_text,
        china_text=china_text,
    )
