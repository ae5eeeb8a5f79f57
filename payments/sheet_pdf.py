"""A sheet of A4 pages as PDF: lines of text one below the other, for the printed closes of days and accounts."""

import io

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from payments.receipt_pdf import font_loaded

_LEFT, _TOP, _BOTTOM, _LINE = 50, 60, 60, 17
_WIDE = 44


class Sheet:
    """Lines on pages, one below the other."""

    def __init__(self, title: str) -> None:
        self.out, self.font = io.BytesIO(), font_loaded()
        self.canvas = Canvas(self.out, pagesize=A4, invariant=True)
        self.canvas.setTitle(title)
        self.width, self.height = A4
        self.y = self.height - _TOP

    def line(self, text: str, *, size: int = 10, indent: int = 0, space: int = 0) -> None:
        """One line of text, cut over as many as it takes."""
        for at in range(0, max(len(text), 1), _WIDE):
            if self.y < _BOTTOM:
                self.canvas.showPage()
                self.y = self.height - _TOP
            self.canvas.setFont(self.font, size)
            self.canvas.drawString(_LEFT + indent, self.y, text[at : at + _WIDE])
            self.y -= _LINE + (size - 10)
        self.y -= space

    def bytes(self) -> bytes:
        """The whole PDF."""
        self.canvas.save()
        return self.out.getvalue()
