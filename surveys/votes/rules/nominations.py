"""Who may be nominated, who stands on the paper, what a tie or a recall needs. Local numbers are a call's settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from kernel.errors import Conflict, Invalid
from surveys.votes.rules.election import Standing

GROUP, COMMITTEE, LEADER, RECALL = "residents.group", "owners.committee_members", "residents.leader", "residents.recall"


class CallState(StrEnum):
    """Where a call for nominations stands."""

    OPEN = "open"
    LISTED = "listed"
    PRINTED = "printed"


CALL_WORDS: Mapping[CallState, str] = {
    CallState.OPEN: "提名中",
    CallState.LISTED: "候选人公示中",
    CallState.PRINTED: "已印选票",
}


class Contest(StrEnum):
    """等额: as many candidates as seats. 差额: more, by a share."""

    EQUAL = "equal"
    MORE = "more"


class Way(StrEnum):
    """How somebody was nominated."""

    SELF = "self"
    JOINT = "joint"
    COMMITTEE = "committee"


WAY_WORDS: Mapping[Way, str] = {Way.SELF: "自荐", Way.JOINT: "联名推荐", Way.COMMITTEE: "社区居委会推荐"}


class Consent(StrEnum):
    """Whether the nominee agrees to stand."""

    ASKED = "asked"
    GIVEN = "given"
    DECLINED = "declined"


class Check(StrEnum):
    """The street's check of who may stand."""

    WAITING = "waiting"
    QUALIFIED = "qualified"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Size:
    """How many a body may have."""

    low: int
    high: int
    odd: bool

    def must_fit(self, seats: int) -> None:
        """Raises Invalid for a body of another size."""
        odd = "单数" if self.odd else ""
        if not self.low <= seats <= self.high or (self.odd and seats % 2 == 0):
            raise Invalid(
                "odd-size",
                f"应选人数合计要在 {self.low} 到 {self.high} 之间的{odd}，现在是 {seats} 人。",
                {"seats": ["请检查"]},
            )


@dataclass(frozen=True, slots=True)
class Nominated:
    """A nominee as the list sees it."""

    way: Way
    signatures: int
    consent: Consent
    check: Check
    withdrawn: bool


def is_supported(nominee: Nominated, signatures_needed: int) -> bool:
    """A joint nomination needs its signatures; the others need none."""
    return nominee.way is not Way.JOINT or nominee.signatures >= signatures_needed


def may_stand(nominee: Nominated, signatures_needed: int) -> bool:
    """On the list stands who agreed, was checked, has the signatures, and has not withdrawn."""
    return (
        not nominee.withdrawn
        and nominee.consent is Consent.GIVEN
        and nominee.check is Check.QUALIFIED
        and is_supported(nominee, signatures_needed)
    )


def candidates_needed(seats: int, contest: Contest, *, num: int, den: int) -> int:
    """How many candidates a section needs: 等额 as many as seats; 差额 by ``num/den`` more, at least one."""
    return seats if contest is Contest.EQUAL else seats + max(1, -(-seats * num // den))


def must_be_enough(label: str, candidates: int, seats: int, contest: Contest, *, num: int, den: int) -> None:
    """Raises Conflict for a section with too few candidates, or under 等额 with too many."""
    needed = candidates_needed(seats, contest, num=num, den=den)
    if candidates < needed:
        raise Conflict("too-few-candidates", f"{label}至少要有 {needed} 名候选人，现在 {candidates} 名，请延长提名。")
    if contest is Contest.EQUAL and candidates > needed:
        raise Conflict("too-many-candidates", f"{label}是等额选举，应有 {needed} 名候选人，现在 {candidates} 名。")


def most_alternates(seats: int, *, num: int, den: int) -> int:
    """How many alternates at most: a share of the seats, rounded down (湖州、绍兴: 不超过二分之一)."""
    return seats * num // den


def must_nominate(state: CallState, *, until: datetime, now: datetime) -> None:
    """Raises Conflict when nominations are over."""
    if state is not CallState.OPEN or now >= until:
        raise Conflict("nominations-over", "提名已经截止，不能再提名、联名。")


def must_be_over(state: CallState, *, until: datetime, now: datetime, text: str) -> None:
    """Raises Conflict unless nominations are over and the list is not out yet."""
    if state is not CallState.OPEN:
        raise Conflict("listed-already", "候选人名单已经公示过了。")
    if now < until:
        raise Conflict("nominations-running", f"提名到 {text} 截止，截止以后才能公示候选人名单。")


def must_be_printable(state: CallState, *, until: datetime | None, now: datetime, text: str) -> None:
    """Raises Conflict unless the candidates' publicity is over."""
    if state is not CallState.LISTED or until is None:
        raise Conflict("not-listed", "要先公示候选人名单，公示期满才能印选票。")
    if now < until:
        raise Conflict("list-running", f"候选人公示到 {text}，期满才能印选票。")


# ----------------------------------------------------------------------------------------------------------------- ties


def tied_groups(motion: Mapping[str, Any]) -> list[frozenset[str]]:
    """The groups of equals of a counted election (its part of the result document) that wait for a lot or a run-off."""
    found: dict[tuple[int, str], set[str]] = {}
    for each in motion.get("candidates", ()):
        if each["standing"] in (Standing.TIED, Standing.ALTERNATE_TIED):
            found.setdefault((each["rank"], each["standing"]), set()).add(each["candidate"])
    return [frozenset(names) for _, names in sorted(found.items())]


def tied_for_a_seat(motion: Mapping[str, Any]) -> frozenset[str]:
    """Who is tied for the last seat; nobody when nobody is."""
    return frozenset(each["candidate"] for each in motion.get("candidates", ()) if each["standing"] == Standing.TIED)


def check_lot(motion: Mapping[str, Any], order: Sequence[str], witnesses: Sequence[str], *, by_hand_of: str) -> None:
    """A lot is drawn among exactly one group of equals, before two witnesses, by neither of them. Raises Invalid."""
    if len(set(order)) != len(order) or frozenset(order) not in tied_groups(motion):
        raise Invalid("not-the-tied", "抽签只在得票相同、等待决定的人之间进行，每人一次。", {"order": ["请检查"]})
    names = [" ".join(name.split()) for name in witnesses]
    if len(set(names)) != 2 or not all(names):
        raise Invalid("two-witnesses", "抽签要有两名见证人，请写两个不同的人。", {"witnesses": ["请写两名见证人"]})
    if by_hand_of.strip() in names:
        raise Invalid("drawer-witnesses", "抽签的人不能同时是见证人。", {"drawn_by": ["请换一个人"]})


# --------------------------------------------------------------------------------------------------------------- recall


class PetitionState(StrEnum):
    """Where a petition stands."""

    COLLECTING = "collecting"
    REACHED = "reached"
    LAPSED = "lapsed"


PETITION_WORDS: Mapping[PetitionState, str] = {
    PetitionState.COLLECTING: "联名中",
    PetitionState.REACHED: "已达到人数",
    PetitionState.LAPSED: "期满未达到人数",
}


def signatures_needed(roll: int, *, num: int, den: int) -> int:
    """The smallest number of lines that reach the share (以上 includes), at least one."""
    return max(1, -(-roll * num // den))


def must_collect(state: PetitionState, *, until: datetime, now: datetime) -> None:
    """Raises Conflict when signatures are no longer taken."""
    if state is PetitionState.REACHED:
        raise Conflict("petition-reached", "联名人数已经够了，罢免表决正在准备。")
    if state is PetitionState.LAPSED or now >= until:
        raise Conflict("petition-over", "这次联名已经期满，不能再签。")
