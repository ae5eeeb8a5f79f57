"""Boxes nobody counted on their day: cash in somebody's hands over night is put before a person (同日解款)."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel import clock
from kernel.database import reading, transaction, use_case
from payments.cash_desk import queries
from payments.cash_desk.models import CashBox
from payments.rules.alarm import AlarmKind
from payments.services.bookkeeping import raise_alarm, settle_by_itself


def warn(*, now: datetime) -> int:
    """Job: raise an alarm for every box of an earlier day that is not counted, once each. Returns how many."""
    session = reading()
    found = queries.overdue_boxes(session, clock.china_day(now))
    session.close()
    if found:
        _raise(found, now=now)
    return len(found)


@use_case
def _raise(found: list[str], *, now: datetime) -> None:
    with transaction() as session:
        for public_id in found:
            # Counted in the meantime, it is nobody's business any more; the count waits for this lock.
            box = queries.box_by_public_id(session, public_id, lock=True)
            if box.closed_at is None:
                raise_alarm(session, AlarmKind.BOX_NOT_COUNTED, public_id, now=now)


def settle(session: Session, box: CashBox, *, now: datetime) -> None:
    """The box is counted: its alarm is settled by itself. The box is locked."""
    settle_by_itself(session, AlarmKind.BOX_NOT_COUNTED, box.public_id, now=now)
