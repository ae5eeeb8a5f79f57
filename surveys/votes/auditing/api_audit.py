"""The auditor's API: the bundle with every choice, and the table of weights, with a reason that stays on record."""

import json
from typing import Any

from kernel import clock
from kernel.web import Api, idempotency_key, require_grant
from surveys.votes.auditing.schemas import AuditFileOut
from surveys.votes.callers import staff
from surveys.votes.schemas import BallotAuditIn
from surveys.votes.services import bundles, weights

blp = Api(
    "votes_auditing",
    __name__,
    guard=require_grant("vote.audit"),
    url_prefix="/api/v1/votes",
    description="Files of a finished vote for an auditor; each look is on record with its reason.",
)


@blp.route("/<string:vote>/audit/bundle", methods=["POST"])
@blp.arguments(BallotAuditIn)
@blp.response(200, AuditFileOut)
def bundle(body: dict[str, Any], vote: str) -> dict[str, str]:
    """The bundle with every choice, for ``python -m surveys.votes.verify``.

    Changes nothing but the record, so a call repeated with its key is one more look.
    """
    idempotency_key()
    made = bundles.auditor_bundle(vote, by=staff(), reason=body["reason"], now=clock.now())
    content = json.dumps(made, ensure_ascii=False, indent=1)
    return {"name": f"vote-{vote}-auditor.json", "type": "application/json", "content": content}


@blp.route("/<string:vote>/audit/weights", methods=["POST"])
@blp.arguments(BallotAuditIn)
@blp.response(200, AuditFileOut)
def weighted(body: dict[str, Any], vote: str) -> dict[str, str]:
    """The table of weights and choices (CSV), for other tally tools. A repeated call is one more look."""
    idempotency_key()
    content = weights.weighted_csv(vote, by=staff(), reason=body["reason"], now=clock.now())
    return {"name": f"vote-{vote}-weights.csv", "type": "text/csv", "content": content}
