"""Keeping a ballot, however it came: its row in the log, its row, and which ballot of the line counts.

The callers hold the transaction and have checked who may cast. A ballot that is kept is never changed; which one of a
line counts is a row of its own, and the notice's rule (or the street) moves it.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, outbox
from kernel.database import insert_ignoring, new_public_id
from kernel.places.rules import CROCKFORD
from surveys.votes import queries
from surveys.votes.conflicts.models import BallotConflict
from surveys.votes.models import Ballot, CountedBallot, Vote
from surveys.votes.rules import ballot, roll
from surveys.votes.rules.ballot import Standing
from surveys.votes.rules.binding import Channel, Confirmation, Device
from surveys.votes.rules.conflicts import ConflictKind, ConflictState, Held, Winner, winner
from surveys.votes.terms.queries import terms_of

CAST = "ballot.cast"
"""{vote, ballot}: a line was used; those who share it are told."""
CONFLICT = "ballot.conflict"
"""{vote, ballot}: a ballot was kept beside another of its line; its voter is told which counts."""


@dataclass(frozen=True)
class How:
    """How a ballot came: ``account_id`` whose own phone, ``helper_id`` whose phone it was handed on; neither on paper.

    ``person``: the public id of the voter in the register, for the binding; ``person_id`` its inner one.
    """

    actor: str
    dwelling_id: int
    channel: Channel = Channel.PHONE
    device: Device = Device.UNKNOWN
    confirmed: Confirmation = Confirmation.OWN_PHONE
    account_id: int | None = None
    helper_id: int | None = None
    person_id: int | None = None
    person: str | None = None
    by_proxy: bool = False
    proxy_id: int | None = None


@dataclass(frozen=True)
class Sealed:
    """A ballot ready to be kept: its names, and the choices nobody can read."""

    public_id: str
    receipt_no: str
    choices: bytes


def new_receipt_no() -> str:
    """Ten random characters people can read out; they say nothing of order, door or choice."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(10))


def choices_context(ballot_id: str) -> str:
    """What the seal of a ballot's choices is bound to."""
    return f"ballot.choices:{ballot_id}"


def add(
    session: Session,
    vote: Vote,
    line: tuple[int, str],
    sealed: Sealed,
    *,
    how: How,
    standing: Standing,
    received_at: datetime,
    now: datetime,
    hashed: dict[str, str] | None = None,
) -> int:
    """Write a ballot with its row in the log, and tell the news; gives its inner id. Does not say whether it counts.

    ``line``: inner and public id. ``hashed``: what the log says of the sealed choices (by default their SHA-256).
    """
    entry = audit.record(
        session,
        actor=how.actor,
        action="ballot.cast",
        subject=f"ballot:{sealed.public_id}",
        now=now,
        payload={
            "vote": vote.public_id,
            "line": line[1],
            "receipt_no": sealed.receipt_no,
            "standing": str(standing),
            "text_hash": vote.text_hash,
            "channel": str(how.channel),
            "device": str(how.device),
            "confirmed": str(how.confirmed),
            "by_proxy": how.by_proxy,
            "person": roll.commitment(vote.public_id, how.person) if how.person else None,
            "received_at": received_at.isoformat(),
            **(hashed or {"sealed_sha256": hashlib.sha256(sealed.choices).hexdigest()}),
        },
    )
    ballot_id = session.execute(
        sa.insert(Ballot)
        .values(
            public_id=sealed.public_id,
            vote_id=vote.id,
            roll_line_id=line[0],
            dwelling_id=how.dwelling_id,
            account_id=how.account_id,
            person_id=how.person_id,
            channel=str(how.channel),
            device=str(how.device),
            confirmed=str(how.confirmed),
            by_proxy=how.by_proxy,
            helper_id=how.helper_id,
            standing=str(standing),
            cast_at=received_at,
            receipt_no=sealed.receipt_no,
            text_hash=vote.text_hash,
            choices_sealed=sealed.choices,
            audit_hash=entry.row_hash,
        )
        .returning(Ballot.id)
    ).scalar_one()
    outbox.stage(session, CAST, {"vote": vote.public_id, "ballot": sealed.public_id}, now=now)
    return ballot_id


def make_count(
    session: Session, vote: Vote, line_id: int, ballot_id: int, *, new: Held, actor: str, now: datetime
) -> bool:
    """Let a valid named ballot count, unless another of its line does: then the notice's rule says which.

    True when it counts now. Raises Conflict for a ballot by phone that could not count: a named vote is not recast.
    """
    # Never looked up before: the constraint is the lock, and the first of two co-owners has it.
    counts = insert_ignoring(session, CountedBallot).values(vote_id=vote.id, roll_line_id=line_id, ballot_id=ballot_id)
    counts = counts.on_conflict_do_nothing(index_elements=["vote_id", "roll_line_id"]).returning(CountedBallot.id)
    if session.execute(counts).scalar_one_or_none() is not None:
        return True
    counted = next(held for held in queries.held_on(session, line_id) if held.counts)
    found = judged(session, vote, counted, new)
    if found is None:
        raise ballot.used_already()
    if found is Winner.NEW:
        session.execute(
            sa.update(CountedBallot).where(CountedBallot.ballot_id == counted.id).values(ballot_id=ballot_id)
        )
    first, other = (ballot_id, counted.id) if found is Winner.NEW else (counted.id, ballot_id)
    conflict = BallotConflict(
        public_id=new_public_id(),
        vote_id=vote.id,
        roll_line_id=line_id,
        kind=ConflictKind.TWO_CHANNELS,
        state=ConflictState.OPEN if found is Winner.UNDECIDED else ConflictState.BY_RULE,
        ballot_id=first,
        other_id=other,
        raised_at=now,
        reason="",
        settled_why="",
    )
    session.add(conflict)
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="ballot.conflict",
        subject=f"conflict:{conflict.public_id}",
        now=now,
        payload={"vote": vote.public_id, "winner": str(found), "channel": new.channel},
    )
    outbox.stage(session, CONFLICT, {"vote": vote.public_id, "conflict": conflict.public_id}, now=now)
    return found is Winner.NEW


def judged(session: Session, vote: Vote, counted: queries.HeldBallot, new: Held) -> Winner | None:
    """Which of two valid ballots of a line counts; None for one by phone that is not kept, because it cannot count."""
    if counted.channel is Channel.PHONE and new.channel == Channel.PHONE:
        return None
    found = winner(terms_of(session, vote).clash, Held(str(counted.channel), counted.at), new)
    return None if found is Winner.COUNTED and new.channel == Channel.PHONE else found


def used(session: Session, vote: Vote, line_id: int, *, now: datetime) -> bool:
    """Is a line used, as far as a ballot by phone arriving ``now`` is concerned? A late one uses it, too; a line for
    which the street let nothing count may be used anew.
    """
    return _found(session, vote, line_id, now=now) is None


def would_count(session: Session, vote: Vote, line_id: int, *, now: datetime) -> bool:
    """Would a ballot by phone arriving ``now`` for a used line count in place of what is there?"""
    return _found(session, vote, line_id, now=now) is Winner.NEW


def _found(session: Session, vote: Vote, line_id: int, *, now: datetime) -> Winner | None:
    """Who wins when a ballot by phone arrives ``now``; None: it is not taken."""
    held = queries.held_on(session, line_id)
    counted = next((each for each in held if each.counts), None)
    if counted is None:
        return None if any(each.channel is Channel.PHONE and each.late for each in held) else Winner.NEW
    return judged(session, vote, counted, Held(str(Channel.PHONE), now))
