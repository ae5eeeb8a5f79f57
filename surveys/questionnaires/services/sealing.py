"""Names and phones in answers: sealed as one JSON text, bound to the response they belong to."""

import json
from typing import Any

from kernel.encryption import vault
from surveys.questionnaires.models import Response


def _context(public_id: str) -> str:
    return f"response.private:{public_id}"


def seal(public_id: str, private: dict[str, Any]) -> bytes | None:
    """The private answers of a response as an envelope; None when there are none."""
    if not private:
        return None
    return vault().seal(json.dumps(private, ensure_ascii=False, sort_keys=True), context=_context(public_id))


def open_sealed(response: Response) -> dict[str, Any]:
    """The private answers of a response in clear. Whoever shows them records the look."""
    return opened(response.public_id, response.private_sealed)


def opened(public_id: str, sealed: bytes | None) -> dict[str, Any]:
    """The same of the envelope that stands in a response's row."""
    found: dict[str, Any] = json.loads(vault().open(sealed, context=_context(public_id))) if sealed is not None else {}
    return found
