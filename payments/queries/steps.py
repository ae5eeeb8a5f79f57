"""What others may read of an estate's deposits: a figure that moves by five households at once."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.places.models import Dwelling
from kernel.places.queries import households
from payments.models import Deposit
from payments.queries import COUNTED_FEN, COUNTS
from payments.rules.gate import Standing, in_steps


def standing_in_steps(session: Session, estate_id: int) -> Standing:
    """How far an estate has come, as others may read it (``payments.rules.gate.in_steps``)."""
    rows = session.execute(
        sa.select(Deposit.dwelling_id, COUNTED_FEN)
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .where(Dwelling.estate_id == estate_id, COUNTS)
        .order_by(Deposit.paid_at, Deposit.id)
    )
    many, fen = in_steps([(dwelling, int(amount)) for dwelling, amount in rows])
    return Standing(households(session, estate_id), many, fen)
