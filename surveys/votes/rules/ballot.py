"""A ballot: may it be cast now, is it filled in properly, and how it is sealed without telling by its length.

One ballot answers every motion of a vote. A question takes 同意/反对/弃权; an election takes up to k names, and
none is 弃权.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kernel.errors import Conflict, Invalid
from surveys.votes.rules.catalogue import Form
from surveys.votes.rules.decision import Choice
from surveys.votes.rules.lifecycle import State


class Standing(StrEnum):
    """What a ballot that was kept is worth."""

    VALID = "valid"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Paper:
    """One motion as the ballot puts it. Elections: ``candidates`` in printed order, ``most`` the k of "up to k"."""

    motion: str
    form: Form
    title: str
    text: str
    candidates: tuple[tuple[str, str], ...] = ()
    most: int = 0


Answer = Choice | frozenset[str]
"""A choice, or the names approved."""


def standing(
    *, state: State, opens_at: datetime | None, closes_at: datetime | None, now: datetime, already_cast: bool
) -> Standing:
    """What a ballot arriving at ``now`` (the application's clock) is worth.

    After the closing instant it is kept and not counted: LATE. Raises Conflict when voting is not open yet, or when the
    line was used already (a named vote is not recast).
    """
    if state in (State.DRAFT, State.PUBLISHED) or opens_at is None or closes_at is None or now < opens_at:
        raise Conflict("not-open", "投票还没有开始，请到公告写明的时间再来。")
    if already_cast:
        raise used_already()
    if state is not State.OPEN or now >= closes_at:
        return Standing.LATE
    return Standing.VALID


def used_already() -> Conflict:
    """The refusal of a second ballot on a line."""
    return Conflict("already-cast", "这一票已经投过了，不能重投。您可以在投票页面查看回执。")


def check(papers: Sequence[Paper], answers: Mapping[str, object]) -> dict[str, Answer]:
    """Shape what was ticked into answers, one for every motion on the ballot.

    ``answers`` maps a motion's id to a choice word or to a list of candidate ids. A name ticked twice counts once.
    Raises Invalid with one sentence a wrong motion: missing, not on the ballot, unknown choice or name, too many names.
    """
    wrong: dict[str, list[str]] = {}
    answered: dict[str, Answer] = {}
    known = {paper.motion for paper in papers}
    for motion in answers.keys() - known:
        wrong[motion] = ["公告里没有这一项，不能表决"]
    for paper in papers:
        if paper.motion not in answers:
            wrong[paper.motion] = ["这一项还没有选"]
            continue
        try:
            answered[paper.motion] = _answer(paper, answers[paper.motion])
        except ValueError as error:
            wrong[paper.motion] = [str(error)]
    if wrong:
        raise Invalid("ballot-not-complete", "选票没有填对，请看标出的地方，改好再投。", wrong)
    return answered


def must_not_name(papers: Sequence[Paper], answers: Mapping[str, object], withdrawn: Collection[str]) -> None:
    """Whoever stepped back after the paper was printed is not voted for by phone. Raises Invalid naming them.

    On paper such a vote cannot be refused any more: it is kept, and void.
    """
    wrong: dict[str, list[str]] = {}
    for paper in papers if withdrawn else ():
        given = answers.get(paper.motion)
        ticked = given if isinstance(given, list | tuple | set | frozenset) else ()
        named = [name for identity, name in paper.candidates if identity in withdrawn and identity in ticked]
        if named:
            wrong[paper.motion] = [f"{'、'.join(named)}已退选，选了作废，请改选别人"]
    if wrong:
        raise Invalid("candidate-withdrawn", "选了已经退选的人，请改好再投。", wrong)


def text_hash(vote: str, title: str, papers: Sequence[Paper]) -> str:
    """SHA-256 (hex) of exactly what the voter reads: title, motions, candidates and limits, in printed order.

    A ballot names the text it answers, so a text changed under a voter's hands is noticed (电子签名法 §13).
    """
    shown = [[p.motion, str(p.form), p.title, p.text, p.most, [list(each) for each in p.candidates]] for p in papers]
    return hashlib.sha256(_json(["gongjian-ballot", 1, vote, title, shown]).encode()).hexdigest()


def pack(papers: Sequence[Paper], answers: Mapping[str, Answer]) -> str:
    """The answers as text to be sealed: always the same length for one ballot paper, whatever was chosen."""
    packed = _packed(papers, answers)
    longest = {
        paper.motion: max(Choice, key=len)
        if paper.form is Form.QUESTION
        else frozenset(sorted((name for name, _ in paper.candidates), key=len, reverse=True)[: paper.most])
        for paper in papers
    }
    return packed.ljust(len(_packed(papers, longest)))


def unpack(papers: Sequence[Paper], text: str) -> dict[str, Answer]:
    """What was sealed by ``pack``, checked again. Raises Invalid for anything the ballot paper does not allow."""
    return check(papers, json.loads(text))


def _packed(papers: Sequence[Paper], answers: Mapping[str, Answer]) -> str:
    return _json({paper.motion: _plain(answers[paper.motion]) for paper in papers})


def _plain(answer: Answer) -> str | list[str]:
    return str(answer) if isinstance(answer, Choice) else sorted(answer)


def _answer(paper: Paper, given: object) -> Answer:
    if paper.form is Form.QUESTION:
        if not isinstance(given, str) or given not in set(Choice):
            raise ValueError("请在同意、反对、弃权里选一个")
        return Choice(given)
    if not isinstance(given, list | tuple | set | frozenset) or not all(isinstance(name, str) for name in given):
        raise ValueError("请勾选候选人")
    names = frozenset(given)
    if not names <= {name for name, _ in paper.candidates}:
        raise ValueError("有的名字不在候选人名单里")
    if len(names) > paper.most:
        raise ValueError(f"最多选 {paper.most} 人，您选了 {len(names)} 人")
    return names


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
