"""How far a collection has come: the average per household against 500 yuan, exact.

户均500元 is an average over *all* households, not 500 from each one (DOMAIN §0.1): one may give 5,000 and another
nothing. ``payments`` measures; whether an estate is listed is decided elsewhere.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

from kernel.errors import Invalid
from kernel.money import Fen, average_text, yuan_text
from kernel.ratio import at_least, percent_text

AVERAGE_FEN: Fen = 50_000
SHARE = "share"
"""The condition that tells how many households have paid."""


@dataclass(frozen=True)
class Standing:
    """``households``: all of the estate; ``paid_households`` and ``paid_fen``: deposits paid or converted."""

    households: int
    paid_households: int
    paid_fen: Fen

    def is_met(self, average_fen: Fen = AVERAGE_FEN) -> bool:
        """Is the sum over all households at least ``average_fen`` each? An estate without households is never met."""
        return self.households > 0 and at_least(self.paid_fen, self.households, average_fen, 1)

    @property
    def average_text(self) -> str:
        """The average per household as yuan, rounded for showing, "—" without households. Never compare with it."""
        return average_text(self.paid_fen, self.households)

    @property
    def share_text(self) -> str:
        """The share of all households that paid, "—" without households."""
        return percent_text(self.paid_households, self.households)

    def missing_fen(self, average_fen: Fen = AVERAGE_FEN) -> Fen:
        """What is still missing to the gate; 0 once it is met."""
        return max(0, average_fen * self.households - self.paid_fen)


# ------------------------------------------------------------------------------------------------- what is asked for


@dataclass(frozen=True)
class Wanted:
    """What a collection is measured against: an average per household, and where it is laid down also a sum
    (``target_fen``) and a share of households that paid (``share_permille``).
    """

    average_fen: Fen
    target_fen: Fen | None = None
    share_permille: int | None = None


@dataclass(frozen=True)
class Condition:
    """One thing that is asked for: how far it has come, what is asked for, and whether it is reached, exactly."""

    name: str
    title: str
    reached: str
    wanted: str
    is_met: bool


def _average(standing: Standing, wanted: Wanted) -> Condition:
    met = standing.is_met(wanted.average_fen)
    asked = f"{yuan_text(wanted.average_fen)} 元"
    return Condition("average", "户均（合计 ÷ 全部户数）", f"{standing.average_text} 元", asked, met)


def _target(standing: Standing, wanted: Wanted) -> Condition | None:
    if wanted.target_fen is None:
        return None
    reached = f"{yuan_text(standing.paid_fen)} 元（{percent_text(standing.paid_fen, wanted.target_fen)}）"
    met = standing.paid_fen >= wanted.target_fen
    return Condition("target", "金额 ÷ 目标", reached, f"{yuan_text(wanted.target_fen)} 元", met)


def _share(standing: Standing, wanted: Wanted) -> Condition | None:
    if wanted.share_permille is None:
        return None
    met = at_least(standing.paid_households, standing.households, wanted.share_permille, 1000)
    reached = f"{standing.share_text}（{standing.paid_households}/{standing.households} 户）"
    return Condition(SHARE, "已缴户数的比例", reached, percent_text(wanted.share_permille, 1000), met)


CONDITIONS: tuple[Callable[[Standing, Wanted], Condition | None], ...] = (_average, _target, _share)
"""What may be asked for. Another condition is a function in this list."""


def measured(standing: Standing, wanted: Wanted) -> list[Condition]:
    """Every condition that is asked for, with how far it has come."""
    return [one for one in (measure(standing, wanted) for measure in CONDITIONS) if one is not None]


def passed(standing: Standing, wanted: Wanted) -> bool:
    """Is everything reached that is asked for?"""
    return all(one.is_met for one in measured(standing, wanted))


def base_words(as_of: date | None, households: int, on_register: int, why: str) -> str:
    """Of which day the households are that an average is over (``as_of``; None: the register of today), and where the
    register counts differently why.
    """
    if as_of is None:
        return f"户均 = 合计 ÷ 全部 {households} 户（按今天的房屋登记）。"
    told = f"户均 = 合计 ÷ 全部 {households} 户（{as_of.isoformat()} 的基数）"
    return f"{told}。" if households == on_register else f"{told}；房屋登记今天是 {on_register} 户，不同是因为：{why}。"


def checked_base(
    as_of: date, households: int, by_building: Mapping[str, int], *, known: Collection[str], today: date
) -> None:
    """Raises ``Invalid`` for a date to come, a building that is none of the ``known``, or buildings that do not add up
    to all households.
    """
    if as_of > today:
        raise Invalid("date-to-come", "基准日不能在今天以后。", {"as_of": ["请选今天或以前的日子。"]})
    strangers = [name for name in by_building if name not in known]
    if strangers:
        raise Invalid(
            "no-such-building",
            f"本小区没有这一栋：{strangers[0]}。请照楼栋名称写，例如“{next(iter(known), '3栋')}”。",
            {"by_building": ["请照楼栋名称写。"]},
        )
    if by_building and sum(by_building.values()) != households:
        raise Invalid(
            "buildings-differ",
            f"各楼户数加起来是 {sum(by_building.values())} 户，和总户数 {households} 户不一样。请核对。",
            {"by_building": ["和总户数不一样。"]},
        )
