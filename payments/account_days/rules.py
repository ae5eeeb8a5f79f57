"""What an account's day says, and when it may be signed."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import date

from kernel.errors import Conflict
from kernel.money import Fen

SIGNED = "signed"
"""The one thing that is proposed about a day."""


@dataclass(frozen=True)
class Snapshot:
    """An account at one moment. ``until``: the last day its statements reach. All in fen.

    ``bank_fen``: the statement's own closing balance, ``opening_fen``: where it began (None: it tells no balances, or
    lines are missing in it); ``moved_fen``: all lines; ``books_fen``: the books' balance at the bank; ``other_fen``:
    lines settled as nothing of the books'; ``waiting_fen``: lines nobody settled; ``not_shown_fen``: what the books say
    was paid out and no line shows yet (below 0 then). The rest stands elsewhere than at the bank.
    """

    until: date
    opening_fen: Fen | None
    bank_fen: Fen | None
    moved_fen: Fen
    books_fen: Fen
    other_fen: Fen
    waiting_fen: Fen
    not_shown_fen: Fen
    unreadable: int
    waiting: int
    broken: bool
    at_wechat_fen: Fen
    from_wechat_fen: Fen
    cash_on_hand_fen: Fen
    in_transit_fen: Fen
    at_pos_fen: Fen
    fees_fen: Fen
    open_boxes: int
    wechat_fees_fen: Fen = 0
    """Days signed before the service's fees were kept have none."""

    @property
    def unexplained_fen(self) -> Fen:
        """What the bank moved beyond all that is known: 0, or somebody has to look."""
        return self.moved_fen - (self.books_fen - self.not_shown_fen) - self.other_fen - self.waiting_fen

    @property
    def mark(self) -> str:
        """What these figures are known again by: whoever signs signs what he read."""
        told = "\x1f".join(f"{name}={value}" for name, value in sorted(asdict(self).items()))
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    @property
    def reasons(self) -> list[str]:
        """Why it may not be signed yet, in words; empty when it may."""
        return [
            text
            for text, holds in (
                (f"有 {self.unreadable} 行流水读不出金额", self.unreadable),
                (f"有 {self.waiting} 行流水没有处理", self.waiting),
                ("流水前后余额接不上，中间缺了几行，请补导入", self.broken),
                ("有流水记成了账上已登记的支出，账上却没有那么多", self.not_shown_fen > 0),
                ("还有相差说不清", self.unexplained_fen),
                (f"有 {self.open_boxes} 个以前的钱箱没有清点日结", self.open_boxes),
            )
            if holds
        ]


def must_be_signable(snapshot: Snapshot) -> None:
    """Raises ``Conflict`` that says what has to be done first."""
    if snapshot.reasons:
        raise Conflict("account-not-clear", f"还不能签字：{'；'.join(snapshot.reasons)}。")


def must_be_as_read(snapshot: Snapshot, seen: str) -> None:
    """Raises ``Conflict`` when the figures are not those that were read."""
    if snapshot.mark != seen:
        raise Conflict("figures-changed", "数字刚刚有变化。请刷新页面，看过新的数字再签。")
