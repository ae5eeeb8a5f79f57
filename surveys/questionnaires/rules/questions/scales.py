"""What numbers a question takes, exactly: its limits, its places, its steps, and the bands it is counted in.

An answer is a whole number of the smallest step (two decimals: hundredths), because floats do not add up. The limits
are written as people say them: a whole number, or a text where there is a fraction (``"0.5"``).
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MOST_DECIMALS = 4
MOST_BANDS = 26
_WRITTEN = re.compile(r"(?P<sign>-?)(?P<units>\d{1,10})(?:\.(?P<rest>\d{1,4}))?", re.ASCII)

Spec = Mapping[str, Any]


def number_text(value: int, decimals: int) -> str:
    """A scaled whole number as people write it: 8650 with two decimals is "86.5"."""
    if not decimals:
        return str(value)
    sign, digits = "-" if value < 0 else "", str(abs(value)).rjust(decimals + 1, "0")
    fraction = digits[-decimals:].rstrip("0")
    return f"{sign}{digits[:-decimals]}{'.' + fraction if fraction else ''}"


def exact(written: Any, decimals: int) -> int | None:
    """A limit in smallest steps; None for what is no number, or has more places than ``decimals``."""
    if type(written) is int:
        return written * int(10**decimals)
    found = _WRITTEN.fullmatch(written) if isinstance(written, str) else None
    rest = ((found["rest"] or "").rstrip("0") if found else "") or ""
    if found is None or len(rest) > decimals:
        return None
    return int(found["sign"] + found["units"] + rest.ljust(decimals, "0"))


@dataclass(frozen=True)
class Scale:
    """Everything in smallest steps: the limits, both included, and how far apart two answers are."""

    low: int
    high: int
    step: int
    decimals: int
    fine: bool
    """Whether a limit or the step has a fraction: then its bands may have one, too."""

    @property
    def width(self) -> int:
        """How wide the bands of a distribution are: the smallest of 1, 2, 5, 10, 20 … that makes 26 bands at most."""
        least = 1 if self.fine else 10**self.decimals
        for size in itertools.count():
            for digit in (1, 2, 5):
                width: int = digit * 10**size
                if width >= least and (self.high // width) - (self.low // width) < MOST_BANDS:
                    return width
        raise AssertionError("there is always a wider band")

    @property
    def tells(self) -> bool:
        """Whether a band is hardly more than one answer: an average beside a hidden one would give it away."""
        return self.width <= max(self.step, 10**self.decimals)


def scale_of(spec: Spec) -> Scale:
    """The scale of a definition that was found in order."""
    decimals = spec.get("decimals", 0)
    low, high = exact(spec["low"], decimals) or 0, exact(spec["high"], decimals) or 0
    step = exact(spec["step"], decimals) or 1 if "step" in spec else 1
    fine = any(value % 10**decimals for value in (low, high, step if "step" in spec else 0))
    return Scale(low, high, step, decimals, fine)


def problems(spec: Spec) -> Iterator[str]:
    """What is wrong with the numbers of a definition, in Chinese."""
    decimals = spec.get("decimals", 0)
    if decimals not in range(MOST_DECIMALS + 1):
        yield f"小数位数只能是 0 到 {MOST_DECIMALS}"
        return
    low, high = exact(spec.get("low"), decimals), exact(spec.get("high"), decimals)
    if low is None or high is None or low > high:
        yield "数字的范围（low、high）写得不对" + (f"，最多 {decimals} 位小数" if decimals else "")
    elif "step" in spec:
        step = exact(spec["step"], decimals)
        if step is None or step <= 0 or (high - low) % step:
            yield "每格（step）要比 0 大，最大减最小要是整格"


def band_of(value: int, spec: Spec) -> str:
    """The cell of a distribution a value (in smallest steps) falls into: the band's lower end as people write it."""
    scale = scale_of(spec)
    return number_text(value // scale.width * scale.width, scale.decimals)


def bands(spec: Spec) -> list[tuple[str, str]]:
    """(cell, label) of every band from the lowest possible value to the highest: ("50", "50–100㎡以下")."""
    scale, unit = scale_of(spec), spec.get("unit", "")
    width, decimals = scale.width, scale.decimals
    found = []
    for start in range(scale.low // width * width, scale.high + 1, width):
        first = number_text(start, decimals)
        if scale.step == width and start % width == scale.low % width:
            label = f"{first}{unit}"
        elif decimals:
            label = f"{first}–{number_text(start + width, decimals)}{unit}以下"
        else:
            label = f"{first}{unit}" if width == 1 else f"{first}–{start + width - 1}{unit}"
        found.append((first, label))
    return found
