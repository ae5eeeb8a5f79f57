"""A visit is made by two: who came along says so himself; who filled the sheet in names him."""

from typing import Any

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_grant
from kernel.web.rate_limits import limiter
from surveys.questionnaires.rules.second_visitors import SecondWord, Way
from surveys.questionnaires.second_visitors.queries import ACCOMPANY
from surveys.questionnaires.second_visitors.schemas import (
    ConfirmAll,
    ConfirmHere,
    NameVisitor,
    SayVisited,
    VisitorNamed,
    VisitSaid,
    VisitsSaid,
    WaitingVisits,
)
from surveys.questionnaires.second_visitors.services import answering
from surveys.questionnaires.second_visitors.services.answering import Visitor
from surveys.questionnaires.services.responses import ASSIST

mine = Api(
    "second_visitors",
    __name__,
    guard=require_grant(ACCOMPANY),
    url_prefix="/api/v1/staff/second-visitors",
    description="Visits one came along to",
)
visits = Api(
    "survey_visits_made",
    __name__,
    guard=require_grant(ASSIST),
    url_prefix="/api/v1/staff",
    description="Naming who came along to a visit",
)


def _visitor() -> Visitor:
    who = identity()
    return Visitor(who.account_id, who.person_id, who.actor)


@mine.route("", methods=["GET"])
@mine.response(200, WaitingVisits)
def waiting() -> Any:
    """The visits that wait for my word, the oldest first (200 at most)."""
    return {"visits": answering.waiting_for(person_id=identity().person_id, now=clock.now())}


@mine.route("/<visitor>/word", methods=["POST"])
@mine.arguments(SayVisited)
@mine.response(200, VisitSaid)
def say(body: dict[str, Any], visitor: str) -> Any:
    """Say that one was there, or was not; said once, within the days for it."""
    word = answering.answer(
        visitor,
        SecondWord(body["word"]),
        by=_visitor(),
        way=Way.OWN_SESSION,
        key=idempotency_key(),
        now=clock.now(),
    )
    return {"word": word}


@mine.route("/confirmed", methods=["POST"])
@mine.arguments(ConfirmAll)
@mine.response(200, VisitsSaid)
def confirm(body: dict[str, Any]) -> Any:
    """Say of a day's visits together that one was there."""
    count = answering.confirm_all(
        body["visitors"], by=_visitor(), way=Way.OWN_SESSION, key=idempotency_key(), now=clock.now()
    )
    return {"confirmed": count}


@visits.route("/responses/<response>/second-visitor", methods=["POST"])
@visits.arguments(NameVisitor)
@visits.response(201, VisitorNamed)
def name(body: dict[str, Any], response: str) -> Any:
    """Name (another) second visitor of a visit one made oneself."""
    named = answering.name(response, body["person"], by=_visitor(), key=idempotency_key(), now=clock.now())
    return {"visitor": named}


@visits.route("/second-visitors/confirmed-here", methods=["POST"])
@limiter.limit("20 per hour")
@visits.arguments(ConfirmHere)
@visits.response(200, VisitsSaid)
def confirm_here(body: dict[str, Any]) -> Any:
    """On the first visitor's phone, the second confirms a day's visits under his own app password."""
    count = answering.confirm_here(
        body["visitors"],
        body["username"],
        body["password"],
        first=_visitor(),
        key=idempotency_key(),
        now=clock.now(),
    )
    return {"confirmed": count}
