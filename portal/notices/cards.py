"""Unread news about a dwelling, as a card on its page."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel.people.models import Tie
from kernel.places.models import Dwelling
from kernel.web.cards import Card, Tone
from portal.notices import queries, services


def cards_for(session: Session, *, dwelling: Dwelling, tie: Tie | None, now: datetime) -> list[Card]:
    """One card a piece of unread news, first on the page."""
    if tie is None:
        return []
    found = queries.unread_of_dwelling(session, tie.account_id, dwelling.id)
    return [Card("消息", "未读", services.view(notice, dwelling).text, tone=Tone.WAIT, order=5) for notice in found[:3]]
