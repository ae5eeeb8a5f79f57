"""What a ballot is bound to besides its text: how it came, on what kind of device, and how the voter confirmed it.

An electronic signature counts like one by hand when it is under the signer's sole control and later changes show
(电子签名法 §13–14). So each ballot's entry in the append-only log holds the person (as the roll's commitment), the hash
of the exact text, the instant, the class of device and the way it was confirmed; a drawn signature may be added and is
not what binds.
"""

from enum import StrEnum


class Channel(StrEnum):
    """How a ballot came in."""

    PHONE = "phone"
    PAPER = "paper"


class Device(StrEnum):
    """The class of device, no more: a model or a serial would say more of a person than the proof needs."""

    WECHAT = "wechat"
    MOBILE = "mobile"
    COMPUTER = "computer"
    WORKER = "worker"
    """a worker's phone, handed to the voter"""
    PAPER = "paper"
    UNKNOWN = "unknown"


class Confirmation(StrEnum):
    """How the voter confirmed what was cast."""

    OWN_PHONE = "own_phone"
    """signed in on the own phone, with a tie proved at level 2"""
    SIGNATURE = "signature"
    """signed on the worker's phone"""
    CODE = "code"
    """said the code that came to the voter's own phone, on a worker's phone"""
    PAPER = "paper"
    """signed on the paper"""


CHANNEL_WORDS = {Channel.PHONE: "手机", Channel.PAPER: "纸质"}


def device_of(user_agent: str) -> Device:
    """The class of device a browser says it is."""
    if not user_agent:
        return Device.UNKNOWN
    if "MicroMessenger" in user_agent:
        return Device.WECHAT
    if any(word in user_agent for word in ("Mobile", "Android", "iPhone", "iPad")):
        return Device.MOBILE
    return Device.COMPUTER
