"""A budget as everybody may read it: costs and ways in full, sums by building, nobody's door and no small scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from kernel.money import Fen, average_text
from kernel.places.models import Place
from payments import queries as payments
from payments.contributions import queries
from payments.contributions.models import Budget, BudgetItem, BudgetLine
from payments.rules.apportion import method_from
from payments.rules.disclosure import Group, folded, shown


@dataclass(frozen=True)
class CostView:
    """A cost as it is published: how much, shared how, among whom."""

    name: str
    amount_fen: Fen
    how: str
    scope: str


@dataclass(frozen=True)
class BuildingDue:
    """What a building's homes bear together, at least five; no single home's: a 0.00 would name who is exempt."""

    building: str
    homes: int
    due_fen: Fen

    @property
    def average(self) -> str:
        """The average per home, as yuan."""
        return average_text(self.due_fen, self.homes)


@dataclass(frozen=True)
class PublicView:
    """A version as anybody may read it: costs and ways in full, sums by building, nobody's door."""

    estate: Place
    budget: Budget
    costs: list[CostView]
    buildings: list[BuildingDue]
    exempted: int
    total_due_fen: Fen
    versions: list[Budget]


def costs_view(session: Session, budget: Budget) -> list[CostView]:
    """A version's costs in words."""
    return [_cost_view(line, item) for line, item in queries.costs_of(session, budget.id)]


def _cost_view(line: BudgetLine, item: BudgetItem) -> CostView:
    return CostView(item.name, line.amount_fen, method_from(line.how).title, line.scope or "全小区")


FOLDED = "范围不到 5 户的费用（合计）"


def public_costs(session: Session, budget: Budget) -> list[CostView]:
    """A version's costs as anybody may read them: those that fewer than five homes bear are told together."""
    together = small_items(session, budget)
    shown_costs, fen = [], 0
    for line, item in queries.costs_of(session, budget.id):
        if item.id in together:
            fen += line.amount_fen
        else:
            shown_costs.append(_cost_view(line, item))
    if fen:
        shown_costs.append(CostView(FOLDED, fen, "各按商定的办法", "几处小范围，不单列"))
    return shown_costs


def small_items(session: Session, budget: Budget) -> set[int]:
    """Inner ids of the items whose amounts would tell what a few homes bear."""
    return folded(queries.bearers_of(session, budget.id))


def public_view(session: Session, estate: Place) -> PublicView | None:
    """The masked notice of the version that counts, None before the first."""
    collection = payments.collection_of(session, estate.id)
    budget = queries.current_budget(session, collection.id) if collection else None
    if collection is None or budget is None:
        return None
    dues = queries.dues_of(session, budget.id)
    by_building: dict[str, list[Fen]] = {}
    for door in queries.doors_of(session, estate.id):
        if door.id in dues:
            by_building.setdefault(door.building, []).append(dues[door.id])
    return PublicView(
        estate,
        budget,
        public_costs(session, budget),
        _shown(by_building),
        len(budget.exemptions),
        sum(dues.values()),
        list(queries.budgets_of(session, collection.id, published=True)),
    )


def _shown(by_building: Mapping[str, Sequence[Fen]]) -> list[BuildingDue]:
    """Buildings of which five homes bear something; those with fewer together, so that nobody subtracts his way to the
    few.
    """
    groups = shown([Group(name, sum(1 for fen in fens if fen), sum(fens)) for name, fens in by_building.items()])
    named = {group.building for group in groups}
    rest = [fen for name, fens in by_building.items() if name not in named for fen in fens]
    result = []
    for group in groups:
        fens = by_building.get(group.building, rest)
        result.append(BuildingDue(group.building, len(fens), sum(fens)))
    return result
