"""A questionnaire in the parts in which a phone fetches it: the first question waits for the first part alone."""

from collections.abc import Mapping
from typing import Any

MOST_IN_A_PART = 16
MOST_OPTIONS = 200
"""A part ends before these are passed: a list of all villages is not to hold up the first question."""


def parts(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sections in order, long ones cut: {code, title, questions}; title is "" where a section goes on."""
    found: list[dict[str, Any]] = []
    for chapter in document["sections"]:
        fresh = {"code": chapter.get("code"), "title": chapter.get("title", ""), "questions": []}
        found.append(fresh)
        options = 0
        for entry in chapter["questions"]:
            more = len(entry.get("options", []))
            if fresh["questions"] and (len(fresh["questions"]) >= MOST_IN_A_PART or options + more > MOST_OPTIONS):
                fresh, options = {"code": chapter.get("code"), "title": "", "questions": []}, 0
                found.append(fresh)
            fresh["questions"].append(entry)
            options += more
    return found
