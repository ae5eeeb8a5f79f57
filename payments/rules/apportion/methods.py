"""The ways to weigh homes: by household, area, floor, benefit, agreed amounts, or several at once.

A method is one class in ``METHODS``: adding one touches this file and its test.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import lcm
from typing import Any, ClassVar

from kernel.errors import Invalid
from kernel.money import Fen, yuan_text
from kernel.ratio import quotient_text

COEFFICIENT_PLACES = 1000
"""Floor coefficients are thousandths: 0.7 is 700."""
MOST_COEFFICIENT = 100_000
GUANGZHOU_FLOORS: Mapping[int, int] = {1: 0, 2: 0, 3: 700, 4: 800, 5: 900, 6: 1000, 7: 1100, 8: 1200, 9: 1300}
"""Seen in Guangzhou for lifts (DOMAIN §3.3)."""


@dataclass(frozen=True)
class Home:
    """A dwelling as a cost sees it.

    ``key``: whatever names it; ``order``: as one walks them, breaks ties; ``label``: as people say it; ``places``: the
    building and, as ``building/unit``, the unit it lies in.
    """

    key: Any
    order: str
    label: str
    area_dm2: int | None
    floor: int | None
    places: frozenset[str] = frozenset()


class MethodName(StrEnum):
    """How a cost is weighed."""

    HOUSEHOLD = "household"
    AREA = "area"
    FLOOR = "floor"
    ITEM = "item"
    FIXED = "fixed"
    MIXED = "mixed"


class Method:
    """One way to weigh homes: whole weights, and what part of all a home's weight is, as people say it."""

    name: ClassVar[MethodName]
    title: ClassVar[str]

    def weights(self, homes: Sequence[Home]) -> list[int]:
        """One whole weight a home, not below 0. Raises Invalid when a home lacks what the method asks."""
        raise NotImplementedError

    def weight_text(self, weight: int) -> str:
        """A weight, or a sum of weights, with its unit."""
        raise NotImplementedError

    def note(self, home: Home) -> str:
        """What else explains a home's weight, "" when nothing does."""
        del home
        return ""

    def quotients(self, homes: Sequence[Home]) -> list[str]:
        """``83.50 ㎡ ÷ 6,712.00 ㎡`` for each home."""
        weights = self.weights(homes)
        whole = self.weight_text(sum(weights))
        return [f"{self.weight_text(weight)} ÷ {whole}" for weight in weights]


METHODS: dict[MethodName, type[Method]] = {}


def method(made: type[Method]) -> type[Method]:
    """Register a method under its name."""
    METHODS[made.name] = made
    return made


@method
@dataclass(frozen=True)
class ByHousehold(Method):
    """Each household the same."""

    name: ClassVar[MethodName] = MethodName.HOUSEHOLD
    title: ClassVar[str] = "按户平均"

    def weights(self, homes: Sequence[Home]) -> list[int]:
        """1 each."""
        return [1] * len(homes)

    def weight_text(self, weight: int) -> str:
        """``3 户``."""
        return f"{weight} 户"


@method
@dataclass(frozen=True)
class ByArea(Method):
    """By 专有部分 area, the law's own measure where nothing is agreed (民法典 §283)."""

    name: ClassVar[MethodName] = MethodName.AREA
    title: ClassVar[str] = "按建筑面积"

    def weights(self, homes: Sequence[Home]) -> list[int]:
        """Areas in dm²."""
        return [_area(home) for home in homes]

    def weight_text(self, weight: int) -> str:
        """``83.50 ㎡``."""
        return f"{_square_metres(weight)} ㎡"


@method
@dataclass(frozen=True)
class ByFloor(Method):
    """By a coefficient of the floor, in thousandths, times the area (``by_area``) or alone. A floor the table does not
    name bears the coefficient of the highest floor it does.
    """

    name: ClassVar[MethodName] = MethodName.FLOOR
    title: ClassVar[str] = "按楼层系数"
    coefficients: Mapping[int, int] = field(default_factory=lambda: dict(GUANGZHOU_FLOORS))
    by_area: bool = True

    def __post_init__(self) -> None:
        if not self.coefficients or any(not 0 <= one <= MOST_COEFFICIENT for one in self.coefficients.values()):
            raise Invalid("coefficients", "请写出每一层的系数，例如 3 层 0.7；系数不能小于 0。")

    def coefficient(self, home: Home) -> int:
        """A home's coefficient in thousandths."""
        if home.floor is None:
            raise Invalid("floor-missing", f"{home.label} 没有登记楼层，不能按楼层系数分摊。请先补登。")
        return self.coefficients.get(home.floor, self.coefficients[max(self.coefficients)])

    def weights(self, homes: Sequence[Home]) -> list[int]:
        """Coefficient × area (dm² × 1/1000), or the coefficient alone."""
        return [self.coefficient(home) * (_area(home) if self.by_area else 1) for home in homes]

    def weight_text(self, weight: int) -> str:
        """A weight as square metres of coefficient 1, or as a sum of coefficients."""
        if self.by_area:
            return f"{_thousands(quotient_text(weight, 100 * COEFFICIENT_PLACES, 3))} 折算㎡"
        return f"{quotient_text(weight, COEFFICIENT_PLACES, 3)}"

    def note(self, home: Home) -> str:
        """``4 层系数 0.800 × 83.50 ㎡``."""
        said = f"{home.floor} 层系数 {quotient_text(self.coefficient(home), COEFFICIENT_PLACES, 3)}"
        return f"{said} × {_square_metres(_area(home))} ㎡" if self.by_area else said


