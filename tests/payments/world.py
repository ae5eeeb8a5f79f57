"""An estate with an open collection, payers, and a payment service in memory."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from kernel import outbox
from kernel.database import reading
from kernel.people.models import Account
from kernel.places.models import Dwelling, Place
from kernel.places.queries import dwellings_of_estate
from payments import terms
from payments.gateways import registry
from payments.gateways.memory import MemoryGateway
from payments.models import (
    CollectionMode,
    Deposit,
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    NoticeOutcome,
    PaymentAlarm,
    PaymentAttempt,
    Receipt,
    RefundIntent,
)
from payments.rules.alarm import AlarmKind
from payments.services import collections, crediting, deposits, paying
from portal.jobs import HANDLERS
from tests.factories import Factory

NOW = datetime(2026, 6, 18, 9, 0, tzinfo=UTC)
FULL = 50_000


class World:
    """What a test of payments stands on. Times are given, never read."""

    def __init__(self, make: Factory, gateway: MemoryGateway | None = None, **collection: object) -> None:
        self.make = make
        self.estate: Place = make.estate(buildings=2, floors=3, doors=2)
        self.gateway = gateway or MemoryGateway()
        registry.configure([self.gateway], base_urls={"shaoguan": "https://sg.example.cn"})
        settings = {
            "mode": CollectionMode.DEPOSIT_THEN_CONTRIBUTION,
            "account_holder": "东河街道办事处",
            "account_bank": "韶关农商银行东河支行",
            "account_tail": "0187",
            "merchant_id": self.gateway.merchant_id,
            "series": "donghe",
            "largest_fen": 5_000_000,
            "actor": "test",
            "now": NOW - timedelta(days=1),
        }
        self.collection: str = collections.open_collection(estate_id=self.estate.id, **{**settings, **collection})
        self.homes = dwellings_of_estate(reading(), self.estate.id)

    def payer(self, dwelling: Dwelling | None = None, level: int = 2) -> Account:
        """An account that speaks for a dwelling."""
        account = self.make.account()
        self.make.tie(account, dwelling or self.homes[0], level=level)
        return account

    def pledge(self, account: Account, dwelling: Dwelling | None = None, fen: int = FULL, **more: object) -> str:
        """Pledge; the deposit's public id."""
        return deposits.pledge(
            (dwelling or self.homes[0]).public_id,
            account_id=account.id,
            actor=f"account:{account.public_id}",
            amount_fen=fen,
            terms_version=terms.CURRENT,
            **{"now": NOW, **more},
        )

    def begin(self, account: Account, deposit: str, **more: object) -> str:
        """Begin to pay; the trade number."""
        begun = paying.begin(deposit, account_id=account.id, actor="payer", **{"now": NOW, **more})
        return self.attempt(begun.attempt).trade_no

    def ordered(self, fen: int = FULL, account: Account | None = None, dwelling: Dwelling | None = None) -> str:
        """A payer has pledged and sees the pay sheet; the trade number."""
        account = account or self.payer(dwelling)
        return self.begin(account, self.pledge(account, dwelling, fen))

    def tell(self, letter: tuple[dict[str, str], bytes], now: datetime = NOW) -> NoticeOutcome:
        """Hand a notice to the product, as the callback endpoint does."""
        notice = self.gateway.read(*letter, now=now)
        return crediting.take_notice(self.gateway.channel, notice, now=now)

    def paid(self, dwelling: Dwelling | None = None, fen: int = FULL, account: Account | None = None) -> Deposit:
        """A payer has paid and we were told."""
        trade_no = self.ordered(fen, account, dwelling)
        self.tell(self.gateway.pay(trade_no, now=NOW))
        return self.deposit_of(trade_no)

    def run_jobs(self, now: datetime) -> int:
        """Deliver all news due at ``now``, also what they stage."""
        moved = 0
        while more := outbox.deliver_due(HANDLERS, now=now):
            moved += more
        return moved

    # -- what stands in the database

    def attempt(self, public_id: str) -> PaymentAttempt:
        """One attempt."""
        return self._one(sa.select(PaymentAttempt).where(PaymentAttempt.public_id == public_id))

    def attempt_of(self, trade_no: str) -> PaymentAttempt:
        """One attempt by its number."""
        return self._one(sa.select(PaymentAttempt).where(PaymentAttempt.trade_no == trade_no))

    def deposit_of(self, trade_no: str) -> Deposit:
        """The deposit an attempt pays."""
        return self._one(
            sa.select(Deposit)
            .join(PaymentAttempt, PaymentAttempt.deposit_id == Deposit.id)
            .where(PaymentAttempt.trade_no == trade_no)
        )

    def entries(self) -> list[tuple[str, str]]:
        """All ledger entries as (kind, reference)."""
        session = reading()
        rows = session.execute(sa.select(LedgerEntry.kind, LedgerEntry.reference)).all()
        session.close()
        return sorted((row.kind, row.reference) for row in rows)

    def balances(self) -> dict[str, int]:
        """Balance of every account that is not 0, by kind."""
        session = reading()
        rows = session.execute(
            sa.select(LedgerAccount.kind, sa.func.sum(LedgerPosting.amount_fen).label("fen"))
            .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
            .group_by(LedgerAccount.kind)
        ).all()
        session.close()
        return {row.kind: int(row.fen) for row in rows if row.fen}

    def alarms(self) -> list[tuple[AlarmKind, str, tuple[str, ...]]]:
        """All alarms."""
        session = reading()
        rows = session.scalars(sa.select(PaymentAlarm)).all()
        session.close()
        return sorted((AlarmKind(row.kind), row.reference, tuple(row.differs)) for row in rows)

    def refunds(self) -> list[RefundIntent]:
        """All refunds."""
        session = reading()
        rows = list(session.scalars(sa.select(RefundIntent)).all())
        session.close()
        return rows

    def receipts(self) -> list[str]:
        """All receipt numbers in order."""
        session = reading()
        rows = session.scalars(sa.select(Receipt.number).order_by(Receipt.counted)).all()
        session.close()
        return list(rows)

    @staticmethod
    def _one(statement: sa.Select) -> object:
        session = reading()
        found = session.scalars(statement).one()
        session.close()
        return found
