"""A day's close as a PDF of A4 pages: both sides' figures, every difference with who decided what, the three sides of
the account, lines to sign on.
"""

from collections.abc import Sequence

from kernel.clock import china_text, day_text
from kernel.money import yuan_text
from payments.reconciliation.services.showing import DayView
from payments.sheet_pdf import Sheet
from payments.street_desk.services import Account


def day_close_pdf(view: DayView, accounts: Sequence[Account]) -> bytes:
    """The close of a day as PDF bytes. ``accounts``: the merchant's bank accounts with their three sides as of now."""
    sheet = Sheet(f"日结单 {day_text(view.day)}")
    sheet.line(f"资金日结单　{day_text(view.day)}", size=18, space=8)
    sheet.line(f"收款单位：{view.merchant.account_holder}　商户号：{view.merchant.merchant_id}")
    sheet.line(
        f"状态：{view.word[0]}" + (f"　{view.closed_by}　{china_text(view.closed_at)}" if view.closed_at else "")
    )
    if view.trouble:
        sheet.line(f"最近一次没有对成：{view.trouble}")
    sheet.line(f"账单 {view.rows} 笔，SHA-256 {view.bill_hash}" if view.compared else "还没有账单", space=6)
    sheet.line("一、本账与微信账单（元）", size=12)
    for figures in view.figures:
        title, ours, theirs, gap = figures.cells
        sheet.line(f"{title}：本账 {ours}；微信 {theirs}；相差 {gap}", indent=12)
    if view.account:
        sheet.line("商户账户当天：" + "；".join(f"{name} {fen}" for name, fen in view.account), indent=12)
        sheet.line("手续费由收款单位承担，不从住户的钱里扣。", indent=12)
    sheet.line(f"二、差异 {len(view.lines)} 条", size=12)
    for at, one in enumerate(view.lines, 1):
        sheet.line(f"{at}. {one.title} {one.number}：{one.kind}", indent=12)
        sheet.line(f"本账 {one.ours}；微信 {one.theirs}；{one.state}", indent=28)
        if one.decision:
            sheet.line(f"处理：{one.decision}。{one.why}", indent=28)
        if one.who:
            sheet.line(f"经手：{one.who}", indent=28)
    sheet.line("三、账户三方核对（元）", size=12)
    for account in accounts:
        _account(sheet, account)
    sheet.line("", space=10)
    sheet.line("经办：＿＿＿＿＿＿＿　复核：＿＿＿＿＿＿＿　日期：＿＿＿＿＿＿＿")
    return sheet.bytes()


def _account(sheet: Sheet, account: Account) -> None:
    until = f"，银行流水到 {day_text(account.until)}" if account.until else "，还没有导入银行流水"
    sheet.line(f"{account.holder} 尾号 {account.tail}{until}", indent=12)
    sheet.line(
        f"在微信 {yuan_text(account.at_wechat)}；现金 {yuan_text(account.cash_on_hand)}；"
        f"送存在途 {yuan_text(account.in_transit)}；提现在途 {yuan_text(account.from_wechat)}；"
        f"刷卡未付 {yuan_text(account.at_pos)}；银行手续费 {yuan_text(account.fees)}；"
        f"微信手续费 {yuan_text(account.wechat_fees)}",
        indent=28,
    )
    if account.position is not None:
        one = account.position
        sheet.line(
            f"本账银行存款 {yuan_text(one.at_bank)}，加无关流水 {yuan_text(one.other)}、"
            f"未处理 {yuan_text(one.waiting)}，应为 {yuan_text(one.should)}",
            indent=28,
        )
        sheet.line(f"银行流水合计 {yuan_text(one.moved)}，相差 {yuan_text(one.gap)}", indent=28)
