"""Cash: who may do which step, when a box is counted, what a collector's receipts are called.

The one who takes the money does not count it for the books (会计法 2024 §35); what was taken is banked in full,
nothing is spent from it (不坐支); what was entered wrongly is reversed by two, never edited (DOMAIN §3.4).
"""

import re
from datetime import date, timedelta

from kernel.errors import Conflict, Invalid, NotAllowed
from kernel.money import Fen, yuan_text

COUNT_DIFFERS = "count-differs"
SLIP_NUMBER = 20
SLIP_LIFE = timedelta(days=31)
TAKE = "cash.take"
CHECK = "collection.manage"
"""Whoever counts a box, agrees to a void, sees all boxes of his estates."""


def series_of(collector_number: int) -> str:
    """A collector's own series of receipts: ``C03``."""
    return f"C{collector_number:02d}"


def must_be_of_today(box_day: date, today: date) -> None:
    """Raises ``Conflict`` when a box of an earlier day is still open: nothing goes in before it is counted."""
    if box_day != today:
        raise Conflict(
            "box-not-counted",
            f"{box_day.month}月{box_day.day}日的钱箱还没有日结。请先把现金交另一位工作人员清点，日结后再收。",
        )


def must_not_be_collector(person: int, collector: int) -> None:
    """Raises ``NotAllowed`` for the collector himself: another person counts."""
    if person == collector:
        raise NotAllowed("own-box", "钱箱是您自己收的，要由另一位工作人员清点日结。")


def must_not_have_taken(person: int, collector: int) -> None:
    """Raises ``NotAllowed`` for the collector himself: another person agrees that what he took is void."""
    if person == collector:
        raise NotAllowed("own-taking", "这笔钱是您自己收的，作废要由另一位工作人员复核。")


def must_not_pay_himself(own: bool) -> None:
    """Raises ``NotAllowed`` when a collector would enter his own household's payment."""
    if own:
        raise NotAllowed("own-money", "自己家的钱，请由另一位收款员来收。")


def slip_paper(terminal: str, voucher: str, day: date, *, today: date) -> str:
    """What a card slip is known by, however it is typed (case, blanks, hyphens, zeros in front); and its own day.

    At most 50 characters. Raises ``Invalid`` for numbers that are none, or a day ahead or over a month ago.
    """
    numbers = [re.sub(r"[\s-]", "", number).upper() for number in (terminal, voucher)]
    if not all(number.isascii() and number.isalnum() and len(number) <= SLIP_NUMBER for number in numbers):
        raise Invalid("bad-voucher", "终端号和凭证号只有数字和字母，请对着小票再核对。", {"voucher_no": ["请核对。"]})
    if not today - SLIP_LIFE <= day <= today:
        raise Invalid(
            "bad-slip-day", "小票日期应在最近一个月内，请对着小票再核对。", {"slip_day": ["请按小票上的日期填。"]}
        )
    return ":".join([*(number.lstrip("0") or "0" for number in numbers), f"{day:%Y%m%d}"])


def checked_count(counted_fen: Fen, entered_fen: Fen, why: str | None) -> str | None:
    """The explanation to keep with a count, ``None`` where both sums are the same. Raises ``Conflict`` for a difference
    nobody explains, ``Invalid`` for an explanation of a difference that is none.
    """
    if counted_fen == entered_fen:
        if why:
            raise Invalid("no-difference", "点出的和登记的一样，不用写差异原因。", {"why": ["没有差异，请留空。"]})
        return None
    if not why:
        # The sum entered is not told: whoever counts would only repeat it.
        raise Conflict(
            COUNT_DIFFERS,
            f"点出 {yuan_text(counted_fen)} 元，和登记的不一样。请再点一遍；确实不符，写明原因后再日结。",
        )
    return why


def must_not_be_counted(closed: bool) -> None:
    """Raises ``Conflict`` for a taking whose box was counted: the money is there, so it goes back as a refund does."""
    if closed:
        raise Conflict(
            "box-counted", "这笔钱已经清点日结，不能作废。确实要退，请在“退还”里办理，由两人核准后退给缴款人。"
        )


def must_not_be_settled(settled: bool) -> None:
    """Raises ``Conflict`` for a card payment that the bank has paid us: it goes back as a refund does."""
    if settled:
        raise Conflict("card-settled", "这笔刷卡银行已经付到账上，不能作废。确实要退，请在“退还”里办理。")
