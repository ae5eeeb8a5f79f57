"""Which payments a batch of a kind would send back now, how much of each, and by which road."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel.clock import china_day
from kernel.money import Fen
from payments.contributions.services.contributing import over_by_home
from payments.models import Collection
from payments.refunds.batches import queries
from payments.rollover import queries as rollover
from payments.rules.batch import CONTRIBUTED, BatchKind, Payment, must_not_be_kept, overpaid, split
from payments.rules.channel import is_desk
from payments.rules.giving_back import Road, road_for, road_reason


def planned(
    session: Session, collection: Collection, kind: BatchKind, total_fen: Fen | None, *, now: datetime
) -> list[tuple[Payment, Fen]]:
    """The payments and parts of a batch. Raises Invalid, Conflict (the payers are being asked what they want)."""
    if kind in CONTRIBUTED:
        held, spare = queries.contributions_held(session, collection.id), queries.not_spent(session, collection.id)
        if kind is BatchKind.OVERPAID:
            return overpaid(over_by_home(session, collection), held, not_spent_fen=spare)
        return split(kind, total_fen, held, not_spent_fen=spare)
    held = queries.deposits_held(session, collection.id)
    if kind is BatchKind.NOT_LISTED:
        must_not_be_kept(False, rollover.open_question(session, collection.id) is not None)
        kept = kept_of(session, collection, now=now)
        held = [one for one in held if one.deposit_id not in kept]
    elif kind is BatchKind.DUPLICATE:
        twice = queries.paid_both_ways(session, collection.id)
        held = [one for one in held if one.deposit_id in twice]
    return split(kind, total_fen, held)


def kept_of(session: Session, collection: Collection, *, now: datetime) -> set[int]:
    """Deposits whose payers said, when asked last, that they stay for a plan that is still to come. Silence is none:
    nobody's money is rolled over because he said nothing (DOMAIN §3.5).
    """
    return rollover.kept_for(session, collection.id, since_year=china_day(now).year)


@dataclass(frozen=True)
class Way:
    """The road a payment goes back on by the rule of today, and why."""

    road: Road
    why: str


def ways(session: Session, deposit_ids: Sequence[int], *, now: datetime) -> dict[int, Way]:
    """Deposit -> the road that is open for it."""
    when, found = queries.paid_when(session, deposit_ids), {}
    for deposit_id in deposit_ids:
        channel, paid_at = when.get(deposit_id, ("", None))
        desk = paid_at is not None and is_desk(channel)
        found[deposit_id] = Way(road_for(paid_at, now=now, desk=desk), road_reason(paid_at, now=now, desk=desk))
    return found
