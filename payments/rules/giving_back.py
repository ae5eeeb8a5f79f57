"""A deposit on its way back to its payer: who may do which step when, how much, and on which road.

Nobody has to say why he wants his money back. Two people approve every amount; whoever entered a request for a resident
may approve first and never second. The road the money came is open for a year (WECHAT §3.7); later it is a transfer to
the payer's own bank card, entered by one person, executed by a cashier and confirmed by a third pair of eyes.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from kernel.errors import Conflict, Invalid, NotAllowed
from kernel.money import Fen, yuan_text
from payments.rules.deposit import COUNTED, DepositState, Purpose


class RequestState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    CHECKED = "checked"
    """One person approved."""
    SENDING = "sending"
    """Two approved; the payment service is sending it back."""
    FAILED = "failed"
    """The service could not: a person decides, which here means a bank transfer."""
    TO_TRANSFER = "to_transfer"
    TRANSFERRED = "transferred"
    """A cashier executed it; a second person has not confirmed it yet."""
    REFUNDED = "refunded"
    REFUNDED_OFFLINE = "refunded_offline"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Origin(StrEnum):
    """How a request came to be."""

    RESIDENT = "resident"
    STAFF = "staff"
    CONVERSION = "conversion"
    """The rest of a deposit that was converted in part."""
    SURPLUS = "surplus"
    """What of a contribution was too much: overpaid, or a smaller budget, or left at the settlement."""


class AskedReason(StrEnum):
    """Why, if the payer cares to say."""

    NOT_LISTED = "not_listed"
    CANCELLED = "cancelled"
    DUPLICATE = "duplicate"
    MOVED = "moved"
    CHANGED_MIND = "changed_mind"
    OTHER = "other"


REASON_WORDS = {
    AskedReason.NOT_LISTED: "小区今年没有列入计划",
    AskedReason.CANCELLED: "小区的改造取消了",
    AskedReason.DUPLICATE: "重复缴了",
    AskedReason.MOVED: "房子卖了或搬走了",
    AskedReason.CHANGED_MIND: "改主意了",
    AskedReason.OTHER: "其他",
}


class Road(StrEnum):
    """How the money goes back."""

    WECHAT = "wechat"
    BANK = "bank"


ROAD_WORDS = {Road.WECHAT: "微信原路退回", Road.BANK: "银行转账"}

R = RequestState
MOVES: dict[RequestState, frozenset[RequestState]] = {
    R.ASKED: frozenset({R.CHECKED, R.REFUSED, R.CANCELLED}),
    R.CHECKED: frozenset({R.SENDING, R.TO_TRANSFER, R.REFUSED, R.CANCELLED}),
    R.SENDING: frozenset({R.REFUNDED, R.FAILED}),
    # The service may still report success late, as long as nobody has transferred the money.
    R.FAILED: frozenset({R.TO_TRANSFER, R.REFUNDED}),
    R.TO_TRANSFER: frozenset({R.TRANSFERRED, R.REFUNDED}),
    # Back when the bank returned the transfer; refunded when by then the service had done it after all.
    R.TRANSFERRED: frozenset({R.REFUNDED_OFFLINE, R.TO_TRANSFER, R.REFUNDED}),
    R.REFUNDED: frozenset(),
    R.REFUNDED_OFFLINE: frozenset(),
    R.REFUSED: frozenset(),
    R.CANCELLED: frozenset(),
}

WAITING = frozenset({R.ASKED, R.CHECKED})
"""Not yet approved by two: the payer may still take it back."""
OWED = frozenset({R.SENDING, R.FAILED, R.TO_TRANSFER, R.TRANSFERRED})
"""Approved by two and not arrived: in flight."""
BACK = frozenset({R.REFUNDED, R.REFUNDED_OFFLINE})
LIVE = WAITING | OWED
"""A deposit has at most one request in these states, by a partial unique index."""

ROAD_OPEN = timedelta(days=365)
WARN_AFTER = timedelta(days=300)

MAY_ASK: dict[DepositState, tuple[str, str]] = {
    DepositState.PLEDGED: ("not-paid", "这笔诚意金还没有缴，不用申请退还。"),
    DepositState.CONVERTED: ("converted", "这笔诚意金已经转为改造出资，不能再申请退还。如有疑问请联系社区。"),
    DepositState.REFUND_PENDING: ("already-returning", "这笔诚意金已经在退了，不用再申请。"),
    DepositState.REFUND_FAILED: ("already-returning", "这笔退款正在由工作人员处理，不用再申请。"),
    DepositState.REFUNDED: ("already-refunded", "这笔诚意金已经退回。"),
    DepositState.REFUNDED_OFFLINE: ("already-refunded", "这笔诚意金已经退回。"),
    DepositState.VOIDED: ("voided", "这笔登记有误，已经作废，没有钱可以退。"),
}
"""Why a deposit in a state cannot be asked back; paid is not among them."""


def moved(state: RequestState, to: RequestState) -> RequestState:
    """Return ``to`` when the table allows it; else ``Conflict``: somebody was quicker."""
    if to not in MOVES[state]:
        raise _moved_on()
    return to


def _moved_on() -> Conflict:
    return Conflict("request-moved-on", "这笔申请现在不能这样办，可能已经有人处理过了。请刷新页面。")


def takes_payee(state: RequestState) -> RequestState:
    """Where a request stands once somebody entered whose account it goes to. Raises ``Conflict`` unless a transfer is
    wanted and not made: not before two approved, and not after the cashier sent the money, or it would leave twice.
    """
    if state not in {R.FAILED, R.TO_TRANSFER}:
        raise _moved_on()
    return R.TO_TRANSFER


def must_be_askable(state: DepositState) -> None:
    """Raises ``Conflict`` unless the deposit is paid."""
    if state in MAY_ASK:
        raise Conflict(*MAY_ASK[state])


def must_be_contributed(state: DepositState) -> None:
    """Raises ``Conflict`` unless the payment still counts: of what is void or never came there is no surplus."""
    if state not in COUNTED:
        raise Conflict(*MAY_ASK[state])


def must_be_a_deposit(purpose: Purpose) -> None:
    """Raises ``Conflict`` for a contribution: of it only what is too much goes back."""
    if purpose is not Purpose.DEPOSIT:
        raise Conflict(
            "contribution", "改造出资按分摊方案缴纳，不能整笔申请退还。多缴的部分，请在“我家的出资”里申请退还。"
        )


def refundable(paid_fen: Fen, requests: Iterable[tuple[RequestState, Fen]], *, converted_fen: Fen = 0) -> Fen:
    """What of a deposit may still be sent back: paid − refunded − in flight − converted, never below 0.

    ``requests``: (state, amount) of all requests of the deposit.
    """
    gone = sum(fen for state, fen in requests if state in OWED or state in BACK)
    return max(0, paid_fen - gone - converted_fen)


def must_be_left(amount_fen: Fen, left_fen: Fen) -> None:
    """Raises ``Conflict`` when more would go back than is left."""
    if amount_fen > left_fen:
        raise Conflict(
            "over-refund", f"最多还能退 {yuan_text(left_fen)} 元，不能退 {yuan_text(amount_fen)} 元。请刷新页面。"
        )


def road_for(paid_at: datetime | None, *, now: datetime, desk: bool = False) -> Road:
    """The road open for a payment: the one it came on while at most 365 days old; else a bank transfer. So does what
    came by our own counter (``desk``): cash taken is banked in full, nothing is paid out of it (不坐支).
    """
    return Road.WECHAT if paid_at is not None and not desk and now - paid_at <= ROAD_OPEN else Road.BANK


def road_reason(paid_at: datetime | None, *, now: datetime, desk: bool = False) -> str:
    """Why the rule takes that road, for whoever agrees to it."""
    if desk:
        return "现金、刷卡或转账交的，从收款账户转"
    if road_for(paid_at, now=now) is Road.BANK:
        return "付款超过一年，微信退不了"
    return "付款不到一年，原路退"


def must_be_by_wechat(road: Road) -> None:
    """Raises ``Invalid`` when somebody would choose the bank for what goes back by bank anyhow."""
    if road is not Road.WECHAT:
        raise Invalid("already-by-bank", "这一笔本来就走银行转账，不用再选。请重新算一遍。")


def days_left(paid_at: datetime, *, now: datetime) -> int:
    """Whole days in which a payment can still go back the way it came; 0 when it cannot."""
    return max(0, (paid_at + ROAD_OPEN - now).days)


def must_be_second(approver: int, *, entered_by: int | None, first_by: int | None) -> None:
    """Raises ``NotAllowed`` for whoever entered the request or approved it first."""
    if approver == first_by:
        raise NotAllowed("own-approval", "第一道是您核准的，第二道要由另一位工作人员核准。")
    if approver == entered_by:
        raise NotAllowed("own-entry", "这笔申请是您代为登记的，第二道要由另一位工作人员核准。")


def must_not_gain(own: bool) -> None:
    """Raises ``NotAllowed`` when a person would decide about money that is his own or his household's."""
    if own:
        raise NotAllowed("own-money", "这是您自己或您家的钱，要由其他工作人员办理。")


def split(amount_fen: Fen, due_fen: Fen | None) -> tuple[Fen, Fen]:
    """Return (converted, rest to send back) for a deposit and what the household owes; ``None``: all is converted."""
    taken = amount_fen if due_fen is None else min(amount_fen, due_fen)
    if taken < 1:
        raise ValueError("a conversion takes at least one fen")
    return taken, amount_fen - taken
