"""Is what the gateway reports *our* payment, for *that* order and *that* amount? (WECHAT §6 no. 12)

Compared: merchant, app, currency, amount, our number, and the first transaction id we heard for it. Anything else is
kept and shown to a person, never credited.
"""

from dataclasses import dataclass
from enum import StrEnum

from kernel.money import Fen
from payments.rules.trade import Refund, RefundState, Trade, TradeState


class Verdict(StrEnum):
    """What to do with a reported trade."""

    CREDIT = "credit"
    """It is the payment of this order, told for the first time."""
    REPEATED = "repeated"
    """It is the payment already recorded for this order: nothing to do."""
    MISMATCH = "mismatch"
    """It says success and differs from the order: keep it, raise an alarm, credit nothing."""
    NOT_PAID = "not_paid"
    """It does not say success."""


@dataclass(frozen=True)
class Expected:
    """What we ordered. ``transaction_id``: the one already credited for this number, or ``None``."""

    trade_no: str
    merchant_id: str
    app_id: str
    amount_fen: Fen
    transaction_id: str | None = None


@dataclass(frozen=True)
class Judgement:
    """The verdict and, for a mismatch, which facts differ (names only: the values stay in the kept notice)."""

    verdict: Verdict
    differs: tuple[str, ...] = ()


def judge(trade: Trade, expected: Expected) -> Judgement:
    """Compare a reported trade with the order it names."""
    if trade.state is TradeState.REFUNDED:
        # Paid and sent back since: ours if we credited it, else money moved that we never saw.
        if expected.transaction_id is not None and trade.transaction_id == expected.transaction_id:
            return Judgement(Verdict.REPEATED)
        return Judgement(Verdict.MISMATCH, ("state",))
    if trade.state is not TradeState.SUCCESS:
        return Judgement(Verdict.NOT_PAID)
    facts = (
        ("trade_no", trade.trade_no, expected.trade_no),
        ("merchant_id", trade.merchant_id, expected.merchant_id),
        ("app_id", trade.app_id, expected.app_id),
        ("currency", trade.currency, "CNY"),
        ("amount_fen", trade.amount_fen, expected.amount_fen),
    )
    differs = [name for name, told, ours in facts if told != ours]
    if not trade.transaction_id:
        differs.append("transaction_id")
    elif expected.transaction_id is not None and trade.transaction_id != expected.transaction_id:
        # One number, two payments: WeChat never does this; if it is told so, a person must look.
        differs.append("transaction_id")
    if differs:
        return Judgement(Verdict.MISMATCH, tuple(differs))
    return Judgement(Verdict.CREDIT if expected.transaction_id is None else Verdict.REPEATED)


def differing(told: Refund, *, merchant_id: str, trade_no: str, refund_fen: Fen) -> tuple[str, ...]:
    """Which facts of a reported refund are not those of the one we asked for; a fact not told differs.

    Of a refund the service has never heard of, nothing is told and nothing is compared.
    """
    if told.state is RefundState.ABSENT:
        return ()
    facts = (
        ("merchant_id", told.merchant_id, merchant_id),
        ("trade_no", told.trade_no, trade_no),
        ("refund_fen", told.refund_fen, refund_fen),
    )
    return tuple(name for name, said, ours in facts if said != ours)
