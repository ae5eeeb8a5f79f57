"""City's and districts' API of local rules, and the street's order that brings a draft in line with them."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, require_grant
from surveys.votes import queries
from surveys.votes.callers import staff
from surveys.votes.local_rules.models import LocalRule
from surveys.votes.local_rules.queries import rule_by_public_id
from surveys.votes.local_rules.schemas import LocalRuleEndIn, LocalRuleIn, LocalRuleOrderIn, LocalRuleOut
from surveys.votes.local_rules.services import filing
from surveys.votes.local_rules.services.filing import NewLocalRule
from surveys.votes.schemas import VoteOrderIn, VoteOut
from surveys.votes.services import preparing
from surveys.votes.services import reading as shown

blp = Api(
    "vote_local_rules",
    __name__,
    guard=require_grant(filing.KEEP),
    url_prefix="/api/v1/local-rules",
    description="What a city or district lays down for votes, dated, with its document.",
)
drafts = Api(
    "vote_local_rules_drafts",
    __name__,
    guard=require_grant(preparing.MANAGE),
    url_prefix="/api/v1/votes",
    description="Bringing a draft in line with local rules.",
)


def _shown(rule_id: str) -> LocalRule:
    found, _ = rule_by_public_id(reading(), rule_id)
    return found


@blp.route("", methods=["POST"])
@blp.arguments(LocalRuleIn)
@blp.response(201, LocalRuleOut)
def enter(body: dict[str, Any]) -> LocalRule:
    """Enter a local rule; another officer confirms it."""
    return _shown(filing.enter(NewLocalRule(**body), by=staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/<string:rule>/confirmation", methods=["POST"])
@blp.arguments(LocalRuleOrderIn)
@blp.response(200, LocalRuleOut)
def confirm(_body: dict[str, Any], rule: str) -> LocalRule:
    """Say that the entry is as the document reads; not by who entered it."""
    return _shown(filing.confirm(rule, by=staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/<string:rule>/end", methods=["POST"])
@blp.arguments(LocalRuleEndIn)
@blp.response(200, LocalRuleOut)
def take_off(body: dict[str, Any], rule: str) -> LocalRule:
    """Take an entry off: asked by one officer, agreed by another; one that nobody confirmed, at once."""
    return _shown(filing.take_off(rule, body["reason"], by=staff(), now=clock.now(), key=idempotency_key()))


@drafts.route("/<string:vote>/local-rules", methods=["POST"])
@drafts.arguments(VoteOrderIn)
@drafts.response(200, VoteOut)
def conform(_body: dict[str, Any], vote: str) -> shown.Notice:
    """Change a draft where it does not keep what is laid down locally, and build its roll again."""
    filing.conform(vote, by=staff(), now=clock.now(), key=idempotency_key())
    session = reading()
    return shown.notice(session, queries.vote_by_public_id(session, vote))
