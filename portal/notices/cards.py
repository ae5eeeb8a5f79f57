"""Unread news about a dwelling, as a card on its page."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel.people.models import Tie
from kernel.places.models import Dwelling
from kernel.web.cards import Card, Tone
from portal.notices import queries, services

MINE = "/me/notices"
"""Where all of them stand; opening it reads them."""


def cards_for(session: Session, *, dwelling: Dwelling, tie: Tie | None, now: datetime) -> list[Card]:
    """The newest unread message and how many more there are, first on the page: one card, since below it stands what
    is to be done."""
    if tie is None:
        return []
    found = queries.unread_of_dwelling(session, tie.account_id, dwelling.id)
    if not found:
        return []
    text = services.view(found[0], dwelling).text
    more = f"还有 {len(found) - 1} 条，点开看。" if len(found) > 1 else ""
    return [Card("消息", "未读", text + more, MINE, Tone.WAIT, 5)]
