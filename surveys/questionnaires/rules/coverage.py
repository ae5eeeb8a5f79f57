"""Who is missing from the answers: the share of dwellings that answered, by building, floor or anything else."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass


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
