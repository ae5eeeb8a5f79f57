"""Who is missing from the answers: the share of dwellings that answered, by building, floor or anything else."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from surveys.questionnaires.rules.tally import hide_small


@dataclass(frozen=True)
class Share:
    """``answered`` of ``total`` dwellings; vacant and unreachable ones stay in the total (DOMAIN §1.3)."""

    group: str
    answered: int
    total: int


def coverage(dwellings: Iterable[tuple[int, str]], answered: Collection[int]) -> list[Share]:
    """Shares by group from (dwelling id, group) pairs, in the order the groups first appear."""
    total: Counter[str] = Counter()
    done: Counter[str] = Counter()
    for dwelling, group in dwellings:
        total[group] += 1
        done[group] += dwelling in answered
    return [Share(group, done[group], n) for group, n in total.items()]


@dataclass(frozen=True)
class Group:
    """Homes that are alike for the register: ``floor`` (None: not known), ``let`` (a tenant is registered)."""

    floor: int | None
    let: bool
    answered: int
    total: int


FLOORS = ((1, "1层"), (3, "2–3层"), (6, "4–6层"), (99, "7层及以上"))
NO_FLOOR = "楼层不详"
FLOOR_ORDER = (*(word for _, word in FLOORS), NO_FLOOR)


def floor_band(floor: int | None) -> str:
    """The words for a floor: those who climb no stairs, some, many, too many."""
    if floor is None:
        return NO_FLOOR
    return next((word for most, word in FLOORS if floor <= most), FLOORS[-1][1])


def by_floor(groups: Iterable[Group]) -> list[Share]:
    """Shares by floors, lowest first."""
    found = _together((floor_band(group.floor), group) for group in groups)
    return sorted(found, key=lambda share: FLOOR_ORDER.index(share.group))


def by_tenure(groups: Iterable[Group]) -> list[Share]:
    """Shares of homes with and without a registered tenant."""
    found = _together(("有租户登记的" if group.let else "没有租户登记的", group) for group in groups)
    return sorted(found, key=lambda share: share.group, reverse=True)


def _together(named: Iterable[tuple[str, Group]]) -> list[Share]:
    answered: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for name, group in named:
        answered[name] += group.answered
        total[name] += group.total
    return [Share(name, answered[name], n) for name, n in total.items()]


def in_public(shares: list[Share]) -> list[Share | None]:
    """The same, None where 1 to 4 homes have answered or have not, or where that could be worked out."""
    answered = [share.answered for share in shares]
    missing = [share.total - share.answered for share in shares]
    seen = hide_small(answered, sum(answered), one_each=True)
    unseen = hide_small(missing, sum(missing), one_each=True)
    if sum(missing) == 0:
        unseen = list(missing)
    return [
        None if done is None or left is None else share for share, done, left in zip(shares, seen, unseen, strict=True)
    ]


def in_public_together(estates: Iterable[list[Share]]) -> list[Share]:
    """The shares of several estates together: what each of them tells (``in_public``), added up, so that no sum or
    difference tells more than they do; without those of which none of them tells any."""
    told = [share for shares in estates for share in in_public(shares) if share is not None]
    answered, total = Counter[str](), Counter[str]()
    for share in told:
        answered[share.group] += share.answered
        total[share.group] += share.total
    return [Share(group, answered[group], n) for group, n in total.items()]


def counts_in_public_together(estates: Iterable[Mapping[str, int]]) -> dict[str, int | None]:
    """The same of counts by kind, where each home is of one kind: kind → homes, None where no estate tells any."""
    found: dict[str, int | None] = {}
    for counts in estates:
        for kind, told in zip(counts, hide_small([*counts.values()], sum(counts.values()), one_each=True), strict=True):
            before = found.setdefault(kind, None)
            found[kind] = before if told is None else (before or 0) + told
    return found
