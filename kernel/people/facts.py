"""Ties beside the log: an account that speaks for a dwelling without anybody having let it."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.audit import Fact, Told
from kernel.people.models import Account, Tie


class TieFact(Fact):
    """Every tie was made in the log, is as high as the log says, and ended as it says."""

    title = "房屋认领"
    prefix = "tie:"
    begins = ("tie.made",)
    then = ("tie.ended",)

    def rows(self) -> sa.SelectBase:
        """See ``Fact``."""
        columns = (Account.public_id.label("account"), Tie.dwelling_id, Tie.level, Tie.person_id, Tie.ended_at)
        return sa.select(Tie.public_id.label("key"), *columns).join(Account, Account.id == Tie.account_id)

    def differs(self, session: Session, row: Any, told: Sequence[Told]) -> Iterator[str]:
        """See ``Fact``."""
        made = [one.payload for one in told if one.action == "tie.made"]
        if any((one["account"], one["dwelling"]) != (row.account, row.dwelling_id) for one in made):
            yield "账号或房屋与审计链不同"
        if row.level != max(one["level"] for one in made):
            yield "核实级别与审计链不同"
        if "person" in made[-1] and row.person_id != made[-1]["person"]:
            yield "认领的是谁，与审计链不同"
        ended = [one.at for one in told if one.action == "tie.ended"]
        if ended != ([row.ended_at] if row.ended_at else []):
            yield "是否已解除，与审计链不同"
