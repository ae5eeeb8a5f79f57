"""Answers beside the log: a sheet that is gone, was never handed in, or says something else than it did."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.audit import Fact, Told
from kernel.encryption import vault
from kernel.people.models import Account
from kernel.places.models import Dwelling
from surveys.questionnaires.models import Campaign, Response
from surveys.questionnaires.retention.services import NOBODY
from surveys.questionnaires.services import sealing
from surveys.questionnaires.services.responses import digest


class ResponseFact(Fact):
    """Every sheet was handed in in the log, for that survey and dwelling, with those answers."""

    title = "答卷"
    prefix = "response:"
    begins = ("response.submitted",)

    def rows(self) -> sa.SelectBase:
        """See ``Fact``."""
        columns = (
            Campaign.public_id.label("campaign"),
            Dwelling.public_id.label("dwelling"),
            Response.channel,
            Response.receipt,
            Response.answers,
            Response.private_sealed,
            Account.openid,
        )
        return (
            sa.select(Response.public_id.label("key"), *columns)
            .join(Campaign, Campaign.id == Response.campaign_id)
            .join(Dwelling, Dwelling.id == Response.dwelling_id)
            .join(Account, Account.id == Response.account_id)
        )

    def differs(self, session: Session, row: Any, told: Sequence[Told]) -> Iterator[str]:
        """See ``Fact``. What the log binds was said with names: once they are forgotten, nothing can be proved."""
        (submitted,) = told
        said = submitted.payload
        of = ("campaign", "dwelling", "channel")
        if row.receipt != submitted.row_hash or any(
            getattr(row, name) != said.get(name, getattr(row, name)) for name in of
        ):
            yield "与交卷时的记录不同"
        if "document" in said and not row.openid.startswith(NOBODY):
            private = sealing.opened(row.key, row.private_sealed)
            if vault().blind_index("response", digest(row.key, row.answers, private)).hex() != said["document"]:
                yield "答案与交卷时不同"
