"""What a gate counts now, exact to the fen: for whoever accounts for the money (``payments.rules.disclosure``)."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.money import Fen
from kernel.places.models import Dwelling, Place
from kernel.places.queries import households
from payments.models import Collection, CollectionMode, Deposit
from payments.refunds.models import ConversionLine, DepositRefund, LineState
from payments.rules.deposit import COUNTED, Purpose
from payments.rules.gate import Standing
from payments.rules.giving_back import BACK, OWED, Origin

_SENT_BACK = (
    sa.select(sa.func.sum(ConversionLine.rest_fen))
    .where(ConversionLine.deposit_id == Deposit.id, ConversionLine.state == LineState.DONE)
    .correlate(Deposit)
    .scalar_subquery()
)
_SURPLUS_BACK = (
    sa.select(sa.func.sum(DepositRefund.amount_fen))
    .where(
        DepositRefund.deposit_id == Deposit.id,
        DepositRefund.origin == Origin.SURPLUS,
        DepositRefund.state.in_(OWED | BACK),
    )
    .correlate(Deposit)
    .scalar_subquery()
)
COUNTED_FEN = Deposit.amount_fen - sa.func.coalesce(_SENT_BACK, 0) - sa.func.coalesce(_SURPLUS_BACK, 0)
"""What of a deposit in a counted state counts: of one converted in part, the part; without what was too much."""

IS_MEASURED = sa.or_(
    Deposit.purpose == Purpose.DEPOSIT,
    Deposit.collection_id.in_(sa.select(Collection.id).where(Collection.mode == CollectionMode.ONE_SHOT)),
)
"""What a gate looks at: deposits; where all is collected once, the contributions."""

COUNTS = sa.and_(Deposit.state.in_(COUNTED), IS_MEASURED)
"""What of it a gate counts now."""


@dataclass(frozen=True)
class EstateTotals:
    """Figures of one estate: ``households`` all homes, ``paid_households`` and ``paid_fen`` paid or converted."""

    households: int
    paid_households: int
    paid_fen: Fen

    @property
    def standing(self) -> Standing:
        """The same, to be measured against the gate."""
        return Standing(self.households, self.paid_households, self.paid_fen)


def paid_dwellings(session: Session, *estate_ids: int) -> set[int]:
    """Inner ids of the dwellings of some estates for which a deposit is paid or converted, by whomever."""
    return set(
        session.scalars(
            sa.select(Deposit.dwelling_id)
            .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
            .where(Dwelling.estate_id.in_(estate_ids), COUNTS)
        )
    )


def estate_totals(session: Session, estate_id: int) -> EstateTotals:
    """How far an estate has come."""
    row = session.execute(
        sa.select(
            sa.func.count(sa.distinct(Deposit.dwelling_id)).label("dwellings"),
            sa.func.coalesce(sa.func.sum(COUNTED_FEN), 0).label("fen"),
        )
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .where(Dwelling.estate_id == estate_id, COUNTS)
    ).one()
    return EstateTotals(households(session, estate_id), row.dwellings, int(row.fen))


@dataclass(frozen=True)
class BuildingSum:
    """What a building's households paid together."""

    building: str
    dwellings: int
    paid_households: int
    paid_fen: Fen


def building_sums(session: Session, collection: Collection) -> Sequence[BuildingSum]:
    """Every building's households and what they paid into a collection, in the order of the buildings' names."""
    paid = (
        sa.select(
            Dwelling.building_id,
            sa.func.count(sa.distinct(Deposit.dwelling_id)).label("many"),
            sa.func.sum(COUNTED_FEN).label("fen"),
        )
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        # By way of the estate's homes: what it costs then goes by the estate, not by the city's ledger.
        .where(Dwelling.estate_id == collection.estate_id, Deposit.collection_id == collection.id, COUNTS)
        .group_by(Dwelling.building_id)
        .subquery()
    )
    homes = (
        sa.select(Dwelling.building_id, sa.func.count().label("many"))
        .where(Dwelling.estate_id == collection.estate_id, Dwelling.use == "home")
        .group_by(Dwelling.building_id)
        .subquery()
    )
    rows = session.execute(
        sa.select(Place.name, homes.c.many, sa.func.coalesce(paid.c.many, 0), sa.func.coalesce(paid.c.fen, 0))
        .join(homes, homes.c.building_id == Place.id)
        .outerjoin(paid, paid.c.building_id == Place.id)
        .order_by(Place.code)
    )
    return [BuildingSum(name, many, paid_many, int(fen)) for name, many, paid_many, fen in rows]
