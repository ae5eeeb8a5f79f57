"""Questionnaires that ship with the product, as JSON documents (``rules/form.py`` says how they are read)."""

import json
from importlib import resources
from typing import Any


def names() -> list[str]:
    """The names of the shipped questionnaires."""
    return sorted(file.name[:-5] for file in resources.files(__package__).iterdir() if file.name.endswith(".json"))


def shipped(name: str) -> dict[str, Any]:
    """A shipped document, fresh (the caller may change it). Raises FileNotFoundError for a name that does not exist."""
    document: dict[str, Any] = json.loads((resources.files(__package__) / f"{name}.json").read_text(encoding="utf-8"))
    return document
