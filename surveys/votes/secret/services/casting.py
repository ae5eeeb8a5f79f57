"""Taking an envelope: bound to its roll line, kept for good; the last one of a line counts while voting is open."""

from datetime import datetime

import sqlalchemy as sa

from kernel import audit, idempotency, outbox
from kernel.database import new_public_id, reading, transaction, translating, use_case
from kernel.errors import Conflict, NotFound
from kernel.idempotency import Key
from surveys.votes import queries
from surveys.votes.models import Ballot, Channel, CountedBallot, Vote
from surveys.votes.rules import ballot, envelope, roll
from surveys.votes.rules.ballot import Standing
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.lifecycle import State
from surveys.votes.secret import queries as secret
from surveys.votes.secret.models import EnvelopeHash
from surveys.votes.services.casting import Voter, new_receipt_no
from surveys.votes.services.papers import papers_of


@use_case
def cast(
    vote_id: str,
    line_id: str,
    sealed: bytes,
    *,
    text_hash: str,
    by: Voter,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Take the envelope of a roll line; gives the ballot's public id. A later one of the same line replaces it.

    ``sealed``: the envelope as the phone made it; what is inside nobody here can see. Raises NotFound (another
    household's line), NotAllowed (not verified), Conflict (not open, text changed, an envelope that was cast already,
    a named vote), Invalid (not an envelope of this ballot paper).
    """
    session = reading()
    done = idempotency.recall(session, key)
    if done:
        return done
    vote = queries.announced_vote(session, vote_id)
    secret.must_be_secret(session, vote.id)
    line = queries.line_by_public_id(session, vote.id, line_id)
    if line is None:
        raise NotFound("no-such-line", "名册上没有找到您的这一票。请从自家门上的二维码进来再试。")
    claims = queries.claims_of(session, by.account_id)
    claim = roll.must_be_on_it(line.value, [each for each, _, _ in claims], Electorate(vote.electorate))
    _, dwelling_id, person_id = next(each for each in claims if each[0] is claim)
    _standing(vote, now)
    if text_hash != vote.text_hash:
        raise Conflict("text-changed", "选票的内容和您看到的不一样。请刷新页面，看清楚再投。")
    envelope.check_outside(sealed, papers_of(session, vote.id))
    sha256 = envelope.hash_of(sealed)
    public_id, receipt_no = new_public_id(), new_receipt_no()

    # READ COMMITTED with the line held: whoever waits for the line sees the envelope before his and replaces it.
    with transaction() as session:
        idempotency.remember(session, key, public_id, now=now)
        vote = queries.vote_for_share(session, vote_id)
        standing = _standing(vote, now)
        secret.lock_line(session, line.id)
        entry = audit.record(
            session,
            actor=by.actor,
            action="ballot.cast",
            subject=f"ballot:{public_id}",
            now=now,
            payload={
                "vote": vote.public_id,
                "line": line.public_id,
                "receipt_no": receipt_no,
                "standing": str(standing),
                "text_hash": text_hash,
                "envelope_sha256": sha256,
            },
        )
        ballot_id = session.execute(
            sa.insert(Ballot)
            .values(
                public_id=public_id,
                vote_id=vote.id,
                roll_line_id=line.id,
                dwelling_id=dwelling_id,
                account_id=by.account_id,
                person_id=person_id,
                channel=str(Channel.PHONE),
                standing=str(standing),
                cast_at=now,
                receipt_no=receipt_no,
                text_hash=text_hash,
                choices_sealed=sealed,
                audit_hash=entry.row_hash,
            )
            .returning(Ballot.id)
        ).scalar_one()
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
        outbox.stage(session, "ballot.cast", {"vote": vote.public_id, "ballot": public_id}, now=now)
        return public_id


def _standing(vote: Vote, now: datetime) -> Standing:
    return ballot.standing(
        state=State(vote.state), opens_at=vote.opened_at, closes_at=vote.closes_at, now=now, already_cast=False
    )


def _seen() -> Conflict:
    return Conflict("envelope-seen", "这个信封已经投过了。请刷新页面，重新选、重新投。")
