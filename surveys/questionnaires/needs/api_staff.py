"""The menu of works for staff, as JSON and as a table, and what became of each wish."""

from typing import Any
from urllib.parse import quote

from flask import Response

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_grant
from surveys.questionnaires.needs import services, workbook
from surveys.questionnaires.needs.schemas import MenuAnswer, MenuQuery, SetStep, StandAnswer
from surveys.questionnaires.rules.needs import Became

look = Api(
    "survey_needs",
    __name__,
    guard=require_grant(services.RESULTS),
    url_prefix="/api/v1/staff/campaigns",
    description="The ranked menu of works",
)
manage = Api(
    "survey_needs_manage",
    __name__,
    guard=require_grant(services.MANAGE),
    url_prefix="/api/v1/staff/campaigns",
    description="What became of each wish",
)


def codes(text: str) -> list[str]:
    """The estate codes in a list with commas."""
    return [code.strip() for code in text.split(",") if code.strip()]


@look.route("/<campaign>/needs", methods=["GET"])
@look.arguments(MenuQuery, location="query", as_kwargs=True)
@look.response(200, MenuAnswer)
def menu(campaign: str, estates: str) -> Any:
    """The ranked menu of my estates or of some of them together, ready for the first draft of a scheme."""
    found = services.staff_menu(campaign, codes(estates), person_id=identity().person_id, now=clock.now())
    return {
        "campaign": campaign,
        "estates": [estate.code for estate in found.estates],
        "wishes": found.wishes,
        "stands": found.stands,
        "marks": {item: {"households": n, "sum": total} for item, (n, total) in found.marks.items()},
    }


@look.route("/<campaign>/needs.xlsx", methods=["GET"])
@look.arguments(MenuQuery, location="query", as_kwargs=True)
@look.response(200, description="The menu as a table in the official layout.")
def menu_table(campaign: str, estates: str) -> Response:
    """The same as a table with title, unit, 填报人, 审核人 and date."""
    now = clock.now()
    found = services.staff_menu(campaign, codes(estates), person_id=identity().person_id, now=now)
    answer = Response(workbook.menu_table(found, now=now), mimetype=workbook.MIMETYPE)
    name = quote(f"{found.campaign.year}-改造需求清单.xlsx")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@manage.route("/<campaign>/wishes", methods=["POST"])
@manage.arguments(SetStep)
@manage.response(201, StandAnswer)
def set_step(body: dict[str, Any], campaign: str) -> Any:
    """Say what became of an item of an estate. Residents see the word and the reason."""
    who = identity()
    return services.set_step(
        campaign,
        body["estate"],
        body["item"],
        Became(body["became"]),
        body["reason"],
        person_id=who.person_id or 0,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )
