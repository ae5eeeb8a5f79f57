"""How far estates have come: exactly, and as others may read it, a figure that moves by five households at once."""

from collections.abc import Sequence, Set

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.money import Fen, average_text
from kernel.places.models import Dwelling, DwellingUse
from kernel.places.queries import households_by_estate
from payments.models import Collection, Deposit
from payments.queries import COUNTED_FEN, COUNTS
from payments.rules.gate import Standing, in_steps


def average_in_steps(session: Session, building_id: int) -> str:
    """The average of a building's households in yuan, as others may read it; "" while fewer than five paid."""
    rows = session.execute(
        sa.select(Deposit.dwelling_id, COUNTED_FEN)
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .where(Dwelling.building_id == building_id, COUNTS)
        .order_by(Deposit.paid_at, Deposit.id)
    )
    many, fen = in_steps([(dwelling, int(amount)) for dwelling, amount in rows])
    homes = session.scalar(
        sa.select(sa.func.count())
        .select_from(Dwelling)
        .where(Dwelling.building_id == building_id, Dwelling.use == DwellingUse.HOME)
    )
    return average_text(fen, homes or 0) if many else ""


def standings(session: Session, estate_ids: Sequence[int]) -> dict[int, tuple[Standing, Standing]]:
    """Estate (inner id) -> (how far it has come, the same as others may read it: ``payments.rules.gate.in_steps``)."""
    paid: dict[int, list[tuple[int, Fen]]] = {estate_id: [] for estate_id in estate_ids}
    rows = session.execute(
        sa.select(Dwelling.estate_id, Deposit.dwelling_id, COUNTED_FEN)
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .where(Dwelling.estate_id.in_(estate_ids), COUNTS)
        .order_by(Deposit.paid_at, Deposit.id)
    )
    for estate_id, dwelling_id, fen in rows:
        paid[estate_id].append((dwelling_id, int(fen)))
    homes = households_by_estate(session, estate_ids)
    return {
        estate_id: (
            Standing(homes.get(estate_id, 0), len({dwelling for dwelling, _ in lines}), sum(fen for _, fen in lines)),
            Standing(homes.get(estate_id, 0), *in_steps(lines)),
        )
        for estate_id, lines in paid.items()
    }


def collections_of(session: Session, estate_ids: Sequence[int]) -> dict[int, Collection]:
    """Estate (inner id) -> its open collection, else the one opened last; those without one are left out."""
    found: dict[int, Collection] = {}
    for each in session.scalars(
        sa.select(Collection)
        .where(Collection.estate_id.in_(estate_ids))
        .order_by(Collection.closed_at.is_not(None), Collection.opened_at.desc())
    ):
        found.setdefault(each.estate_id, each)
    return found


def in_order_of_payment(session: Session, estate_id: int, homes: Set[int]) -> list[tuple[int, int]]:
    """(building, dwelling) of some ``homes`` of an estate in the order of their last payment."""
    if not homes:
        return []
    rows = session.execute(
        sa.select(Dwelling.building_id, Dwelling.id)
        .join(Deposit, Deposit.dwelling_id == Dwelling.id)
        .where(Dwelling.estate_id == estate_id, Deposit.paid_at.is_not(None))
        .group_by(Dwelling.building_id, Dwelling.id)
        .order_by(sa.func.max(Deposit.paid_at), Dwelling.id)
    )
    return [(building, home) for building, home in rows if home in homes]
