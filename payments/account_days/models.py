"""The table of an account's signed days. A signed one never changes; its figures are those both signers read."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import JsonDoc, Model, big_id, fk, one_of, public_id
from payments.rules.two_people import ProposalState
from payments.two_people import ByTwo, checks_of_two

_LIVE = sa.text("state IN ('proposed', 'decided')")
_FIRST = sa.text("state IN ('proposed', 'decided') AND amends IS NULL")


class AccountDay(ByTwo, Model):
    """A snapshot of an account, proposed by one person and signed by another. ``figures``: a ``Snapshot`` as JSON;
    ``amends``: the signed day it adds the lines to that came late. That one stays as it was signed.
    """

    __tablename__ = "account_day"
    __table_args__ = (
        one_of("state", ProposalState, "account_day"),
        *checks_of_two("account_day"),
        sa.Index("account_day_once", "account_id", "until", unique=True, sqlite_where=_FIRST, postgresql_where=_FIRST),
        sa.Index("account_day_amended_once", "amends", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    account_id: Mapped[int] = mapped_column(fk("bank_account.id"))
    until: Mapped[date] = mapped_column(sa.Date)
    figures: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    state: Mapped[str] = mapped_column(sa.String(24))
    amends: Mapped[int | None] = mapped_column(fk("account_day.id"))
