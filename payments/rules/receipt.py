"""Receipts: their numbers and the amount in Chinese capitals (票据填写规范).

A number is ``<year>-<six digits>``, counted without a gap per collecting body and calendar year in China; what a
collector takes in cash is counted in a series of his own, ``<year>-C03-<six digits>``.
"""

from kernel.money import Fen, yuan_text

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_SMALL = ("", "拾", "佰", "仟")
_LARGE = ("", "万", "亿", "万亿")

TAIL_LENGTH = 4
"""How much of a number the public books show: enough for the payer to find his line, not enough to count others."""


def number_text(year: int, counted: int, *, collector: str = "") -> str:
    """Return the printed receipt number: ``2026-000187``, or ``2026-C03-000012`` from a collector's own series."""
    if counted < 1:
        raise ValueError("receipts are counted from 1")
    return f"{year:04d}-{collector}-{counted:06d}" if collector else f"{year:04d}-{counted:06d}"


def _four_digits(value: int) -> str:
    """0 < value < 10000 in capitals, without leading zeros."""
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + _SMALL[place]
            gap = False
        else:
            gap = True
    return text


def _whole(yuan: int) -> str:
    """Return yuan > 0 in capitals, groups of four from the left, one 零 for a gap."""
    groups = []
    while yuan:
        groups.append(yuan % 10_000)
        yuan //= 10_000
    if len(groups) > len(_LARGE):
        raise ValueError("more than the capitals can say")
    text, gap = "", False
    for place in reversed(range(len(groups))):
        value = groups[place]
        if not value:
            gap = True
            continue
        if text and (gap or value < 1000):
            text += "零"
        text += _four_digits(value) + _LARGE[place]
        gap = False
    return text


def capitals(amount_fen: Fen) -> str:
    """Return an amount as a receipt spells it: 50000 → ``人民币伍佰元整``. ``ValueError`` for negative amounts."""
    if amount_fen < 0:
        raise ValueError("a receipt has no negative amount")
    whole, _, cents = yuan_text(amount_fen).replace(",", "").partition(".")
    yuan, jiao, fen = int(whole), int(cents[0]), int(cents[1])
    text = "人民币"
    if not amount_fen:
        return text + "零元整"
    if yuan:
        text += _whole(yuan) + "元"
    if not jiao and not fen:
        return text + "整"
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif yuan:
        text += "零"
    return text + (_DIGITS[fen] + "分" if fen else "整")
