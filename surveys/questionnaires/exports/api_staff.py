"""Files of answers for staff, and the doors still to visit for the worker."""

from typing import Any
from urllib.parse import quote

from flask import Response

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_grant
from surveys.questionnaires.exports import services
from surveys.questionnaires.exports.models import Format
from surveys.questionnaires.exports.schemas import AskExport, BuildingQuery, DoorsAnswer, ExportAnswer, ExportsAnswer

files = Api(
    "survey_exports",
    __name__,
    guard=require_grant(services.RESULTS),
    url_prefix="/api/v1/staff",
    description="Files of a campaign's answers",
)
doors = Api(
    "survey_doors",
    __name__,
    guard=require_grant(services.ASSIST),
    url_prefix="/api/v1/staff",
    description="Doors that have not answered",
)


@files.route("/campaigns/<campaign>/exports", methods=["POST"])
@files.arguments(AskExport)
@files.response(202, ExportAnswer)
def ask(body: dict[str, Any], campaign: str) -> Any:
    """Ask for a file of the estates one may see results of. With names only for their community worker. It is made in
    the background; look at it until it is ready.
    """
    who = identity()
    return services.ask(
        campaign,
        format=Format(body["format"]),
        named=body["named"],
        estate=body["estate"],
        person_id=who.person_id,
        account_id=who.account_id,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )


@files.route("/campaigns/<campaign>/exports", methods=["GET"])
@files.response(200, ExportsAnswer)
def mine(campaign: str) -> Any:
    """The files one asked for."""
    who = identity()
    found = services.mine(campaign, account_id=who.account_id, person_id=who.person_id, now=clock.now())
    return {"exports": found}


@files.route("/exports/<export_id>", methods=["GET"])
@files.response(200, ExportAnswer)
def progress(export_id: str) -> Any:
    """How far a file is."""
    return services.own(export_id, account_id=identity().account_id)


@files.route("/exports/<export_id>/file", methods=["GET"])
@files.response(200, description="The file; each download is written down.")
def download(export_id: str) -> Response:
    """The finished file, for whoever asked for it."""
    who = identity()
    made = services.download(
        export_id, account_id=who.account_id, person_id=who.person_id, actor=who.actor, now=clock.now()
    )
    answer = Response(made.pieces, content_type=made.mimetype)
    answer.content_length = made.size_bytes
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(made.name)}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@doors.route("/campaigns/<campaign>/doors-not-answered", methods=["GET"])
@doors.arguments(BuildingQuery, location="query", as_kwargs=True)
@doors.response(200, DoorsAnswer)
def doors_not_answered(campaign: str, building: str) -> Any:
    """The homes of a building that have not answered, for its worker; each look is written down."""
    who = identity()
    found = services.doors_not_answered(campaign, building, person_id=who.person_id, actor=who.actor, now=clock.now())
    return {"building": found.building.name, "homes": found.homes, "doors": found.dwellings}
