"""Which payments a batch of a kind would send back now, and how much of each."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel.clock import china_day
from kernel.money import Fen
from payments.contributions import queries as contributions
from payments.models import Collection
from payments.refunds.batches import queries
from payments.rollover import queries as rollover
from payments.rules.batch import CONTRIBUTED, BatchKind, Payment, must_not_be_kept, overpaid, split


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


def over_by_home(session: Session, collection: Collection, dwelling_id: int | None = None) -> dict[int, Fen]:
    """Dwelling -> what was contributed beyond its share and not asked back yet; without those where nothing is."""
    budget = contributions.current_budget(session, collection.id)
    if budget is None:
        return {}
    dues = contributions.dues_of(session, budget.id)
    paid = contributions.counted(session, collection.id, dues, dwelling_id=dwelling_id)
    asked = contributions.surplus_asked(session, collection.id)
    over = {home: fen - dues.get(home, 0) - asked.get(home, 0) for home, fen in paid.items()}
    return {home: fen for home, fen in over.items() if fen > 0}
