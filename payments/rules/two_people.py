"""What one person proposes and another decides: maker is never checker (会计法 2024 §35).

The same few questions wherever money or its record is touched: does it still wait, was anything proposed, does another
decide? The words people read are the same everywhere, too.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from kernel.errors import Conflict, NotAllowed

PROPOSED: Final = "proposed"
DECIDED: Final = "decided"
WITHDRAWN: Final = "withdrawn"


class ProposalState(StrEnum):
    """Where something stands that is made only in order to be decided by another: a void, a reversal, a batch."""

    PROPOSED = PROPOSED
    DECIDED = DECIDED
    SENT_BACK = "sent_back"


def must_wait(state: str, waiting: Collection[str], *, code: str, what: str) -> None:
    """Raises ``Conflict`` unless the thing is in a state in which something may be proposed. ``what``: e.g. 这一条."""
    if state not in waiting:
        raise Conflict(code, f"{what}已经处理过了。请刷新页面。")


def must_be_proposed(state: str, *, what: str) -> None:
    """Raises ``Conflict`` unless somebody has proposed something and nobody has decided yet."""
    if state != PROPOSED:
        raise Conflict("nothing-proposed", f"{what}还没有人提出处理意见，或已经处理过了。请刷新页面。")


def must_be_as_seen(seen: str | None, mark: str, *, what: str) -> None:
    """Raises ``Conflict`` when what is proposed now is not what was read. ``None``: it cannot have changed."""
    if seen not in (None, mark):
        raise Conflict("proposal-changed", f"{what}的处理意见刚刚改过。请刷新页面，看过新的意见再复核。")


def must_be_another(person: int, maker: int | None) -> None:
    """Raises ``NotAllowed`` for whoever proposed it himself."""
    if person == maker:
        raise NotAllowed("own-proposal", "处理意见是您自己提的，要由另一位工作人员复核。")
