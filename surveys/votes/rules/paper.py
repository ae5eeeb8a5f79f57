"""A paper ballot's life, what two people key of it, and the account: printed = returned + void + unreturned."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kernel.errors import Conflict, Invalid
from surveys.votes.rules.ballot import Answer, Paper, Standing, check
from surveys.votes.rules.catalogue import Form
from surveys.votes.rules.decision import Choice
from surveys.votes.rules.lifecycle import State

BACKDATED = timedelta(hours=24)
"""A paper put in the box in the evening is registered the next day at the latest."""
SPOILT = "spoilt"
"""A part that cannot be read or has several boxes ticked: it counts as 弃权, as the paper says."""
SIGNED = "signed"


class PaperState(StrEnum):
    """Where a paper is."""

    PRINTED = "printed"
    HANDED = "handed"
    RETURNED = "returned"
    KEYED = "keyed"
    """once; another worker keys it again"""
    DIFFERS = "differs"
    """the two keyings differ; a third decides"""
    SETTLED = "settled"
    VOID = "void"


class VoidReason(StrEnum):
    """Why a paper counts for nothing."""

    REPRINTED = "reprinted"
    SPOILT = "spoilt"
    UNSIGNED = "unsigned"
    BOTH_BOXES = "both_boxes"
    LOST = "lost"
    WITHDRAWN = "withdrawn"


STATE_WORDS = {
    PaperState.PRINTED: "已打印",
    PaperState.HANDED: "已发出",
    PaperState.RETURNED: "已收回，待录入",
    PaperState.KEYED: "录入一次，待另一人再录",
    PaperState.DIFFERS: "两次不一致，待第三人裁定",
    PaperState.SETTLED: "已录入",
    PaperState.VOID: "作废",
}
VOID_WORDS = {
    VoidReason.REPRINTED: "补打，原号作废",
    VoidReason.SPOILT: "污损，无法辨认",
    VoidReason.UNSIGNED: "没有签名",
    VoidReason.BOTH_BOXES: "每一项都多勾",
    VoidReason.LOST: "领出后遗失",
    VoidReason.WITHDRAWN: "退回不用",
}
OUT = frozenset({PaperState.PRINTED, PaperState.HANDED})
IN = frozenset({PaperState.RETURNED, PaperState.KEYED, PaperState.DIFFERS, PaperState.SETTLED})
TO_KEY = frozenset({PaperState.RETURNED, PaperState.KEYED, PaperState.DIFFERS})

_MAY = {
    "hand": (OUT, "只有还没收回的选票可以发出。"),
    "return": (OUT, "这张选票已经收回或者作废了。"),
    "key": (frozenset({PaperState.RETURNED, PaperState.KEYED}), "这张选票现在不能录入。"),
    "decide": (frozenset({PaperState.DIFFERS}), "这张选票没有需要裁定的地方。"),
    "void": (frozenset(PaperState) - {PaperState.SETTLED, PaperState.VOID}, "已经录入或者作废的选票不能再作废。"),
}


def may(step: str, state: PaperState) -> None:
    """Whether a paper may take a step (hand, return, key, decide, void). Raises Conflict saying where it stands."""
    states, why = _MAY[step]
    if state not in states:
        raise Conflict("paper-not-there", f"这张选票是“{STATE_WORDS[state]}”。{why}")


@dataclass(frozen=True, slots=True)
class Account:
    """The papers of a vote by where they are. It adds up, or somebody has taken one away."""

    printed: int
    returned: int
    void: int
    unreturned: int
    settled: int

    @property
    def adds_up(self) -> bool:
        return self.printed == self.returned + self.void + self.unreturned


def account(printed: int, states: Iterable[PaperState]) -> Account:
    """Reckon the papers: ``printed`` is the highest number given out, ``states`` those of the papers that are there."""
    found = Counter(states)
    return Account(
        printed=printed,
        returned=sum(found[state] for state in IN),
        void=found[PaperState.VOID],
        unreturned=sum(found[state] for state in OUT),
        settled=found[PaperState.SETTLED],
    )


def received(at: datetime, *, printed_at: datetime, now: datetime) -> None:
    """Whether a paper may have been received at ``at``. Raises Invalid for the future, before it was printed, or more
    than a day ago: who registers late cannot make a late paper early.
    """
    if at > now:
        raise Invalid("in-the-future", "收到时间不能晚于现在。", {"received_at": ["请填实际收到的时间。"]})
    if at < printed_at:
        raise Invalid("before-it-was", "收到时间早于打印时间。", {"received_at": ["请填实际收到的时间。"]})
    if now - at > BACKDATED:
        raise Invalid(
            "too-long-ago", "收到的选票要在一天内登记。", {"received_at": ["超过 24 小时的，请按登记时间填写。"]}
        )


def standing(
    *,
    state: State,
    opens_at: datetime | None,
    closes_at: datetime | None,
    closed_at: datetime | None,
    received_at: datetime,
) -> Standing:
    """What a paper received at an instant is worth, whenever it is keyed.

    Late from the closing instant on (or from an earlier closing on). Raises Conflict before the opening and once the
    result is out.
    """
    if state in (State.DRAFT, State.PUBLISHED) or opens_at is None or closes_at is None or received_at < opens_at:
        raise Conflict("not-open", "投票还没有开始，这时收到的选票不能录入。")
    if state is State.RESULT:
        raise Conflict("result-is-out", "结果已经公布，不能再录入选票。请联系街道。")
    return Standing.LATE if received_at >= ended(closes_at, closed_at) else Standing.VALID


def ended(closes_at: datetime, closed_at: datetime | None) -> datetime:
    """The instant from which on a ballot is late: the closing, or an earlier one."""
    return min(closes_at, closed_at) if closed_at else closes_at


def is_belated(state: PaperState, *, ended: datetime, received_at: datetime, now: datetime) -> bool:
    """Whether a paper is registered once voting is over as received before: then a second person must say so.

    Raises Conflict for one that was never handed out: nobody brings a fresh paper in time when the time is over.
    """
    if now < ended or received_at >= ended:
        return False
    if state is not PaperState.HANDED:
        raise Conflict(
            "never-handed",
            "投票已经截止，而这张选票没有登记过发出，不能登记为截止前收到。请把收到时间留空，按迟到登记，并告诉街道。",
        )
    return True


def keyed(papers: Sequence[Paper], entries: Mapping[str, object], *, signed: bool) -> dict[str, object]:
    """What one person read off the paper, as flat fields to compare: motion → word or sorted names, and ``signed``.

    Raises Invalid, by motion, for what the paper does not offer.
    """
    readable = {motion: given for motion, given in entries.items() if given != SPOILT}
    spoilt = [paper for paper in papers if entries.get(paper.motion) == SPOILT]
    blank: dict[str, object] = {paper.motion: _nothing(paper) for paper in spoilt}
    checked = check(papers, {**readable, **blank})
    fields: dict[str, object] = {
        motion: str(answer) if isinstance(answer, Choice) else sorted(answer) for motion, answer in checked.items()
    }
    fields.update({paper.motion: SPOILT for paper in spoilt})
    return {**fields, SIGNED: signed}


def _nothing(paper: Paper) -> object:
    return str(Choice.ABSTAIN) if paper.form is Form.QUESTION else []


@dataclass(frozen=True, slots=True)
class Reading:
    """What is agreed of a paper: its answers, how many parts could not be read, or why it is void."""

    answers: Mapping[str, Answer]
    spoilt: int
    void: VoidReason | None


def read(papers: Sequence[Paper], agreed: Mapping[str, object]) -> Reading:
    """From agreed fields to answers. Unsigned: void. Every part spoilt: void. A spoilt part: 弃权 (no name)."""
    spoilt = sum(agreed[paper.motion] == SPOILT for paper in papers)
    void = None
    if not agreed[SIGNED]:
        void = VoidReason.UNSIGNED
    elif spoilt == len(papers):
        void = VoidReason.BOTH_BOXES
    plain = {
        paper.motion: _nothing(paper) if agreed[paper.motion] == SPOILT else agreed[paper.motion] for paper in papers
    }
    return Reading(check(papers, plain), spoilt, void)
