"""An estate with a published budget, a group that watches its account, and vouchers."""

import io

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from kernel.database import reading
from kernel.people.models import Account, Person
from payments.contributions.queries import costs_of
from payments.spending import services
from payments.spending.models import Spending
from tests.factories import Factory
from tests.payments.contributions.conftest import Works
from tests.payments.world import NOW

MONEY = 20_000_00


class Till(Works):
    """The payments' world, with payments out of the account. ``given_fen``: contributed beforehand, by one home."""

    given_fen = MONEY

    def __init__(self, make: Factory, *more, **collection) -> None:
        super().__init__(make, *more, **collection)
        for name, role in (("leader", "group_leader"), ("member", "group_member")):
            account = make.account(name)
            make.grant(account, role, self.estate)
            self.people[name] = self._one(
                sa.select(Person).join(Account, Account.person_id == Person.id).where(Account.openid == name)
            )
        if fen := self.given_fen:
            whole = [{**self.costs(fen)[0], "how": {"method": "fixed", "amounts": {self.homes[0].public_id: fen}}}]
            self.publish(fen, costs=whole)
            self.contributed(self.homes[0], fen)
        # Then the budget is the usual one.
        self.publish(why="按面积")
        self.vouchers = 0

    def photo(self, name: str) -> str:
        """Somebody has uploaded the photo of a voucher."""
        out = io.BytesIO()
        Image.new("RGB", (64, 48), (200, 30, 30)).save(out, "JPEG")
        answer = self.make.signed_in(self.officer(name)).post(
            "/api/v1/evidence",
            data={"purpose": "voucher", "place": self.estate.code, "file": (io.BytesIO(out.getvalue()), "p.jpg")},
            content_type="multipart/form-data",
        )
        assert answer.status_code == 201, answer.text
        return answer.json["file"]

    def item(self) -> str:
        """The one item of the budget."""
        session = reading()
        found = costs_of(session, self.current().id)[0][1].public_id
        session.close()
        return found

    def asking(self, fen: int, by: str) -> dict[str, object]:
        """What a request says."""
        self.vouchers += 1
        return {
            "item": self.item(),
            "payee": "韶关市建工集团",
            "purpose": "外墙进度款",
            "voucher_no": f"FP{self.vouchers:06}",
            "amount_fen": fen,
            "photos": [self.photo(by)],
        }

    def ask(self, fen: int = 3_000_00, by: str = "leader", **more: object) -> str:
        """Somebody asks for a payment."""
        given = {**self.asking(fen, by), "now": NOW, **self.who(by), "account_id": self.officer(by).id, **more}
        return services.ask(self.estate.public_id, **given)

    def approved(self, fen: int = 3_000_00) -> str:
        """Asked for and approved."""
        made = self.ask(fen)
        services.approve(made, now=NOW, **self.who("one"))
        return made

    def paid(self, fen: int = 3_000_00, reference: str = "HD001") -> str:
        """And executed."""
        made = self.approved(fen)
        services.mark_paid(made, bank_reference=reference, now=NOW, **self.who("cashier"))
        return made

    def row(self, public_id: str) -> Spending:
        """What stands in the database."""
        return self._one(sa.select(Spending).where(Spending.public_id == public_id))


@pytest.fixture
def till(app: Flask, make: Factory) -> Till:
    """An estate whose account is watched."""
    return Till(make)
