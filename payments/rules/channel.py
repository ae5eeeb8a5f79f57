"""By which channel money came, which account of the books it then stands in, and what people call it."""

from enum import StrEnum

from payments.rules.ledger import AccountKind


class Desk(StrEnum):
    """Channels that are our own counter's: somebody of ours took or recognised the money."""

    CASH = "cash"
    POS = "pos"
    BANK = "bank"


_HELD_IN = {Desk.CASH: AccountKind.CASH_ON_HAND, Desk.POS: AccountKind.AT_POS, Desk.BANK: AccountKind.AT_BANK}

WORDS = {
    "wechat": "微信支付",
    "memory": "微信支付",
    Desk.CASH: "现金",
    Desk.POS: "刷卡",
    Desk.BANK: "银行转账",
}


def held_in(channel: str) -> AccountKind:
    """The account money of a channel comes into: the payment service's, unless it came by our own counter."""
    return _HELD_IN[Desk(channel)] if channel in set(Desk) else AccountKind.AT_WECHAT


def is_desk(channel: str) -> bool:
    """Did it come by our own counter? Then no payment service can send it back."""
    return channel in set(Desk)


def word(channel: str) -> str:
    """A channel's name for people."""
    return WORDS.get(channel, "其他渠道")
