"""Who may sit in a body, for how long, who moves up, and whether it is on file."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kernel.calendar import days_after, end_of, same_day_after
from kernel.clock import china_day
from kernel.errors import Conflict, Invalid
from surveys.votes.rules.bodies import BodyKind, Office


class Left(StrEnum):
    """Why a member left before the term was over."""

    RESIGNED = "resigned"
    MOVED = "moved"
    SOLD = "sold"
    RECALLED = "recalled"
    OTHER = "other"


class Filed(StrEnum):
    """How a body stands with its filing (备案)."""

    WAITING = "waiting"
    LATE = "late"
    ON_FILE = "on_file"
    CHANGED = "changed"
    """somebody joined, left or changed office since the last filing"""


@dataclass(frozen=True)
class Chosen:
    """A member as staff put it together: candidate and person by public id, and whether the name may be shown."""

    candidate: str
    person: str
    office: Office
    shown: bool


def term_end(starts_at: datetime, years: int) -> datetime:
    """The end of a term: 24:00 of the same day so many years on (the last of February for the 29th)."""
    return end_of(same_day_after(china_day(starts_at), 12 * years))


def check_term(kind: BodyKind, years: int) -> None:
    """Raises Invalid for a term longer than the kind's longest."""
    if not 1 <= years <= kind.longest_years:
        raise Invalid("odd-term", f"任期请填 1 到 {kind.longest_years} 年。", {"years": ["请检查"]})


def check_members(
    kind: BodyKind, elected: Collection[str], chosen: Sequence[Chosen], *, leader: str | None = None
) -> None:
    """Raises Invalid unless the members were elected, nobody stands twice, no more vices than the kind has, and one is
    the leader – the one elected directly, where there is one.
    """
    if not chosen:
        raise Invalid("nobody-chosen", "请至少对上一名当选人。", {"members": ["请选择"]})
    if not {each.candidate for each in chosen} <= set(elected):
        raise Invalid("not-elected", f"名单里有人没有当选，不能成为{kind.title}成员。", {"members": ["只能列当选的人"]})
    for names in ([each.candidate for each in chosen], [each.person for each in chosen]):
        if len(set(names)) < len(names):
            raise Invalid("same-person-twice", "同一个人列了两次，请检查。", {"members": ["有重复的人"]})
    head = kind.offices[Office.LEADER]
    if sum(each.office is Office.LEADER for each in chosen) != 1:
        raise Invalid("one-leader", f"请选一名{head}，只能一名。", {"leader": [f"请选一名{head}"]})
    must_have_room_for_vice(kind, sum(each.office is Office.VICE for each in chosen))
    led = next(each.candidate for each in chosen if each.office is Office.LEADER)
    if leader is not None and led != leader:
        raise Invalid(
            "leader-was-elected", f"{head}是直接选出来的，请选当选的{head}。", {"leader": [f"请选当选的{head}"]}
        )


def check_joining(elected: Collection[str], chosen: Sequence[Chosen]) -> None:
    """Raises Invalid unless those who join a body in office were elected, once each, and take no office with it."""
    if not chosen or not {each.candidate for each in chosen} <= set(elected):
        raise Invalid("not-elected", "只能补入这次当选的人。", {"members": ["只能列当选的人"]})
    if len({each.person for each in chosen}) < len(chosen):
        raise Invalid("same-person-twice", "同一个人列了两次，请检查。", {"members": ["有重复的人"]})
    if any(each.office is not Office.MEMBER for each in chosen):
        raise Invalid("joins-as-member", "补入的先任成员，职务由成员另行推选。", {"office": ["请去掉"]})


def must_have_room_for_vice(kind: BodyKind, vices: int) -> None:
    """Raises Invalid for more vices than the kind has."""
    if vices > kind.vices:
        word = kind.offices[Office.VICE]
        raise Invalid("too-many-vices", f"{word}最多 {kind.vices} 名。", {"office": [f"{word}最多 {kind.vices} 名"]})


def check_change(kind: BodyKind, held: Sequence[Office], was: Office, becomes: Office) -> None:
    """Whether a sitting member may change office. ``held``: what everybody holds, the member's own ``was`` included.

    Raises Conflict when nothing changes or nobody would lead, Invalid for one vice too many.
    """
    if was is becomes:
        raise Conflict("holds-it-already", f"这名成员已经是{kind.offices[becomes]}。")
    if was is Office.LEADER:
        raise Conflict("somebody-leads", f"请直接改任另一名成员为{kind.offices[Office.LEADER]}，原来的会改任成员。")
    if becomes is Office.VICE:
        must_have_room_for_vice(kind, sum(each is Office.VICE for each in held) + 1)


def next_up(alternates: Sequence[str], declined: Collection[str]) -> str | None:
    """Who moves up: the first of the alternates, by votes, who has not declined."""
    return next((each for each in alternates if each not in declined), None)


def bears(candidate: str, person: str) -> bool:
    """Whether a name on the ballot paper is a person's; namesakes are told apart there by a building behind it."""
    rest = candidate.removeprefix(person)
    return bool(person) and (not rest or (rest != candidate and not "\u4e00" <= rest[0] <= "\u9fff"))


def file_until(kind: BodyKind, starts_at: datetime) -> datetime | None:
    """By when a new body is to be put on file (民法典 §201, §203: 24:00 of the last day); None: never."""
    return None if kind.filing_days is None else end_of(days_after(china_day(starts_at), kind.filing_days).day)


def filed(*, until: datetime, filed_at: datetime | None, changed_at: datetime, now: datetime) -> Filed:
    """How the filing stands. ``filed_at``: when the last was recorded, ``changed_at``: the members' last change."""
    if filed_at is None:
        return Filed.LATE if now >= until else Filed.WAITING
    return Filed.CHANGED if changed_at > filed_at else Filed.ON_FILE


def check_filing(filed_on: date, *, starts_at: datetime, now: datetime) -> None:
    """Raises Invalid for a filing before the body was formed or in the future."""
    if not china_day(starts_at) <= filed_on <= china_day(now):
        raise Invalid("odd-day", "备案日期要在成立以后、今天以前。", {"filed_on": ["请照备案回执填写"]})
