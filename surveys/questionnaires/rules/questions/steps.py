"""Walking through questions in the order of the sheet: who is asked what, and is every answer in order.

The whole sheet is walked this way, and each row of a repeat again. What is answered is kept as conditions see it, under
full codes (``q40.age``); what is found is handed back under keys as they stand in the answers (``age`` in a row).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from surveys.questionnaires.rules import branching
from surveys.questionnaires.rules.questions.base import Context, Kind, Offer, Question, Refused, offer_of

REQUIRED = "这一题要填。"
NOT_ASKED = "按前面的回答，这一题不用填。请刷新页面，核对后再提交。"


@dataclass(frozen=True)
class Step:
    """One question that takes an answer, compiled. ``key``: its code as it stands in the answers it is walked over."""

    code: str
    key: str
    check: Any
    required: bool
    show: branching.Test | None
    require: branching.Test | None
    offer: Offer | None
    private: bool
    conditional: bool
    """Whether some households are not asked it."""


def steps(questions: Iterable[Question], kinds: Mapping[str, Kind], *, within: str = "") -> tuple[Step, ...]:
    """The answerable questions as steps; ``within``: the code of the repeat they stand in."""
    cut = len(within) + 1 if within else 0
    return tuple(
        Step(
            question.code,
            question.code[cut:],
            kinds[question.kind].check(question),
            question.required,
            branching.compiled(question.show_if) if question.show_if else None,
            kinds[question.kind].require(question),
            offer_of(question),
            question.private,
            conditional=bool(question.show_if or offer_of(question)),
        )
        for question in questions
        if kinds[question.kind].answerable
    )


def empty(value: Any) -> bool:
    """Whether it says nothing. Zero and false say something."""
    return not value and not isinstance(value, int | float)


def asks(step: Step, kept: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    """Whether the question is asked: its condition holds, and there is something left to choose from."""
    if step.show is not None and not step.show(kept, facts):
        return False
    return step.offer is None or bool(step.offer(kept, facts))


def needs(step: Step, kept: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    """Whether an asked question must be answered."""
    return step.required or (step.require is not None and step.require(kept, facts))


def walk(
    walked: Iterable[Step],
    answers: Mapping[str, Any],
    kept: dict[str, Any],
    facts: Mapping[str, Any],
    today: date,
    faults: dict[str, list[str]],
    *,
    complete: bool = True,
) -> Iterator[tuple[Step, Any]]:
    """Yield (step, value in normal form) of what is answered; what is wrong goes to ``faults`` by full code, and
    ``kept`` grows by what conditions may read (nothing personal). ``complete``: what has to be answered is."""
    context = Context(today, kept, facts)
    hidden: list[str] = []
    for step in walked:
        value = answers.get(step.key)
        there = not empty(value)
        if step.conditional and not asks(step, kept, facts):
            if there:
                hidden.append(step.code)
            continue
        if there:
            try:
                value = step.check(value, context)
            except Refused as refused:
                faults[step.code] = [refused.text]
                continue
            there = not empty(value)
        if not there:
            if complete and needs(step, kept, facts):
                faults[step.code] = [REQUIRED]
            continue
        if not step.private:
            kept[step.code] = value
        yield step, value
    if not faults:
        # Beside a wrong answer, what depends on it may be asked after all; so this is said only when all else is right.
        faults.update((code, [NOT_ASKED]) for code in hidden)
