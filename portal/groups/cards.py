"""What groups show on a dwelling's page: who speaks for the estate."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel.people.models import Tie
from kernel.places.models import Dwelling
from kernel.places.queries import place_by_id
from kernel.web.cards import Card, Tone
from portal.groups import queries, words


def cards_for(session: Session, *, dwelling: Dwelling, tie: Tie | None, now: datetime) -> list[Card]:
    """The group in office, if there is one."""
    group = queries.in_office(session, dwelling.estate_id, now)
    if group is None:
        return []
    estate, members = place_by_id(session, dwelling.estate_id), queries.members_of(session, group.id)
    text = f"{len(members)} 人，任期到 {words.day_text(group.ends_at)}。"
    return [Card("自管小组", "在任", text, f"/g/{estate.code}", Tone.PLAIN, 80)]
