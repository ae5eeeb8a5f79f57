"""Which questions are the owner's to answer, and for whom a sheet speaks.

Consent to works and willingness to pay are an owner's; needs are those of whoever lives there (DOMAIN §1.3: a tenant's
form is valid for needs, never for consent or money). Which question is which is data of the questionnaire::

    "subjects":  {"consent": ["q09", …], "money": ["q26", …]}
    "speaks_as": {"question": "q02", "tenant": ["tenant", "public_tenant"]}

A questionnaire without them asks about needs alone, and everybody's sheet counts whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

SUBJECTS = ("consent", "money")
TENANT_RELATION = "tenant"


class Part(StrEnum):
    """What of a sheet is counted."""

    ALL = "all"
    NEEDS = "needs"
    """everything but the owner's questions"""
    OWNERS = "owners"
    """the owner's questions alone: consent and money"""


class Speaks(StrEnum):
    """For whom a sheet speaks."""

    OWNER = "owner"
    TENANT = "tenant"


def owners_questions(document: Mapping[str, Any], codes: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Codes of the owner's questions. ``codes``: (code, code of the question it is an extra field of, or "")."""
    subjects = document.get("subjects") or {}
    named = {code for subject in SUBJECTS for code in subjects.get(subject, ())}
    return frozenset(code for code, parent in codes if code in named or parent in named)


def speaks_as(document: Mapping[str, Any], relation: str, answers: Mapping[str, Any]) -> Speaks:
    """For whom a sheet speaks: for a tenant as soon as the registration or the sheet itself says so."""
    said = document.get("speaks_as") or {}
    if relation == TENANT_RELATION or answers.get(said.get("question", "")) in said.get(Speaks.TENANT, ()):
        return Speaks.TENANT
    return Speaks.OWNER


def part_of(answers: Mapping[str, Any], owners: frozenset[str], part: Part) -> dict[str, Any]:
    """The answers of a part of a sheet. ``owners``: codes of the owner's questions."""
    if part == Part.ALL:
        return dict(answers)
    return {code: value for code, value in answers.items() if (code in owners) == (part == Part.OWNERS)}


def problems(document: Mapping[str, Any], options: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    """Yield (where, what) is wrong with the two entries. ``options``: question code → codes of its options."""
    subjects = document.get("subjects", {})
    if not isinstance(subjects, dict) or subjects.keys() - set(SUBJECTS):
        yield "subjects", f"subjects 里只写 {'、'.join(SUBJECTS)}"
    else:
        for subject, codes in subjects.items():
            for code in codes if isinstance(codes, list) else [codes]:
                if not isinstance(code, str) or code not in options:
                    yield "subjects", f"{subject} 里的 {code} 不是题目"
    said = document.get("speaks_as")
    if said is None:
        return
    fine = isinstance(said, dict) and said.keys() == {"question", "tenant"} and isinstance(said["question"], str)
    if not fine or said["question"] not in options or not isinstance(said["tenant"], list):
        yield "speaks_as", "speaks_as 要写 question（题目代码）和 tenant（选项代码的清单）"
        return
    for code in said["tenant"]:
        if not isinstance(code, str) or code not in options[said["question"]]:
            yield "speaks_as", f"{said['question']} 没有 {code} 这个选项"
