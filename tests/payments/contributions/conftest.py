"""An estate with a published budget, people of the street, and households that pay."""

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel.database import reading
from kernel.people.models import Account
from kernel.places.models import Dwelling
from payments.contributions import queries
from payments.contributions.models import Budget
from payments.contributions.services import budgeting, contributing
from payments.contributions.services.contributing import Standing, standing
from payments.models import Collection, Deposit
from payments.queries import collection_of
from payments.refunds.models import DepositRefund
from payments.rules.deposit import Purpose
from payments.services import checking
from tests.factories import Factory
from tests.payments.refunds.conftest import Desk
from tests.payments.world import NOW

COST = 12_000_00
"""Twelve homes of the same area bear 1,000.00 each."""
EACH = 1_000_00


class Works(Desk):
    """The payments' world, with budgets."""

    def costs(self, fen: int = COST, **how: object) -> list[dict]:
        """One cost for the whole estate."""
        return [{"name": "外墙", "amount_fen": fen, "scope": "", "how": {"method": "area", **how}}]

    def propose(self, fen: int = COST, by: str = "one", **more: object) -> str:
        """Somebody proposes a budget; its public id."""
        given = {
            "title": "分摊方案",
            "why": "议定",
            "costs": self.costs(fen),
            "exemptions": [],
            "borne_by": "fund",
            "total_fen": fen,
            "now": NOW,
            **self.who(by),
            **more,
        }
        return budgeting.propose(self.estate.public_id, **given)

    def publish(self, fen: int = COST, **more: object) -> str:
        """Two people publish a budget; its public id."""
        made = self.propose(fen, **more)
        return budgeting.decide(made, agree=True, now=NOW, **self.who("two"))

    def contribute(self, account: Account, home: Dwelling, fen: int, **more: object) -> str:
        """Promise a payment of the due; its public id."""
        given = {"version": self.current().public_id, "now": NOW, **more}
        return contributing.contribute(
            home.public_id, account_id=account.id, actor=f"account:{account.public_id}", amount_fen=fen, **given
        )

    def contributed(self, home: Dwelling, fen: int, account: Account | None = None) -> tuple[Deposit, Account]:
        """A household has paid of its due; the payment and who paid."""
        account = account or self.payer(home)
        trade_no = self.begin(account, self.contribute(account, home, fen))
        self.tell(self.gateway.pay(trade_no, now=NOW))
        self.run_jobs(NOW)
        return self.deposit_of(trade_no), account

    def current(self) -> Budget:
        """The version that counts."""
        session = reading()
        found = queries.current_budget(session, self.open_collection().id)
        session.close()
        assert found is not None
        return found

    def open_collection(self) -> Collection:
        """The estate's collection."""
        session = reading()
        found = collection_of(session, self.estate.id)
        session.close()
        assert found is not None
        return found

    def stands(self, home: Dwelling) -> Standing:
        """Where a dwelling stands."""
        collection = self.open_collection()
        return standing(reading(), collection, self.current(), home)

    def request_of(self, payment: Deposit) -> DepositRefund:
        """The newest request of a payment."""
        newest = sa.select(DepositRefund).where(DepositRefund.deposit_id == payment.id)
        return self._one(newest.order_by(DepositRefund.id.desc()).limit(1))

    def officer(self, name: str) -> Account:
        """The account of somebody of the street."""
        return self._one(sa.select(Account).where(Account.openid == name))

    def contributions(self) -> list[Deposit]:
        """Every payment of a contribution."""
        session = reading()
        found = session.scalars(sa.select(Deposit).where(Deposit.purpose == Purpose.CONTRIBUTION)).all()
        session.close()
        return list(found)

    def books(self) -> list:
        """What does not hold in the books."""
        return checking.check().differences


@pytest.fixture
def works(app: Flask, make: Factory) -> Works:
    """An estate that collects, and people of the street."""
    return Works(make)
