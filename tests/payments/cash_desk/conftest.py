"""An estate that collects, its collectors, and those who check them."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from kernel import clock, evidence
from kernel.database import reading
from kernel.idempotency import Key
from kernel.people.models import Person
from payments.cash_desk.models import CashBox, Taking
from payments.cash_desk.services import boxes, taking, voiding
from payments.models import Deposit, Receipt
from tests.factories import Factory
from tests.payments.refunds.conftest import Desk
from tests.payments.world import NOW

FULL = 50_000
TOMORROW = NOW + timedelta(days=1)


class Counter(Desk):
    """The payments' world with two collectors and a household on the roster."""

    def __init__(self, make: Factory, *more, **collection) -> None:
        super().__init__(make, *more, **collection)
        self._person("other", "cashier")
        self.owner: Person = make.person("陈秀英", "13800000001")
        make.holding(self.owner, self.homes[0])

    def take(self, fen: int = FULL, home=None, *, who: str = "cashier", now=NOW, name: str = "", **more) -> str:
        """A collector takes money, from the owner of the first home or from somebody named; the taking."""
        person = "" if name or home is not None else self.owner.public_id
        tendered = taking.Tendered(fen, person, name or ("王大爷" if home is not None else ""), more.pop("card", None))
        return taking.take((home or self.homes[0]).public_id, tendered, now=now, **{**self.who(who), **more})

    def void(self, taken: str, *, maker: str = "cashier", checker: str = "one", now=NOW) -> None:
        """Two people void a taking."""
        made = voiding.propose(taken, why="登记错了户", now=now, **self.who(maker))
        voiding.decide(made, agree=True, now=now, **self.who(checker))

    def box(self, taken: str) -> CashBox:
        """The box a taking is in."""
        return self._one(sa.select(CashBox).join(Taking, Taking.box_id == CashBox.id).where(Taking.public_id == taken))

    def count(self, box: CashBox, fen: int, why: str | None = None, *, who: str = "one", now=NOW, **more) -> None:
        """Somebody counts a box."""
        boxes.close(box.public_id, counted_fen=fen, why=why, now=now, **{**self.who(who), **more})

    def photo(self, who: str = "cashier") -> str:
        """A loose photo of a bank's slip."""
        data = io.BytesIO()
        Image.new("RGB", (60, 40), "white").save(data, "JPEG")
        account = self.make.account(who)
        key = Key(f"account:{account.public_id}", self.make.account().public_id, "0" * 64)
        return evidence.keep(
            data.getvalue(),
            purpose=boxes.SLIP,
            place=self.estate.code,
            account_id=account.id,
            person_id=self.people[who].id,
            key=key,
            now=clock.now(),
        )

    def bank(self, *found: CashBox, who: str = "cashier", now=NOW, **more) -> str:
        """A collector hands boxes in; the banking."""
        told = {"slip_no": "XJ-001", "photos": [self.photo(who)], "account_id": self.make.account(who).id}
        return boxes.bank([one.public_id for one in found], now=now, **{**told, **self.who(who), **more})

    def deposit_taken(self, taken: str) -> Deposit:
        """What a taking paid."""
        return self._one(
            sa.select(Deposit).join(Taking, Taking.deposit_id == Deposit.id).where(Taking.public_id == taken)
        )

    def numbers(self) -> list[str]:
        """All receipt numbers, in the order they were given."""
        session = reading()
        found = session.scalars(sa.select(Receipt.number).order_by(Receipt.series, Receipt.counted)).all()
        session.close()
        return list(found)


@pytest.fixture
def counter(app: Flask, make: Factory) -> Counter:
    """An estate that collects over the counter."""
    return Counter(make)
