"""Sheets that come in the words a campaign asked with before a correction: taken in them, or shown once more."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from kernel.errors import Conflict
from surveys.questionnaires.corrections import queries
from surveys.questionnaires.corrections.reading import steps_of
from surveys.questionnaires.queries import Asked
from surveys.questionnaires.rules import carried as rules
from surveys.questionnaires.rules import mapping
from surveys.questionnaires.rules.mapping import Correspondence
from surveys.questionnaires.rules.plan import Line
from surveys.questionnaires.services.forms import plan_of

CORRECTED = Conflict(
    "questionnaire-corrected",
    "问卷刚刚改正过，有的题要请您再看一下。请刷新这一页，看一遍再提交；您填好的都还在。",
)
Answers = Mapping[str, Any]


def wording(session: Session, campaign_id: int, content_hash: str) -> int | None:
    """The version a campaign asked with before, by its hash."""
    found = (row[0] for row in queries.older_wordings(session, campaign_id) if row[2] == content_hash)
    return next(found, None)


def taken_in(session: Session, campaign_id: int, current: tuple[int, str], said: str | None) -> tuple[int, str]:
    """(version, its hash) in whose words a sheet is taken that says it was filled in with the words of a hash.

    ``current``: of what the campaign asks with now. What was filled in before a correction (at a door without a
    network, on a page that stood open, on paper) is kept in the words that were asked, and read in the new ones by
    whoever counts or lists it. Raises Conflict for words the campaign has never asked with.
    """
    if said is None or said == current[1]:
        return current
    older = wording(session, campaign_id, said)
    if older is None:
        raise CORRECTED
    return older, said


def must_be_carried(session: Session, asked: Asked, version_id: int, answers: Answers, facts: Answers) -> None:
    """Raise Conflict (questionnaire-corrected) when whoever gave some answers in the words of an older version has to
    look at questions again (``rules.carried``); ``in_current_words`` says which."""
    steps = steps_of(session, asked.campaign_id, version_id, asked.version_id)
    if not steps or _again(session, asked, answers, mapping.along(steps)(answers), steps, facts):
        raise CORRECTED


def _again(
    session: Session, asked: Asked, answers: Answers, now: Answers, steps: rules.Steps, facts: Answers
) -> list[rules.Again]:
    plan = plan_of(session, asked.version_id, asked.content_hash)
    return rules.to_look_at(answers, steps, plan.asked(now, facts))


@dataclass(frozen=True)
class Carried:
    """A sheet somebody has begun or wanted to hand in, in the words of today. ``again``: what he is to look at again;
    ``no_more``: what he had answered and nobody is asked any more."""

    answers: dict[str, Any]
    again: list[rules.Again]
    no_more: list[Line]


def carried(session: Session, asked: Asked, content_hash: str, answers: Answers, facts: Answers) -> Carried:
    """The same of answers ({question: value}, not judged) given in the words of a hash."""
    steps = _steps(session, asked.campaign_id, content_hash, asked.version_id)
    now = begun_in_old_words(session, asked.campaign_id, content_hash, answers, asked.version_id)
    if not steps:
        return Carried(dict(now), [], [])
    again = _again(session, asked, answers, now, steps, facts)
    return Carried(dict(now), again, rules.no_more_asked(answers, steps))


def _steps(session: Session, campaign_id: int, content_hash: str, now: int) -> rules.Steps | None:
    old = wording(session, campaign_id, content_hash)
    return steps_of(session, campaign_id, old, now) if old is not None else None


def begun_in_old_words(session: Session, campaign_id: int, content_hash: str, answers: Answers, now: int) -> Answers:
    """Answers nobody has checked yet ({question: value, None takes it away}), written in the words of a hash, in those
    of the version ``now``. What has no counterpart, or no shape the mapping knows, is left out; unknown words change
    nothing."""
    found = dict(answers)
    for step in _steps(session, campaign_id, content_hash, now) or ():
        found = _unchecked(found, step)
    return found


def _unchecked(answers: Answers, step: Correspondence) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for code, value in answers.items():
        if value is None:
            made[step.questions.get(code) or code] = None
            continue
        with contextlib.suppress(AttributeError, LookupError, TypeError, ValueError):
            made |= mapping.mapped({code: value}, step)
    return made
