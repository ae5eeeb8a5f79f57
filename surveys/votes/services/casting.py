"""Casting a ballot: once a line, sealed, with a receipt; late ones are kept and do not count."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, idempotency, outbox
from kernel.database import new_public_id, reading, transaction, translating, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, NotFound
from kernel.idempotency import Key
from kernel.places.rules import CROCKFORD
from surveys.votes import queries
from surveys.votes.models import Ballot, Channel, CountedBallot, Vote
from surveys.votes.rules import ballot, roll
from surveys.votes.rules.ballot import Paper, Standing
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.lifecycle import State
from surveys.votes.secret import queries as secret
from surveys.votes.services.papers import papers_of


@dataclass(frozen=True)
class Voter:
    """Who casts: the account that is signed in."""

    account_id: int
    actor: str


def choices_context(ballot_id: str) -> str:
    """What the seal of a ballot's choices is bound to."""
    return f"ballot.choices:{ballot_id}"


@use_case
def cast(
    vote_id: str,
    line_id: str,
    answers: Mapping[str, object],
    *,
    text_hash: str,
    by: Voter,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Cast the ballot of a roll line; gives the ballot's public id.

    ``answers``: motion id → choice word or list of candidate ids, for every motion; ``text_hash``: of the ballot text
    the voter read. ``now``: the application's clock at arrival; it alone decides what is late.
    Raises NotFound (another household's line), NotAllowed (not verified, not an owner), Conflict (not open, line
    already used, text changed), Invalid (not filled in properly).
    """
    # What cannot change under our hands (a frozen roll, a published text) or need not be the newest (a tie) is read
    # before the transaction: it stays short, and no two casters read what the other writes, which at SERIALIZABLE
    # would send most of them round again.
    session = reading()
    done = idempotency.recall(session, key)
    if done:
        return done
    vote = queries.announced_vote(session, vote_id)
    line = queries.line_by_public_id(session, vote.id, line_id)
    if line is None:
        raise NotFound("no-such-line", "名册上没有找到您的这一票。请从自家门上的二维码进来再试。")
    claims = queries.claims_of(session, by.account_id)
    claim = roll.must_be_on_it(line.value, [each for each, _, _ in claims], Electorate(vote.electorate))
    _, dwelling_id, person_id = next(each for each in claims if each[0] is claim)
    _standing(vote, now, already_cast=queries.has_ballot(session, line.id))
    if text_hash != vote.text_hash:
        raise Conflict("text-changed", "选票的内容和您看到的不一样。请刷新页面，看清楚再投。")
    papers = _papers(session, vote.id, text_hash)
    packed = ballot.pack(papers, ballot.check(papers, answers))
    public_id, receipt_no = new_public_id(), new_receipt_no()
    sealed = vault().seal(packed, context=choices_context(public_id))

    # The vote is held FOR SHARE: casters do not wait for each other, closing waits for all of them.
    with transaction(serializable=True) as session:
        # First of all the key: its twin waits here, is refused, and finds what this one made.
        idempotency.remember(session, key, public_id, now=now)
        vote = queries.vote_for_share(session, vote_id)
        standing = _standing(vote, now, already_cast=False)
        if standing is Standing.LATE:
            _standing(vote, now, already_cast=queries.has_ballot(session, line.id))
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
                "sealed_sha256": hashlib.sha256(sealed).hexdigest(),
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
        if standing is Standing.VALID:
            # Never looked up before: the constraint is the lock, and the first of two co-owners has it.
            with translating({"counted_ballot_one_a_line": ballot.used_already()}):
                session.execute(
                    sa.insert(CountedBallot).values(vote_id=vote.id, roll_line_id=line.id, ballot_id=ballot_id)
                )
        outbox.stage(session, "ballot.cast", {"vote": vote.public_id, "ballot": public_id}, now=now)
        return public_id


def _standing(vote: Vote, now: datetime, *, already_cast: bool) -> Standing:
    return ballot.standing(
        state=State(vote.state), opens_at=vote.opened_at, closes_at=vote.closes_at, now=now, already_cast=already_cast
    )


_kept_papers: dict[str, list[Paper]] = {}
MOST_KEPT = 64


def _papers(session: Session, vote_id: int, text_hash: str) -> list[Paper]:
    """The ballot paper of a published text, read once: its hash names it, in whichever city.

    Raises Conflict for a secret vote, which takes envelopes only.
    """
    papers = _kept_papers.get(text_hash)
    if papers is None:
        secret.must_be_named(session, vote_id)
        papers = papers_of(session, vote_id)
        if len(_kept_papers) >= MOST_KEPT:
            _kept_papers.clear()
        _kept_papers[text_hash] = papers
    return papers


def new_receipt_no() -> str:
    """Ten random characters people can read out; they say nothing of order, door or choice."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(10))
