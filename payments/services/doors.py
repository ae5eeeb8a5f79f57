"""Which doors have paid what their estate collects now: as a leader may see it, and as staff who take money need it."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.places.models import Dwelling
from payments import queries
from payments.contributions import queries as budgets
from payments.contributions.models import Budget
from payments.models import Collection, Deposit
from payments.publications import queries as published
from payments.rules.gate import in_groups


def paid_doors(session: Session, estate_id: int) -> set[int]:
    """Inner ids of the dwellings that have paid: a deposit, or all they bear once shares are published.

    Who bears nothing is not among them: a door that turns at once would say who is let off.
    """
    collection = queries.collection_of(session, estate_id)
    budget = budgets.current_budget(session, collection.id) if collection else None
    if collection is None or budget is None:
        return queries.paid_dwellings(session, estate_id)
    return set(_met(session, collection, budget))


def shown_as_paid(session: Session, estate_id: int) -> set[int]:
    """The same as a leader sees it: as of the last published books, and newer ones five of a building at a time.

    Whoever notes each day which door has turned finds at least five (or a whole week's) that may be a row of the books.
    """
    collection = queries.collection_of(session, estate_id)
    budget = budgets.current_budget(session, collection.id) if collection else None
    given = published.given_in_estate(session, estate_id)
    if collection is None or budget is None:
        paid, stand = queries.paid_dwellings(session, estate_id), set(given)
    else:
        due = _met(session, collection, budget)
        paid, stand = set(due), {home for home, fen in due.items() if given.get(home, 0) >= fen}
    return stand | in_groups(_in_order(session, estate_id, paid - stand))


def _met(session: Session, collection: Collection, budget: Budget) -> dict[int, int]:
    """Dwelling -> what it bears, of those that bear something and have paid all of it."""
    dues = budgets.dues_of(session, budget.id)
    came = budgets.counted(session, collection.id, dues)
    return {home: fen for home, fen in dues.items() if 0 < fen <= came.get(home, 0)}


def _in_order(session: Session, estate_id: int, homes: set[int]) -> list[tuple[int, int]]:
    """(building, dwelling) of some dwellings in the order of their last payment."""
    if not homes:
        return []
    last = sa.func.max(Deposit.paid_at)
    rows = session.execute(
        sa.select(Dwelling.building_id, Dwelling.id)
        .join(Deposit, Deposit.dwelling_id == Dwelling.id)
        .where(Dwelling.estate_id == estate_id, Deposit.paid_at.is_not(None))
        .group_by(Dwelling.building_id, Dwelling.id)
        .order_by(last, Dwelling.id)
    )
    return [(building, home) for building, home in rows if home in homes]
