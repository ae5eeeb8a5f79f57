"""Which money a batch sends back, and how much of it to each payment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kernel.errors import Conflict, Invalid
from kernel.money import Fen, shares, yuan_text
from payments.rules.due import take_back
from payments.rules.giving_back import AskedReason


class BatchKind(StrEnum):
    """Why many households get money back at once."""

    NOT_LISTED = "not_listed"
    CANCELLED = "cancelled"
    DUPLICATE = "duplicate"
    """Deposits that came a second time by another way (``AlarmKind.PAID_BOTH_WAYS``)."""
    OVERPAID = "overpaid"
    """What households contributed beyond their share."""
    SURPLUS_AREA = "surplus_area"
    """What was left at the settlement, by the dwellings' areas (民法典 §283)."""
    SURPLUS_PAID = "surplus_paid"
    """What was left at the settlement, as it was paid."""


KIND_WORDS = {
    BatchKind.NOT_LISTED: "今年没有列入计划，诚意金全部退还",
    BatchKind.CANCELLED: "项目取消，诚意金全部退还",
    BatchKind.DUPLICATE: "重复缴的诚意金，多出的一笔退还",
    BatchKind.OVERPAID: "出资多缴的部分退还",
    BatchKind.SURPLUS_AREA: "结余按面积退",
    BatchKind.SURPLUS_PAID: "结余按实缴退",
}
SURPLUS = frozenset({BatchKind.SURPLUS_AREA, BatchKind.SURPLUS_PAID})
"""Of a total that somebody tells, shared."""
CONTRIBUTED = SURPLUS | {BatchKind.OVERPAID}
"""Sent back out of contributions; the others are deposits that go back whole."""
REASONS = {
    BatchKind.NOT_LISTED: AskedReason.NOT_LISTED,
    BatchKind.CANCELLED: AskedReason.CANCELLED,
    BatchKind.DUPLICATE: AskedReason.DUPLICATE,
}
"""What the payer reads as the reason; a contribution's is said by its origin."""


class LineState(StrEnum):
    """Where one payment of a batch stands."""

    PLANNED = "planned"
    RELEASED = "released"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Payment:
    """One payment money can go back to. ``left_fen``: the most; ``area_dm2``: its dwelling's, None when unknown."""

    deposit_id: int
    dwelling_id: int
    left_fen: Fen
    area_dm2: int | None


def split(
    kind: BatchKind, total_fen: Fen | None, payments: Sequence[Payment], *, not_spent_fen: Fen | None = None
) -> list[tuple[Payment, Fen]]:
    """What goes back to each payment; to the fen, largest remainder, never more than is left of it.

    Deposits go back whole. A surplus is shared over dwellings (by area, or by what they paid) and, within a dwelling,
    as it was paid. ``not_spent_fen``: the most the account can spare for a surplus. Raises Invalid without an amount,
    with more than there is, or for a dwelling of unknown area.
    """
    if kind not in SURPLUS:
        return [(one, one.left_fen) for one in payments if one.left_fen > 0]
    held = sum(one.left_fen for one in payments)
    if total_fen is None or total_fen < 1:
        raise Invalid("no-amount", "请填要退的结余金额。", {"total_fen": ["请填大于 0 的金额。"]})
    if total_fen > held:
        most = yuan_text(held)
        raise Invalid("too-much", f"最多能退 {most} 元。", {"total_fen": [f"最多 {most} 元。"]})
    if not_spent_fen is not None and total_fen > not_spent_fen:
        most = yuan_text(not_spent_fen)
        raise Invalid(
            "too-much",
            f"扣掉已付的和已核准待付的，账上的出资还剩 {most} 元，最多能退这么多。",
            {"total_fen": [f"最多 {most} 元。"]},
        )
    homes: dict[int, list[Payment]] = {}
    for one in payments:
        homes.setdefault(one.dwelling_id, []).append(one)
    weights = [_weight(kind, home) for home in homes.values()]
    caps = [sum(one.left_fen for one in home) for home in homes.values()]
    made = []
    for home, fen in zip(homes.values(), _capped(total_fen, weights, caps), strict=True):
        parts = shares(fen, [one.left_fen for one in home]) if fen else [0] * len(home)
        made += [(one, part) for one, part in zip(home, parts, strict=True) if part]
    return made


