"""Every select over secret elections."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import Conflict
from surveys.votes.models import Ballot, CountedBallot, RollLine
from surveys.votes.secret.models import ElectionKey, EnvelopeHash, SecretOpening


def key_of(session: Session, vote_id: int) -> ElectionKey | None:
    """The key of a secret vote; None for a named one."""
    return session.get(ElectionKey, vote_id)


def must_be_named(session: Session, vote_id: int) -> None:
    """Raises Conflict for a secret vote: its ballots are envelopes this server cannot open."""
    if key_of(session, vote_id) is not None:
        raise Conflict("secret-vote", "这是无记名投票，选票只能由保管人合起钥匙开箱，系统和工作人员都看不到。")


def must_be_secret(session: Session, vote_id: int) -> ElectionKey:
    """The key of a secret vote. Raises Conflict for a named one."""
    key = key_of(session, vote_id)
    if key is None:
        raise Conflict("named-vote", "这次表决是记名的，没有信封。")
    return key


def lock_line(session: Session, line_id: int) -> None:
    """Hold a roll line, so that of two envelopes at once one is clearly the last."""
    session.execute(for_update(sa.select(RollLine.id).where(RollLine.id == line_id)))


def envelope_hash(session: Session, ballot_id: int) -> str | None:
    """The hash of a ballot's envelope; None for a named ballot."""
    return session.scalar(sa.select(EnvelopeHash.sha256).where(EnvelopeHash.ballot_id == ballot_id))


def counted_envelopes(session: Session, vote_id: int) -> list[bytes]:
    """The last envelope of every line, without the line, sorted by hash: their order says nothing."""
    return [
        bytes(sealed)
        for sealed in session.scalars(
            sa.select(Ballot.choices_sealed)
            .join(CountedBallot, CountedBallot.ballot_id == Ballot.id)
            .join(EnvelopeHash, EnvelopeHash.ballot_id == Ballot.id)
            .where(CountedBallot.vote_id == vote_id)
            .order_by(EnvelopeHash.sha256)
        )
    ]


def counted_hashes(session: Session, vote_id: int) -> list[str]:
    """The hashes of the envelopes that count, sorted."""
    return list(
        session.scalars(
            sa.select(EnvelopeHash.sha256)
            .join(CountedBallot, CountedBallot.ballot_id == EnvelopeHash.ballot_id)
            .where(CountedBallot.vote_id == vote_id)
            .order_by(EnvelopeHash.sha256)
        )
    )


def counted_lines(session: Session, vote_id: int) -> Sequence[int]:
    """The numbers of the lines that took part, sorted."""
    return session.scalars(
        sa.select(RollLine.number)
        .join(CountedBallot, CountedBallot.roll_line_id == RollLine.id)
        .where(CountedBallot.vote_id == vote_id)
        .order_by(RollLine.number)
    ).all()


def opening_of(session: Session, vote_id: int) -> SecretOpening | None:
    """What the trustees opened, or None before."""
    return session.get(SecretOpening, vote_id)


def counts(session: Session, ballot_id: int) -> bool:
    """Whether this ballot is the one of its line that counts."""
    return session.scalar(sa.select(sa.exists().where(CountedBallot.ballot_id == ballot_id))) or False
