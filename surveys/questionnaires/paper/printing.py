"""The questionnaire on A4 for one dwelling: the very wording that is asked, boxes to tick, the door's QR code."""

from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from kernel import grants
from kernel.database import reading
from kernel.errors import NotFound
from kernel.places.models import Dwelling
from kernel.places.queries import door_code_of, dwelling_by_public_id, place_by_id
from kernel.places.rules import grouped
from kernel.typesetting import MM, numbered, use_font
from surveys.questionnaires import queries, settings
from surveys.questionnaires.paper.services import ENTER, Staff
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.paper import printed_mark
from surveys.questionnaires.rules.questions import Question
from surveys.questionnaires.services.forms import form_of

WIDTH_MM = 180
BOX, LINE, OPTION_COLUMNS = "□", "＿", 3
Text = Callable[..., Any]


def sheet_for(campaign: str, dwelling: str, *, by: Staff, now: datetime) -> bytes:
    """The questionnaire of a campaign for a dwelling as PDF bytes, for whoever keys papers there. Raises NotFound."""
    session = reading()
    home = dwelling_by_public_id(session, dwelling)
    if not grants.may(session, by.person_id, ENTER, place_by_id(session, home.building_id), now):
        raise NotFound("no-such-dwelling", "没有找到这一户。")
    return sheet(campaign, home)


def sheet(campaign: str, home: Dwelling) -> bytes:
    """The same for whoever has been let through (the command line). The same sheet gives the same bytes."""
    session = reading()
    found = queries.campaign_by_public_id(session, campaign)
    form = form_of(session, found.version_id)
    place = f"{place_by_id(session, home.estate_id).name} {home.label}"
    code = door_code_of(session, home.id) or ""
    return pdf(form, title=found.title, place=place, code=code, address=settings.current().public_address)


def pdf(form: Form, *, title: str, place: str, code: str, address: str) -> bytes:
    """A questionnaire to fill in by hand. ``code``: of the door, "" where it has none yet; ``address``: ``https://…``
    the QR code leads to."""
    from reportlab.graphics.barcode.qr import QrCodeWidget
    from reportlab.graphics.shapes import Drawing
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate, Spacer, Table

    text = _texts()
    size = 26 * MM
    square = Drawing(size, size)
    if code:
        square.add(QrCodeWidget(f"{address.rstrip('/')}/h/{code}", barLevel="Q", barWidth=size, barHeight=size))
    head = [
        [
            [text(form.title, "title"), text(title), text(f"{place}　门牌码 {grouped(code)}" if code else place)],
            square,
        ]
    ]
    story: list[Any] = [Table(head, colWidths=[(WIDTH_MM - 30) * MM, 30 * MM])]
    story += [text(line, "small") for line in form.document.get("intro", ())]
    story.append(text("选一项或几项时，请在方框里打勾 ✓；不想填的可以空着。填好请交给社区工作人员。", "small"))
    for section in form.sections:
        story += [Spacer(1, 4 * MM), text(section.title, "head")]
        for name in section.questions:
            question = form.by_code[name]
            if question.parent is None:
                story += _question(form, question, text)
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=15 * MM,
        rightMargin=15 * MM,
        topMargin=12 * MM,
        bottomMargin=14 * MM,
        title=f"{form.title} {place}",
        invariant=1,
    )
    foot = f"{place}　{printed_mark(form.edition, form.content_hash)}"
    document.build(story, canvasmaker=numbered(foot, margin_mm=15, bottom_mm=8))
    return out.getvalue()


def _texts() -> Text:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    body = ParagraphStyle("body", fontName=use_font(), fontSize=12, leading=18, wordWrap="CJK")
    styles = {
        "body": body,
        "small": ParagraphStyle("small", parent=body, fontSize=9, leading=13),
        "title": ParagraphStyle("title", parent=body, fontSize=17, leading=24),
        "head": ParagraphStyle("head", parent=body, fontSize=14, leading=20, spaceAfter=2),
        "ask": ParagraphStyle("ask", parent=body, spaceBefore=7, spaceAfter=1),
        "reply": ParagraphStyle("reply", parent=body, leftIndent=6 * MM),
    }
    return lambda words, style="body": Paragraph(escape(words), styles[style])


