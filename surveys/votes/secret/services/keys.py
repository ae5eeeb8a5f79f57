"""Making a vote secret: the public key goes in with the draft and is fixed by the notice."""

from datetime import datetime

from kernel import audit, idempotency
from kernel.database import transaction, use_case
from kernel.errors import Conflict, Invalid
from kernel.idempotency import Key
from surveys.votes import queries
from surveys.votes.rules import envelope
from surveys.votes.rules.catalogue import Electorate, Form
from surveys.votes.rules.lifecycle import State
from surveys.votes.secret import queries as secret
from surveys.votes.secret.models import ElectionKey
from surveys.votes.services.papers import papers_of
from surveys.votes.services.preparing import Staff, must_manage


@use_case
def make_secret(vote_id: str, public_key: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Give a draft its election's public key (hex of a P-256 point); a second key replaces the first.

    Gives the vote's public id. Raises NotAllowed without a grant, Conflict once the notice is out, Invalid for
    something that is no key or a vote that has to be named (owners' motions: 民法典 §278 wants them named).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_update(session, vote_id)
        must_manage(session, by, queries.place_of(session, vote), now)
        if vote.state != State.DRAFT:
            raise Conflict("notice-is-out", "公告已经发布，投票方式不能再改。")
        papers = papers_of(session, vote.id)
        if vote.electorate == Electorate.OWNERS or any(paper.form is not Form.ELECTION for paper in papers):
            raise Invalid("must-be-named", "只有居民选举（如自管小组选举）可以无记名；业主表决要记名。")
        point = envelope.read_public_key(public_key)
        stored = secret.key_of(session, vote.id) or ElectionKey(vote_id=vote.id)
        stored.public_key, stored.fingerprint = point.hex(), envelope.fingerprint(point)
        session.add(stored)
        session.flush()
        audit.record(
            session,
            actor=by.actor,
            action="vote.made_secret",
            subject=f"vote:{vote.public_id}",
            now=now,
            payload={"fingerprint": stored.fingerprint},
        )
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id
