"""Every select over budgets, dues and what meets them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.places.models import Dwelling, DwellingUse, Place
from payments.contributions.models import Budget, BudgetItem, BudgetLine, BudgetState, DueLine
from payments.models import Collection, Deposit, Receipt
from payments.refunds.batches.models import RefundBatch, RefundBatchLine
from payments.refunds.models import ConversionLine, DepositRefund, LineState
from payments.rules.apportion import Home
from payments.rules.batch import SURPLUS
from payments.rules.deposit import DepositState, Purpose
from payments.rules.due import counts_as_paid
from payments.rules.giving_back import BACK, OWED, WAITING, Origin


def _locking(statement: sa.Select[Any]) -> sa.Select[Any]:
    """Lock the rows for this transaction and read them as they are now, whatever this session has read before."""
    return for_update(statement).execution_options(populate_existing=True)


# ---------------------------------------------------------------------------------------------------------- budgets


def locked_collection(session: Session, collection_id: int) -> Collection:
    """The collection, locked: versions of its budget are numbered and published one after another."""
    return session.scalars(_locking(sa.select(Collection).where(Collection.id == collection_id))).one()


def budget_by_public_id(session: Session, public_id: str, *, lock: bool = False) -> Budget:
    """A version of a budget. Raises NotFound."""
    statement = sa.select(Budget).where(Budget.public_id == public_id)
    found = session.scalar(_locking(statement) if lock else statement)
    if found is None:
        raise NotFound("no-such-budget", "没有找到这一版分摊方案。")
    return found


def current_budget(session: Session, collection_id: int) -> Budget | None:
    """The published version that counts, or None before the first."""
    return session.scalar(
        sa.select(Budget)
        .where(Budget.collection_id == collection_id, Budget.state == BudgetState.PUBLISHED)
        .order_by(Budget.version.desc())
        .limit(1)
    )


def current_budgets(session: Session, collection_ids: Sequence[int]) -> dict[int, Budget]:
    """The same of several collections, by their inner ids; those before the first are left out."""
    found: dict[int, Budget] = {}
    for budget in session.scalars(
        sa.select(Budget)
        .where(Budget.collection_id.in_(collection_ids), Budget.state == BudgetState.PUBLISHED)
        .order_by(Budget.version.desc())
    ):
        found.setdefault(budget.collection_id, budget)
    return found


def proposed_among(session: Session, collection_ids: Sequence[int]) -> set[int]:
    """Which of some collections have a version that waits for the second person."""
    waits = (Budget.collection_id.in_(collection_ids), Budget.state == BudgetState.PROPOSED)
    return set(session.scalars(sa.select(Budget.collection_id).where(*waits)))


def budgets_of(session: Session, collection_id: int, *, published: bool = False) -> Sequence[Budget]:
    """A collection's versions, newest first; ``published``: only those that ever counted."""
    statement = sa.select(Budget).where(Budget.collection_id == collection_id).order_by(Budget.version.desc())
    if published:
        statement = statement.where(Budget.state == BudgetState.PUBLISHED)
    return session.scalars(statement).all()


def last_version(session: Session, collection_id: int) -> int:
    """The highest version number given, 0 before the first."""
    return session.scalar(sa.select(sa.func.max(Budget.version)).where(Budget.collection_id == collection_id)) or 0


def items_of(session: Session, collection_id: int, *, lock: bool = False) -> Sequence[BudgetItem]:
    """A collection's budget items in a fixed order; locked with ``lock``."""
    statement = sa.select(BudgetItem).where(BudgetItem.collection_id == collection_id).order_by(BudgetItem.id)
    return session.scalars(_locking(statement) if lock else statement).all()


def costs_of(session: Session, budget_id: int) -> Sequence[tuple[BudgetLine, BudgetItem]]:
    """A version's costs in their order, with their items."""
    rows = session.execute(
        sa.select(BudgetLine, BudgetItem)
        .join(BudgetItem, BudgetItem.id == BudgetLine.item_id)
        .where(BudgetLine.budget_id == budget_id)
        .order_by(BudgetLine.place)
    )
    return [(row[0], row[1]) for row in rows]


def homes_of(session: Session, estate_id: int) -> list[Home]:
    """An estate's homes and shops as a cost sees them: key and order are the public id and the way one walks."""
    rows = session.execute(
        sa.select(Dwelling, Place.name)
        .join(Place, Place.id == Dwelling.building_id)
        .where(Dwelling.estate_id == estate_id, Dwelling.use != DwellingUse.PARKING)
    )
    return [
        Home(
            home.public_id,
            f"{home.sort_key}|{home.label}",
            home.label,
            home.area_dm2,
            home.floor,
            frozenset({building, f"{building}/{home.unit}"}),
        )
        for home, building in rows
    ]


