"""The words the residents' pages use for what the register stores."""

from datetime import datetime, timedelta

from kernel.clock import china_day, day_text
from kernel.people.models import RELATION_WORDS, Relation

LEVEL_WORDS: dict[int, str] = {1: "只能填问卷", 2: "已核实"}


def on_behalf(relation: str) -> str:
    """The line that says for whom things are done here; "" for oneself."""
    if relation == Relation.SELF:
        return ""
    return f"您以“{RELATION_WORDS.get(relation, '代办人')}”的身份替这一户办事。"


def last_day(ends_at: datetime | None) -> str:
    """The last day of a term that ends at this instant (24:00 of that day, 民法典 §203); "" when it has no end."""
    return day_text(china_day(ends_at - timedelta(seconds=1))) if ends_at else ""
