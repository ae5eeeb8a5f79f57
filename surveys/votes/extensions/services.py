"""Extending a vote that runs."""

from datetime import datetime

from kernel import audit, idempotency, outbox
from kernel.database import transaction, use_case
from kernel.idempotency import Key
from surveys.votes import queries
from surveys.votes.extensions.models import VoteExtension
from surveys.votes.extensions.queries import extensions_of
from surveys.votes.rules import extensions as rules
from surveys.votes.rules.lifecycle import State
from surveys.votes.services.preparing import CLOSE_DUE, Staff, must_manage

EXTENDED = "vote.extended"
"""{vote, number}: everyone on the roll is told of the new instant."""


@use_case
def extend(
    vote_id: str,
    *,
    reason: str,
    decided_by: str,
    by: Staff,
    now: datetime,
    days: int | None = None,
    until: datetime | None = None,
    key: Key | None = None,
) -> str:
    """Put the closing off by ``days`` or ``until`` an instant; same motions, same roll. Gives the vote's public id.

    Waits for ballots in flight: what arrived before is judged by the old instant, what comes after by the new one.
    Raises NotAllowed, Conflict (does not run, or its instant has come), Invalid (no longer, or too long).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_update(session, vote_id)
        must_manage(session, by, queries.place_of(session, vote), now)
        made = rules.extended(
            state=State(vote.state),
            opened_at=vote.opened_at,
            closes_at=vote.closes_at,
            now=now,
            days=days,
            until=until,
        )
        assert vote.closes_at is not None
        number = len(extensions_of(session, vote.id)) + 1
        session.add(
            VoteExtension(
                vote_id=vote.id,
                number=number,
                old_closes_at=vote.closes_at,
                new_closes_at=made.closes_at,
                decided_by=decided_by,
                reason=reason,
                extended_at=now,
                extended_by=by.actor,
            )
        )
        old, vote.closes_at = vote.closes_at, made.closes_at
        vote.provisional = vote.provisional or made.provisional
        session.flush()
        audit.record(
            session,
            actor=by.actor,
            action="vote.extended",
            subject=f"vote:{vote.public_id}",
            now=now,
            payload={
                "number": number,
                "old_closes_at": old.isoformat(),
                "new_closes_at": made.closes_at.isoformat(),
                "decided_by": decided_by,
                "reason": reason,
            },
        )
        outbox.stage(session, CLOSE_DUE, {"vote": vote.public_id}, now=now, due_at=made.closes_at)
        outbox.stage(session, EXTENDED, {"vote": vote.public_id, "number": number}, now=now)
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id
