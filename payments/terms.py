"""The written terms of a deposit, by version. A version in use is never edited: a change is a new file."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

CURRENT = "deposit-2026-1"
_FOLDER = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class Terms:
    """A version of the terms as shown to the payer."""

    version: str
    title: str
    paragraphs: tuple[str, ...]


@cache
def read(version: str) -> Terms:
    """The terms of a version. ``KeyError`` for a version that does not exist."""
    path = _FOLDER / f"{version}.txt"
    if path.parent != _FOLDER or not path.is_file():
        raise KeyError(version)
    title, *paragraphs = path.read_text(encoding="utf-8").splitlines()
    return Terms(version, title, tuple(line for line in paragraphs if line.strip()))
