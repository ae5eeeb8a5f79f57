"""The menu of works for staff, as JSON and as a table, and what became of each wish."""

from typing import Any

from flask import Response

from kernel import clock
from kernel.web import Api, files, idempotency_key, identity, require_grant
from surveys.questionnaires.needs import menus, services, workbook
from surveys.questionnaires.needs.schemas import MenuAnswer, MenuQuery, SetStep, SetSteps, StandAnswer, StandsAnswer
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
def menu(campaign: str, estates: str, cluster: str) -> Any:
    """The ranked menu of my estates, of some of them together or of a cluster, ready for the first draft of a scheme;
    beside it each estate's own."""
    who = identity().person_id
    found = menus.staff_menu(campaign, codes(estates), cluster=cluster, person_id=who, now=clock.now())
    return {
        "campaign": campaign,
        "cluster": found.cluster.public_id if found.cluster else "",
        "estates": [estate.code for estate in found.estates],
        "unasked": [estate.code for estate in found.unasked],
        "wishes": found.wishes,
        "by_estate": {code: list(lines.values()) for code, lines in found.by_estate.items()},
        "stands": found.stands,
        "marks": {item: {"households": n, "sum": total} for item, (n, total) in found.marks.items()},
    }


@look.route("/<campaign>/needs.xlsx", methods=["GET"])
@look.arguments(MenuQuery, location="query", as_kwargs=True)
@look.response(200, description="The menu as a table in the official layout.")
def menu_table(campaign: str, estates: str, cluster: str) -> Response:
    """The same as a table with title, unit, 填报人, 审核人 and date, and a second one estate by estate."""
    now, who = clock.now(), identity().person_id
    found = menus.staff_menu(campaign, codes(estates), cluster=cluster, person_id=who, now=now)
    name = f"{found.campaign.year}-改造需求清单-{found.title}.xlsx"
    return files.saved(workbook.menu_table(found, now=now), files.XLSX, name)


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


@manage.route("/<campaign>/wishes/together", methods=["POST"])
@manage.arguments(SetSteps)
@manage.response(201, StandsAnswer)
def set_steps(body: dict[str, Any], campaign: str) -> Any:
    """Say what became of an item of several estates (a cluster) at once, in all of them or in none. Estates where it is
    so already stay as they are."""
    who = identity()
    said = services.set_steps(
        campaign,
        body["estates"],
        body["item"],
        Became(body["became"]),
        body["reason"],
        person_id=who.person_id or 0,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )
    return {"stands": said}
