"""Collects what every feature shows of itself on a dwelling's page.

A feature offers ``cards_for(session, *, dwelling, tie, now) -> list[Card]``; features do not know each other, so the
list of them stands here, one line each.
"""

import importlib
from datetime import datetime

from sqlalchemy.orm import Session

from kernel.people.models import Tie
from kernel.places.models import Dwelling
from kernel.web.cards import Card, Tone

SOURCES = [
    # one line a feature: the module with cards_for
    "surveys.questionnaires.cards",
    "surveys.votes.cards",
    "payments.cards",
    "portal.bodies.cards",
    "portal.notices.cards",
    "portal.home_visits.cards",
]


def collect(session: Session, *, dwelling: Dwelling, tie: Tie, now: datetime) -> list[Card]:
    """All cards of a dwelling for the person behind ``tie``, what comes first on top (``Card.order``)."""
    cards: list[Card] = [_verify(dwelling)] if tie.level < 2 else []
    for name in SOURCES:
        cards += importlib.import_module(name).cards_for(session, dwelling=dwelling, tie=tie, now=now)
    return sorted(cards, key=lambda card: card.order)


SECTIONS = [(30, "要您家办的"), (60, "正在进行的"), (100, "办好的、有结果的")]
"""Up to which ``Card.order`` a card stands under which heading."""


def sections(found: list[Card]) -> list[tuple[str, list[Card]]]:
    """Heading → its cards, without empty headings, in the order of :func:`collect`."""
    parts, least = [], 0
    for most, title in SECTIONS:
        parts.append((title, [card for card in found if least <= card.order < most]))
        least = most
    return [(title, inside) for title, inside in parts if inside]


def _verify(dwelling: Dwelling) -> Card:
    """The step to level 2, below what can be done at once and above what is over."""
    return Card(
        "核实身份",
        "还没核实",
        "现在可以填问卷。核实后才能投票、缴费和看金额。",
        f"/d/{dwelling.public_id}/verify",
        Tone.WAIT,
        order=15,
    )
