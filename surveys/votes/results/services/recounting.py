"""Counting again: what was published before stays beside it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import idempotency, outbox
from kernel.database import transaction, use_case
from kernel.errors import Conflict
from kernel.idempotency import Key
from surveys.votes import queries
from surveys.votes.models import Vote
from surveys.votes.results import queries as results
from surveys.votes.results import rules
from surveys.votes.results.models import ResultRecount
from surveys.votes.results.rules import Stage
from surveys.votes.results.services.objecting import record
from surveys.votes.rules import periods
from surveys.votes.secret import queries as secret
from surveys.votes.secret.services import opening
from surveys.votes.services import counting
from surveys.votes.services.preparing import Staff, must_manage


def counted_now(session: Session, vote: Vote) -> dict[str, Any]:
    """The result as the ballots, or the numbers the trustees opened, give it now. Raises Conflict (roll changed)."""
    if secret.key_of(session, vote.id) is not None:
        return opening.recounted(session, vote)
    return counting.recounted(session, vote)


def count_again(session: Session, vote: Vote, reason: str, *, by: Staff, now: datetime) -> None:
    """Count a vote again and keep the document beside the ones before, in the caller's transaction, audited.

    A result that differs is published anew for its days, whatever changed it: a roll, a ballot or a lot.
    """
    before = queries.result_of(session, vote.id)
    assert before is not None
    document = counted_now(session, vote)
    made = ResultRecount(
        vote_id=vote.id,
        number=len(results.recounts_of(session, vote.id)) + 1,
        document=document,
        tally_hash=counting.tally_hash(document),
        reason=reason,
        changed=document != before.document,
        counted_at=now,
        counted_by=by.actor,
    )
    session.add(made)
    if made.changed:
        standing = results.standing_for_update(session, vote.id)
        days = results.publicity_days(session, vote.id)
        ends_at, provisional = periods.opening(now, notice_days=days)
        if ends_at > standing.ends_at:
            standing.ends_at, standing.provisional = ends_at, provisional
            outbox.stage(session, rules.PUBLICITY_OVER, {"vote": vote.public_id}, now=now, due_at=ends_at)
    record(
        session,
        vote,
        "vote.recounted",
        by.actor,
        now,
        {"number": made.number, "tally_hash": made.tally_hash, "changed": made.changed},
    )
    outbox.stage(
        session, "vote.recounted", {"vote": vote.public_id, "number": made.number, "changed": made.changed}, now=now
    )


@use_case
def recount(vote_id: str, reason: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Count again, with the reason; the result that differs is published anew for its days. Gives the vote.

    Both documents are kept. Raises NotAllowed, Conflict (no result, final already, roll changed).
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_update(session, vote_id)
        must_manage(session, by, queries.place_of(session, vote), now)
        standing = results.standing_for_update(session, vote.id)
        if standing.stage == Stage.FINAL:
            raise Conflict("final-already", "结果已经确认为最终结果，不能再重新计票。")
        count_again(session, vote, reason, by=by, now=now)
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id
