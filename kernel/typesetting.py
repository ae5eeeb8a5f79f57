"""What every PDF stands on: the vendored Chinese font, where Chinese lines may break, page numbers.

ReportLab is slow to load and few processes print, so it is loaded where something is drawn.
"""

import functools
from pathlib import Path
from typing import Any

FONT_FILE = Path(__file__).parent / "web" / "fonts" / "NotoSansSC-Regular.ttf"
"""The whole font, not a subset: 㛃, 䶮 and 𠅤 stand in people's and places' names."""

FONT = "NotoSansSC"
MM = 72 / 25.4

NEVER_FIRST = "，；：！？”’》〕％"
"""Marks no Chinese line begins with (GB/T 15834); ReportLab's own list is Japanese and lacks them."""


@functools.cache
def use_font() -> str:
    """Make the font known to ReportLab and teach it the Chinese marks; gives the font's name."""
    from reportlab.lib import textsplit
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.platypus import paragraph

    pdfmetrics.registerFont(TTFont(FONT, str(FONT_FILE)))
    for module in (textsplit, paragraph):
        module.ALL_CANNOT_START += NEVER_FIRST
    return FONT


def numbered(words: str = "", *, margin_mm: float = 20, bottom_mm: float = 9) -> type[Any]:
    """A canvas for ``canvasmaker``: ``words`` at the left and 第 1 页，共 3 页 at the right below each page; a single
    page bears the words only.
    """
    from reportlab.pdfgen.canvas import Canvas

    font = use_font()

    class Numbered(Canvas):
        """Keeps its pages until it knows how many there are."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.kept: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self.kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            pages = self.kept
            for number, page in enumerate(pages, start=1):
                self.__dict__.update(page)
                self.setFont(font, 8)
                self.drawString(margin_mm * MM, bottom_mm * MM, words)
                if len(pages) > 1:
                    right = self._pagesize[0] - margin_mm * MM
                    self.drawRightString(right, bottom_mm * MM, f"第 {number} 页，共 {len(pages)} 页")
                super().showPage()
            super().save()

    return Numbered