def ids_of_dwellings(session: Session, estate_id: int) -> dict[str, int]:
    """Public id → inner id of an estate's dwellings."""
    rows = session.execute(sa.select(Dwelling.public_id, Dwelling.id).where(Dwelling.estate_id == estate_id))
    return {row.public_id: row.id for row in rows}


def collections_within(session: Session, paths: Sequence[str]) -> list[tuple[Collection, Place]]:
    """The collection that is open or was opened last of every estate at or below some places, by name of the estate."""
    rows = session.execute(
        sa.select(Collection, Place)
        .join(Place, Place.id == Collection.estate_id)
        .where(sa.or_(sa.false(), *(Place.path.startswith(path, autoescape=True) for path in paths)))
        .order_by(Place.name, Collection.closed_at.is_not(None), Collection.opened_at.desc())
    )
    first: dict[int, tuple[Collection, Place]] = {}
    for collection, place in rows:
        first.setdefault(place.id, (collection, place))
    return list(first.values())


# ------------------------------------------------------------------------------------------------------------- dues


def lines_of_dwelling(session: Session, budget_id: int, dwelling_id: int) -> Sequence[tuple[DueLine, str]]:
    """What a dwelling bears in a version, with the item's name, in order."""
    rows = session.execute(
        sa.select(DueLine, BudgetItem.name)
        .join(BudgetItem, BudgetItem.id == DueLine.item_id)
        .where(DueLine.budget_id == budget_id, DueLine.dwelling_id == dwelling_id)
        .order_by(DueLine.place)
    )
    return [(row[0], row[1]) for row in rows]


def lines_of_version(session: Session, budget_id: int) -> Sequence[tuple[DueLine, str]]:
    """Every line of a version with its item's name, in order."""
    rows = session.execute(
        sa.select(DueLine, BudgetItem.name)
        .join(BudgetItem, BudgetItem.id == DueLine.item_id)
        .where(DueLine.budget_id == budget_id)
        .order_by(DueLine.place)
    )
    return [(row[0], row[1]) for row in rows]


def bearers_of(session: Session, budget_id: int) -> dict[int, set[int]]:
    """Item -> the dwellings that bear something of it in a version."""
    rows = session.execute(
        sa.select(DueLine.item_id, DueLine.dwelling_id)
        .where(DueLine.budget_id == budget_id, DueLine.amount_fen > 0)
        .distinct()
    )
    found: dict[int, set[int]] = {}
    for item, dwelling in rows:
        found.setdefault(item, set()).add(dwelling)
    return found


def due_fen(session: Session, budget_id: int, dwelling_id: int) -> Fen:
    """What a dwelling bears in a version."""
    return int(
        session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(DueLine.amount_fen), 0)).where(
                DueLine.budget_id == budget_id, DueLine.dwelling_id == dwelling_id
            )
        )
        or 0
    )


def dues_of(session: Session, budget_id: int) -> dict[int, Fen]:
    """What each dwelling bears in a version, by inner id."""
    rows = session.execute(
        sa.select(DueLine.dwelling_id, sa.func.sum(DueLine.amount_fen))
        .where(DueLine.budget_id == budget_id)
        .group_by(DueLine.dwelling_id)
    )
    return {dwelling: int(fen) for dwelling, fen in rows}


# ----------------------------------------------------------------------------------------------- what meets the dues


def contributed(session: Session, collection_id: int, *, dwelling_id: int | None = None) -> dict[int, Fen]:
    """What was contributed for each dwelling: payments and converted deposits, without surplus approved to go back."""
    result: dict[int, Fen] = {}

    def add(statement: sa.Select[int, int], sign: int) -> None:
        statement = statement.where(Deposit.collection_id == collection_id).group_by(Deposit.dwelling_id)
        if dwelling_id is not None:
            statement = statement.where(Deposit.dwelling_id == dwelling_id)
        for dwelling, fen in session.execute(statement):
            result[dwelling] = result.get(dwelling, 0) + sign * int(fen)

    add(
        sa.select(Deposit.dwelling_id, sa.func.sum(Deposit.amount_fen)).where(
            Deposit.purpose == Purpose.CONTRIBUTION, Deposit.state == DepositState.PAID
        ),
        1,
    )
    add(
        sa.select(Deposit.dwelling_id, sa.func.sum(ConversionLine.amount_fen))
        .join(ConversionLine, ConversionLine.deposit_id == Deposit.id)
        .where(ConversionLine.state == LineState.DONE),
        1,
    )
    add(_surplus(OWED | BACK), -1)
    return {dwelling: fen for dwelling, fen in result.items() if fen}


