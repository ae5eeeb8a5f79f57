"""What a correction does to a sheet that was just filled in with the words before it: which questions to look at again.

An answer is carried when its question and every part of it (options, rows, marks in the rows of a repeat) has become
something of the newer wording; two options that became one are. What has become nothing is not counted, so whoever gave
it is asked again, unless nobody is asked that any more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from surveys.questionnaires.rules.mapping import CHOOSING, ROWED, Correspondence, mapped
from surveys.questionnaires.rules.plan import Asked, Line, in_words
from surveys.questionnaires.rules.questions import Question

Steps = tuple[Correspondence, ...]


@dataclass(frozen=True)
class Again:
    """A question of the newer wording to look at. ``was``: what was answered before, in words; () for a new one."""

    code: str
    was: tuple[str, ...]


def lost(answers: Mapping[str, Any], steps: Steps) -> dict[str, str | None]:
    """Questions of the old wording of whose answers something is left out, and what they have become (None: they are
    not asked any more). ``answers``: in the shape in which a phone sends them, checked or not."""
    known = steps[0].old.by_code
    return {
        code: _end(code, steps)
        for code, value in answers.items()
        if value is not None and code in known and not _arrives(code, value, steps)
    }


def _arrives(code: str, value: Any, steps: Steps) -> bool:
    here = {code: value}
    for step in steps:
        ((code, value),) = here.items()
        try:
            if not _is_whole(step.old.by_code[code], value, step):
                return False
            here = mapped(here, step)
        except (AttributeError, LookupError, TypeError, ValueError):  # of no shape the mapping knows
            return False
        if not here:
            return False
    return True


def _is_whole(question: Question, value: Any, step: Correspondence) -> bool:
    to = step.options.get(question.code, {})
    if question.kind == "repeat":
        return all(_is_whole_row(question, row, step) for row in value)
    if question.kind in ROWED:
        return all(to.get(row) for row in value)
    if question.kind in CHOOSING:
        return all(to.get(code) for code in ([value] if question.kind == "single" else value))
    return True


def _is_whole_row(question: Question, row: Mapping[str, Any], step: Correspondence) -> bool:
    for one in question.inner:
        value = row.get(one.code[len(question.code) + 1 :])
        if value is not None and not (step.questions.get(one.code) and _is_whole(one, value, step)):
            return False
    return True


def _end(code: str, steps: Steps) -> str | None:
    """What a question has become at the end of the way; None where it is not asked any more."""
    at: str | None = code
    for step in steps:
        at = step.questions.get(at) if at is not None else None
    return at


def to_look_at(answers: Mapping[str, Any], steps: Steps, asked: Iterable[Asked]) -> list[Again]:
    """What whoever answered is to look at again, in the order of the sheet; [] when his answers are carried whole.

    ``asked``: what his household is asked now. He looks at every question of which something he had answered is left
    out, and at what is new and must be answered; where an answer has gone with its question, at all that is new, for it
    may stand in its place.
    """
    gone, old = lost(answers, steps), steps[0].old
    reached = {_end(code, steps) for code in old.with_inner}
    found = []
    for one in asked:
        was = [code for code, target in gone.items() if target == one.code]
        if was or (one.code not in reached and (one.needed or None in gone.values())):
            texts = (text for code in was for text in in_words(old.by_code[code], answers[code]))
            found.append(Again(one.code, tuple(texts)))
    return found


def no_more_asked(answers: Mapping[str, Any], steps: Steps) -> list[Line]:
    """What he had answered and nobody is asked any more."""
    dropped = (steps[0].old.by_code[code] for code, target in lost(answers, steps).items() if target is None)
    return [Line(one.no, one.title, in_words(one, answers[one.code])) for one in dropped]
