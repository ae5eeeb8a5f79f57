"""What can go wrong in the domain, told without HTTP.

Rules and services raise these; one table in ``kernel/web/problems.py`` turns them into answers.
``code`` is a stable English word for machines, ``detail`` a Chinese sentence for people that says what to do next,
``fields`` names the parts of a form that are wrong.
"""

from collections.abc import Mapping, Sequence


class DomainError(Exception):
    """Base of every refusal the product gives on purpose."""

    def __init__(self, code: str, detail: str, fields: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.fields = {name: list(texts) for name, texts in (fields or {}).items()}


class Invalid(DomainError):
    """What came in is not acceptable as it stands."""


class NotSignedIn(DomainError):
    """Nobody is signed in, or the session has ended."""


class NotAllowed(DomainError):
    """The person is known and lacks the role."""


class NotFound(DomainError):
    """It does not exist, or it is another household's: the two are not told apart."""


class Conflict(DomainError):
    """It clashes with what is already there."""


class Gone(DomainError):
    """It was there and is over: a closed campaign, a revoked label."""


class PreconditionNeeded(DomainError):
    """The call lacks what makes it safe to repeat (an Idempotency-Key)."""


class TooMany(DomainError):
    """Too often in too short a time. ``retry_after_s``: seconds until it is worth trying again."""

    def __init__(self, code: str, detail: str, *, retry_after_s: int) -> None:
        super().__init__(code, detail)
        self.retry_after_s = retry_after_s


class Unavailable(DomainError):
    """A part we depend on does not answer (database, disk, WeChat); nothing was changed."""
