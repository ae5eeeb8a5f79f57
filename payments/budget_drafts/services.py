"""Reckoning a written budget door by door, beside the version that counts; nothing is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.places.models import Place
from kernel.places.queries import place_by_public_id
from payments.budget_drafts import workbook
from payments.contributions import queries as budgets
from payments.contributions.models import Budget
from payments.contributions.services.budgeting import MANAGE, computed
from payments.contributions.services.showing import CHANGE_WORDS
from payments.models import Collection
from payments.rules.apportion import difference
from payments.rules.budget_text import CostText, ExemptionText, costs_from, exemptions_from
from payments.rules.disclosure import SEE
from payments.services.collections import must_be_open


@dataclass(frozen=True)
class ShareLine:
    """A line of a door's share, with its formula."""

    name: str
    amount_fen: Fen
    words: str


@dataclass(frozen=True)
class Share:
    """What one door would bear; ``word`` 补缴 | 应退 | 不变 (or "") and ``change_fen``: beside the version before."""

    label: str
    due_fen: Fen
    word: str
    change_fen: Fen
    lines: list[ShareLine]


@dataclass(frozen=True)
class Draft:
    """A budget reckoned: in the shape it is proposed in, and door by door."""

    costs: list[dict[str, Any]]
    exemptions: list[dict[str, Any]]
    borne_by: str
    total_fen: Fen
    due_fen: Fen
    fund_fen: Fen
    top_up_fen: Fen
    back_fen: Fen
    doors: list[Share]


def reckon(
    estate: str,
    costs: Sequence[CostText],
    exemptions: Sequence[ExemptionText],
    borne_by: str,
    *,
    session: Session,
    person_id: int | None,
    now: datetime,
) -> Draft:
    """Reckon a written budget for an estate that collects. Raises NotFound, NotAllowed, Gone, Invalid (line named)."""
    place = _mine(session, estate, person_id, now)
    collection = must_be_open(session, place.id)
    shaped, let_off = costs_from(costs), exemptions_from(exemptions)
    plan = computed(session, place.id, shaped, let_off, borne_by)
    homes = sorted(budgets.homes_of(session, place.id), key=lambda home: home.order)
    lines: dict[str, list[ShareLine]] = {}
    for line in plan.shared.lines:
        lines.setdefault(line.key, []).append(ShareLine(line.cost, line.amount_fen, line.words))
    ids = budgets.ids_of_dwellings(session, place.id)
    current = budgets.current_budget(session, collection.id)
    before = budgets.dues_of(session, current.id) if current else {}
    doors = _doors(
        [(home.label, before.get(ids[home.key], 0), lines.get(home.key, [])) for home in homes],
        known=current is not None,
    )
    return Draft(
        plan.costs,
        plan.exemptions,
        borne_by,
        sum(one["amount_fen"] for one in plan.costs),
        sum(door.due_fen for door in doors),
        plan.shared.by_fund_fen,
        *_changes(doors),
        doors,
    )


@dataclass(frozen=True)
class VersionShares:
    """A version of an estate's budget and what each door bears in it."""

    estate: Place
    budget: Budget
    doors: list[Share]


def shares_for(
    session: Session, estate: str, budget: str, *, person_id: int | None, actor: str, now: datetime
) -> VersionShares:
    """What each door bears in a version, for whoever checks it; the look is on record. Raises NotFound, NotAllowed."""
    place = place_by_public_id(session, estate)
    grants.require(session, person_id, SEE, place, now)
    found = budgets.budget_by_public_id(session, budget)
    if session.get_one(Collection, found.collection_id).estate_id != place.id:
        raise NotFound("no-such-budget", "没有找到这一版分摊方案。")
    audit.look(actor=actor, what="contributions", subject=f"place:{place.code}", now=now)
    return VersionShares(place, found, _shares_of(session, found, place))


def _shares_of(session: Session, budget: Budget, estate: Place) -> list[Share]:
    """What each door bears in a version, beside the version that counts (or, of that one, the version before)."""
    versions = budgets.budgets_of(session, budget.collection_id, published=True)
    before = next((one for one in versions if one.version < budget.version), None)
    dues = budgets.dues_of(session, before.id) if before else {}
    lines: dict[int, list[ShareLine]] = {}
    for line, name in budgets.lines_of_version(session, budget.id):
        lines.setdefault(line.dwelling_id, []).append(ShareLine(name, line.amount_fen, line.words))
    doors = budgets.doors_of(session, estate.id)
    return _doors(
        [(door.label, dues.get(door.id, 0), lines.get(door.id, [])) for door in doors], known=before is not None
    )


def _doors(rows: Sequence[tuple[str, Fen, list[ShareLine]]], *, known: bool) -> list[Share]:
    """(label, due before, lines) of each door as shares; doors that bear nothing and bore nothing are left out."""
    doors = []
    for label, was, lines in rows:
        due = sum(line.amount_fen for line in lines)
        kind, fen = difference(was, due)
        if lines or was:
            doors.append(Share(label, due, CHANGE_WORDS[kind] if known else "", fen if known else 0, lines))
    return doors


def _changes(doors: Sequence[Share]) -> tuple[Fen, Fen]:
    """What all top-ups and all that goes back come to."""
    up, back = CHANGE_WORDS["top_up"], CHANGE_WORDS["back"]
    return (
        sum(door.change_fen for door in doors if door.word == up),
        sum(door.change_fen for door in doors if door.word == back),
    )


def template(session: Session, estate: str, *, person_id: int | None, now: datetime) -> tuple[str, bytes]:
    """(file name, bytes) of the workbook to fill in, with the estate's doors. Raises NotFound, NotAllowed."""
    place = _mine(session, estate, person_id, now)
    return f"budget-{place.code}.xlsx", workbook.template(place.name, budgets.homes_of(session, place.id))


def _mine(session: Session, estate: str, person_id: int | None, now: datetime) -> Place:
    place = place_by_public_id(session, estate)
    grants.require(session, person_id, MANAGE, place, now)
    return place
