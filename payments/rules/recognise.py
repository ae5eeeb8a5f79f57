"""Recognising a statement's lines: what left WeChat Pay, cash our collectors handed in, households that transferred."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kernel.money import Fen, yuan_text
from payments.rules.reference import found_in, grouped
from payments.rules.statement import StatementLine, alike

LATEST_DAYS = 5
"""So many days after a withdrawal its money reaches the bank at the latest."""
_CASH = re.compile("现金|现存|缴款|存现|柜面")
_FROM_WECHAT = re.compile("财付通|微信支付|腾讯")


@dataclass(frozen=True)
class Withdrawal:
    """Money that left the merchant's account at the service for the bank."""

    number: str
    day: date
    amount_fen: Fen


def matches(lines: Mapping[str, StatementLine], withdrawals: Sequence[Withdrawal]) -> dict[str, str]:
    """Which line (by key) is which withdrawal: same amount, at most five days later, each used once, nearest first."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    pairs = [
        ((line.day - one.day).days, key, one.number)
        for key, line in lines.items()
        for one in withdrawals
        if line.day is not None
        and line.amount_fen == one.amount_fen
        and _FROM_WECHAT.search(f"{line.name} {line.memo}")
        and 0 <= (line.day - one.day).days <= LATEST_DAYS
    ]
    for _, key, number in sorted(pairs):
        if key not in found and number not in taken:
            found[key] = number
            taken.add(number)
    return found


def certain(lines: Mapping[str, StatementLine], gone: Sequence[Withdrawal]) -> dict[str, str]:
    """Which line (by key) is which cash handed in, only where one line and one sum fit each other and nothing else."""
    pairs = [
        (key, one.number)
        for key, line in lines.items()
        for one in gone
        if line.day is not None
        and line.amount_fen == one.amount_fen
        and 0 <= (line.day - one.day).days <= LATEST_DAYS
        and not _FROM_WECHAT.search(f"{line.name} {line.memo}")
        and _CASH.search(f"{line.name} {line.memo}")
    ]
    by_line, by_number = Counter(key for key, _ in pairs), Counter(number for _, number in pairs)
    return {key: number for key, number in pairs if by_line[key] == by_number[number] == 1}


@dataclass(frozen=True)
class Household:
    """Somebody who may have sent a transfer: a dwelling's label, its owners' names, what it pledged and did not pay,
    and what it paid already: (amount, when and how in words).
    """

    dwelling: str
    label: str
    names: tuple[str, ...]
    pledged_fen: Fen | None
    reference: str = ""
    paid: tuple[tuple[Fen, str], ...] = ()


def suggestions(line: StatementLine, households: Sequence[Household], *, most: int = 3) -> list[tuple[Household, str]]:
    """Households a transfer may come from, likeliest first, each with why: the memo's reference or door, the name, the
    pledge.
    """
    if line.amount_fen is None or line.amount_fen < 0:
        return []
    said, references = _bare(line.memo), found_in(line.memo)
    scored = []
    for order, home in enumerate(households):
        why = []
        if home.reference in references:
            why.append((8, f"附言写着这一户的缴款码 {grouped(home.reference)}"))
        if _bare(home.label) and re.search(rf"(?<!\d){re.escape(_bare(home.label))}(?!\d)", said):
            why.append((4, f"附言写着{home.label}"))
        if line.name and alike(line.name) in {alike(name) for name in home.names}:
            why.append((3, "户名是这一户的产权人"))
        if home.pledged_fen == line.amount_fen and why:
            why.append((1, f"认缴 {yuan_text(line.amount_fen)} 元还没有缴"))
        again = [told for fen, told in home.paid if fen == line.amount_fen]
        if why and again:
            why.append((0, f"注意：这一户已经缴过同样的金额（{'；'.join(again)}），先问清楚是不是缴重了"))
        if why:
            scored.append((-sum(score for score, _ in why), order, home, "，".join(text for _, text in why)))
    return [(home, text) for _, _, home, text in sorted(scored, key=lambda one: one[:2])[:most]]


def same_door(label: str, told: str) -> bool:
    """Is a door as somebody wrote it the one of this label?"""
    return bool(_bare(label)) and _bare(label) == _bare(told)


def same_name(one: str, other: str) -> bool:
    """Are two names alike but for widths and blanks?"""
    return bool(other) and alike(one).replace(" ", "") == alike(other).replace(" ", "")


def _bare(text: str) -> str:
    """A door in any writing: 3栋2单元501, 3-2-501, 3幢2单元501室 all become 3-2-501."""
    return re.sub(r"(栋|幢|座|号楼|单元|[-—_/#])+", "-", alike(text)).replace("室", "").replace("房", "")
