"""Which doors have paid what their estate collects now: as a leader may see it, and as staff who take money need it."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from kernel.money import Fen
from payments import queries
from payments.contributions import queries as budgets
from payments.contributions.models import Budget
from payments.publications import queries as published
from payments.queries.totals import paid_dwellings
from payments.rules.disclosure import in_fives


def paid_doors(session: Session, estate_ids: Sequence[int]) -> set[int]:
    """Inner ids of the dwellings of some estates that have paid: a deposit, or all they bear once shares are published.

    Who bears nothing is not among them: a door that turns at once would say who is let off.
    """
    shares = _shares(session, estate_ids)
    paid = paid_dwellings(session, *(each for each in estate_ids if each not in shares))
    return paid.union(*(_met(session, budget) for budget in shares.values()))


def shown_as_paid(session: Session, estate_ids: Sequence[int]) -> set[int]:
    """The same as a leader sees it: as of the last published books, at least five doors of an estate at once.

    A door whose payment or refund was published by itself (it had waited a quarter) turns with four others that turn
    the same way.
    """
    shares = _shares(session, estate_ids)
    shown: set[int] = set()
    for estate_id, given in published.given_by_estate(session, estate_ids).items():
        budget = shares.get(estate_id)
        has_paid = _paid_by(_met(session, budget) if budget else None)
        turned = {one.dwelling_id for one in given if has_paid(one.dwelling_id, one.among_five_fen)}
        paid = {one.dwelling_id for one in given if has_paid(one.dwelling_id, one.fen)}
        order = [one.dwelling_id for one in given]
        shown |= turned | in_fives([home for home in order if home in paid - turned])
        shown -= in_fives([home for home in order if home in turned - paid])
    return shown


def _shares(session: Session, estate_ids: Sequence[int]) -> dict[int, Budget]:
    """Estate -> the published shares of what it collects now; those without shares are left out."""
    collections = queries.collections_of(session, estate_ids)
    found = budgets.current_budgets(session, [each.id for each in collections.values()])
    return {estate: found[each.id] for estate, each in collections.items() if each.id in found}


def _paid_by(dues: dict[int, Fen] | None) -> Callable[[int, Fen], bool]:
    """Has a home paid by giving so much: anything at all, or what it bears?"""
    if dues is None:
        return lambda _, fen: fen > 0
    return lambda home, fen: home in dues and fen >= dues[home]


def _met(session: Session, budget: Budget) -> dict[int, Fen]:
    """Dwelling -> what it bears, of those that bear something and have paid all of it."""
    dues = budgets.dues_of(session, budget.id)
    came = budgets.counted(session, budget.collection_id, dues)
    return {home: fen for home, fen in dues.items() if 0 < fen <= came.get(home, 0)}
