"""What bodies show on a dwelling's page: who speaks for the estate."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel.people.models import Tie
from kernel.places.models import Dwelling
from kernel.places.queries import place_by_id
from kernel.web.cards import Card, Tone
from portal.bodies import queries, services, words


def cards_for(session: Session, *, dwelling: Dwelling, tie: Tie | None, now: datetime) -> list[Card]:
    """One card for each body in office."""
    estate = place_by_id(session, dwelling.estate_id)
    cards = []
    for body in queries.in_office(session, estate.id, now):
        members = queries.members_of(session, body.id)
        text = f"{len(members)} 人，任期到 {words.day_text(body.ends_at)}。"
        cards.append(Card(services.kind_of(body).title, "在任", text, f"/g/{estate.code}", Tone.PLAIN, 80))
    return cards
