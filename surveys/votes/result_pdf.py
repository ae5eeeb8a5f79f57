"""The result sheet on A4, for the notice board."""

import functools
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from surveys.votes.result_sheet import WITHOUT_HEADS, MotionSheet, Sheet

FONT_FILE = Path(__file__).parents[2] / "kernel" / "web" / "fonts" / "NotoSansSC-Regular.ttf"
FONT = "NotoSansSC"
MM = 72 / 25.4


@functools.lru_cache(maxsize=64)
def pdf(sheet: Sheet) -> bytes:
    """The sheet as PDF bytes; the same sheet gives the same bytes, drawn once. ReportLab is loaded only now."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(FONT, str(FONT_FILE)))
    body = ParagraphStyle("body", fontName=FONT, fontSize=10.5, leading=16, wordWrap="CJK")
    styles = {
        "body": body,
        "small": ParagraphStyle("small", parent=body, fontSize=8.5, leading=12),
        "title": ParagraphStyle("title", parent=body, fontSize=18, leading=26, alignment=1),
        "head": ParagraphStyle("head", parent=body, fontSize=12.5, leading=19, spaceBefore=10, spaceAfter=4),
    }

    def text(words: str, style: str = "body") -> Any:
        return Paragraph(escape(words), styles[style])

    story: list[Any] = [text("表决结果公示", "title"), text(sheet.title, "head"), text(sheet.stage_text)]
    story.append(_table([[text(label), text(value)] for label, value in sheet.facts], (35, 135), header=False))
    for motion in sheet.motions:
        story += _motion(motion, text)
    if sheet.small:
        story.append(text("参加的房屋较少，本表只列合计。", "small"))
    story += [
        Spacer(1, 6 * MM),
        *[text(line, "small") for line in sheet.notes],
        text("百分比只供看，是否通过按整数计算。", "small"),
        text(f"计票结果指纹 {sheet.tally_hash}", "small"),
        text(f"名册指纹 {sheet.roll_hash}", "small"),
        Spacer(1, 12 * MM),
        _table(
            [
                [
                    text("计票人："),
                    text("监票人："),
                    text("（盖章）\u00a0\u00a0\u00a0\u00a0年\u00a0\u00a0\u00a0\u00a0月\u00a0\u00a0\u00a0\u00a0日"),
                ]
            ],
            (50, 50, 70),
            header=False,
            grid=False,
        ),
    ]
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=20 * MM,
        rightMargin=20 * MM,
        topMargin=18 * MM,
        bottomMargin=18 * MM,
        title=f"{sheet.title} 表决结果",
        invariant=1,
    )
    document.build(story)
    return out.getvalue()


def _motion(motion: MotionSheet, text: Any) -> list[Any]:
    parts = [text(f"{motion.title}：{motion.verdict}", "head")]
    parts += [text(line) for line in motion.missing]
    if motion.names:
        rows = [[text(word) for word in ("名次", "候选人", "得票", "结果")]]
        rows += [
            [text(str(each.rank)), text(each.name), text(each.votes), text(each.standing)] for each in motion.names
        ]
        parts.append(_table(rows, (20, 60, 50, 40)))
    width = 120 / max(len(motion.heads) - 1, 1)
    rows = [[text(word) for word in motion.heads], *[[text(word) for word in row] for row in motion.rows]]
    parts.append(_table(rows, (50, *[width] * (len(motion.heads) - 1))))
    if motion.without:
        parts.append(text("对照表：分别不计下列选票时的结论" + ("（有结论改变，请法律审查）" if motion.flips else "")))
        rows = [[text(word, "small") for word in each] for each in (WITHOUT_HEADS, *motion.without)]
        parts.append(_table(rows, (32, 18, 30, 20, 70)))
    return [*parts, text(f"依据：{motion.clause}。{motion.rule_text}", "small")]


def _table(rows: list[list[Any]], widths_mm: tuple[float, ...], *, header: bool = True, grid: bool = True) -> Any:
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
