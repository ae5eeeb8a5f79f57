"""A signed account's day as a PDF of A4."""

from kernel.clock import china_text, day_text
from payments.account_days.showing import DayView
from payments.sheet_pdf import Sheet


def account_day_pdf(view: DayView) -> bytes:
    """The close of an account as PDF bytes: the bank side, what stands elsewhere, who signed, lines to sign on."""
    sheet = Sheet(f"账户日结 {day_text(view.until)}")
    sheet.line(f"账户日结　流水到 {day_text(view.until)}", size=18, space=8)
    sheet.line(f"收款账户：{view.holder}　尾号 {view.tail}")
    sheet.line(f"状态：{view.word}")
    if view.figures.bank_fen is None:
        sheet.line("这家银行的流水没有余额列，余额请与网银核对。")
    sheet.line("一、银行存款（元）", size=12)
    for title, value in view.at_bank:
        sheet.line(f"{title}：{value}", indent=12)
    sheet.line("二、不在银行账上的（元）", size=12)
    for title, value in view.elsewhere:
        sheet.line(f"{title}：{value}", indent=12)
    sheet.line("三、签字", size=12)
    if view.proposed_at:
        sheet.line(f"提请：{view.proposed_by}　{china_text(view.proposed_at)}　{view.why}", indent=12)
    if view.decided_at:
        sheet.line(f"复核签字：{view.decided_by}　{china_text(view.decided_at)}", indent=12)
    sheet.line("", space=10)
    sheet.line("经办：＿＿＿＿＿＿＿　复核：＿＿＿＿＿＿＿　日期：＿＿＿＿＿＿＿")
    return sheet.bytes()
