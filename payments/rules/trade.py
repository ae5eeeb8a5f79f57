"""What a payment service tells about an order and about a refund: facts in fen and aware times, no library's types."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kernel.money import Fen


class TradeState(StrEnum):
    """What the service says about an order."""

    ABSENT = "absent"
    """It has never heard of this number."""
    NOT_PAID = "not_paid"
    SUCCESS = "success"
    CLOSED = "closed"
    REFUNDED = "refunded"
    """It was paid, and something of it went back since."""


@dataclass(frozen=True)
class Trade:
    """An order as the service reports it; facts it did not tell are ``None``."""

    trade_no: str
    state: TradeState
    merchant_id: str | None = None
    app_id: str | None = None
    transaction_id: str | None = None
    amount_fen: Fen | None = None
    currency: str | None = None
    paid_at: datetime | None = None


class RefundState(StrEnum):
    """What the service says about a refund. Accepted is not done: only ``SUCCESS`` counts."""

    ABSENT = "absent"
    PROCESSING = "processing"
    SUCCESS = "success"
    CLOSED = "closed"
    ABNORMAL = "abnormal"


@dataclass(frozen=True)
class Refund:
    """A refund as the service reports it; facts it did not tell are ``None``."""

    refund_no: str
    state: RefundState
    trade_no: str | None = None
    refund_fen: Fen | None = None
    refunded_at: datetime | None = None
    merchant_id: str | None = None
