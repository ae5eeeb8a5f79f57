"""Payments and publications beside the log: a confirmation nobody gave, another dwelling's deposit, books cut off."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.audit import Fact, Told
from kernel.places.models import Dwelling
from payments.models import Deposit, PaymentAttempt, PaymentConfirmation
from payments.publications.models import Publication
from payments.rules.deposit import Purpose


class ConfirmationFact(Fact):
    """Every payment that counts was confirmed in the log: that number, that amount."""

    title = "收款确认"
    prefix = ""
    begins = ("payment.confirmed", "payment.taken")

    def rows(self) -> sa.SelectBase:
        """See ``Fact``."""
        columns = (PaymentAttempt.trade_no, PaymentConfirmation.amount_fen)
        return sa.select(PaymentConfirmation.audit_hash.label("key"), *columns).join(
            PaymentAttempt, PaymentAttempt.id == PaymentConfirmation.attempt_id
        )

    def differs(self, session: Session, row: Any, told: Sequence[Told]) -> Iterator[str]:
        """See ``Fact``."""
        said = told[0].payload
        if (row.trade_no, row.amount_fen) != (said["trade_no"], said["amount_fen"]):
            yield "单号或金额与审计链不同"


class DepositFact(Fact):
    """Every deposit and payment of a contribution was pledged or taken at the counter in the log: that amount, for that
    dwelling.
    """

    title = "缴款"
    prefix = "deposit:"
    begins = (*(f"{purpose}.pledged" for purpose in Purpose), "payment.begun", "payment.taken")

    def rows(self) -> sa.SelectBase:
        """See ``Fact``."""
        columns = (Deposit.amount_fen, Dwelling.public_id.label("dwelling"))
        return sa.select(Deposit.public_id.label("key"), *columns).join(Dwelling, Dwelling.id == Deposit.dwelling_id)

    def differs(self, session: Session, row: Any, told: Sequence[Told]) -> Iterator[str]:
        """See ``Fact``."""
        said: dict[str, Any] = {}
        for each in told:  # the beginning of a payment names its amount and no dwelling: that was said before
            said |= each.payload
        if row.amount_fen != said["amount_fen"]:
            yield "金额与审计链不同"
        if row.dwelling != said.get("dwelling", row.dwelling):
            yield "缴款的房屋与审计链不同"


class PublicationFact(Fact):
    """Every publication of the books was put out in the log, with that number and fingerprint."""

    title = "账目公示"
    prefix = "publication:"
    begins = ("books.published",)

    def rows(self) -> sa.SelectBase:
        """See ``Fact``."""
        columns = (Publication.number, Publication.root, Publication.row_count)
        return sa.select(Publication.public_id.label("key"), *columns)

    def differs(self, session: Session, row: Any, told: Sequence[Told]) -> Iterator[str]:
        """See ``Fact``."""
        said = told[0].payload
        if (row.number, row.root, row.row_count) != (said["number"], said["root"], said["rows"]):
            yield "期号或指纹与审计链不同"
