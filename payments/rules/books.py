"""What the public books may show: totals from five households on; rows of building, tail, amount, day (DESIGN §7)."""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kernel.errors import Invalid
from kernel.money import Fen
from payments.rules.receipt import TAIL_LENGTH

SMALLEST_GROUP = 5
OTHERS = "其他楼栋"
_PLACE = re.compile(r"([1-9][0-9]{0,8})-([1-9][0-9]{0,8})")


@dataclass(frozen=True)
class Group:
    """What the paying households of a building gave together."""

    building: str
    paid_households: int
    paid_fen: Fen


def shown(groups: Sequence[Group]) -> list[Group]:
    """Return the groups of five payers or more as they are, the smaller ones as one group, if that has five.

    When what is left over has fewer than five payers it is not shown at all, and neither is the smallest shown group:
    from the estate's total one could otherwise subtract one's way to the few.
    """
    large = [group for group in groups if group.paid_households >= SMALLEST_GROUP]
    small = [group for group in groups if 0 < group.paid_households < SMALLEST_GROUP]
    if not small:
        return large
    left = Group(OTHERS, sum(one.paid_households for one in small), sum(one.paid_fen for one in small))
    if left.paid_households < SMALLEST_GROUP and large:
        smallest = min(large, key=lambda group: group.paid_households)
        large.remove(smallest)
        left = Group(OTHERS, left.paid_households + smallest.paid_households, left.paid_fen + smallest.paid_fen)
    # A group that holds everybody is the total, which is shown anyway.
    return [*large, left] if large and left.paid_households >= SMALLEST_GROUP else large


def folded(bearers: Mapping[int, AbstractSet[int]]) -> set[int]:
    """Which costs are told only together: those that fewer than five homes bear, and with them, where they are still
    fewer than five all in all, the next larger ones until they are five; none when all costs are borne by five.

    ``bearers``: cost -> homes. From the total one could otherwise subtract one's way to what a single home bears.
    """
    together = {cost for cost, homes in bearers.items() if len(homes) < SMALLEST_GROUP}
    if not together:
        return set()
    rest = sorted((cost for cost in bearers if cost not in together), key=lambda cost: (len(bearers[cost]), cost))
    while rest and len(set().union(*(bearers[cost] for cost in together))) < SMALLEST_GROUP:
        together.add(rest.pop(0))
    return together


def tail(number: str) -> str:
    """The published end of a receipt number."""
    return number[-TAIL_LENGTH:]


def place_from(text: str | None) -> tuple[int, int] | None:
    """The line a reader wants to go on from, ``"12-7"``: the seventh of the twelfth publication; Invalid for none."""
    if text is None:
        return None
    found = _PLACE.fullmatch(text)
    if found is None:
        raise Invalid("no-such-line", "没有这一页账目。请从第一页看起。")
    return int(found[1]), int(found[2])
