"""Who may stand in a group, for how long, and what is handed over to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kernel.calendar import end_of, same_day_after
from kernel.clock import china_day
from kernel.errors import Invalid

MATTERS = ("residents.group", "representatives.group")
LEADER_MATTERS = ("residents.leader", "representatives.leader")
LONGEST_YEARS = 5
HANDOVER = (
    "印章和授权文件",
    "账册、凭证和银行账户",
    "公共收益和结余清单",
    "合同和保修资料",
    "钥匙和设备清单",
    "会议记录和公示存底",
    "没有办完的事项",
)


class Left(StrEnum):
    """Why a member left before the term was over."""

    RESIGNED = "resigned"
    MOVED = "moved"
    RECALLED = "recalled"
    OTHER = "other"


@dataclass(frozen=True)
class Chosen:
    """A member as staff put it together: candidate and person by public id, and whether the name may be shown."""

    candidate: str
    person: str
    leader: bool
    shown: bool


def term_end(starts_at: datetime, years: int) -> datetime:
    """The end of a term: 24:00 of the same day so many years on (the last of February for the 29th)."""
    return end_of(same_day_after(china_day(starts_at), 12 * years))


def check_members(elected: Collection[str], chosen: Sequence[Chosen], *, leader: str | None = None) -> None:
    """Raises Invalid unless the members were elected, nobody stands twice, and one is the leader – the one elected
    directly, where the residents elected one.
    """
    if not chosen:
        raise Invalid("nobody-chosen", "请至少对上一名当选人。", {"members": ["请选择"]})
    if not {each.candidate for each in chosen} <= set(elected):
        raise Invalid("not-elected", "名单里有人没有当选，不能成为小组成员。", {"members": ["只能列当选的人"]})
    for names in ([each.candidate for each in chosen], [each.person for each in chosen]):
        if len(set(names)) < len(names):
            raise Invalid("same-person-twice", "同一个人列了两次，请检查。", {"members": ["有重复的人"]})
    if sum(each.leader for each in chosen) != 1:
        raise Invalid("one-leader", "请选一名组长，只能一名。", {"leader": ["请选一名组长"]})
    if leader is not None and not any(each.leader and each.candidate == leader for each in chosen):
        raise Invalid("leader-was-elected", "组长是居民直接选出来的，请选当选的组长。", {"leader": ["请选当选的组长"]})


def next_up(alternates: Sequence[str], declined: Collection[str]) -> str | None:
    """Who moves up: the first of the alternates, by votes, who has not declined."""
    return next((each for each in alternates if each not in declined), None)


def bears(candidate: str, person: str) -> bool:
    """Whether a name on the ballot paper is a person's; namesakes are told apart there by a building behind it."""
    rest = candidate.removeprefix(person)
    return bool(person) and (not rest or (rest != candidate and not "\u4e00" <= rest[0] <= "\u9fff"))
