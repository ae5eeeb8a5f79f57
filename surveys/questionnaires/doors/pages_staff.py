"""The doors of a building to visit, to take along or print."""

from flask import request
from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.web import Pages, identity, page, require_grant
from surveys.questionnaires.doors import services
from surveys.questionnaires.services.responses import ASSIST

blp = Pages(
    "survey_doors_pages",
    __name__,
    guard=require_grant(ASSIST),
    url_prefix="/work/surveys",
    template_folder="../templates",
)


@blp.route("/<campaign>/doors")
def doors_not_answered(campaign: str) -> Response:
    """``?building=``: its doors that have not answered."""
    who = identity()
    found = services.doors_not_answered(
        campaign, request.args.get("building", "")[:22], person_id=who.person_id, actor=who.actor, now=clock.now()
    )
    return page("questionnaires/staff_doors.html", found=found, now=china_text(clock.now()))
