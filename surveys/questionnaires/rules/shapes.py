"""Whether a document has the shape of a questionnaire at all: lists where lists belong, words where words do.

What is wrong in substance is found afterwards and told by question; this only keeps the rest from stumbling.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from surveys.questionnaires.rules import languages

_LISTS = ("options", "rows", "items", "more_options", "questions")
_OF_WORDS = ("labels", "levels", "options_from")
_NUMBERS = ("min", "max", "count", "decimals", "caption", "lines")
_EXACT = ("low", "high", "step")
_WORDS = ("code", "kind", "title", "hint", "no", "text", "unit", "none", "placeholder", "row_label", "rows_from")
_WORDS_TOO = (
    "label",
    "under",
    "at_most",
    "at_least",
    "low_label",
    "high_label",
    "caption_hint",
    "catalogue",
    "section",
    "pattern",
)
_MESSAGES = ("wrong", "missing")
_TRUTHS = ("required", "private", "alone", "must", "not_future")


def problems(raw: Mapping[str, Any]) -> Iterator[str]:
    """Yield what keeps a document from being read, in Chinese."""
    for key, needed in (("sections", ("code",)), ("classes", ("code",)), ("catalogue", ("class", "code", "label"))):
        entries = raw.get(key, [])
        if not _objects(entries):
            yield f"{key} 应是一列对象"
            continue
        for one in entries:
            yield from _plain(one, key)
            if any(not isinstance(one.get(name), str) for name in needed):
                yield f"{key} 的每一项要有 {'、'.join(needed)}"
            elif key == "sections":
                yield from _questions(one.get("questions", []))
    intro = raw.get("intro", [])
    if not isinstance(intro, str) and not _words(intro):
        yield "intro 应是一列文字"
    yield from languages.shape(raw)


def _objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _questions(questions: Any) -> Iterator[str]:
    if not _objects(questions):
        yield "questions 应是一列对象"
        return
    for entry in questions:
        code = str(entry.get("code"))[:40]
        yield from _plain(entry, code)
        if isinstance(entry.get("text"), dict):
            yield f"{code} 的 text 应是文字"
        for key in _OF_WORDS:
            if key in entry and not _words(entry[key]):
                yield f"{code} 的 {key} 应是一列文字"
        for key in _LISTS:
            if not _objects(entry.get(key, [])):
                yield f"{code} 的 {key} 应是一列对象"
            elif key == "questions":
                yield from _questions(entry.get(key, []))
            else:
                for one in entry.get(key, []):
                    yield from _part(one, key, code)


def _part(one: Mapping[str, Any], key: str, code: str) -> Iterator[str]:
    where = f"{code} 的 {key}"
    yield from _plain(one, where)
    if key in ("rows", "items") and not (isinstance(one.get("code"), str) and one.get("label")):
        yield f"{where} 的每一项要有代码和文字"
    for field in ("text", "number"):
        if field not in one:
            continue
        if isinstance(one[field], dict):
            yield from _plain(one[field], where)
        else:
            yield f"{where} 的 {field} 应是对象"


def _plain(entry: Mapping[str, Any], where: str) -> Iterator[str]:
    for key in _NUMBERS:
        if key in entry and type(entry[key]) is not int:
            yield f"{where} 的 {key} 应是整数"
    for key in _EXACT:
        if key in entry and type(entry[key]) not in (int, str):
            yield f'{where} 的 {key} 应是整数；有小数的写成文字，如 "0.5"'
    for key in (*_WORDS, *_WORDS_TOO, *_MESSAGES):
        if key in entry and not isinstance(entry[key], str | dict if key == "text" else str):
            yield f"{where} 的 {key} 应是文字"
    for key in _TRUTHS:
        if key in entry and type(entry[key]) is not bool:
            yield f"{where} 的 {key} 应是 true 或 false"
