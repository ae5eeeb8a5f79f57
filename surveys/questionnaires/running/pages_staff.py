"""A campaign's page for the street, and the worker's list of homes to ring up."""

from flask import request
from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.web import Pages, identity, page, require_grant
from surveys.questionnaires.running import services

blp = Pages(
    "survey_running_pages",
    __name__,
    guard=require_grant(services.MANAGE),
    url_prefix="/work/surveys",
    template_folder="../templates",
)
calls = Pages(
    "survey_calls_pages",
    __name__,
    guard=require_grant(services.CONTACT),
    url_prefix="/work/surveys",
    template_folder="../templates",
)


@blp.route("/<campaign>/run")
def run(campaign: str) -> Response:
    """Open, close, move the times, add estates, remind."""
    found = services.run_of(campaign, person_id=identity().person_id, now=clock.now())
    return page("questionnaires/staff_run.html", found=found, campaign=found.campaign, china_text=china_text)


@calls.route("/<campaign>/calls")
def call_list(campaign: str) -> Response:
    """``?building=``: whom to ring in a building."""
    who = identity()
    found = services.call_list(
        campaign, request.args.get("building", "")[:22], person_id=who.person_id, actor=who.actor, now=clock.now()
    )
    return page("questionnaires/staff_calls.html", found=found, now=china_text(clock.now()))
