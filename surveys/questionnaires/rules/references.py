"""What one part of a document says of another, and keys nobody reads: found when it is loaded or published.

A version that is stored is read as it is: what is said here keeps a fault from being frozen, never an old one from
being read.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from surveys.questionnaires.rules.questions import KINDS

Fault = tuple[str, str]
"""(where, what is wrong), in Chinese."""

_WHOLE = frozenset(
    {"code", "edition", "title", "intro", "language", "languages", "rates", "subjects", "speaks_as"}
    | {"classes", "catalogue", "sections"}
)
_PARTS: Mapping[str, frozenset[str]] = {
    "classes": frozenset({"code", "title", "note"}),
    "catalogue": frozenset({"class", "code", "label"}),
    "sections": frozenset({"code", "title", "questions"}),
}
_ROWS: Mapping[str, frozenset[str]] = {
    "number_grid": frozenset({"code", "label", "low", "high", "unit", "at_most"}),
    "matrix": frozenset({"code", "label"}),
    "consent": frozenset({"code", "label", "must"}),
}
_UNWRITTEN = frozenset({"新的一题", "新的选项", "新的行", "新的事项", "新的部分"})
"""What the editor puts where words are still to be written."""
_EXTRA = frozenset({"label", "required", "private"})
RATES: Mapping[str, tuple[str, str]] = {"agree": ("question", "option"), "renting": ("question", "options")}
"""What ``rates`` may say: which answer agrees to the works, and which says that the sheet is a tenant's."""


def problems(document: Mapping[str, Any], options: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
    """Yield every fault. ``options``: question code → codes of its options (empty for other kinds)."""
    for key in sorted(document.keys() - _WHOLE):
        yield key, "问卷里没有这一项，可能是写错了名字"
    for name, allowed in _PARTS.items():
        for entry in document.get(name, []):
            for key in sorted(entry.keys() - allowed):
                yield name, f"{entry.get('code')} 里的 {key} 不认识"
    yield from _rates(document.get("rates"), options)
    classes = {entry["code"] for entry in document.get("classes", [])}
    before: set[str] = set()
    for chapter in document.get("sections", []):
        if chapter.get("title") in _UNWRITTEN:
            yield "sections", f"部分的名称还没有写（现在是“{chapter['title']}”）"
        for entry in chapter.get("questions", []):
            yield from _question(entry, str(entry.get("code")), classes, before, options)
            before.add(str(entry.get("code")))


def _rates(rates: Any, options: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
    if rates is None:
        return
    if not isinstance(rates, dict):
        yield "rates", f"rates 里只写 {'、'.join(RATES)}"
        return
    for name in sorted(rates.keys() - RATES.keys()):
        yield "rates", f"rates 里没有 {name}，只写 {'、'.join(RATES)}"
    for name, (asked, answer) in RATES.items():
        said = rates.get(name)
        if said is None:
            continue
        if not isinstance(said, dict) or said.keys() != {asked, answer}:
            yield "rates", f"rates 的 {name} 要写 {asked}（题目代码）和 {answer}（选项代码）"
            continue
        code, wanted = said[asked], said[answer]
        codes = wanted if answer == "options" else [wanted]
        if not isinstance(code, str) or code not in options:
            yield "rates", f"rates 的 {name} 里的 {code} 不是题目"
        elif not isinstance(codes, list) or not codes:
            yield "rates", f"rates 的 {name} 没有写选项"
        else:
            for one in codes:
                if not isinstance(one, str) or one not in options[code]:
                    yield "rates", f"rates 的 {name}：{code} 没有 {one} 这个选项"


def _question(
    entry: Mapping[str, Any],
    code: str,
    classes: Iterable[str],
    before: Iterable[str],
    options: Mapping[str, frozenset[str]],
) -> Iterator[Fault]:
    if entry.get("title") in _UNWRITTEN:
        yield code, "题目文字还没有写"
    for part in (*entry.get("options", []), *entry.get("rows", []), *entry.get("items", [])):
        if part.get("label") in _UNWRITTEN:
            yield code, f"{part.get('code')} 的文字还没有写（现在是“{part['label']}”）"
    if "catalogue" in entry and entry["catalogue"] not in classes:
        yield code, f"类别 {entry['catalogue']} 没有在 classes 里写明"
    for source in entry.get("options_from", []):
        if source not in before:
            yield code, f"选项来自 {source}，可是前面没有这一题"
        elif not options.get(source):
            yield code, f"选项来自 {source}，可是它没有选项"
    allowed = _ROWS.get(str(entry.get("kind")), frozenset())
    for key in ("rows", "items"):
        for row in entry.get(key, []):
            for name in sorted(row.keys() - allowed if allowed else ()):
                yield code, f"{row.get('code')} 里的 {name} 不认识"
    for option in entry.get("options", []):
        for kind in ("text", "number"):
            for name in sorted(option.get(kind, {}).keys() - _EXTRA - KINDS[kind].keys):
                yield f"{code}.{option.get('code')}", f"{kind} 里的 {name} 不认识"
        if "text" in option and "number" in option:
            yield f"{code}.{option.get('code')}", "一个选项只能有一个填写框（text 或 number）"
    for part in entry.get("questions", []):
        yield from _question(part, f"{code}.{part.get('code')}", classes, before, options)