def _question(form: Form, question: Question, text: Text) -> list[Any]:
    """A question with room for its answer; nothing of a kind that paper cannot hold is left out in silence."""
    from reportlab.platypus import KeepTogether

    if question.kind == "place":
        return []
    asked = f"{question.no}. {question.title}" if question.no else question.title
    if question.show_if:
        asked += "（不适用的不用填）"
    parts = [text(asked + (" ＊" if question.required else ""), "ask")]
    hint = _hint(form, question)
    if hint:
        parts.append(text(hint, "small"))
    parts += list(_reply(form, question, text))
    return [KeepTogether(parts)] if len(parts) < 9 else parts


def _hint(form: Form, question: Question) -> str:
    """The hint of a question; that of a ranking speaks of tapping, so paper has its own."""
    if question.kind == "ranking":
        return f"从下面选 {question.spec['count']} 项，按先后写在横线上。"
    for chapter in form.document["sections"]:
        for entry in chapter["questions"]:
            if entry["code"] == question.code:
                return str(entry.get("hint", ""))
    return ""


def _reply(form: Form, question: Question, text: Text) -> Iterator[Any]:
    spec, kind = question.spec, question.kind
    blank = LINE * 12
    if kind in ("single", "multi", "ranking"):
        words = []
        for option in question.options:
            extra = any(other.parent == (question.code, option.code) for other in form.questions)
            words.append(f"{BOX if kind != 'ranking' else '·'} {option.label}{LINE * 6 if extra else ''}")
        yield _in_columns(words, text)
        if kind == "ranking":
            yield text("　".join(f"第 {n} 位：{LINE * 7}" for n in range(1, spec["count"] + 1)), "reply")
    elif kind == "rating":
        yield text("　".join(f"{BOX} {n}" for n in range(spec["low"], spec["high"] + 1)), "reply")
    elif kind == "matrix":
        yield _matrix(question, text)
    elif kind == "consent":
        for item in spec["items"]:
            yield text(f"{BOX} 同意　{BOX} 不同意　{item['label']}", "reply")
    elif kind == "number_grid":
        for row in spec["rows"]:
            yield text(f"{row['label']}：{LINE * 6} {row.get('unit', '')}", "reply")
    elif kind == "number":
        yield text(f"{LINE * 8} {spec.get('unit', '')}", "reply")
    elif kind == "text":
        for _ in range(min(int(spec.get("lines", 1)), 4)):
            yield text(LINE * 38, "reply")
    elif kind == "date":
        yield text(f"{LINE * 5}年{LINE * 3}月{LINE * 3}日", "reply")
    elif kind == "time":
        yield text(f"{LINE * 3}点{LINE * 3}分", "reply")
    elif kind == "datetime":
        yield text(f"{LINE * 5}年{LINE * 3}月{LINE * 3}日{LINE * 3}点{LINE * 3}分", "reply")
    elif kind == "photo":
        yield text("（有照片请交给工作人员，或扫上面的码在手机上传）说明：" + LINE * 10, "reply")
    elif kind == "repeat":
        for n in range(1, 4):
            yield text(f"（{n}）", "reply")
            for inner in question.inner:
                yield text(f"{inner.title}", "small")
                yield from _reply(form, inner, text)
    elif kind != "note":
        yield text(blank, "reply")


def _in_columns(words: list[str], text: Text) -> Any:
    """Options three a row, so that no box is parted from its words."""
    from reportlab.platypus import Table, TableStyle

    cells = [text(one) for one in words] + [text("") for _ in range(-len(words) % OPTION_COLUMNS)]
    rows = [cells[start : start + OPTION_COLUMNS] for start in range(0, len(cells), OPTION_COLUMNS)]
    style = TableStyle(
        [
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
    )
    return Table(rows, colWidths=[(WIDTH_MM - 4) * MM / OPTION_COLUMNS] * OPTION_COLUMNS, style=style)


def _matrix(question: Question, text: Text) -> Any:
    from reportlab.lib import colors
    from reportlab.platypus import Table, TableStyle

    labels = [*question.spec["labels"], *([question.spec["none"]] if question.spec.get("none") else [])]
    rows = [[text("", "small"), *(text(label, "small") for label in labels)]]
    for row in question.spec["rows"]:
        rows.append([text(row["label"], "small"), *(text(BOX, "small") for _ in labels)])
    first = 46 * MM
    rest = ((WIDTH_MM - 8) * MM - first) / len(labels)
    style = [("GRID", (0, 0), (-1, -1), 0.4, colors.grey), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    return Table(rows, colWidths=[first, *([rest] * len(labels))], style=TableStyle(style), repeatRows=1)
