"""When a household may be reminded of what it bears: not once it is met, never beyond a set number.

Never public: a reminder is read by the household alone, and the text for a chat names nobody and no door. Deposits are
voluntary: nobody is reminded of one.
"""

from datetime import datetime, timedelta

from kernel.errors import Conflict, Invalid
from kernel.money import Fen
from payments.rules.disclosure import Count

MOST = 3
"""How often at most, for one version of a budget, unless the street sets less."""
MOST_SET = 5
GAP = timedelta(days=7)


def may_remind(open_fen: Fen, reminded: int, last_at: datetime | None, *, most: int, now: datetime) -> bool:
    """May a household be reminded now? ``reminded``: how often it was for this version; ``last_at``: the last time."""
    return open_fen > 0 and reminded < most and (last_at is None or now - last_at >= GAP)


def checked_most(most: int) -> int:
    """Return the number when it is between 0 (never) and five; else ``Invalid``."""
    if not 0 <= most <= MOST_SET:
        raise Invalid("too-many-reminders", f"最多提醒 {MOST_SET} 次，也可以设为 0（不提醒）。")
    return most


def must_be_some(many: int) -> None:
    """Raises ``Conflict`` when nobody is to be reminded."""
    if not many:
        raise Conflict("nobody-to-remind", "现在没有要提醒的住户：缴清的、提醒满次数的、7 天内提醒过的都不再提醒。")


def chat_text(estate: str, met: int, homes: int) -> str:
    """A text to copy into a chat: figures of everybody, nobody's name or door, and no urging.

    Where fewer than five homes are left it gives no figure: neighbours would find them by leaving out the rest.
    """
    return (
        f"【{estate}】改造出资进度：{_progress(met, homes)}"
        "自家应出多少、怎么算的，在微信扫自家门牌码，点“我家的出资”就能看到；可以分几次缴，也可以到社区办理。"
        "有困难或有疑问，请直接联系社区工作人员。请不要在群里问别人家缴没缴。"
    )


def _progress(met: int, homes: int) -> str:
    if met == homes:
        return "住户都已经缴清。"
    if Count(met, homes).is_exact:
        return f"按最近一期公示，{homes} 户中已有 {met} 户缴清。"
    return "大部分住户已经缴清。" if met * 2 > homes else "住户正在陆续缴纳。"
