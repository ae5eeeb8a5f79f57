"""States and roles of groups in words."""

from datetime import datetime, timedelta

from kernel.clock import china_day
from portal.groups.models import MemberRole
from portal.groups.rules import Left

ROLE_WORDS = {MemberRole.LEADER: "组长", MemberRole.MEMBER: "成员"}
LEFT_WORDS = {Left.RESIGNED: "本人辞任", Left.MOVED: "搬离小区", Left.OTHER: "其他原因"}
STATE_WORDS = {"in_office": "在任", "over": "任期已满", "ended": "已结束"}
STATE_TONES = {"in_office": "ok", "over": "wait", "ended": ""}


def day_text(moment: datetime) -> str:
    """A day as people write it; the end of a day is that day, not the next."""
    day = china_day(moment - timedelta(seconds=1))
    return f"{day.year}年{day.month}月{day.day}日"
