"""A sheet of A4 pages as PDF: lines of text one below the other, for the printed closes of days and accounts."""

import io

from reportlab.lib.pagesizes import A4
from reportlab.lib.textsplit import wordSplit

from kernel.typesetting import MM, numbered, use_font

_LEFT, _TOP, _BOTTOM, _LINE = 50, 60, 60, 17


class Sheet:
    """Lines on pages, one below the other."""

    def __init__(self, title: str) -> None:
        self.out, self.font = io.BytesIO(), use_font()
        self.canvas = numbered(title, margin_mm=_LEFT / MM)(self.out, pagesize=A4, invariant=True)
        self.canvas.setTitle(title)
        self.width, self.height = A4
        self.y = self.height - _TOP

    def line(self, text: str, *, size: int = 10, indent: int = 0, space: int = 0) -> None:
        """One line of text, cut over as many as it takes."""
        wide = self.width - 2 * _LEFT - indent
        for _, words in wordSplit(text, wide, self.font, size) or [(0, "")]:
            if self.y < _BOTTOM:
                self.canvas.showPage()
                self.y = self.height - _TOP
            self.canvas.setFont(self.font, size)
            self.canvas.drawString(_LEFT + indent, self.y, words)
            self.y -= _LINE + (size - 10)
        self.y -= space

    def bytes(self) -> bytes:
        """The whole PDF."""
        self.canvas.showPage()
        self.canvas.save()
        return self.out.getvalue()
