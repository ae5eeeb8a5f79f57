"""Handing in a proof, and looking at one. Whether this caller may is asked at the place, by the kind of proof."""

import hashlib
from dataclasses import replace
from typing import Any

from flask import Response

from kernel import clock
from kernel.evidence import services
from kernel.evidence.schemas import KeepFile, KeepForm, Kept
from kernel.web import Api, files, idempotency_key, identity, require_resident
from kernel.web.rate_limits import limiter

blp = Api(
    "evidence",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1/evidence",
    description="Proofs kept beside records",
)


@blp.route("", methods=["POST"])
@limiter.limit("600 per hour")
@blp.arguments(KeepForm, location="form")
@blp.arguments(KeepFile, location="files")
@blp.response(201, Kept)
def keep(form: dict[str, Any], files: dict[str, Any]) -> Any:
    """Upload a photo as proof; its id goes into the call that makes the record. Kept 30 days if no record uses it."""
    who = identity()
    data = files["file"].read()
    # A form's boundary differs each time it is sent, so the key is bound to what the form says instead.
    said = "\0".join([form["purpose"], form["place"]]).encode() + b"\0" + data
    key = replace(idempotency_key(), request_hash=hashlib.sha256(said).hexdigest())
    made = services.keep(
        data,
        purpose=form["purpose"],
        place=form["place"],
        account_id=who.account_id,
        person_id=who.person_id,
        key=key,
        now=clock.now(),
    )
    return {"file": made}


@blp.route("/<file>", methods=["GET"])
@blp.response(200, description="The picture, for its uploader and for staff who may see this kind there.")
def show(file: str) -> Response:
    """A proof as a JPEG; every look of another than its uploader is on record."""
    who = identity()
    data = services.picture(file, account_id=who.account_id, person_id=who.person_id, actor=who.actor, now=clock.now())
    return files.shown(data, "image/jpeg")
