"""The words of visits for both sides, and the lists their forms choose from."""

import json
from dataclasses import dataclass
from datetime import date, datetime

from kernel.clock import china_day
from portal.home_visits import rules
from portal.home_visits.models import HomeVisit, VisitState

STATES = {
    VisitState.OPEN: ("已约", "wait"),
    VisitState.DONE: ("已上门", "ok"),
    VisitState.CANCELLED: ("已取消", ""),
    VisitState.LAPSED: ("没有办成", "bad"),
}
"""Where a visit stands, as (word, tone)."""

Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class VisitWords:
    """A visit as it is read. ``when``: ``明天上午``; ``late``: its day has passed; ``tried``: "" or how often."""

    id: str
    when: str
    purpose: str
    late: bool
    tried: str


def visit_words(visit: HomeVisit, today: date) -> VisitWords:
    """The words for a visit as read on a day."""
    return VisitWords(
        visit.public_id,
        rules.day_text(visit.day, today) + rules.HALVES[visit.half],
        rules.PURPOSES[visit.purpose],
        visit.day < today,
        f"来过 {visit.tries} 次，没有遇到" if visit.tries else "",
    )


def day_choices(now: datetime, *, after_today: bool = False) -> Choices:
    """(value, words) of the days one may choose."""
    today = china_day(now)
    return [(day.isoformat(), rules.day_text(day, today)) for day in rules.days_from(today)[1 if after_today else 0 :]]


def put_down_bodies(dwelling_id: str, *, asks: bool, now: datetime) -> Choices:
    """(words, JSON body) of the buttons that put a door down for today or tomorrow; for the questionnaire while it
    ``asks`` here, else for something else.
    """
    today, tomorrow = rules.days_from(china_day(now))[:2]
    purpose = rules.Purpose.SURVEY if asks else rules.Purpose.OTHER
    return [
        (word, json.dumps({"dwelling": dwelling_id, "purpose": purpose, "day": day.isoformat(), "half": half}))
        for word, day, half in (
            ("记到今天", today, rules.half_now(now)),
            ("记到明天", tomorrow, rules.Half.AM),
        )
    ]
