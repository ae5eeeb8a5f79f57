"""A questionnaire in several languages: its own words, and translations of them by address.

A document's own words are Chinese, unless ``language`` {code, name} says otherwise. ``languages`` holds the others::

    "languages": [{"code": "en", "name": "English", "texts": {"title": "Survey", "q02/title": "You are",
                   "q02/options/owner": "the owner", "q02.other/label": "please say", "section/home": "Home"}}]

An address is a question's whole code (``old.age`` inside a repeat, ``q02.other`` for the field of an option) with what
it is a text of. A translation belongs to the document, so it is frozen, hashed and compared with it. What has none is
shown in the document's own words; words that stand in several places need translating once.
"""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

CHINESE = ("zh", "中文")
_CODE = re.compile(r"[a-z]{2,8}(-[a-z0-9]{2,8})*", re.ASCII)
_OF_QUESTION = ("title", "hint", "text", "unit", "placeholder", "row_label", "low_label", "high_label", "caption_hint")
_OF_QUESTION_TOO = ("none", "wrong", "missing")
_OF_FIELD = ("label", "placeholder", "unit")
MOST_LANGUAGES = 8
LONGEST = 4000


@dataclass(frozen=True)
class Place:
    """A text of a document: where it is kept."""

    address: str
    holder: Any
    key: str | int

    @property
    def text(self) -> str:
        """The words."""
        return str(self.holder[self.key])


def places(document: Mapping[str, Any]) -> Iterator[Place]:
    """Every text that may be translated, in the order of the sheet."""
    yield from _words(document, "", ("title",))
    if isinstance(document.get("intro"), str):
        yield from _words(document, "", ("intro",))
    else:
        yield from _lines(document.get("intro", []), "intro")
    for chapter in document.get("sections", []):
        if chapter.get("title"):
            yield Place(f"section/{chapter.get('code')}", chapter, "title")
        for entry in chapter.get("questions", []):
            yield from _of(entry, str(entry.get("code")))


def _of(entry: Mapping[str, Any], code: str) -> Iterator[Place]:
    yield from _words(entry, f"{code}/", (*_OF_QUESTION, *_OF_QUESTION_TOO))
    for key in ("labels", "levels"):
        yield from _lines(entry.get(key, []), f"{code}/{key}")
    for key in ("options", "rows", "items"):
        for one in entry.get(key, []):
            own = f"{code}/{key}/{one.get('code')}"
            if isinstance(one.get("label"), str) and one["label"]:
                yield Place(own, one, "label")
            yield from _words(one, f"{own}/", ("unit",))
            for kind in ("text", "number"):
                if isinstance(one.get(kind), dict):
                    yield from _words(one[kind], f"{code}.{one.get('code')}/", _OF_FIELD)
    for part in entry.get("questions", []):
        yield from _of(part, f"{code}.{part.get('code')}")


def _words(holder: Mapping[str, Any], before: str, keys: tuple[str, ...]) -> Iterator[Place]:
    for key in keys:
        if isinstance(holder.get(key), str) and holder[key]:
            yield Place(f"{before}{key}", holder, key)


def _lines(lines: Any, before: str) -> Iterator[Place]:
    for number, line in enumerate(lines if isinstance(lines, list) else []):
        if isinstance(line, str) and line:
            yield Place(f"{before}/{number + 1}", lines, number)


def own(document: Mapping[str, Any]) -> tuple[str, str]:
    """(code, name) of the language a document is written in."""
    said = document.get("language")
    return (said["code"], said["name"]) if said else CHINESE


def names(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(code, name) of every language a questionnaire can be read in, its own first."""
    return [own(document), *((each["code"], each["name"]) for each in document.get("languages", []))]


def chosen(document: Mapping[str, Any], wanted: str) -> str:
    """The wanted language where the questionnaire has it, else Chinese, else its own."""
    codes = [code for code, _ in names(document)]
    return next((code for code in (wanted, CHINESE[0]) if code in codes), codes[0])


def texts_of(document: Mapping[str, Any], language: str) -> dict[str, str]:
    """A translation by address; words translated at one place stand for the same words elsewhere."""
    said: dict[str, str] = {}
    for each in document.get("languages", []):
        if each["code"] == language:
            said = each["texts"]
    known: dict[str, set[str]] = {}
    for place in places(document):
        if place.address in said:
            known.setdefault(place.text, set()).add(said[place.address])
    found = {}
    for place in places(document):
        same = known.get(place.text, set())
        if place.address in said:
            found[place.address] = said[place.address]
        elif len(same) == 1:
            found[place.address] = next(iter(same))
    return found


def missing(document: Mapping[str, Any], language: str) -> list[str]:
    """Addresses of texts that a language has no words for."""
    said = texts_of(document, language)
    return [place.address for place in places(document) if place.address not in said]


def spoken(document: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The document in a language, as one that has no other; what is not translated stays in its own words. Only to be
    read: in its own language its parts are the document's."""
    kept = {key: value for key, value in document.items() if key != "languages"}
    if language == own(document)[0]:
        return kept
    made: dict[str, Any] = copy.deepcopy(kept)
    said = texts_of(document, language)
    for place in list(places(made)):
        if place.address in said:
            place.holder[place.key] = said[place.address]
    return made | {"language": {"code": language, "name": dict(names(document))[language]}}


def problems(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (where, what) is wrong with the languages of a document."""
    if "language" in document:
        yield from _named(document["language"], {"code", "name"}, "language")
    languages = document.get("languages", [])
    if len(languages) > MOST_LANGUAGES:
        yield "languages", f"最多 {MOST_LANGUAGES} 种译文"
    seen = {own(document)[0]}
    there = {place.address for place in places(document)}
    for each in languages:
        yield from _named(each, {"code", "name", "texts"}, "languages")
        if each["code"] in seen:
            yield "languages", f"语言 {each['code']} 写了两次"
        seen.add(each["code"])
        for address, text in each["texts"].items():
            where = f"{each['name']}：{address}"
            if address not in there:
                yield "languages", f"{where} 在问卷里没有对应的文字"
            elif not text.strip() or len(text) > LONGEST:
                yield "languages", f"{where} 的译文是空的，或者超过 {LONGEST} 字"


def _named(said: Mapping[str, Any], keys: set[str], where: str) -> Iterator[tuple[str, str]]:
    if not _CODE.fullmatch(said["code"]):
        yield where, f"语言代码 {said['code']} 写得不对，例如 zh、en、zh-hant"
    if not said["name"].strip() or len(said["name"]) > 40:
        yield where, "语言的名称要写，最多 40 个字"
    for key in sorted(said.keys() - keys):
        yield where, f"{key} 不认识"


def shape(raw: Mapping[str, Any]) -> Iterator[str]:
    """Yield what keeps the languages of a document from being looked at at all."""
    base, others = raw.get("language"), raw.get("languages", [])
    if "language" in raw and not _is_named(base):
        yield "language 要有 code 和 name"
    if not isinstance(others, list):
        yield "languages 应是一列对象"
        return
    for each in others:
        texts = each.get("texts") if _is_named(each) else None
        if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
            yield "languages 的每一项要有 code、name 和 texts（位置：译文）"


def _is_named(said: Any) -> bool:
    return isinstance(said, dict) and isinstance(said.get("code"), str) and isinstance(said.get("name"), str)
