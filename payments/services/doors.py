"""Which doors have paid what their estate collects now: as a leader may see it, and as staff who take money need it."""

from sqlalchemy.orm import Session

from payments import queries
from payments.contributions import queries as budgets
from payments.contributions.models import Budget
from payments.models import Collection
from payments.publications import queries as published
from payments.queries.steps import in_order_of_payment
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
    return stand | in_groups(in_order_of_payment(session, estate_id, paid - stand))


def _met(session: Session, collection: Collection, budget: Budget) -> dict[int, int]:
    """Dwelling -> what it bears, of those that bear something and have paid all of it."""
    dues = budgets.dues_of(session, budget.id)
    came = budgets.counted(session, collection.id, dues)
    return {home: fen for home, fen in dues.items() if 0 < fen <= came.get(home, 0)}