def overpaid(
    over: Mapping[int, Fen], payments: Sequence[Payment], *, not_spent_fen: Fen | None = None
) -> list[tuple[Payment, Fen]]:
    """What goes back of contributions beyond their dwellings' shares: of each dwelling's newest payment first.

    ``over``: dwelling -> what is too much for it; of two payments the one promised later has the higher number.
    Raises Invalid when the account cannot spare it all.
    """
    homes: dict[int, list[Payment]] = {}
    for one in payments:
        homes.setdefault(one.dwelling_id, []).append(one)
    made = []
    for dwelling, home in homes.items():
        by_id = {one.deposit_id: one for one in home}
        taken = take_back(
            over.get(dwelling, 0), [(one.deposit_id, one.left_fen) for one in sorted(home, key=_promised)]
        )
        made += [(by_id[deposit], fen) for deposit, fen in taken]
    total = sum(fen for _, fen in made)
    if not_spent_fen is not None and total > not_spent_fen:
        raise Invalid(
            "too-much",
            f"多缴的共 {yuan_text(total)} 元，扣掉已付的和已核准待付的，账上的出资只剩 {yuan_text(not_spent_fen)} 元。",
        )
    return made


def _promised(one: Payment) -> int:
    return one.deposit_id


def must_still_be_over(amount_fen: Fen, over_fen: Fen) -> None:
    """Raises ``Conflict`` when so much is not too much for the dwelling any more."""
    if amount_fen > over_fen:
        raise Conflict("no-longer-over", "方案或缴款有了变化，这一户多缴的没有这么多了。请退回这批，重新算。")


def must_not_be_kept(answered_keep: bool, asking: bool) -> None:
    """Raises ``Conflict`` for a deposit whose payer leaves it for the next plan, or is being asked just now."""
    if answered_keep:
        raise Conflict("kept", "这一户答复留到下一年，不退。")
    if asking:
        raise Conflict("question-open", "正在问住户留还是退，还没有结束。请先结束询问，再批量退。")


def must_still_be_twice(is_twice: bool) -> None:
    """Raises ``Conflict`` for a deposit of which it was found meanwhile that it did not come twice, or whose twin went
    back: one of the two stays.
    """
    if not is_twice:
        raise Conflict("not-twice", "这一户的重复缴款已经办结，不再退这笔。确实要退，请在“退还”里单独办理。")


def must_be_spared(amount_fen: Fen, not_spent_fen: Fen) -> None:
    """Raises ``Conflict`` when the account cannot spare a payment's part of a surplus any more."""
    if amount_fen > not_spent_fen:
        raise Conflict(
            "account-short",
            f"扣掉已付和已核准待付的，账上的出资只剩 {yuan_text(not_spent_fen)} 元，不够退这笔。请先核对付款，再重办。",
        )


def _weight(kind: BatchKind, home: Sequence[Payment]) -> int:
    if kind is BatchKind.SURPLUS_PAID:
        return sum(one.left_fen for one in home)
    area = home[0].area_dm2
    if not area:
        raise Invalid("no-area", "有的房屋没有登记面积，不能按面积退。请先补面积，或按实缴退。")
    return area


def _capped(total: Fen, weights: Sequence[int], caps: Sequence[Fen]) -> list[Fen]:
    """Shares by weight, none above its cap: what a cap cuts off is shared among the others by the same weights."""
    given = [0] * len(weights)
    left, open_ = total, [at for at, cap in enumerate(caps) if cap and weights[at]]
    while left and open_:
        parts = shares(left, [weights[at] for at in open_])
        for at, part in zip(open_, parts, strict=True):
            given[at] += min(part, caps[at] - given[at])
        left = total - sum(given)
        open_ = [at for at in open_ if given[at] < caps[at]]
    return given
