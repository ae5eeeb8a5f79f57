"""Door labels on A4: 3 by 4 labels of 60 by 66 mm, one building a file, QR codes as vector squares."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kernel.clock import day_text
from kernel.places.rules import grouped
from kernel.typesetting import FONT, MM, use_font

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

PAGE_WIDTH_MM, PAGE_HEIGHT_MM = 210, 297
LABEL_WIDTH_MM, LABEL_HEIGHT_MM = 60, 66
COLUMNS, ROWS = 3, 4
GAP_MM = 4
TOP_MM = 8
QR_MM = 50
"""Side of the code with its quiet zone of four modules."""

QUIET_ZONE = 4
SMALLEST_PT = 6.0


@dataclass(frozen=True)
class Label:
    """What one label shows. ``unit``: ``2``, or ``""`` in a building without units."""

    code: str
    building: str
    unit: str
    door: str


def write_sheet(
    path: Path,
    labels: Sequence[Label],
    *,
    estate: str,
    base_url: str,
    host: str,
    made_on: date,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the labels of one building as a PDF and give the number of pages.

    ``base_url``: the public address, such as ``https://gj.example.cn``; a code leads to ``<base_url>/h/<code>``.
    ``host``: that address as it is printed in words, against labels somebody pastes over.
    ``progress`` is called with 1 after each label.
    """
    from reportlab.pdfgen.canvas import Canvas

    use_font()
    pages = list(_pages(labels))
    # invariant: no time of making inside, so the same labels give the same file.
    canvas = Canvas(str(path), pagesize=(PAGE_WIDTH_MM * MM, PAGE_HEIGHT_MM * MM), invariant=1, pageCompression=1)
    building = labels[0].building if labels else ""
    canvas.setTitle(f"{estate} {building} 门牌二维码")
    for number, page in enumerate(pages, start=1):
        for place, label in enumerate(page):
            _draw_label(canvas, place, label, estate, f"{base_url.rstrip('/')}/h/{label.code}", host)
            if progress is not None:
                progress(1)
        _draw_footer(canvas, f"{estate} {building}", made_on, number, len(pages))
        canvas.showPage()
    canvas.save()
    return len(pages)


def _pages(labels: Sequence[Label]) -> Iterator[Sequence[Label]]:
    for first in range(0, len(labels), COLUMNS * ROWS):
        yield labels[first : first + COLUMNS * ROWS]


def qr_matrix(text: str) -> list[list[bool]]:
    """Give the dark modules of a QR code of level Q (a quarter may be scratched off), without the quiet zone."""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_Q

    code: Any = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=0)
    code.add_data(text)
    code.make(fit=True)
    matrix: list[list[bool]] = code.get_matrix()
    return matrix


def _draw_label(canvas: "Canvas", place: int, label: Label, estate: str, url: str, host: str) -> None:
    column, row = place % COLUMNS, place // COLUMNS
    left = (PAGE_WIDTH_MM - COLUMNS * LABEL_WIDTH_MM - (COLUMNS - 1) * GAP_MM) / 2 + column * (LABEL_WIDTH_MM + GAP_MM)
    bottom = PAGE_HEIGHT_MM - TOP_MM - (row + 1) * LABEL_HEIGHT_MM - row * GAP_MM
    canvas.setStrokeGray(0.6)
    canvas.setLineWidth(0.4)
    canvas.rect(left * MM, bottom * MM, LABEL_WIDTH_MM * MM, LABEL_HEIGHT_MM * MM)
    _draw_qr(canvas, qr_matrix(url), left + (LABEL_WIDTH_MM - QR_MM) / 2, bottom + LABEL_HEIGHT_MM - QR_MM - 0.5)
    middle = (left + LABEL_WIDTH_MM / 2) * MM
    where = " ".join(part for part in (label.building, f"{label.unit}单元" if label.unit else "", label.door) if part)
    canvas.setFillGray(0)
    _draw_line(canvas, f"{estate} {where}", middle, bottom + 11.4, size=11.5)
    _draw_line(canvas, f"编号 {grouped(label.code)}", middle, bottom + 6.6, size=9.5)
    _draw_line(canvas, f"微信扫一扫 · 网址 {host}", middle, bottom + 2.6, size=7)


def _draw_line(canvas: "Canvas", text: str, middle: float, baseline_mm: float, *, size: float) -> None:
    """Write a centred line, smaller if it is too long for the label; the house number at its end is never cut."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    room = (LABEL_WIDTH_MM - 4) * MM
    size = max(SMALLEST_PT, min(size, size * room / stringWidth(text, FONT, size)))
    while stringWidth(text, FONT, size) > room:
        text = "…" + text.removeprefix("…")[1:]
    canvas.setFont(FONT, size)
    canvas.drawCentredString(middle, baseline_mm * MM, text)


def _draw_qr(canvas: "Canvas", matrix: Sequence[Sequence[bool]], left_mm: float, bottom_mm: float) -> None:
    """Draw the dark runs of each line as rectangles of one path: sharp at any size, small in the file."""
    module = QR_MM * MM / (len(matrix) + 2 * QUIET_ZONE)
    left = left_mm * MM + QUIET_ZONE * module
    top = (bottom_mm + QR_MM) * MM - QUIET_ZONE * module
    path = canvas.beginPath()
    for row, modules in enumerate(matrix):
        start: int | None = None
        for column, dark in enumerate([*modules, False]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                path.rect(left + start * module, top - (row + 1) * module, (column - start) * module, module)
                start = None
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)


def _draw_footer(canvas: "Canvas", whose: str, made_on: date, number: int, pages: int) -> None:
    canvas.setFont(FONT, 7)
    canvas.setFillGray(0.35)
    canvas.drawString(
        11 * MM, 6 * MM, "每户一张，贴在门上。脏了、掉了可到社区补领，旧编号随即作废。二维码里没有姓名和电话。"
    )
    text = f"{whose} · {day_text(made_on)} · 第 {number} 页，共 {pages} 页"
    canvas.drawRightString((PAGE_WIDTH_MM - 11) * MM, 6 * MM, text)
    canvas.setFillGray(0)
