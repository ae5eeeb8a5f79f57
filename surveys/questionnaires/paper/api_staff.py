"""Paper forms at a desk: register, key, key again, decide. Never twice by one person."""

from typing import Any

from flask import Response

from kernel import clock
from kernel.web import Api, files, idempotency_key, identity, require_grant
from surveys.questionnaires.paper import printing, services
from surveys.questionnaires.paper.schemas import (
    DecideForm,
    DecideVoid,
    FormRegistered,
    FormStands,
    KeyForm,
    RegisterForm,
    VoidForm,
)
from surveys.questionnaires.paper.services import Staff, voiding

blp = Api(
    "survey_papers",
    __name__,
    guard=require_grant(services.ENTER),
    url_prefix="/api/v1/staff",
    description="Paper questionnaires",
)


def staff() -> Staff:
    """Who asks, as the services take it (the guard has seen a role, so there is a person)."""
    who = identity()
    return Staff(who.account_id, who.person_id or 0, who.actor)


@blp.route("/campaigns/<campaign>/papers", methods=["POST"])
@blp.arguments(RegisterForm)
@blp.response(201, FormRegistered)
def register(body: dict[str, Any], campaign: str) -> Any:
    """Register a paper that came back, with its photos; it is keyed in the words it was printed with."""
    made = services.register(
        campaign,
        body["dwelling"],
        received_at=body["received_at"],
        photos=body["photos"],
        content_hash=body["content_hash"],
        by=staff(),
        key=idempotency_key(),
        now=clock.now(),
    )
    return {"paper": made}


@blp.route("/survey-papers/<paper>/keyings", methods=["POST"])
@blp.arguments(KeyForm)
@blp.response(201, FormStands)
def key_in(body: dict[str, Any], paper: str) -> Any:
    """Key what a paper says, once a person. Two equal keyings make a response; what differs waits for a third."""
    state = services.key_in(paper, body["answers"], by=staff(), key=idempotency_key(), now=clock.now())
    return {"state": state}


@blp.route("/survey-papers/<paper>/decision", methods=["POST"])
@blp.arguments(DecideForm)
@blp.response(200, FormStands)
def decide(body: dict[str, Any], paper: str) -> Any:
    """Decide what two people read differently."""
    return {"state": services.decide(paper, body["choices"], by=staff(), key=idempotency_key(), now=clock.now())}


@blp.route("/survey-papers/<paper>/void", methods=["POST"])
@blp.arguments(VoidForm)
@blp.response(200, FormStands)
def ask_void(body: dict[str, Any], paper: str) -> Any:
    """Ask with a reason that a paper be taken off the way; another person decides."""
    return {"state": voiding.ask(paper, body["reason"], by=staff(), key=idempotency_key(), now=clock.now())}


@blp.route("/survey-papers/<paper>/void-decision", methods=["POST"])
@blp.arguments(DecideVoid)
@blp.response(200, FormStands)
def decide_void(body: dict[str, Any], paper: str) -> Any:
    """Agree, if one neither asked for it nor received nor keyed the paper; or let it go on."""
    return {"state": voiding.decide(paper, agree=body["agree"], by=staff(), key=idempotency_key(), now=clock.now())}


@blp.route("/campaigns/<campaign>/dwellings/<dwelling>/paper.pdf", methods=["GET"])
@blp.response(200, description="The questionnaire on A4 for a dwelling, with its door code.")
def blank(campaign: str, dwelling: str) -> Response:
    """The questionnaire to print for a dwelling."""
    data = printing.sheet_for(campaign, dwelling, by=staff(), now=clock.now())
    return files.shown(data, files.PDF, "questionnaire.pdf")
