"""What a deployment may decide about surveys, handed down by ``portal/app`` at the start."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """``objection_days``: how long a household may contest what others filled in for it. ``second_visitor_days``: how
    long the second visitor may say that he came along. ``most_reminders``: how often one campaign may remind an
    account. ``named_days``: how long answers stay tied to a name after closing (two years,
    DOMAIN §5.2). ``public_address``: where printed codes lead."""

    objection_days: int = 3
    second_visitor_days: int = 3
    most_reminders: int = 2
    named_days: int = 730
    public_address: str = "http://127.0.0.1:8000"


_current = Settings()


def configure(settings: Settings) -> None:
    """Set them for this process."""
    global _current
    _current = settings


def current() -> Settings:
    """The settings of this process."""
    return _current
