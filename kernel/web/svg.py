"""Charts drawn on the server: bars, a stacked share bar, a progress ring. No chart library, no inline style (CSP).

Each gives ``Markup`` that says its figures in words (a list of real text, or ``role="img"`` with an ``aria-label``), so
no chart needs another alternative, and it prints.
Colours are classes of base.css (``c0`` track, ``c1`` brand, ``c2`` … others).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

WIDTH = 320


@dataclass(frozen=True)
class Bar:
    """One bar: ``label`` 工商局宿舍, ``share`` of the full length (0 to 1; more is cut), ``text`` 92.9%."""

    label: str
    share: Fraction | float
    text: str
    highlight: bool = False


@dataclass(frozen=True)
class Part:
    """One part of a whole: ``label``, ``count`` (any unit, not negative), ``css`` colour class."""

    label: str
    count: int
    css: str = "c1"


def _length(share: Fraction | float, full: int) -> str:
    return f"{min(max(float(share), 0.0), 1.0) * full:.1f}".removesuffix(".0")


def _svg(width: int, height: int, label: str, body: Markup, css: str = "chart") -> Markup:
    return Markup('<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        css, width, height, label, body
    )


def bars(title: str, rows: Sequence[Bar]) -> Markup:
    """Horizontal bars as a list: label and figure are real text over each bar, so they wrap in the largest type.

    Keeps the order of ``rows``; the bars themselves are hidden from screen readers, who read the list.
    """
    items = Markup("").join(
        Markup(
            '<li><span class="bar-label{mark}">{label}</span> <b class="num">{text}</b>'
            '<svg class="chart" viewBox="0 0 {w} 12" preserveAspectRatio="none" aria-hidden="true">'
            '<rect class="c0" width="{w}" height="12"/><rect class="{css}" width="{length}" height="12"/></svg></li>'
        ).format(
            mark=" on" if row.highlight else "",
            label=row.label,
            text=row.text,
            w=WIDTH,
            css="c2" if row.highlight else "c1",
            length=_length(row.share, WIDTH),
        )
        for row in rows
    )
    return Markup('<ol class="plain bars" aria-label="{}">{}</ol>').format(title, items)


def share_bar(title: str, parts: Sequence[Part]) -> Markup:
    """One bar cut by ``parts``; nothing counted yet draws the empty track. Words stand in the label, not in the bar."""
    total = sum(part.count for part in parts)
    body = Markup('<rect class="c0" x="0" y="0" width="{}" height="24" rx="4"/>').format(WIDTH)
    before = 0
    for part in parts:
        if part.count <= 0:
            continue
        x, width = Fraction(before * WIDTH, total), Fraction(part.count * WIDTH, total)
        body += Markup('<rect class="{}" x="{:.1f}" y="0" width="{:.1f}" height="24"/>').format(
            part.css, float(x), float(width)
        )
        before += part.count
    words = "，".join(f"{part.label} {part.count}" for part in parts)
    return _svg(WIDTH, 24, f"{title}：{words}", body)


def ring(title: str, share: Fraction | float, text: str) -> Markup:
    """A progress ring with ``text`` (92.5%) in its middle; the share starts at twelve o'clock."""
    around = 283  # 2 π · 45, rounded up
    body = Markup(
        '<circle class="s0" cx="60" cy="60" r="45" fill="none" stroke-width="14"/>'
        '<circle class="s1" cx="60" cy="60" r="45" fill="none" stroke-width="14" stroke-dasharray="{} {}"'
        ' transform="rotate(-90 60 60)"/>'
        '<text x="60" y="68" font-size="22" font-weight="600" text-anchor="middle">{}</text>'
    ).format(_length(share, around), around, text)
    return _svg(120, 120, f"{title}：{text}", body, "chart ring")
