"""The code by which a voter confirms on a worker's phone: how long it is good, how often it is sent. Pure.

Whoever helps may read out; the voter confirms, by a code that goes to the voter's own phone, else by a signature.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from kernel.errors import Conflict, Gone, TooMany

TERM = timedelta(minutes=10)
AGAIN = timedelta(seconds=60)
MOST_A_PHONE = 5
MOST_A_WORKER = 100
"""In a day: a worker who helps a whole building of a hundred doors."""
MOST_WRONG = 5
DAY = timedelta(days=1)


def may_send(to_phone: Sequence[datetime], by_worker: int, now: datetime) -> None:
    """May another code go out? ``to_phone``: when codes went to that phone within a day, newest first; ``by_worker``:
    how many a worker asked for within a day. Raises TooMany with when it is worth trying again.
    """
    if to_phone and now - to_phone[0] < AGAIN:
        wait = int((to_phone[0] + AGAIN - now).total_seconds()) + 1
        raise TooMany("too-many-codes", f"验证码刚刚发过，请 {wait} 秒后再试。", retry_after_s=wait)
    if len(to_phone) >= MOST_A_PHONE or by_worker >= MOST_A_WORKER:
        raise TooMany(
            "too-many-codes",
            "今天发的验证码太多了。请改用本人签名，或者明天再试。",
            retry_after_s=int(DAY.total_seconds()),
        )


def may_answer(*, wrong: int, used: bool, expires_at: datetime, now: datetime) -> None:
    """May a code still be answered? Raises Conflict (wrong too often), Gone (used, or too old)."""
    if wrong >= MOST_WRONG:
        raise Conflict("code-locked", "填错的次数太多，这个验证码不能再用。请改用本人签名，或者重新发一个。")
    if used or now >= expires_at:
        raise Gone("code-expired", "这个验证码已经用过或者过期了，请重新发一个。")
