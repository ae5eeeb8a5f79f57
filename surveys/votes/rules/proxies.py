"""A written proxy: what it must say, how many an agent may hold, what may still be done with it."""

from datetime import datetime
from enum import StrEnum

from kernel.errors import Conflict, Invalid


class ProxyState(StrEnum):
    """Where a proxy stands."""

    REGISTERED = "registered"
    CONFIRMED = "confirmed"
    USED = "used"
    STRUCK = "struck"
    """the ballot cast with it was struck: the line is free again, for its owner or a new proxy"""
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    """the second worker found it wanting"""


class Powers(StrEnum):
    """What the agent may do."""

    FREE = "free"
    INSTRUCTED = "instructed"


STATE_WORDS = {
    ProxyState.REGISTERED: "已登记，待另一人核对",
    ProxyState.CONFIRMED: "有效",
    ProxyState.USED: "已使用",
    ProxyState.STRUCK: "用它投的票没有计入，这份委托已经用过",
    ProxyState.WITHDRAWN: "已撤回",
    ProxyState.REFUSED: "核对没有通过",
}
POWERS_WORDS = {Powers.FREE: "由代理人自行决定", Powers.INSTRUCTED: "按委托书上写明的意见投"}
LIVE = frozenset({ProxyState.REGISTERED, ProxyState.CONFIRMED, ProxyState.USED})
OPEN = frozenset({ProxyState.REGISTERED, ProxyState.CONFIRMED})


def may_hold_one_more(held: int, limit: int) -> None:
    """Raises Conflict when an agent holds as many proxies in this vote as the notice allows."""
    if limit == 0:
        raise Conflict("no-proxies-here", "这次投票的公告写明不接受书面委托。")
    if held >= limit:
        raise Conflict(
            "agent-limit-reached", f"公告写明一名代理人最多代理 {limit} 票，这位代理人已经有 {held} 票。请另请代理人。"
        )


def term(*, signed_at: datetime, valid_until: datetime, closes_at: datetime | None, now: datetime) -> None:
    """Whether a proxy's days make sense. Raises Invalid: signed in the future, over already, or ends before signing."""
    if signed_at > now:
        raise Invalid("signed-in-the-future", "签署日期晚于今天。", {"signed_on": ["请照委托书填写。"]})
    if valid_until <= now or valid_until <= signed_at:
        raise Invalid("proxy-over", "委托期限已经过了。", {"valid_until": ["请照委托书填写；过期的请重新签。"]})


def may(step: str, state: ProxyState) -> None:
    """Whether a proxy may be confirmed, refused or withdrawn. Raises Conflict saying where it stands."""
    good = state is ProxyState.REGISTERED if step in ("confirm", "refuse") else state in OPEN
    if not good:
        raise Conflict("proxy-not-there", f"这份委托{STATE_WORDS[state]}，不能再办这一步。")
