"""A voter's API: my lines, cast, my receipt."""

from typing import Any

from flask import request

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, identity, require_resident
from surveys.votes import queries
from surveys.votes.rules.binding import device_of
from surveys.votes.schemas import BallotReceiptOut, CastBallot, MyRollLinesOut, OpeningOut
from surveys.votes.services import bundles, casting, refusals
from surveys.votes.services import reading as shown

blp = Api(
    "votes_resident",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1/votes",
    description="Casting one's own ballot.",
)


@blp.route("/<string:vote>/lines", methods=["GET"])
@blp.response(200, MyRollLinesOut)
def lines(vote: str) -> dict[str, Any]:
    """The roll lines the caller is tied to: may he vote, was it used."""
    session = reading()
    found = queries.announced_vote(session, vote)
    return {"lines": shown.my_lines(session, found, identity().account_id, now=clock.now())}


@blp.route("/<string:vote>/ballots", methods=["POST"])
@blp.arguments(CastBallot)
@blp.response(201, BallotReceiptOut)
def cast(body: dict[str, Any], vote: str) -> shown.Receipt:
    """Cast a ballot for a roll line; answers the receipt, never the choice."""
    now, who = clock.now(), identity()
    ballot_id = casting.cast(
        vote,
        body["line_id"],
        body["choices"],
        text_hash=body["text_hash"],
        by=casting.Voter(who.account_id, who.actor, device_of(request.user_agent.string)),
        now=now,
        key=idempotency_key(),
    )
    session = reading()
    number = queries.ballot_by_public_id(session, ballot_id).receipt_no
    return shown.receipt(session, queries.announced_vote(session, vote), who.account_id, number)


@blp.route("/<string:vote>/receipts/<string:receipt_no>", methods=["GET"])
@blp.response(200, BallotReceiptOut)
def receipt(vote: str, receipt_no: str) -> shown.Receipt:
    """A receipt of the caller's own line, with its place in the audit chain once sealed."""
    session, who = reading(), identity()
    with refusals.on_record(vote, None, actor=who.actor, now=clock.now(), what="receipt"):
        return shown.receipt(session, queries.announced_vote(session, vote), who.account_id, receipt_no)


@blp.route("/<string:vote>/receipts/<string:receipt_no>/opening", methods=["GET"])
@blp.response(200, OpeningOut)
def opening(vote: str, receipt_no: str) -> dict[str, Any]:
    """One's own counted ballot with its salt, once the result is out, to hold against the public bundle."""
    return bundles.own_opening(vote, receipt_no, account_id=identity().account_id)
