"""Files of answers for staff."""

from typing import Any

from flask import Response

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_grant
from kernel.web.files import saved
from surveys.questionnaires.exports.models import Format
from surveys.questionnaires.exports.schemas import AskExport, ExportAnswer, ExportsAnswer
from surveys.questionnaires.exports.services import asking

blp = Api(
    "survey_exports",
    __name__,
    guard=require_grant(asking.RESULTS),
    url_prefix="/api/v1/staff",
    description="Files of a campaign's answers",
)


@blp.route("/campaigns/<campaign>/exports", methods=["POST"])
@blp.arguments(AskExport)
@blp.response(202, ExportAnswer)
def ask(body: dict[str, Any], campaign: str) -> Any:
    """Ask for a file of the estates one may see results of. With names only for their community worker. It is made in
    the background; look at it until it is ready.
    """
    who = identity()
    return asking.ask(
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


@blp.route("/campaigns/<campaign>/exports", methods=["GET"])
@blp.response(200, ExportsAnswer)
def mine(campaign: str) -> Any:
    """The files one asked for."""
    who = identity()
    found = asking.mine(campaign, account_id=who.account_id, person_id=who.person_id, now=clock.now())
    return {"exports": found}


@blp.route("/exports/<export_id>", methods=["GET"])
@blp.response(200, ExportAnswer)
def progress(export_id: str) -> Any:
    """How far a file is."""
    return asking.own(export_id, account_id=identity().account_id)


@blp.route("/exports/<export_id>/file", methods=["GET"])
@blp.response(200, description="The file; each download is written down.")
def download(export_id: str) -> Response:
    """The finished file, for whoever asked for it."""
    who = identity()
    made = asking.download(
        export_id, account_id=who.account_id, person_id=who.person_id, actor=who.actor, now=clock.now()
    )
    answer = saved(made.pieces, made.mimetype, made.name)
    answer.content_length = made.size_bytes
    return answer
