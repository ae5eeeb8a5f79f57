"""What a phone of 2018 (iOS 12, Chrome 70) cannot read stays out of every page, and no style hides in a template."""

import re
from pathlib import Path

import pytest

from kernel.web.assets import static_folders

ROOT = Path(__file__).resolve().parents[3]

TOO_NEW_SCRIPT = {
    "optional chaining": r"[\w\])]\?\.[\w\[(]",
    "nullish coalescing": r"\?\?",
    "a method of later years": r"\.(replaceAll|matchAll|allSettled|at|findLast|flatMap|flat|toSorted|fromEntries)\(",
    "a global of later years": r"\b(globalThis|structuredClone|crypto\.randomUUID|ResizeObserver|PointerEvent)\b",
    "a private or class field": r"this\.#|^\s*static\s+\w+\s*=",
    "lookbehind": r"\(\?<[=!]",
    "a number with underscores": r"\b\d+_\d+\b",
    "logical assignment": r"(\|\||&&)=",
}
TOO_NEW_STYLE = {
    "a selector of later years": r":(has|is|where)\(",
    "inset": r"[;{]\s*inset\s*:",
    "a function of later years": r"[:\s(](min|max|clamp|color-mix)\(",
    "aspect-ratio": r"[;{]\s*aspect-ratio\s*:",
    "a unit of later years": r"\d(dvh|svh|lvh|cqw)\b",
    "a container query or a layer": r"@(container|layer)\b",
}


def _files(suffix: str) -> list[Path]:
    found = [path for folder in static_folders(ROOT).values() for path in sorted(folder.rglob(f"*{suffix}"))]
    return [path for path in found if "vendor" not in path.parts]


def _without_comments(text: str) -> str:
    return re.sub(r"(?m)(^|\s)//.*$", "", re.sub(r"/\*.*?\*/", "", text, flags=re.S))


def _found(pattern: str, paths: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in paths
        for match in re.finditer(pattern, _without_comments(path.read_text(encoding="utf-8")), re.M)
    ]


@pytest.mark.parametrize("name", TOO_NEW_SCRIPT)
def test_no_module_uses_what_an_old_phone_cannot_read(name: str) -> None:
    assert _found(TOO_NEW_SCRIPT[name], _files(".js")) == []


@pytest.mark.parametrize("name", TOO_NEW_STYLE)
def test_no_style_uses_what_an_old_phone_cannot_read(name: str) -> None:
    assert _found(TOO_NEW_STYLE[name], _files(".css")) == []


def test_no_flex_row_leans_on_gap() -> None:
    rules = [
        f"{path.relative_to(ROOT)}: {rule.group(1).strip()}"
        for path in _files(".css")
        for rule in re.finditer(r"([^{}]+)\{([^{}]*)\}", _without_comments(path.read_text(encoding="utf-8")))
        if re.search(r"display:\s*(inline-)?flex", rule.group(2))
        and re.search(r"(^|;)\s*(row-|column-)?gap\s*:", rule.group(2))
    ]
    assert rules == []


def test_modules_wait_for_nothing_at_their_top_level() -> None:
    """A top-level await is a syntax error to a phone of 2018: the whole module would be lost."""
    found = []
    for path in _files(".js"):
        text = _without_comments(path.read_text(encoding="utf-8"))
        if re.search(
            r"(?m)^(const|let|var)?[^\n{]*\bawait\b",
            "\n".join(line for line in text.splitlines() if not line.startswith(" ")),
        ):
            found.append(str(path.relative_to(ROOT)))
    assert found == []
