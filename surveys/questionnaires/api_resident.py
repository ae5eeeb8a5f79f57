"""What a household does: upload pictures, submit its sheet. A worker at the door does it for the household."""

import hashlib
from dataclasses import replace
from typing import Any

from flask import Response

from kernel import clock
from kernel.web import Api, files, idempotency_key, identity, require_resident
from kernel.web.rate_limits import limiter
from surveys.questionnaires.models import Purpose
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.schemas import ResponseReceipt, SubmitResponse, Uploaded, UploadFile, UploadForm
from surveys.questionnaires.services import attachments, responses

blp = Api(
    "questionnaires_resident",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1",
    description="Answering a questionnaire",
)


@blp.route("/campaigns/<campaign>/responses", methods=["POST"])
@blp.arguments(SubmitResponse)
@blp.response(201, ResponseReceipt)
def submit(body: dict[str, Any], campaign: str) -> Any:
    """Submit a dwelling's answers. One response a dwelling counts: what becomes of a later one, ``standing`` says.

    ``replaces`` names the response one corrects. Without it a later response waits beside the one that counts, until
    somebody settles it; it is kept in any case. What is wrong with answers comes back by question code in ``fields``.
    The same Idempotency-Key gives the same receipt.
    """
    who = identity()
    return responses.submit(
        campaign,
        body["dwelling"],
        answers=body["answers"],
        channel=Channel(body["channel"]),
        account_id=who.account_id,
        person_id=who.person_id,
        actor=who.actor,
        replaces=body["replaces"],
        second_visitor=body["second_visitor"],
        key=idempotency_key(),
        content_hash=body["content_hash"],
        now=clock.now(),
    )


@blp.route("/campaigns/<campaign>/attachments", methods=["POST"])
@limiter.limit("300 per hour")
@blp.arguments(UploadForm, location="form")
@blp.arguments(UploadFile, location="files")
@blp.response(201, Uploaded)
def upload(form: dict[str, Any], files: dict[str, Any], campaign: str) -> Any:
    """Upload a photo or a drawn signature; its id goes into the answers. Kept 30 days if no response uses it."""
    who = identity()
    data = files["file"].read()
    # A form's boundary differs each time it is sent, so the key is bound to what the form says instead.
    said = "\0".join([campaign, form["dwelling"], form["channel"], form["purpose"]]).encode()
    key = replace(idempotency_key(), request_hash=hashlib.sha256(said + b"\0" + data).hexdigest())
    made = attachments.attach(
        campaign,
        form["dwelling"],
        purpose=Purpose(form["purpose"]),
        data=data,
        channel=Channel(form["channel"]),
        account_id=who.account_id,
        person_id=who.person_id,
        key=key,
        now=clock.now(),
    )
    return {"file": made}


@blp.route("/attachments/<attachment>", methods=["GET"])
@blp.response(200, description="The picture, for whoever uploaded it.")
def picture(attachment: str) -> Response:
    """A picture one uploaded oneself."""
    who = identity()
    data, mimetype = attachments.picture(
        attachment, account_id=who.account_id, person_id=who.person_id, now=clock.now()
    )
    answer = files.shown(data, mimetype)
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer
