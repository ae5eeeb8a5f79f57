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
    if response.private_sealed is None:
        return {}
    opened: dict[str, Any] = json.loads(vault().open(response.private_sealed, context=_context(response.public_id)))
    return opened
