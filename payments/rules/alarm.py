"""Alarms: what each means, what may be decided about it, and when it takes a second person."""

from enum import StrEnum


class AlarmKind(StrEnum):
    """What a person has to look at."""

    MISMATCH = "mismatch"
    UNMATCHED = "unmatched"
    SECOND_PAYMENT = "second_payment"
    REFUND_ABNORMAL = "refund_abnormal"
    REFUND_ROAD_ENDS = "refund_road_ends"
    """A deposit nears the end of the year in which it can go back the way it came."""
    REFUNDED_TWICE = "refunded_twice"
    """Sent by bank transfer, and then done by the service after all."""
    PAID_BOTH_WAYS = "paid_both_ways"
    """A household's money came twice by two ways, and nobody can tell whether it was meant to."""
    WITHDRAWN_BEYOND = "withdrawn_beyond"
    """More left the payment service for the bank than the books have there."""
    WITHDRAWAL_BOUNCED = "withdrawal_bounced"
    """What left the payment service for the bank came back: the bank did not take it."""
    BOX_NOT_COUNTED = "box_not_counted"
    """A collector's box was not counted on its day."""


class AlarmDecision(StrEnum):
    """How an alarm was settled. Money itself moves by other use cases; this says what was found."""

    RETURNED = "returned"
    CREDITED = "credited"
    ASKED = "asked"
    NOTHING = "nothing"


DECISION_WORDS = {
    AlarmDecision.RETURNED: "钱已退回付款人",
    AlarmDecision.CREDITED: "已核实，账已记对",
    AlarmDecision.ASKED: "已向微信支付或银行查询，有书面答复",
    AlarmDecision.NOTHING: "看过了，不用再办",
}


class SettlementState(StrEnum):
    """Where the settling of an alarm stands."""

    PROPOSED = "proposed"
    DECIDED = "decided"
    SENT_BACK = "sent_back"
    NOTED = "noted"
    """Settled by one person: nothing moved."""


WORDS: dict[AlarmKind, tuple[str, str]] = {
    AlarmKind.MISMATCH: ("微信通知和订单不符", "没有入账。请在微信商户平台查这一单，查清以前不要改账。"),
    AlarmKind.UNMATCHED: ("收到不认识的微信通知", "没有入账。多半是别的系统用了同一个商户号，请核对。"),
    AlarmKind.SECOND_PAYMENT: ("同一笔诚意金付了两次", "第二次已自动原路退回，请看退款到了没有。"),
    AlarmKind.REFUND_ABNORMAL: ("微信退款没有成功", "请到“退还”里登记收款账户，改为银行转账。"),
    AlarmKind.REFUND_ROAD_ENDS: (
        "快到一年，原路退款将关闭",
        "超过 365 天只能银行转账退，请尽早决定退还或转出资。",
    ),
    AlarmKind.REFUNDED_TWICE: ("转账退过，微信又退了一次", "钱可能退了两次。请马上联系缴款人和银行。"),
    AlarmKind.PAID_BOTH_WAYS: (
        "同一户同样的钱，两条路各到了一次",
        "请问住户是不是重复缴了。是重复的，到“退还”里退一笔；是两位家人各缴一笔，写明后了结。",
    ),
    AlarmKind.WITHDRAWN_BEYOND: (
        "微信提现比账上在微信的钱多",
        "没有入账。请在微信商户平台核对提现单，多半是这个商户号还收别的钱。",
    ),
    AlarmKind.WITHDRAWAL_BOUNCED: (
        "微信提现被银行退回",
        "钱已回到微信商户账户，账上也已记回。请核对结算银行卡（户名、账号、状态），改好以后再提现。",
    ),
    AlarmKind.BOX_NOT_COUNTED: ("钱箱当天没有清点日结", "请另一位工作人员马上清点。日结以后，这条提醒自己了结。"),
}
"""Title and what to do, for people."""

_ONE = frozenset({AlarmKind.REFUND_ROAD_ENDS, AlarmKind.WITHDRAWAL_BOUNCED})


def needs_two(kind: AlarmKind) -> bool:
    """Does settling take a second person? Yes wherever money moved otherwise than it should, or lies where nobody
    counted it; a warning takes one.
    """
    return kind not in _ONE
