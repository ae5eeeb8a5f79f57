"""The street's API of rolls: the objections, their answers, corrections and amendments."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, require_grant
from surveys.votes import queries
from surveys.votes.callers import staff
from surveys.votes.rolls.schemas import (
    RollChangeIn,
    RollChangeOut,
    RollObjectionOut,
    RollObjectionsOut,
    RollRejectionIn,
)
from surveys.votes.rolls.services import changing, objecting
from surveys.votes.rolls.services import reading as shown
from surveys.votes.rolls.services.changing import NewChange, NewOwner
from surveys.votes.rolls.services.objecting import ObjectionView

blp = Api(
    "rolls_staff",
    __name__,
    guard=require_grant(objecting.MANAGE),
    url_prefix="/api/v1/votes",
    description="Correcting and amending rolls.",
)


@blp.route("/<string:vote>/roll/all-objections", methods=["GET"])
@blp.response(200, RollObjectionsOut)
def objections(vote: str) -> dict[str, Any]:
    """All objections to a vote's roll, those that wait first; the look is on record."""
    return {"objections": objecting.all_of(vote, by=staff(), now=clock.now())}


@blp.route("/<string:vote>/roll/objections/<string:objection>/rejection", methods=["POST"])
@blp.arguments(RollRejectionIn)
@blp.response(200, RollObjectionOut)
def reject(body: dict[str, Any], vote: str, objection: str) -> ObjectionView:
    """Answer an objection by which nothing is changed, with the reason."""
    done = objecting.reject(vote, objection, body["answer"], by=staff(), now=clock.now(), key=idempotency_key())
    return next(each for each in objecting.all_of(vote, by=staff(), now=clock.now()) if each.id == done)


@blp.route("/<string:vote>/roll/changes", methods=["POST"])
@blp.arguments(RollChangeIn)
@blp.response(201, RollChangeOut)
def change(body: dict[str, Any], vote: str) -> shown.ChangeView:
    """Correct the roll (before the opening: it is built again) or amend it (after: single lines, a used one stands)."""
    wanted = NewChange(
        **{
            **body,
            "owners": tuple(NewOwner(**owner) for owner in body["owners"]),
            "evidence": tuple(body["evidence"]),
        }
    )
    made = changing.change(vote, wanted, by=staff(), now=clock.now(), key=idempotency_key())
    session = reading()
    found = queries.vote_by_public_id(session, vote)
    return next(each for each in shown.changes(session, found) if each.id == made)
