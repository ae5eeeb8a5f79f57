"""The street's API of adopted rules: entering, confirming, withdrawing, and a draft that counts silence by them."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, require_grant
from surveys.votes import queries
from surveys.votes.bylaws import queries as bylaws
from surveys.votes.bylaws import services as filing
from surveys.votes.bylaws.models import Bylaws
from surveys.votes.bylaws.schemas import BylawsIn, BylawsOrderIn, BylawsOut, BylawsWithdrawnIn, SilenceIn
from surveys.votes.bylaws.services import NewBylaws
from surveys.votes.callers import staff
from surveys.votes.schemas import VoteOut
from surveys.votes.services import preparing
from surveys.votes.services import reading as shown

blp = Api(
    "vote_bylaws",
    __name__,
    guard=require_grant(preparing.MANAGE),
    url_prefix="/api/v1",
    description="Adopted rules of owners' assemblies, on file.",
)


def _shown(bylaws_id: str) -> Bylaws:
    found, _ = bylaws.bylaws_by_public_id(reading(), bylaws_id)
    return found


@blp.route("/bylaws", methods=["POST"])
@blp.arguments(BylawsIn)
@blp.response(201, BylawsOut)
def enter(body: dict[str, Any]) -> Bylaws:
    """Put adopted rules on file; another officer confirms them."""
    new = NewBylaws(**{**body, "evidence": tuple(body["evidence"])})
    return _shown(filing.enter(new, by=staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/bylaws/<string:bylaws_id>/confirmation", methods=["POST"])
@blp.arguments(BylawsOrderIn)
@blp.response(200, BylawsOut)
def confirm(_body: dict[str, Any], bylaws_id: str) -> Bylaws:
    """Say that the entry is as the paper reads; not by who entered it."""
    return _shown(filing.confirm(bylaws_id, by=staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/bylaws/<string:bylaws_id>/withdrawal", methods=["POST"])
@blp.arguments(BylawsWithdrawnIn)
@blp.response(200, BylawsOut)
def withdraw(body: dict[str, Any], bylaws_id: str) -> Bylaws:
    """Take rules off file; votes announced with them keep them."""
    return _shown(filing.withdraw(bylaws_id, body["reason"], by=staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/votes/<string:vote>/silence", methods=["POST"])
@blp.arguments(SilenceIn)
@blp.response(200, VoteOut)
def count_silence(body: dict[str, Any], vote: str) -> shown.Notice:
    """Let a draft count silence by adopted rules, or no longer."""
    filing.count_silence(vote, body["bylaws"] or None, by=staff(), now=clock.now(), key=idempotency_key())
    session = reading()
    return shown.notice(session, queries.vote_by_public_id(session, vote))
