"""What others may read of an estate's deposits: a figure that moves by five households at once."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.money import Fen, average_text
from kernel.places.models import Dwelling, DwellingUse
from kernel.places.queries import households
from payments.models import Deposit
from payments.queries import COUNTED_FEN, COUNTS
from payments.rules.gate import Standing, in_steps


def standing_in_steps(session: Session, estate_id: int) -> Standing:
    """How far an estate has come, as others may read it (``payments.rules.gate.in_steps``)."""
    many, fen = _in_steps(session, Dwelling.estate_id == estate_id)
    return Standing(households(session, estate_id), many, fen)


def average_in_steps(session: Session, building_id: int) -> str:
    """The average of a building's households in yuan, as others may read it; "" while fewer than five paid."""
    many, fen = _in_steps(session, Dwelling.building_id == building_id)
    homes = session.scalar(
        sa.select(sa.func.count())
        .select_from(Dwelling)
        .where(Dwelling.building_id == building_id, Dwelling.use == DwellingUse.HOME)
    )
    return average_text(fen, homes or 0) if many else ""


def _in_steps(session: Session, where: sa.ColumnElement[bool]) -> tuple[int, Fen]:
    rows = session.execute(
        sa.select(Deposit.dwelling_id, COUNTED_FEN)
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .where(where, COUNTS)
        .order_by(Deposit.paid_at, Deposit.id)
    )
    return in_steps([(dwelling, int(amount)) for dwelling, amount in rows])
