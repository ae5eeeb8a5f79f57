"""A household's money that came twice by two ways, which no constraint can tell from two people who each pay.

Two payments of one payer are one deposit, and its second success goes back by itself. Somebody without an account has
no such deposit: his transfer and the code he scanned look like two. Then a person asks the household.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from payments.models import Deposit
from payments.queries import twins
from payments.rules.alarm import AlarmKind
from payments.rules.deposit import Purpose
from payments.services.bookkeeping import raise_alarm


def watch(session: Session, deposit: Deposit, *, now: datetime) -> None:
    """Raise an alarm when a deposit just credited has a twin: the same household and amount, and not surely of two
    people. The deposit is credited and locked by the caller. Contributions are not watched: what is paid beyond the
    share is shown as too much, and goes back.
    """
    if deposit.purpose != Purpose.DEPOSIT:
        return
    payer = twins.payer_person(session, deposit)
    for other in twins.twins_of(session, deposit):
        theirs = twins.payer_person(session, other)
        if payer is None or theirs is None or payer == theirs:
            raise_alarm(session, AlarmKind.PAID_BOTH_WAYS, deposit.public_id, now=now)
            return
