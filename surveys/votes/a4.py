"""Drawing on A4 with the vendored font: what the notice and the result sheet have in common. ReportLab loads late."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from kernel.typesetting import MM, numbered, use_font


def text(words: str, style: str = "body") -> Any:
    """A paragraph; ``style``: body, small, title, head. Line breaks of the words are kept."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    body = ParagraphStyle("body", fontName=use_font(), fontSize=10.5, leading=16, wordWrap="CJK")
    styles = {
        "body": body,
        "small": ParagraphStyle("small", parent=body, fontSize=8.5, leading=12),
        "title": ParagraphStyle("title", parent=body, fontSize=18, leading=26, alignment=1),
        "head": ParagraphStyle(
            "head", parent=body, fontSize=12.5, leading=19, spaceBefore=10, spaceAfter=4, keepWithNext=1
        ),
    }
    return Paragraph(escape(words).replace("\n", "<br/>"), styles[style])


def table(rows: Sequence[Sequence[Any]], widths_mm: Sequence[float], *, header: bool = True, grid: bool = True) -> Any:
    """A table of paragraphs; a header is tinted and repeated on every page."""
    from reportlab.lib.colors import Color
    from reportlab.platypus import Table, TableStyle

    line, tint = Color(0.55, 0.55, 0.55), Color(0.93, 0.93, 0.93)
    style: list[Any] = [("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    if grid:
        style.append(("GRID", (0, 0), (-1, -1), 0.5, line))
    if header:
        style.append(("BACKGROUND", (0, 0), (-1, 0), tint))
    made = Table(rows, colWidths=[width * MM for width in widths_mm], repeatRows=1 if header else 0)
    made.setStyle(TableStyle(style))
    made.spaceAfter = 4 * MM
    return made


def gap(mm: float) -> Any:
    """Empty height."""
    from reportlab.platypus import Spacer

    return Spacer(1, mm * MM)


def together(parts: list[Any]) -> Any:
    """Parts that no page break comes between."""
    from reportlab.platypus import KeepTogether

    return KeepTogether(parts)


def document(story: list[Any], title: str) -> bytes:
    """The pages as PDF bytes, numbered if there are several; the same story gives the same bytes."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate

    out = BytesIO()
    made = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=20 * MM,
        rightMargin=20 * MM,
        topMargin=18 * MM,
        bottomMargin=18 * MM,
        title=title,
        invariant=1,
    )
    made.build(story, canvasmaker=numbered(title))
    return out.getvalue()
