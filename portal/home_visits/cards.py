"""The visit that was asked for, as a card on the dwelling's page."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel.clock import china_day
from kernel.people.models import Tie
from kernel.places.models import Dwelling
from kernel.web.cards import Card, Tone
from portal.home_visits import queries, rules
from portal.home_visits.models import VisitState
from portal.home_visits.words import visit_words


def cards_for(session: Session, *, dwelling: Dwelling, tie: Tie | None, now: datetime) -> list[Card]:
    """When somebody comes and what for; that nobody came is said plainly, for as long as the visit would have stood."""
    visit = queries.newest(session, dwelling.id) if tie else None
    if visit is None:
        return []
    today, page = china_day(now), f"/d/{dwelling.public_id}/visit"
    lapsed = visit.state == VisitState.LAPSED or (visit.ended_at is None and rules.is_over(visit.day, today))
    if lapsed and not rules.is_over(visit.day + rules.KEPT, today):
        return [
            Card(
                "请工作人员上门", "没有办成", "上次约的上门没有办成，请再约一次，或者打电话给社区。", page, Tone.BAD, 40
            )
        ]
    if lapsed or visit.ended_at is not None:
        return []
    words = visit_words(visit, today)
    parts = [f"{words.when}，{words.purpose}", words.tried, "日子过了还没来，可以点开改时间" if words.late else ""]
    text = "。".join(part for part in parts if part) + "。"
    return [Card("工作人员上门", "已约", text, page, Tone.WAIT, 40)]
