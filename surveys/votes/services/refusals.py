"""Tries that were refused leave a line in the log: who, which vote and line, why. Never what was chosen."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from kernel import audit
from kernel.database import transaction, use_case
from kernel.errors import Conflict, DomainError, Gone, Invalid, NotAllowed, NotFound

RECORDED = (NotFound, NotAllowed, Conflict, Invalid, Gone)
"""A database that is busy or a key sent with another body is no try to vote."""


@contextmanager
def on_record(vote_id: str, line_id: str | None, *, actor: str, now: datetime, what: str = "ballot") -> Iterator[None]:
    """Record the refusal of what is tried inside, and raise it again. ``what``: ``ballot`` or ``receipt``."""
    try:
        yield
    except RECORDED as refusal:
        if refusal.code != "idempotency-key-reused":
            _record(vote_id, line_id, refusal, actor=actor, now=now, what=what)
        raise


@use_case
def _record(vote_id: str, line_id: str | None, refusal: DomainError, *, actor: str, now: datetime, what: str) -> None:
    with transaction() as session:
        audit.record(
            session,
            actor=actor,
            action=f"{what}.refused",
            subject=f"vote:{vote_id[:40]}",
            now=now,
            payload={"line": line_id[:40] if line_id else None, "why": _why(refusal)},
        )


def _why(refusal: DomainError) -> str:
    """Why, in a word. A ballot filled in wrongly is only that: what was wrong with it may say what was chosen."""
    return "not-filled-in" if isinstance(refusal, Invalid) else refusal.code
