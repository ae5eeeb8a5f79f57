"""Catalogues of works that ship with the product, as JSON documents (``rules/needs.py`` says how they are read)."""

import json
from importlib import resources
from typing import Any


def shipped(name: str) -> dict[str, Any]:
    """A shipped catalogue. Raises FileNotFoundError for a name that does not exist."""
    document: dict[str, Any] = json.loads((resources.files(__package__) / f"{name}.json").read_text(encoding="utf-8"))
    return document