def counted(
    session: Session, collection_id: int, dues: Mapping[int, Fen], *, dwelling_id: int | None = None
) -> dict[int, Fen]:
    """What counts as paid of each dwelling's due: contributed, and what a settlement sent back of it."""
    came = contributed(session, collection_id, dwelling_id=dwelling_id)
    settlement = sa.exists().where(
        RefundBatchLine.request_id == DepositRefund.id,
        RefundBatch.id == RefundBatchLine.batch_id,
        RefundBatch.decision.in_(SURPLUS),
    )
    statement = _surplus(OWED | BACK).where(Deposit.collection_id == collection_id, settlement)
    if dwelling_id is not None:
        statement = statement.where(Deposit.dwelling_id == dwelling_id)
    settled = {row[0]: int(row[1]) for row in session.execute(statement.group_by(Deposit.dwelling_id))}
    return {home: counts_as_paid(dues.get(home, 0), came.get(home, 0), settled.get(home, 0)) for home in came | settled}


def _surplus(states: frozenset[Any]) -> sa.Select[int, int]:
    return (
        sa.select(Deposit.dwelling_id, sa.func.sum(DepositRefund.amount_fen))
        .join(DepositRefund, DepositRefund.deposit_id == Deposit.id)
        .where(DepositRefund.origin == Origin.SURPLUS, DepositRefund.state.in_(states))
    )


def surplus_asked(session: Session, collection_id: int) -> dict[int, Fen]:
    """Surplus asked back and not yet approved by two, by dwelling."""
    rows = session.execute(
        _surplus(WAITING).where(Deposit.collection_id == collection_id).group_by(Deposit.dwelling_id)
    )
    return {dwelling: int(fen) for dwelling, fen in rows}


def contributing_rows(session: Session, collection_id: int, dwelling_id: int) -> Sequence[Deposit]:
    """Payments and converted deposits of a dwelling, all locked in a fixed order, newest payment last."""
    return session.scalars(
        _locking(
            sa.select(Deposit)
            .where(
                Deposit.collection_id == collection_id,
                Deposit.dwelling_id == dwelling_id,
                Deposit.state.in_((DepositState.PAID, DepositState.CONVERTED)),
                sa.or_(Deposit.purpose == Purpose.CONTRIBUTION, Deposit.state == DepositState.CONVERTED),
            )
            .order_by(Deposit.id)
        )
    ).all()


@dataclass(frozen=True)
class PaymentRow:
    """One payment that meets a due. ``fen``: what of it is a contribution."""

    deposit: str
    account_id: int
    purpose: str
    fen: Fen
    paid_at: datetime | None
    receipt: str | None


def payments_of_dwelling(session: Session, collection_id: int, dwelling_id: int) -> list[PaymentRow]:
    """What was paid or converted for a dwelling, oldest first, whoever paid."""
    turned = (
        sa.select(sa.func.sum(ConversionLine.amount_fen))
        .where(ConversionLine.deposit_id == Deposit.id, ConversionLine.state == LineState.DONE)
        .correlate(Deposit)
        .scalar_subquery()
    )
    whole = sa.and_(Deposit.purpose == Purpose.CONTRIBUTION, Deposit.state == DepositState.PAID)
    rows = session.execute(
        sa.select(
            Deposit.public_id,
            Deposit.payer_account_id,
            Deposit.purpose,
            sa.case((whole, Deposit.amount_fen), else_=sa.func.coalesce(turned, 0)),
            Deposit.paid_at,
            Receipt.number,
        )
        .outerjoin(Receipt, Receipt.deposit_id == Deposit.id)
        .where(
            Deposit.collection_id == collection_id,
            Deposit.dwelling_id == dwelling_id,
            sa.or_(whole, Deposit.state == DepositState.CONVERTED),
        )
        .order_by(Deposit.paid_at, Deposit.public_id)
    )
    return [
        PaymentRow(name, account, purpose, int(fen), at, number) for name, account, purpose, fen, at, number in rows
    ]


@dataclass(frozen=True)
class Door:
    """A dwelling with what staff need to read beside it."""

    id: int
    public_id: str
    label: str
    building: str
    use: str


def doors_of(session: Session, estate_id: int) -> list[Door]:
    """An estate's homes and shops in the order one walks them."""
    rows = session.execute(
        sa.select(Dwelling.id, Dwelling.public_id, Dwelling.label, Place.name, Dwelling.use)
        .join(Place, Place.id == Dwelling.building_id)
        .where(Dwelling.estate_id == estate_id, Dwelling.use != DwellingUse.PARKING)
        .order_by(Dwelling.sort_key)
    )
    return [Door(*row) for row in rows]