@method
@dataclass(frozen=True)
class ByItem(Method):
    """Only the homes an item benefits (``homes``: their keys; or all from a floor up), each by its area or the same."""

    name: ClassVar[MethodName] = MethodName.ITEM
    title: ClassVar[str] = "谁受益谁分摊"
    homes: frozenset[Any] = frozenset()
    from_floor: int | None = None
    by_area: bool = True

    def _benefits(self, home: Home) -> bool:
        if home.key in self.homes:
            return True
        return self.from_floor is not None and home.floor is not None and home.floor >= self.from_floor

    def weights(self, homes: Sequence[Home]) -> list[int]:
        """0 for a home the item does not benefit."""
        return [(_area(home) if self.by_area else 1) if self._benefits(home) else 0 for home in homes]

    def weight_text(self, weight: int) -> str:
        """Square metres, or households."""
        return f"{_square_metres(weight)} ㎡" if self.by_area else f"{weight} 户"


@method
@dataclass(frozen=True)
class ByList(Method):
    """By amounts that were agreed, home by home (in fen): what is not on the list bears nothing."""

    name: ClassVar[MethodName] = MethodName.FIXED
    title: ClassVar[str] = "按商定的数额"
    amounts: Mapping[Any, Fen] = field(default_factory=dict)

    def weights(self, homes: Sequence[Home]) -> list[int]:
        """The agreed amounts; where they do not add up to the cost, the cost is shared in their proportion."""
        if any(fen < 0 for fen in self.amounts.values()):
            raise Invalid("amount-below-zero", "商定的数额不能小于 0。")
        return [self.amounts.get(home.key, 0) for home in homes]

    def weight_text(self, weight: int) -> str:
        """``10,500.00 元``."""
        return f"{yuan_text(weight)} 元"


@method
@dataclass(frozen=True)
class Mixed(Method):
    """Several methods at once, each with its part of the cost (``parts``: method, whole weight > 0)."""

    name: ClassVar[MethodName] = MethodName.MIXED
    title: ClassVar[str] = "综合分摊"
    parts: tuple[tuple[Method, int], ...] = ()

    def __post_init__(self) -> None:
        if len(self.parts) < 2 or any(part < 1 for _, part in self.parts):
            raise Invalid("mixed-parts", "综合分摊要有两种以上办法，每种的比重要大于 0。")

    def weights(self, homes: Sequence[Home]) -> list[int]:
        """Each method's weights brought to one sum, times its part: whole numbers, so nothing is lost to rounding."""
        columns = []
        for one, part in self.parts:
            weights = one.weights(homes)
            if not sum(weights):
                raise Invalid("nobody-bears", f"“{one.title}”这一部分没有人分摊。请核对范围和名单。")
            columns.append((weights, sum(weights), part))
        scale = lcm(*(whole for _, whole, _ in columns))
        return [
            sum(weights[at] * (scale // whole) * part for weights, whole, part in columns) for at in range(len(homes))
        ]

    def weight_text(self, weight: int) -> str:
        """A bare number: nobody reads it, ``quotients`` names the parts."""
        return f"{weight:,}"

    def quotients(self, homes: Sequence[Home]) -> list[str]:
        """``（40/100 × 1 户 ÷ 80 户 + 60/100 × 83.50 ㎡ ÷ 6,712.00 ㎡）`` for each home."""
        whole = sum(part for _, part in self.parts)
        columns = [[f"{part}/{whole} × {said}" for said in one.quotients(homes)] for one, part in self.parts]
        return [f"（{' + '.join(row)}）" for row in zip(*columns, strict=True)]


def _area(home: Home) -> int:
    if home.area_dm2 is None:
        raise Invalid("area-missing", f"{home.label} 没有登记面积，不能按面积分摊。请先补登。")
    return home.area_dm2


def _square_metres(area_dm2: int) -> str:
    return _thousands(quotient_text(area_dm2, 100, 2))


def _thousands(text: str) -> str:
    whole, point, places = text.partition(".")
    return f"{int(whole):,}{point}{places}"


# ------------------------------------------------------------------------------------------ written down and read again


def method_from(said: Mapping[str, Any]) -> Method:
    """A method as it is kept with a budget: ``{"method": "floor", "coefficients": {"3": 700}, "by_area": true}``.

    Raises Invalid for a word nobody knows, or settings that make no sense.
    """
    try:
        name = MethodName(str(said.get("method")))
    except ValueError:
        raise Invalid("no-such-method", f"没有“{said.get('method')}”这种分摊办法。可用：{_titles()}。") from None
    try:
        return _READ[name](said)
    except (TypeError, ValueError, KeyError, AttributeError):
        raise Invalid("method-settings", f"“{METHODS[name].title}”的设置看不懂。请核对。") from None


def _titles() -> str:
    return "、".join(made.title for made in METHODS.values())


_READ: Mapping[MethodName, Any] = {
    MethodName.HOUSEHOLD: lambda _: ByHousehold(),
    MethodName.AREA: lambda _: ByArea(),
    MethodName.FLOOR: lambda said: ByFloor(
        {int(floor): int(one) for floor, one in (said.get("coefficients") or GUANGZHOU_FLOORS).items()},
        bool(said.get("by_area", True)),
    ),
    MethodName.ITEM: lambda said: ByItem(
        frozenset(said.get("homes", ())),
        int(said["from_floor"]) if said.get("from_floor") is not None else None,
        bool(said.get("by_area", True)),
    ),
    MethodName.FIXED: lambda said: ByList({key: int(fen) for key, fen in said["amounts"].items()}),
    MethodName.MIXED: lambda said: Mixed(tuple((method_from(part), int(part["part"])) for part in said["parts"])),
}
