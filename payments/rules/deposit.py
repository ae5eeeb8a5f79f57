"""The life of one deposit (诚意金): what may follow what.

A deposit belongs to one payer for one dwelling. Converting is a transfer in the ledger, never a second payment
(DOMAIN §3.1). A state is only ever left along this table.
"""

from enum import StrEnum

from kernel.errors import Conflict, Invalid
from kernel.money import Fen, yuan_text


class Purpose(StrEnum):
    """What a payer's money for a dwelling is. Both are pledged, paid, receipted and given back by the same steps."""

    DEPOSIT = "deposit"
    """诚意金: voluntary, one a payer; becomes a contribution or goes back."""
    CONTRIBUTION = "contribution"
    """改造出资: against the dwelling's due, in as many payments as it takes. Only ever pledged or paid: what of it
    goes back is a request of its own, and the rest stays a contribution."""


class DepositState(StrEnum):
    """Where a deposit stands."""

    PLEDGED = "pledged"
    PAID = "paid"
    CONVERTED = "converted"
    REFUND_PENDING = "refund_pending"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    REFUNDED_OFFLINE = "refunded_offline"
    VOIDED = "voided"
    """Entered at our own counter by mistake and taken out again by two people: no money came."""


MOVES: dict[DepositState, frozenset[DepositState]] = {
    DepositState.PLEDGED: frozenset({DepositState.PAID}),
    DepositState.PAID: frozenset({DepositState.CONVERTED, DepositState.REFUND_PENDING, DepositState.VOIDED}),
    DepositState.CONVERTED: frozenset(),
    # Offline at once when the original road is over (more than a year).
    DepositState.REFUND_PENDING: frozenset(
        {DepositState.REFUNDED, DepositState.REFUND_FAILED, DepositState.REFUNDED_OFFLINE}
    ),
    DepositState.REFUNDED: frozenset(),
    # Refunded late when the service did it after all.
    DepositState.REFUND_FAILED: frozenset({DepositState.REFUNDED_OFFLINE, DepositState.REFUNDED}),
    DepositState.REFUNDED_OFFLINE: frozenset(),
    DepositState.VOIDED: frozenset(),
}

COUNTED = frozenset({DepositState.PAID, DepositState.CONVERTED})
"""What a gate and a board count. Money on its way back (refund_pending) is not counted (DESIGN §7)."""

RECEIVED = frozenset(DepositState) - {DepositState.PLEDGED, DepositState.VOIDED}
"""States in which money did come in, whatever became of it later: there is a receipt."""


def moved(state: DepositState, to: DepositState) -> DepositState:
    """Return ``to`` when the table allows it from ``state``; else ``ValueError`` (a fault of ours, not a payer's)."""
    if to not in MOVES[state]:
        raise ValueError(f"a deposit does not go from {state} to {to}")
    return to


def amount_may_change(state: DepositState) -> None:
    """A pledge may still be altered; what was paid may not (``Conflict``)."""
    if state is not DepositState.PLEDGED:
        raise Conflict("already-paid", "您已经为这一户缴过诚意金，不用再缴。收据在“我的收据”里可以查看。")


def checked_amount(amount_fen: Fen, *, largest_fen: Fen) -> Fen:
    """Return the amount when it lies between 1 fen and the collection's largest single amount; else ``Invalid``."""
    if amount_fen < 1:
        raise Invalid("amount-too-small", "金额要大于 0 元。", {"amount_fen": ["请填写大于 0 的金额。"]})
    if amount_fen > largest_fen:
        most = yuan_text(largest_fen)
        raise Invalid(
            "amount-too-large",
            f"一次最多缴 {most} 元。需要缴得更多，请联系社区工作人员。",
            {"amount_fen": [f"一次最多 {most} 元。"]},
        )
    return amount_fen
