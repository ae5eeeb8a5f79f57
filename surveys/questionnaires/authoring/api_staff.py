"""Writing questionnaires, for those who manage surveys."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Response

from kernel import clock
from kernel.errors import NotFound
from kernel.web import Api, files, idempotency_key, identity, require_grant
from kernel.web.rate_limits import limiter
from surveys.questionnaires.authoring import services
from surveys.questionnaires.authoring.schemas import (
    BeginFormDraft,
    FormDraftAnswer,
    FormDraftPublished,
    FormDraftSaved,
    FormDraftTried,
    FormFile,
    FormImported,
    PublishFormDraft,
    PutFormDraftAway,
    SaveFormDraft,
    TryFormDraft,
    WordingComparison,
)
from surveys.questionnaires.authoring.services import Author
from surveys.questionnaires.rules import languages
from surveys.questionnaires.rules.parts import parts

blp = Api(
    "survey_authoring",
    __name__,
    guard=require_grant(services.MANAGE),
    url_prefix="/api/v1/staff/questionnaires",
    description="Writing questionnaires: drafts, preview, import, publishing, comparing",
)


def _author() -> Author:
    who = identity()
    return Author(who.person_id, who.actor)


def _draft(draft: str) -> dict[str, Any]:
    found = services.standing(draft, author=_author(), now=clock.now())
    return {
        "draft": found.draft.public_id,
        "number": found.draft.number,
        "saved_at": found.draft.saved_at,
        "document": found.draft.document,
        "faults": found.faults,
    }


@blp.route("/drafts", methods=["POST"])
@blp.arguments(BeginFormDraft)
@blp.response(201, FormDraftAnswer)
def begin(body: dict[str, Any]) -> Any:
    """Begin a draft."""
    made = services.begin(
        code=body["code"],
        title=body["title"],
        version=body["version"],
        document=body["document"],
        author=_author(),
        key=idempotency_key(),
        now=clock.now(),
    )
    return _draft(made)


@blp.route("/drafts/<draft>", methods=["GET"])
@blp.response(200, FormDraftAnswer)
def read(draft: str) -> Any:
    """A draft as it was saved last, and what is wrong with it."""
    return _draft(draft)


@blp.route("/drafts/<draft>", methods=["PUT"])
@blp.arguments(SaveFormDraft)
@blp.response(200, FormDraftSaved)
def save(body: dict[str, Any], draft: str) -> Any:
    """Save a draft. 409 (form-draft-changed) when somebody saved since it was read; nothing is overwritten."""
    number = services.save(
        draft,
        number=body["number"],
        document=body["document"],
        author=_author(),
        key=idempotency_key(),
        now=clock.now(),
    )
    return {"draft": draft, "number": number, "faults": services.faults_of(body["document"])}


@blp.route("/drafts/<draft>/put-away", methods=["POST"])
@blp.arguments(PutFormDraftAway)
@blp.response(200, FormDraftSaved)
def put_away(body: dict[str, Any], draft: str) -> Any:
    """Put a draft away."""
    services.put_away(draft, author=_author(), key=idempotency_key(), now=clock.now())
    return {"draft": draft, "number": 0, "faults": {}}


@blp.route("/drafts/<draft>/publish", methods=["POST"])
@blp.arguments(PublishFormDraft)
@blp.response(201, FormDraftPublished)
def publish(body: dict[str, Any], draft: str) -> Any:
    """Freeze a draft as a version. What is wrong comes back by question code in ``fields``."""
    made = services.publish(draft, number=body["number"], author=_author(), key=idempotency_key(), now=clock.now())
    return {"version": made}


@blp.route("/drafts/<draft>/sections/<int:number>", methods=["GET"])
@blp.response(200, description="One section of a draft that is in order, as phones get it.")
def section(draft: str, number: int) -> Any:
    """One section (counted from 0), for the preview."""
    return _section(services.form_of_draft(draft).document, number)


@blp.route("/drafts/<draft>/languages/<language>/sections/<int:number>", methods=["GET"])
@blp.response(200, description="One section of a draft that is in order, in another language of it.")
def translated(draft: str, language: str, number: int) -> Any:
    """The same section in another language."""
    document = services.form_of_draft(draft).document
    if language not in dict(languages.names(document)):
        raise NotFound("no-such-language", "问卷没有这种语言的文字。")
    return _section(languages.spoken(document, language), number)


def _section(document: Mapping[str, Any], number: int) -> dict[str, Any]:
    sections = parts(document)
    if number >= len(sections):
        raise NotFound("no-such-section", "问卷没有这一部分。")
    return sections[number]


@blp.route("/drafts/<draft>/try", methods=["POST"])
@limiter.limit("600 per hour")
@blp.arguments(TryFormDraft)
@blp.response(200, FormDraftTried)
def try_out(body: dict[str, Any], draft: str) -> Any:
    """Check answers as a submission would be; nothing is kept, so the same key may say anything."""
    idempotency_key()
    return {"answered": services.tried(draft, body["answers"], body["facts"], now=clock.now())}


@blp.route("/imports", methods=["POST"])
@limiter.limit("60 per hour")
@blp.arguments(FormFile, location="files")
@blp.response(201, FormImported)
def import_form(files: dict[str, Any]) -> Any:
    """A draft from an XLSForm spreadsheet. What is refused comes back in ``fields`` by sheet and row."""
    data = files["file"].read()
    # A form's boundary differs each time it is sent, so the key is bound to what was sent instead.
    key = replace(idempotency_key(), request_hash=hashlib.sha256(b"xlsform\0" + data).hexdigest())
    return services.imported(data, author=_author(), key=key, now=clock.now())


@blp.route("/versions/<version>/xlsform", methods=["GET"])
@blp.response(200, description="The version as an XLSForm spreadsheet.")
def spreadsheet(version: str) -> Response:
    """The version as a spreadsheet that ODK, KoBo and we read. What XLSForm has no words for is in a sheet of its own,
    so that nothing is lost when the file comes back here."""
    name, data = services.spreadsheet(version)
    return files.saved(data, files.XLSX, name)


@blp.route("/versions/<version>/comparison/<other>", methods=["GET"])
@blp.response(200, WordingComparison)
def comparison(version: str, other: str) -> Any:
    """What was added, dropped, reworded or changed from one version to another."""
    return {"changes": services.compared(version, other)}
