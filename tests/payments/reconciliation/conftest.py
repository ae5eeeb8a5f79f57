"""A day with payments, and the morning after."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel.database import reading
from kernel.people.models import Account, Person
from kernel.places import queries as places
from payments.gateways.bill import from_file
from payments.gateways.writing import write_trade_bill
from payments.reconciliation.models import BillDifference, ReconciledDay
from payments.reconciliation.services import days
from payments.rules.bill import BillKind, BillRow
from tests.factories import Factory
from tests.payments.world import NOW, World

DAY = (NOW + timedelta(hours=8)).date()
MORNING = NOW + timedelta(days=1, hours=2)


class Desk(World):
    """The payments' world, with what reconciliation adds."""

    def __init__(self, make: Factory) -> None:
        super().__init__(make)
        self.gateway.now = lambda: NOW

    def run(self, now=MORNING, **more) -> days.Outcome:
        """Reconcile the day."""
        self.gateway.now = lambda: now
        return days.reconcile_day(self.gateway, DAY, actor="test", now=now, **more)

    def bill(self, *rows: BillRow):
        """A bill with exactly these rows."""
        packed = write_trade_bill(rows, app_id=self.gateway.app_id, merchant_id=self.gateway.merchant_id)
        return from_file(DAY, BillKind.TRADE, packed)

    def true_rows(self) -> list[BillRow]:
        """What the service's own bill of the day holds."""
        self.gateway.now = lambda: MORNING
        return list(self.gateway.bill(DAY, BillKind.TRADE).rows())

    def differences(self) -> list[tuple[str, str, str]]:
        """All differences as (kind, number, state)."""
        session = reading()
        rows = session.scalars(sa.select(BillDifference)).all()
        session.close()
        return sorted((row.kind, row.number, row.state) for row in rows)

    def difference(self) -> BillDifference:
        """The only difference."""
        return self._one(sa.select(BillDifference))

    def day(self, day=DAY) -> ReconciledDay:
        """A day."""
        return self._one(sa.select(ReconciledDay).where(ReconciledDay.day == day))

    def officer(self, name: str) -> Person:
        """Somebody of the street who manages collections."""
        return self.person_with("street_officer", name)

    def person_with(self, role: str, name: str) -> Person:
        """Somebody with a role at the street."""
        account = self.make.account(name)
        self.make.grant(account, role, self.street())
        return self._one(sa.select(Person).join(Account, Account.person_id == Person.id).where(Account.openid == name))

    def street(self):
        """The street above the estate."""
        session = reading()
        found = next(place for place in places.ancestors(session, self.estate) if place.kind == "street")
        session.close()
        return found


@pytest.fixture
def desk(app: Flask, make: Factory) -> Desk:
    """An estate that collects, and a service in memory that writes bills."""
    return Desk(make)
