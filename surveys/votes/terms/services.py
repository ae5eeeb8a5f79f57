"""Setting a vote's terms while it is a draft."""

from datetime import datetime

from kernel import audit, idempotency
from kernel.database import transaction, use_case
from kernel.errors import Conflict
from kernel.idempotency import Key
from surveys.votes import queries
from surveys.votes.rules import terms as rules
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.terms import Terms
from surveys.votes.services.preparing import Staff, must_manage
from surveys.votes.terms.queries import is_owners, is_secret, keep_terms


@use_case
def set_terms(vote_id: str, terms: Terms, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Set how a draft will be cast; gives the vote's public id. Raises NotAllowed, Invalid, Conflict once announced."""
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_update(session, vote_id)
        must_manage(session, by, queries.place_of(session, vote), now)
        if vote.state != State.DRAFT:
            raise Conflict("announced", "公告已经发布，投票办法不能再改。")
        rules.check(terms, secret=is_secret(session, vote), owners=is_owners(vote))
        values = keep_terms(session, vote, terms)
        audit.record(
            session, actor=by.actor, action="vote.terms", subject=f"vote:{vote.public_id}", now=now, payload=values
        )
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id
