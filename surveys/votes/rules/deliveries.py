"""How a notice reached a flat, and when that is proved well enough to hold silence against its owner.

指导规则 §26 and (2022)沪02民初16号: silence counts only where the ballot was effectively delivered; delivery to tenants
was what that case was lost and won over, so who took it is part of the record. Owners nobody can reach are told by
public notice of some days (Binzhou 5, Zhoushan 7), which counts when the days are over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kernel.calendar import days_after, end_of
from kernel.clock import china_day
from kernel.errors import Invalid

PUBLIC_DAYS = 7
FEWEST_PUBLIC_DAYS, MOST_PUBLIC_DAYS = 5, 60


class Way(StrEnum):
    """How the notice was delivered."""

    APP = "app"
    HANDED = "handed"
    POSTED = "posted"
    MAIL = "mail"
    PUBLIC = "public"


WAY_WORDS: Mapping[Way, str] = {
    Way.APP: "微信上打开公告",
    Way.HANDED: "当面送交",
    Way.POSTED: "张贴在门口",
    Way.MAIL: "挂号信",
    Way.PUBLIC: "公告送达",
}


class Recipient(StrEnum):
    """Who took it."""

    OWNER = "owner"
    FAMILY = "family"
    TENANT = "tenant"
    NOBODY = "nobody"


RECIPIENT_WORDS: Mapping[Recipient, str] = {
    Recipient.OWNER: "业主本人",
    Recipient.FAMILY: "同住的成年家属",
    Recipient.TENANT: "租户",
    Recipient.NOBODY: "没有人在",
}
_IN_PERSON = frozenset({Recipient.OWNER, Recipient.FAMILY})


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of a notice to a flat. ``effective_at``: when it counts; ``proofs``: photos kept beside it."""

    dwelling: str
    way: Way
    recipient: Recipient
    effective_at: datetime
    proofs: int


def check(way: Way, recipient: Recipient) -> None:
    """Raises Invalid for a record that says two things: handed to nobody, an app's own or a public one by hand."""
    if way is Way.HANDED and recipient is Recipient.NOBODY:
        raise Invalid(
            "nobody-took-it", "当面送交要写明交给了谁。没有人在，请选“张贴在门口”。", {"recipient": ["请选择"]}
        )
    if way in (Way.APP, Way.PUBLIC):
        raise Invalid("not-by-hand", "微信送达由系统自动记录，公告送达请用“公告送达”。", {"way": ["请选别的方式"]})


def effective(way: Way, at: datetime, *, public_days: int = 0) -> datetime:
    """When a delivery made at ``at`` counts: at once; a public notice when its days are over (民法典 §201, §203)."""
    if way is not Way.PUBLIC:
        return at
    if not FEWEST_PUBLIC_DAYS <= public_days <= MOST_PUBLIC_DAYS:
        raise Invalid(
            "public-days",
            f"公告送达的天数要在 {FEWEST_PUBLIC_DAYS} 到 {MOST_PUBLIC_DAYS} 之间。",
            {"days": ["超出范围"]},
        )
    return end_of(days_after(china_day(at), public_days).day)


def proved(delivery: Delivery, *, by: datetime) -> bool:
    """Does a delivery prove that the owner could know, before ``by``? Opened on the owner's phone; else with a photo:
    taken by owner or family, posted, by registered mail, or by a public notice whose days are over. Never by a tenant.
    """
    if delivery.effective_at > by or delivery.recipient is Recipient.TENANT:
        return False
    if delivery.way is Way.APP:
        return True
    return delivery.proofs > 0 and (delivery.way is not Way.HANDED or delivery.recipient in _IN_PERSON)


def reached(deliveries: Iterable[Delivery], *, by: datetime) -> set[str]:
    """The dwellings whose delivery is proved."""
    return {each.dwelling for each in deliveries if proved(each, by=by)}
