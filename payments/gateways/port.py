"""The port: what the product asks of a payment service, in fen and aware datetimes.

No type of any library crosses it. Every adapter passes ``tests/contracts/test_payment_gateway.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from kernel.money import Fen
from payments.gateways.bill import Bill
from payments.rules.attempt import How
from payments.rules.bill import BillKind
from payments.rules.trade import Refund, Trade

Patience = Literal["request", "job"]
"""Who waits: a person in front of a page (short), or a job (longer)."""


class Refused(Exception):
    """A notice that cannot be believed: forged, stale, garbled, or signed with a key we do not know."""


class Unknown(Exception):
    """The outcome is not known: no answer, a fault there, or an answer that cannot be verified. Ask; never guess."""


class Rejected(Exception):
    """The service understood and said no. ``code`` is its own word, e.g. ``OUT_TRADE_NO_USED``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Order:
    """What is to be paid. ``trade_no`` is ours, 6–32 of ``[0-9A-Z]``, unique for ever; a repeat must be identical.

    ``payer_openid`` is empty where anybody may pay (NATIVE, H5); ``payer_ip`` is the payer's own address (H5).
    """

    trade_no: str
    amount_fen: Fen
    description: str
    payer_openid: str
    notify_url: str
    expires_at: datetime
    how: How = How.JSAPI
    payer_ip: str = ""


@dataclass(frozen=True)
class Handoff:
    """What the payer's WeChat needs to show the pay sheet; goes to the phone as it is."""

    app_id: str
    time_stamp: str
    nonce: str
    package: str
    sign_type: str
    pay_sign: str


@dataclass(frozen=True)
class RefundOrder:
    """Money to send back. ``refund_no`` never changes for one refund: under another number it would leave twice."""

    refund_no: str
    trade_no: str
    refund_fen: Fen
    total_fen: Fen
    reason: str
    notify_url: str


@dataclass(frozen=True)
class Notice:
    """A believed notice: exactly one of ``trade`` and ``refund`` is set; ``facts`` is what it said, for keeping."""

    id: str
    facts: Mapping[str, object]
    trade: Trade | None = None
    refund: Refund | None = None


@dataclass(frozen=True)
class Answer:
    """What to answer the service on a notice."""

    status: int
    body: bytes
    content_type: str


class PaymentGateway(Protocol):
    """A payment service. Calls raise ``Unknown`` or ``Rejected``; ``read`` raises ``Refused``."""

    channel: str
    """Stored with each attempt, so that later questions go to the adapter that made it."""
    merchant_id: str
    app_id: str

    def place(self, order: Order, *, patience: Patience) -> str:
        """Announce the order; return what the payer is handed over with: its prepay id (JSAPI), the text of a code to
        scan (NATIVE), the address of a page (H5). Repeating an identical order is safe and gives a new one.
        """

    def hand_over(self, prepay_id: str, *, now: datetime) -> Handoff:
        """Sign what the phone needs. Local, no call out."""

    def look(self, trade_no: str, *, patience: Patience) -> Trade:
        """Ask what became of an order."""

    def close(self, trade_no: str, *, patience: Patience) -> None:
        """Ask that an order can no longer be paid. Proves nothing: look afterwards."""

    def refund(self, order: RefundOrder, *, patience: Patience) -> Refund:
        """Send money back, or learn where the same refund stands."""

    def look_refund(self, refund_no: str, *, patience: Patience) -> Refund:
        """Ask what became of a refund."""

    def bill(self, day: date, kind: BillKind) -> Bill:
        """Fetch what the service says happened on a day in China, proved by its hash and its own sums; a job's work.

        Empty for a day without trade. Raises BadBill besides the usual; Rejected ``STATEMENT_CREATING`` when the
        service has not written it yet.
        """

    def read(self, headers: Mapping[str, str], raw: bytes, *, now: datetime) -> Notice:
        """Open a notice from its raw bytes, believing nothing before the signature is checked."""

    def renew_keys(self, *, now: datetime) -> int:
        """Fetch the keys the service signs with, where they change and it is time; how many. A job's work."""

    def answer(self, taken: bool) -> Answer:
        """Shape the acknowledgement (the notice is stored) or the refusal."""
