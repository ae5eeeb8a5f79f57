"""An estate that collects, people of the street, and a cashier."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel import audit
from kernel.database import reading
from kernel.people.models import Account, Person
from kernel.places import queries as places
from payments.facts import ConfirmationFact, DepositFact, PublicationFact
from payments.models import Deposit
from payments.queries import collection_of
from payments.refunds.models import ConversionBatch, ConversionLine, DepositRefund
from payments.refunds.services import approving, asking, converting, transferring
from payments.rules.giving_back import RequestState
from payments.rules.trade import RefundState
from payments.services import checking
from tests.factories import Factory
from tests.payments.world import NOW, World

LATER = NOW + timedelta(days=30)
PAYEE = transferring.Payee("陈秀英", "韶关农商银行东河支行", "6228 4800 1234 5678 901")


class Desk(World):
    """The payments' world, with who gives money back."""

    def __init__(self, make: Factory, *more, **collection) -> None:
        super().__init__(make, *more, **collection)
        self.people: dict[str, Person] = {}
        for name, role in (("one", "street_officer"), ("two", "street_officer"), ("three", "street_officer")):
            self._person(name, role)
        self._person("cashier", "cashier")

    def _person(self, name: str, role: str) -> None:
        account = self.make.account(name)
        self.make.grant(account, role, self.street())
        self.people[name] = self._one(
            sa.select(Person).join(Account, Account.person_id == Person.id).where(Account.openid == name)
        )

    def street(self):
        """The street above the estate."""
        session = reading()
        found = next(place for place in places.ancestors(session, self.estate) if place.kind == "street")
        session.close()
        return found

    def who(self, name: str) -> dict[str, object]:
        """Somebody of the staff, as services are told."""
        return {"person_id": self.people[name].id, "actor": name}

    def held(self, dwelling=None, fen: int = 50_000) -> tuple[Deposit, Account]:
        """A payer has paid; his deposit and account. His receipt is numbered."""
        account = self.payer(dwelling)
        deposit = self.paid(dwelling, fen, account)
        self.run_jobs(NOW)
        return deposit, account

    def asked(self, dwelling=None, fen: int = 50_000, now=LATER) -> str:
        """A payer has asked his deposit back; the request."""
        deposit, account = self.held(dwelling, fen)
        return self.ask(deposit, account, now=now)

    @staticmethod
    def ask(deposit: Deposit, account: Account, *, now=LATER, **more) -> str:
        """Ask."""
        return asking.ask(
            deposit.public_id, account_id=account.id, actor="payer", **{"reason": None, "now": now, **more}
        )

    def approve(self, request: str, *names: str, now=LATER) -> RequestState:
        """These people approve."""
        for name in names or ("one", "two"):
            state = approving.approve(request, now=now, **self.who(name))
        return state

    def failed(self) -> str:
        """A request whose refund the service could not make."""
        request = self.asked()
        self.approve(request)
        self.run_jobs(LATER)
        self.tell(self.gateway.finish_refund(self.number(request), now=LATER, state=RefundState.ABNORMAL), now=LATER)
        return request

    def transferred(self, request: str, now=LATER) -> None:
        """The payee is entered and the cashier has transferred."""
        transferring.enter_payee(request, PAYEE, now=now, **self.who("one"))
        transferring.execute(request, voucher_no="HD-001", now=now, **self.who("cashier"))

    def proposed(self, due_fen: int | None = None, **more) -> str:
        """A proposal to convert all that is held."""
        session = reading()
        found = converting.preview(session, self._collection(session), due_fen)
        session.close()
        told = {"total_fen": found.amount_fen, "now": LATER, **self.who("one"), **more}
        return converting.propose(self.estate.public_id, basis="2026 年计划", due_fen=due_fen, **told)

    def converted(self, due_fen: int | None = None) -> str:
        """The same, agreed and done."""
        batch = self.proposed(due_fen)
        converting.decide(batch, agree=True, now=LATER, **self.who("two"))
        self.run_jobs(LATER)
        return batch

    def _collection(self, session):
        return collection_of(session, self.estate.id)

    # -- what stands in the database

    def request(self, public_id: str) -> DepositRefund:
        """A request."""
        return self._one(sa.select(DepositRefund).where(DepositRefund.public_id == public_id))

    def deposit(self, request: str) -> Deposit:
        """The deposit of a request."""
        return self._one(sa.select(Deposit).where(Deposit.id == self.request(request).deposit_id))

    def account_of(self, request: str) -> Account:
        """Who paid what a request asks back."""
        return self._one(sa.select(Account).where(Account.id == self.deposit(request).payer_account_id))

    def deposit_named(self, public_id: str) -> Deposit:
        """A deposit."""
        return self._one(sa.select(Deposit).where(Deposit.public_id == public_id))

    def number(self, request: str) -> str:
        """The number the refund goes under."""
        wanted = self.request(request).intent_id
        return next(one.refund_no for one in self.refunds() if one.id == wanted)

    def lines(self) -> list[ConversionLine]:
        """All lines of all proposals."""
        session = reading()
        rows = list(session.scalars(sa.select(ConversionLine)).all())
        session.close()
        return rows

    def batch(self, public_id: str) -> ConversionBatch:
        """A proposal."""
        return self._one(sa.select(ConversionBatch).where(ConversionBatch.public_id == public_id))

    @staticmethod
    def books_hold() -> bool:
        """Do the books prove themselves, and is what they rest on in the log? Says what differs when not."""
        report = checking.check()
        assert report.differences == []
        assert audit.compare(reading(), [DepositFact(), ConfirmationFact(), PublicationFact()]).faults == []
        return report.holds


@pytest.fixture
def desk(app: Flask, make: Factory) -> Desk:
    """An estate that collects, with its staff."""
    return Desk(make)
