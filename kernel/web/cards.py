"""What a feature shows of itself on a dwelling's page.

Each feature package offers ``cards.py`` with ``cards_for(session, *, dwelling, tie, now) -> list[Card]``;
``portal/home`` collects them. A card holds words only, so that features stay apart from the page they stand on.
"""

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a status word is tinted; the word itself always says it, too."""

    OK = "ok"
    WAIT = "wait"
    BAD = "bad"
    TODO = "todo"
    PLAIN = ""


@dataclass(frozen=True)
class Card:
    """One card: ``title`` 小区改造问卷, ``status_word`` 未填, ``text`` one plain sentence, ``href`` where a tap leads
    ("" = nowhere), ``tone`` of the status word. ``order``: smaller stands higher; below 30 is what the household has to
    do, below 60 what is under way, from there on what is done or has a result.
    """

    title: str
    status_word: str = ""
    text: str = ""
    href: str = ""
    tone: Tone | str = Tone.PLAIN
    order: int = 50
