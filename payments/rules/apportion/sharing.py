"""A budget's costs shared among homes, line by line, with exemptions in the open."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from kernel.errors import Invalid
from kernel.money import Fen, shares, yuan_text
from payments.rules.apportion.methods import Home, Method


@dataclass(frozen=True)
class Cost:
    """One line of a budget: what, how much, who bears it (``scope``: "" the whole estate, else a building or unit as in
    ``Home.places``) and how it is weighed.
    """

    name: str
    amount_fen: Fen
    how: Method
    scope: str = ""


@dataclass(frozen=True)
class Exemption:
    """A home that is let off: the whole of its share (``thousandths`` 1000) or part; ``why`` is kept with the line."""

    key: Any
    thousandths: int
    why: str

    def __post_init__(self) -> None:
        if not 1 <= self.thousandths <= 1000:
            raise Invalid("exemption-share", "减免比例要在 0 到 100% 之间。")
        if not self.why.strip():
            raise Invalid("exemption-reason", "请写明减免的原因。")


class ExemptionBearer(StrEnum):
    """Who bears what an exemption takes off."""

    FUND = "fund"
    """A subsidy or the owners' fund: nobody's share grows."""
    OTHERS = "others"
    """The other homes of the same scope, by the same weights."""


@dataclass(frozen=True)
class Line:
    """What one home bears of one cost, or is let off (``is_exemption``, below 0). ``words``: the formula."""

    key: Any
    cost: str
    amount_fen: Fen
    words: str
    is_exemption: bool = False


@dataclass(frozen=True)
class Apportionment:
    """Every line, in the order of costs and homes; ``by_fund_fen``: what exemptions leave to a fund."""

    lines: tuple[Line, ...]
    by_fund_fen: Fen

    def dues(self) -> dict[Any, Fen]:
        """What each home bears altogether."""
        result: dict[Any, Fen] = {}
        for line in self.lines:
            result[line.key] = result.get(line.key, 0) + line.amount_fen
        return result


def apportion(
    costs: Sequence[Cost],
    homes: Collection[Home],
    *,
    exemptions: Iterable[Exemption] = (),
    borne_by: ExemptionBearer = ExemptionBearer.FUND,
) -> Apportionment:
    """Share costs among homes. The lines of a cost, with what a fund bears, sum to it exactly.

    Raises Invalid when a cost has nobody to bear it, a scope no home, or a home lacks what its method asks.
    """
    walked = sorted(homes, key=lambda home: home.order)
    let_off = {one.key: one for one in exemptions}
    lines: list[Line] = []
    by_fund = 0
    for cost in costs:
        made, fund = _one(cost, walked, let_off, borne_by)
        lines.extend(made)
        by_fund += fund
    return Apportionment(tuple(lines), by_fund)


def _one(
    cost: Cost, walked: Sequence[Home], let_off: Mapping[Any, Exemption], borne_by: ExemptionBearer
) -> tuple[list[Line], Fen]:
    if cost.amount_fen < 1:
        raise Invalid("cost-too-small", f"“{cost.name}”的金额要大于 0 元。")
    within = [home for home in walked if not cost.scope or cost.scope in home.places]
    if not within:
        raise Invalid("scope-empty", f"“{cost.name}”的分摊范围里没有住户。请核对楼栋和单元。")
    weights = cost.how.weights(within)
    if not sum(weights):
        raise Invalid("nobody-bears", f"“{cost.name}”没有人分摊。请核对办法、范围和名单。")
    parts = shares(cost.amount_fen, weights)
    lines = [
        Line(home.key, cost.name, part, formula(cost, home, quotient, part))
        for home, weight, quotient, part in zip(within, weights, cost.how.quotients(within), parts, strict=True)
        if weight
    ]
    off = {line.key: _let_off(line.amount_fen, let_off[line.key]) for line in lines if line.key in let_off}
    off = {key: fen for key, fen in off.items() if fen}
    lines += [
        Line(key, cost.name, -fen, f"{cost.name}减免：{let_off[key].why.strip()}", is_exemption=True)
        for key, fen in off.items()
    ]
    taken = sum(off.values())
    if not taken or borne_by is ExemptionBearer.FUND:
        return lines, taken
    others = [
        (home, weight) for home, weight in zip(within, weights, strict=True) if weight and home.key not in let_off
    ]
    if not others:
        raise Invalid("nobody-bears", f"“{cost.name}”的分摊范围里全部减免，没有人承担减免的部分。")
    again = shares(taken, [weight for _, weight in others])
    lines += [
        Line(home.key, cost.name, fen, f"按同一办法分担减免的 {yuan_text(taken)} 元 = {yuan_text(fen)} 元")
        for (home, _), fen in zip(others, again, strict=True)
        if fen
    ]
    return lines, 0


def _let_off(amount_fen: Fen, exemption: Exemption) -> Fen:
    """What an exemption takes off a share: whole fen, never more than the share."""
    return int(Fraction(amount_fen * exemption.thousandths, 1000))


def formula(cost: Cost, home: Home, quotient: str, part: Fen) -> str:
    """``83.50 ㎡ ÷ 6,712.00 ㎡ × 1,200,000.00 元 = 14,928.49 元``; what else explains the weight stands before it."""
    note = cost.how.note(home)
    said = f"{quotient} × {yuan_text(cost.amount_fen)} 元 = {yuan_text(part)} 元"
    return f"{note}；{said}" if note else said


def difference(before: Fen, after: Fen) -> tuple[str, Fen]:
    """What a new version means for a home: ("top_up" | "back" | "same", how much)."""
    if after > before:
        return "top_up", after - before
    return ("back", before - after) if after < before else ("same", 0)
