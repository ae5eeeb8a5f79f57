"""Taking an envelope: bound to its roll line, kept for good; the last one of a line counts while voting is open."""

from datetime import datetime

import sqlalchemy as sa

from kernel import idempotency
from kernel.database import new_public_id, reading, transaction, translating, use_case
from kernel.errors import Conflict
from kernel.idempotency import Key
from surveys.votes import queries
from surveys.votes.models import CountedBallot
from surveys.votes.rules import envelope
from surveys.votes.rules.ballot import Standing
from surveys.votes.secret import queries as secret
from surveys.votes.secret.models import EnvelopeHash
from surveys.votes.services import helping, keeping, refusals
from surveys.votes.services.casting import Voter, line_for, must_be_the_text, standing_of
from surveys.votes.services.helping import Helped
from surveys.votes.services.keeping import Sealed
from surveys.votes.services.papers import papers_of


def cast(
    vote_id: str,
    line_id: str,
    sealed: bytes,
    *,
    text_hash: str,
    by: Voter | Helped,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Take the envelope of a roll line; gives the ballot's public id. A later one of the same line replaces it.

    ``sealed``: the envelope as the phone made it; what is inside nobody here can see. Raises NotFound (another
    household's line), NotAllowed (not verified), Conflict (not open, text changed, an envelope that was cast already,
    a named vote), Invalid (not an envelope of this ballot paper). A refused try is put on record.
    """
    with refusals.on_record(vote_id, line_id, actor=by.actor, now=now):
        return _cast(vote_id, line_id, sealed, text_hash=text_hash, by=by, now=now, key=key)


@use_case
def _cast(
    vote_id: str, line_id: str, sealed: bytes, *, text_hash: str, by: Voter | Helped, now: datetime, key: Key | None
) -> str:
    session = reading()
    done = idempotency.recall(session, key)
    if done:
        return done
    vote = queries.announced_vote(session, vote_id)
    secret.must_be_secret(session, vote.id)
    line, how = line_for(session, vote, line_id, by, now=now)
    standing_of(vote, now, already_cast=False)
    must_be_the_text(vote, text_hash)
    envelope.check_outside(sealed, papers_of(session, vote.id))
    sha256 = envelope.hash_of(sealed)
    made = Sealed(new_public_id(), keeping.new_receipt_no(), sealed)

    # READ COMMITTED with the line held: whoever waits for the line sees the envelope before his and replaces it.
    with transaction() as session:
        idempotency.remember(session, key, made.public_id, now=now)
        vote = queries.vote_for_share(session, vote_id)
        standing = standing_of(vote, now, already_cast=False)
        secret.lock_line(session, line.id)
        ballot_id = keeping.add(
            session,
            vote,
            (line.id, line.public_id),
            made,
            how=how,
            standing=standing,
            received_at=now,
            now=now,
            hashed={"envelope_sha256": sha256},
        )
        if isinstance(by, Helped):
            helping.bind(session, (ballot_id, made.public_id), by, queries.place_of(session, vote), now=now)
        with translating({"envelope_hash_once_a_vote": _seen()}):
            session.execute(sa.insert(EnvelopeHash).values(ballot_id=ballot_id, vote_id=vote.id, sha256=sha256))
        if standing is Standing.VALID:
            counts = sa.update(CountedBallot).where(
                CountedBallot.vote_id == vote.id, CountedBallot.roll_line_id == line.id
            )
            if session.execute(counts.values(ballot_id=ballot_id)).rowcount == 0:  # type: ignore[attr-defined]
                session.execute(
                    sa.insert(CountedBallot).values(vote_id=vote.id, roll_line_id=line.id, ballot_id=ballot_id)
                )
        return made.public_id


def _seen() -> Conflict:
    return Conflict("envelope-seen", "这个信封已经投过了。请刷新页面，重新选、重新投。")
