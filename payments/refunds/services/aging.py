"""Deposits that will soon be too old to go back the way they came: told from day 300 on, 65 days before it is so."""

from datetime import datetime

from kernel.database import reading, transaction, use_case
from payments.refunds import queries
from payments.rules.alarm import AlarmKind
from payments.rules.giving_back import WARN_AFTER
from payments.services.bookkeeping import raise_alarm


def warn(*, now: datetime) -> int:
    """Job: raise an alarm for every deposit still held 300 days after it was paid, once each. Returns how many."""
    session = reading()
    found = [one.deposit for one in queries.aging(session, now - WARN_AFTER)]
    session.close()
    if found:
        _raise(found, now=now)
    return len(found)


@use_case
def _raise(deposits: list[str], *, now: datetime) -> None:
    with transaction() as session:
        for deposit in deposits:
            raise_alarm(session, AlarmKind.REFUND_ROAD_ENDS, deposit, now=now)
