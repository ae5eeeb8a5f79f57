"""Which doors have paid what their estate collects now: as a leader may see it, and as staff who take money need it."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from kernel.money import Fen
from payments import queries
from payments.contributions import queries as budgets
from payments.contributions.models import Budget
from payments.models import Collection
from payments.publications import queries as published
from payments.queries.totals import paid_dwellings
from payments.rules.disclosure import in_fives


def paid_doors(session: Session, estate_id: int) -> set[int]:
    """Inner ids of the dwellings that have paid: a deposit, or all they bear once shares are published.

    Who bears nothing is not among them: a door that turns at once would say who is let off.
    """
    collection = queries.collection_of(session, estate_id)
    budget = budgets.current_budget(session, collection.id) if collection else None
    if collection is None or budget is None:
        return paid_dwellings(session, estate_id)
    return set(_met(session, collection, budget))


def shown_as_paid(session: Session, estate_id: int) -> set[int]:
    """The same as a leader sees it: as of the last published books, at least five doors at once.

    A door whose payment was published by itself (it had waited a quarter) turns with four others of its kind.
    """
    collection = queries.collection_of(session, estate_id)
    budget = budgets.current_budget(session, collection.id) if collection else None
    given = published.given_in_estate(session, estate_id)
    has_paid = _paid_by(None if collection is None or budget is None else _met(session, collection, budget))
    turned = {one.dwelling_id for one in given if has_paid(one.dwelling_id, one.among_five_fen)}
    alone = [one.dwelling_id for one in given if has_paid(one.dwelling_id, one.fen)]
    return turned | in_fives([home for home in alone if home not in turned])


def _paid_by(dues: dict[int, Fen] | None) -> Callable[[int, Fen], bool]:
    """Has a home paid by giving so much: anything at all, or what it bears?"""
    if dues is None:
        return lambda _, fen: fen > 0
    return lambda home, fen: home in dues and fen >= dues[home]


def _met(session: Session, collection: Collection, budget: Budget) -> dict[int, Fen]:
    """Dwelling -> what it bears, of those that bear something and have paid all of it."""
    dues = budgets.dues_of(session, budget.id)
    came = budgets.counted(session, collection.id, dues)
    return {home: fen for home, fen in dues.items() if 0 < fen <= came.get(home, 0)}
