"""A vote's notice on A4, for the notice board and the doors."""

import functools
from typing import Any

from kernel.typesetting import MM
from surveys.votes.a4 import document, gap, table, text
from surveys.votes.notice_sheet import MotionLines, NoticeSheet


@functools.lru_cache(maxsize=64)
def pdf(sheet: NoticeSheet, address: str = "") -> bytes:
    """The notice as PDF bytes, drawn once. ``address``: of its page, printed as a QR code; "" for none."""
    story: list[Any] = [text("表决公告", "title"), text(sheet.title, "head")]
    story.append(table([[text(label), text(value)] for label, value in sheet.facts], (32, 138), header=False))
    for extension in sheet.extensions:
        story += [text("延长投票", "head"), text(extension.text), text(f"理由：{extension.reason}")]
    if sheet.warnings:
        story += [text("请注意", "head"), *[text(line) for line in sheet.warnings]]
    if sheet.intro:
        story += [text("说明", "head"), text(sheet.intro)]
    for motion in sheet.motions:
        story += _motion(motion)
    story += [text("怎样投票", "head"), *[text(line) for line in sheet.how]]
    story += [text("名册", "head"), *[text(line) for line in sheet.roll]]
    if sheet.local:
        rows = [[text(word, "small") for word in row] for row in (("这次怎样做", "依据"), *sheet.local)]
        story += [text("采用的规则和依据", "head"), table(rows, (95, 75))]
    if address:
        story += [gap(4), _code(address)]
    story += [gap(3), text(f"选票内容指纹 {sheet.text_hash}" if sheet.text_hash else "草稿，还没有发布。", "small")]
    story += [
        gap(8),
        table(
            [[text("发布单位（盖章）："), text("年\u00a0\u00a0\u00a0\u00a0月\u00a0\u00a0\u00a0\u00a0日")]],
            (100, 70),
            header=False,
            grid=False,
        ),
    ]
    return document(story, f"{sheet.title} 表决公告")


def _motion(motion: MotionLines) -> list[Any]:
    parts = [text(motion.heading, "head")]
    if motion.text:
        parts.append(text(motion.text))
    if motion.names:
        parts.append(text("候选人：" + "、".join(motion.names)))
    rows = [[text(word, "small") for word in row] for row in (motion.heads, *motion.rows)]
    parts.append(table(rows, (20, 34, 34, 41, 41)))
    return [*parts, text(f"怎样算{'当选' if motion.names else '通过'}：{motion.rule}（{motion.clause}）", "small")]


def _code(address: str) -> Any:
    from reportlab.graphics.barcode.qr import QrCodeWidget
    from reportlab.graphics.shapes import Drawing

    side = 30 * MM
    widget = QrCodeWidget(address, barLevel="M", barBorder=2)
    left, bottom, right, top = widget.getBounds()
    drawing = Drawing(side, side, transform=[side / (right - left), 0, 0, side / (top - bottom), 0, 0])
    drawing.add(widget)
    words = text("微信扫这个码看公告页：投票、查名册、提异议、下载这份公告。")
    return table([[drawing, words]], (36, 134), header=False, grid=False)
