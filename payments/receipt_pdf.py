"""A receipt as a PDF of one A5 page, with the whole vendored font: names use characters that subsets lose."""

import io
import re

from reportlab.lib.pagesizes import A5, landscape
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from kernel.clock import china_text
from kernel.money import yuan_text
from kernel.typesetting import use_font
from kernel.web.qr import QUIET_MODULES, qr_path
from payments.rules import channel
from payments.rules.deposit import Purpose
from payments.rules.receipt import capitals
from payments.services.receipts import ReceiptView

_LEFT, _TOP, _LINE = 42, 60, 25
_SIZE = 13
_CODE = 72
_RUN = re.compile(r"M(\d+) (\d+)h(\d+)")


TITLES = {Purpose.DEPOSIT: "老旧小区改造诚意金收据", Purpose.CONTRIBUTION: "老旧小区改造出资收据"}
CAUSES = {
    Purpose.DEPOSIT: "改造诚意金（自愿缴纳，可转为出资或按约定退回）",
    Purpose.CONTRIBUTION: "老旧小区改造居民出资（按分摊方案）",
}


def receipt_pdf(view: ReceiptView, address: str = "") -> bytes:
    """The receipt as PDF bytes: number, payer, dwelling, amount in figures and capitals, account holder, proof.

    ``address``: where anybody may check it, printed as a QR code.
    """
    font, out = use_font(), io.BytesIO()
    width, height = landscape(A5)
    canvas = Canvas(out, pagesize=(width, height), invariant=True)
    canvas.setTitle(f"收据 {view.number}")
    canvas.setFont(font, 20)
    canvas.drawCentredString(width / 2, height - _TOP, TITLES[view.purpose])
    canvas.setFont(font, 11)
    canvas.drawRightString(width - _LEFT, height - _TOP - 26, f"No. {view.number}")
    y = height - _TOP - 56
    for label, text in lines(view):
        canvas.setFont(font, _SIZE)
        canvas.drawString(_LEFT, y, f"{label}：")
        canvas.setFont(font, _fitting(text, font, width - 2 * _LEFT - 88))
        canvas.drawString(_LEFT + 88, y, text)
        y -= _LINE
    canvas.setFont(font, 8)
    y -= 4
    for line in proof(view):
        canvas.drawString(_LEFT, y, line)
        y -= 12
    if address:
        _check_code(canvas, address, width - _LEFT - _CODE, _LEFT)
        canvas.drawCentredString(width - _LEFT - _CODE / 2, _LEFT - 10, "扫码验真伪")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _check_code(canvas: Canvas, address: str, left: float, bottom: float) -> None:
    """A QR code of ``_CODE`` points; the dark modules of a row that touch are one rectangle."""
    path, side = qr_path(address)
    module = _CODE / (side - 2 * QUIET_MODULES)
    outline = canvas.beginPath()
    for found in _RUN.finditer(path):
        x, y, many = (int(part) for part in found.groups())
        top = side - QUIET_MODULES - 1 - y
        outline.rect(left + (x - QUIET_MODULES) * module, bottom + top * module, many * module, module)
    canvas.drawPath(outline, stroke=0, fill=1)


def lines(view: ReceiptView) -> list[tuple[str, str]]:
    """What a receipt says, as (label, text); the page and the print say the same."""
    return [
        *([("交款人", view.payer)] if view.payer else []),
        ("房屋", f"{view.estate} {view.label}"),
        ("事由", CAUSES[view.purpose]),
        ("金额", f"{yuan_text(view.amount_fen)} 元"),
        ("大写", capitals(view.amount_fen)),
        ("收款单位", view.account_holder),
        ("付款方式", channel.word(view.channel)),
        ("付款时间", china_text(view.paid_at)),
        *([("经手人", view.collector)] if view.collector else []),
        *([] if channel.is_desk(view.channel) else [("微信单号", view.transaction_id)]),
    ]


def proof(view: ReceiptView) -> list[str]:
    """How the payer can have the entry checked later."""
    said = [f"存证号 {view.audit_hash}"]
    if view.sealed_at is not None:
        said.append(f"存证链第 {view.sealed_at} 条")
    if view.checkpoint is not None:
        said.append(f"已列入签名存证点 {view.checkpoint}")
    return said


def _fitting(text: str, font: str, width: float) -> float:
    """The size at which a line is whole: a receipt leaves nothing out, a long name is printed smaller."""
    return min(_SIZE, _SIZE * width / max(stringWidth(text, font, _SIZE), 1))
