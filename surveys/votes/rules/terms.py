"""The terms of casting, and what they may say."""

from dataclasses import dataclass, replace
from enum import StrEnum

from kernel.errors import Invalid

MOST_FOR_AN_AGENT = 50


class Clash(StrEnum):
    """Which ballot counts when a line sent one by phone and one on paper."""

    FIRST = "first"
    PAPER = "paper"
    PHONE = "phone"


CLASH_WORDS = {
    Clash.FIRST: "同一票既用手机投、又交了纸质票的，以先收到的有效票为准，另一张留存不计",
    Clash.PAPER: "同一票既用手机投、又交了纸质票的，以纸质票为准，手机票留存不计",
    Clash.PHONE: "同一票既用手机投、又交了纸质票的，以手机票为准，纸质票留存不计",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """How a vote is cast. ``agent_limit``: lines one agent may vote for (0: no proxies).

    ``bar_staff``: people on the barred list of the place (staff of the property company) may not be agents.
    """

    clash: Clash = Clash.FIRST
    paper: bool = True
    agent_limit: int = 1
    bar_staff: bool = True


def of(stored: Terms | None, *, secret: bool, owners: bool) -> Terms:
    """The terms that hold: what was set, within what this kind of vote allows.

    A secret vote takes no paper: with a serial two workers who key it would know the household's choice, and without
    one it could be bound to no line, and neither replace nor be replaced by an envelope (the last one counts). Who has
    no phone that can seal votes on a worker's, where the choice is sealed just the same. It takes no proxies either:
    a household is spoken for by any of its adults. Only owners can give a written proxy (民法典 §165).
    """
    terms = stored or Terms()
    if secret:
        terms = replace(terms, paper=False)
    if secret or not owners:
        terms = replace(terms, agent_limit=0)
    return terms


def check(terms: Terms, *, secret: bool, owners: bool) -> Terms:
    """The terms as they may be stored. Raises Invalid for what this kind of vote does not allow."""
    if not 0 <= terms.agent_limit <= MOST_FOR_AN_AGENT:
        raise Invalid("agent-limit", f"每名代理人最多可以代理 0 到 {MOST_FOR_AN_AGENT} 票。")
    if terms.agent_limit and (secret or not owners):
        raise Invalid("no-proxies-here", "居民投票每户一名代表，家里的成年人都可以投，不设书面委托。请把代理票数填 0。")
    if terms.paper and secret:
        raise Invalid(
            "no-paper-here",
            "无记名投票不能用带编号的纸质票：录入的人会看到是哪一户投的。没有手机的，请在工作人员的手机上自己封好再投。",
        )
    return terms
