"""Unread news about a dwelling, as a card on its page."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel.people.models import Tie
from kernel.places.models import Dwelling
from kernel.web.cards import Card, Tone
from portal.notices import queries, services

MINE = "/me/notices"
"""Where all of them stand; opening it reads them."""
SHOWN = 3


def cards_for(session: Session, *, dwelling: Dwelling, tie: Tie | None, now: datetime) -> list[Card]:
    """One card a piece of unread news, first on the page."""
    if tie is None:
        return []
    found = queries.unread_of_dwelling(session, tie.account_id, dwelling.id)
    texts = [services.view(notice, dwelling).text for notice in found[:SHOWN]]
    return [Card("消息", "未读", text, MINE, Tone.WAIT, 5) for text in texts]
