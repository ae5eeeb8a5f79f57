"""States of bodies in words."""

from datetime import datetime, timedelta

from kernel import clock
from portal.bodies.rules import Filed, Left

LEFT_WORDS = {
    Left.RESIGNED: "本人辞任",
    Left.MOVED: "搬离小区",
    Left.SOLD: "不再是本小区业主",
    Left.OTHER: "其他原因",
}
STATE_WORDS = {"in_office": "在任", "over": "任期已满", "ended": "已结束"}
STATE_TONES = {"in_office": "ok", "over": "wait", "ended": ""}
FILED_WORDS = {
    Filed.WAITING: "待备案",
    Filed.LATE: "备案逾期",
    Filed.ON_FILE: "已备案",
    Filed.CHANGED: "要办变更备案",
}
FILED_TONES = {Filed.WAITING: "wait", Filed.LATE: "bad", Filed.ON_FILE: "ok", Filed.CHANGED: "wait"}


def day_text(moment: datetime) -> str:
    """A day as people write it; the end of a day is that day, not the next."""
    return clock.day_text(clock.china_day(moment - timedelta(seconds=1)))
