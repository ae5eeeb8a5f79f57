"""Paper ballots on A4, one a page: number, QR code, line, what is asked with boxes to tick, a stub the voter keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from kernel.places.rules import grouped
from kernel.typesetting import MM, use_font
from surveys.votes.rules.ballot import Paper
from surveys.votes.rules.catalogue import Form
from surveys.votes.rules.decision import CHOICE_WORDS
from surveys.votes.rules.terms import CLASH_WORDS, Clash

WIDTH_MM = 170


@dataclass(frozen=True, slots=True)
class Sheet:
    """One paper: its printed number, serial, receipt number, and the doors of its line."""

    number: int
    serial: str
    receipt_no: str
    line: int
    doors: str


@dataclass(frozen=True, slots=True)
class Head:
    """What all papers of a vote say: ``weight`` is left out, it differs by line. ``until``: the closing in words."""

    title: str
    place: str
    until: str
    text_hash: str
    clash: Clash
    owners: bool
    address: str
    """the public address (``https://…/``) the codes lead to"""
    vote: str


def pdf(head: Head, offered: Sequence[Paper], sheets: Sequence[Sheet]) -> bytes:
    """The papers as PDF bytes; the same papers give the same bytes. ReportLab is loaded only now."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import PageBreak, SimpleDocTemplate

    text = _texts()
    story: list[Any] = []
    for sheet in sheets:
        if story:
            story.append(PageBreak())
        story += _page(head, offered, sheet, text)
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=20 * MM,
        rightMargin=20 * MM,
        topMargin=14 * MM,
        bottomMargin=12 * MM,
        title=f"{head.title} 纸质表决票",
        invariant=1,
    )
    document.build(story)
    return out.getvalue()


def _texts() -> Any:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    body = ParagraphStyle("body", fontName=use_font(), fontSize=12, leading=18, wordWrap="CJK")
    styles = {
        "body": body,
        "small": ParagraphStyle("small", parent=body, fontSize=8.5, leading=12),
        "title": ParagraphStyle("title", parent=body, fontSize=19, leading=26),
        "head": ParagraphStyle("head", parent=body, fontSize=13.5, leading=20, spaceBefore=8, spaceAfter=2),
        "choice": ParagraphStyle("choice", parent=body, fontSize=14, leading=20),
    }
    return lambda words, style="body": Paragraph(escape(words), styles[style])


def _page(head: Head, offered: Sequence[Paper], sheet: Sheet, text: Any) -> list[Any]:
    from reportlab.platypus import HRFlowable, Spacer, Table, TableStyle

    top = Table(
        [
            [
                [
                    text("表决票" if head.owners else "选票", "title"),
                    text(head.title, "head"),
                    text(f"{head.place} · 名册第 {sheet.line} 号 · {sheet.doors}"),
                    text(f"编号 No. {sheet.number:05} · 请在 {head.until} 前交回社区", "small"),
                ],
                _code(f"{head.address}work/papers/{sheet.serial}"),
            ]
        ],
        colWidths=[138 * MM, 32 * MM],
    )
    top.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, 0), 0)]))
    story: list[Any] = [top]
    for number, paper in enumerate(offered, start=1):
        story.append(text(f"{f'第 {number} 项：' if len(offered) > 1 else ''}{paper.title}", "head"))
        if paper.text:
            story.append(text(paper.text))
        if paper.form is Form.ELECTION:
            story.append(text(f"最多选 {paper.most} 人，在选的人前面的方框里打勾；一个也不勾是弃权。", "small"))
            story.append(_boxes([name for _, name in paper.candidates], 2, text))
        else:
            story.append(_boxes(list(CHOICE_WORDS.values()), 3, text))
    rules = (
        "每项只勾一个。多勾、选多了或看不清的，这一项按弃权计；没有签名的，整张作废。"
        f"过了截止时间收到的只留存、不计票。{CLASH_WORDS[head.clash]}。写坏了可以换一张，原号作废。"
    )
    return [
        *story,
        Spacer(1, 5 * MM),
        text("投票人签名：＿＿＿＿＿＿＿＿＿＿＿＿　　日期：＿＿＿＿＿＿＿＿"),
        Spacer(1, 3 * MM),
        text("代理人签名（有书面委托的才填）：＿＿＿＿＿＿＿＿＿＿＿＿"),
        Spacer(1, 2 * MM),
        text(rules, "small"),
        text(f"选票文字指纹 {head.text_hash}", "small"),
        Spacer(1, 4 * MM),
        HRFlowable(width="100%", dash=(3, 3), thickness=0.6),
        text(f"回执联（撕下自己留着）　回执编号 {grouped(sheet.receipt_no)}"),
        text(f"{head.title}　编号 No. {sheet.number:05}", "small"),
        text(f"录入以后，可以凭回执编号查自己的票在不在：{head.address}v/{head.vote}/board", "small"),
    ]


def _boxes(words: Sequence[str], columns: int, text: Any) -> Any:
    """Words with an empty box before each, in so many columns."""
    from reportlab.platypus import Table, TableStyle

    cells: list[list[Any]] = []
    style: list[Any] = [("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("BOTTOMPADDING", (0, 0), (-1, -1), 4)]
    for place, word in enumerate(words):
        row, column = divmod(place, columns)
        if column == 0:
            cells.append([""] * (2 * columns))
        cells[row][2 * column + 1] = text(word, "choice")
        style.append(("BOX", (2 * column, row), (2 * column, row), 1.2, "black"))
    wide = WIDTH_MM / columns - 9
    made = Table(cells, colWidths=[9 * MM, wide * MM] * columns, rowHeights=[9 * MM] * len(cells), hAlign="LEFT")
    made.setStyle(TableStyle(style))
    made.spaceBefore = made.spaceAfter = 2 * MM
    return made


def _code(address: str) -> Any:
    """The QR code of a paper, 30 mm, vector."""
    from reportlab.graphics.barcode.qr import QrCodeWidget
    from reportlab.graphics.shapes import Drawing

    size = 30 * MM
    return Drawing(size, size, QrCodeWidget(address, barWidth=size, barHeight=size, barLevel="M"))
