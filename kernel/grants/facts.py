"""Grants beside the log: a role nobody gave, one that runs longer or is another than was given."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.audit import Fact, Told
from kernel.grants.models import Grant
from kernel.places.models import Place


class GrantFact(Fact):
    """Every grant was given in the log, and ends as the log says."""

    title = "职责"
    prefix = "grant:"
    begins = ("grant.given",)
    then = ("grant.revoked",)

    def rows(self) -> sa.SelectBase:
        """See ``Fact``."""
        columns = (Grant.person_id, Grant.role, Place.code, Grant.starts_at, Grant.ends_at, Grant.revoked_at)
        return sa.select(Grant.public_id.label("key"), *columns).join(Place, Place.id == Grant.place_id)

    def differs(self, session: Session, row: Any, told: Sequence[Told]) -> Iterator[str]:
        """See ``Fact``."""
        given = told[0].payload
        if (row.person_id, row.role, row.code) != (given["person"], given["role"], given["place"]):
            yield "人、职责或地方与审计链不同"
        until = row.ends_at.isoformat() if row.ends_at else None
        if (row.starts_at.isoformat(), until) != (
            given.get("from", row.starts_at.isoformat()),
            given.get("until", until),
        ):
            yield "任期与审计链不同"
        revoked = [one.at for one in told if one.action == "grant.revoked"]
        if revoked != ([row.revoked_at] if row.revoked_at else []):
            yield "是否收回与审计链不同"
