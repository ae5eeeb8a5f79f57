"""Building a roll from the register, freezing it, and proving that it is still the frozen one. Steps of use cases."""

import hashlib
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import new_public_id
from kernel.places.models import Place
from surveys.votes import queries
from surveys.votes.models import RollLine, RollLineDwelling, RollLineHolder, Vote
from surveys.votes.rolls import queries as rolls
from surveys.votes.rolls.models import RollSnapshot
from surveys.votes.rules import delegates, roll
from surveys.votes.rules import roll_changes as rules
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.roll import HeadcountMode


def build(session: Session, vote: Vote, place: Place, *, day: date) -> None:
    """Build the roll from the register of ``day`` and the vote's corrections, in place of what was there.

    Raises Invalid when nobody would stand on it or an area is missing.
    """
    electorate = Electorate(vote.electorate)
    registered = queries.voters_of(session, place, electorate, day)
    lines = roll.build(
        rules.corrected(registered.entries, rolls.overrides_of(session, vote.id)),
        electorate,
        headcount=HeadcountMode(vote.headcount),
        include_parking=vote.include_parking,
    )
    _drop(session, vote.id)
    ids = session.scalars(
        sa.insert(RollLine).returning(RollLine.id, sort_by_parameter_order=True),
        [
            {
                "public_id": new_public_id(),
                "vote_id": vote.id,
                "number": line.number,
                "kind": str(line.kind),
                "heads": line.heads,
                "area_dm2": line.area_dm2,
            }
            for line in lines
        ],
    ).all()
    doors = [
        {
            "roll_line_id": line_id,
            "dwelling_id": registered.dwelling_ids[dwelling],
            "vote_id": vote.id,
            "label": label,
        }
        for line_id, line in zip(ids, lines, strict=True)
        for dwelling, label in zip(line.dwellings, line.labels, strict=True)
    ]
    session.execute(sa.insert(RollLineDwelling), doors)
    holders = [
        {"roll_line_id": line_id, "person_id": registered.person_ids[person]}
        for line_id, line in zip(ids, lines, strict=True)
        for person in line.holders
    ]
    if holders:
        session.execute(sa.insert(RollLineHolder), holders)
    sums = roll.totals(lines)
    vote.roll_heads, vote.roll_area_dm2, vote.roll_dwellings = sums.heads, sums.area_dm2, sums.dwellings
    session.flush()


def _drop(session: Session, vote_id: int) -> None:
    lines = rolls.lines_of(vote_id)
    session.execute(sa.delete(RollLineHolder).where(RollLineHolder.roll_line_id.in_(lines)))
    session.execute(sa.delete(RollLineDwelling).where(RollLineDwelling.vote_id == vote_id))
    session.execute(sa.delete(RollLine).where(RollLine.vote_id == vote_id))


def freeze(session: Session, vote: Vote) -> str:
    """Keep the roll as it stands, for good; gives its hash, which the vote carries from now on."""
    canonical = roll.canonical(vote.public_id, [line.value for line in queries.roll_of(session, vote.id)])
    session.add(RollSnapshot(vote_id=vote.id, canonical=canonical))
    vote.roll_hash = hashlib.sha256(canonical).hexdigest()
    return vote.roll_hash


def must_be_of_today(session: Session, vote: Vote, place: Place, *, day: date) -> None:
    """Raises Conflict when the roll of residents' representatives no longer is their list. Other rolls: the register
    of the day they were built is theirs, and a sale since is an amendment.
    """
    if vote.electorate != Electorate.REPRESENTATIVES:
        return
    registered = queries.voters_of(session, place, Electorate.REPRESENTATIVES, day)
    entries = rules.corrected(registered.entries, rolls.overrides_of(session, vote.id))
    today = {holder.person for entry in entries for holder in entry.holders}
    lines = queries.roll_of(session, vote.id)
    delegates.must_be_current({person for line in lines for person in line.value.holders}, today)


def is_intact(session: Session, vote: Vote) -> bool:
    """Whether the roll of today is the frozen one with its amendments, and nothing else."""
    canonical = rolls.snapshot_of(session, vote.id)
    if canonical is None or hashlib.sha256(canonical).hexdigest() != vote.roll_hash:
        return False
    amended = [change.rows for change in rolls.amendments_of(session, vote.id)]
    lines = [line.value for line in queries.roll_of(session, vote.id)]
    sums = roll.totals(lines)
    return rules.replayed(rolls.frozen_rows(canonical), amended) == roll.canonical_rows(vote.public_id, lines) and (
        vote.roll_heads,
        vote.roll_area_dm2,
    ) == (sums.heads, sums.area_dm2)


def published_roll(session: Session, vote: Vote) -> dict[str, object]:
    """The frozen roll of a vote with its amendments, for the public bundle: hash, frozen rows, and of each amendment
    its number, kind, effect, reason and the rows as they stand after it.
    """
    canonical = rolls.snapshot_of(session, vote.id)
    assert canonical is not None
    return {
        "hash": vote.roll_hash,
        "lines": rolls.frozen_rows(canonical),
        "amendments": [
            {
                "number": change.number,
                "kind": change.kind,
                "effect": change.effect,
                "reason": change.reason,
                "lines": change.rows,
            }
            for change in rolls.amendments_of(session, vote.id)
        ],
    }
