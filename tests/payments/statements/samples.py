"""The same three movements as banks' own websites export them: their headings, their titles above and sums below, their
encodings, and what their files really are. 500.00 came on 18 June from 陈秀英, 12,345.60 on the 19th, 20.00 went.
"""

from collections.abc import Callable

from tests.support.old_workbooks import xls

Rows = list[list[str]]


def _rows(text: str) -> Rows:
    """Cells between bars; ``\\t`` in a cell stands for itself."""
    return [line.strip().replace("\\t", "\t").split("|") for line in text.strip().splitlines()]


def _joined(rows: Rows, between: str) -> str:
    quoted = [[f'"{cell}"' if between in cell else cell for cell in row] for row in rows]
    return "\r\n".join(between.join(row) for row in quoted) + "\r\n"


ICBC = """
    工商银行|历史明细
    账号：2005\\t|币种：人民币
    查询日期：20260601-20260630

    凭证号|本方账号|对方账号|交易时间|借/贷|借方发生额|贷方发生额|摘要|用途|对方单位名称|余额|个性化信息
    0\\t|2005\\t|622848005678\\t|2026-06-18 09:30:01|贷||500.00|转账|诚意金 3-2-501|陈秀英|1500.00|
    0\\t|2005\\t|44050100\\t|2026-06-19 10:00:00|贷|0.00|12,345.60|转账|货款|韶关钢铁厂|13,845.60|
    0\\t|2005\\t|\\t|2026-06-19 23:59:59|借|20.00|0.00|手续费|||13,825.60|
    借方合计：20.00|贷方合计：12845.60
"""
CCB = """
    交易时间|借方发生额（支取）|贷方发生额（收入）|余额|对方户名|对方账号|记账日期|摘要|备注|账户明细编号-交易流水号
    20260618 09:30:01|0.00|500.00|1,500.00|陈秀英|622848005678|20260618|转账存入|诚意金 3-2-501|A1-001
    20260619 10:00:00|0.00|12,345.60|13,845.60|韶关钢铁厂|44050100|20260619|转账存入|货款|A1-002
    20260619 23:59:59|20.00|0.00|13,825.60|||20260619|收费||A1-003
"""
ABC = """
    账户交易明细
    账号||4405
    起始日期：2026年06月01日|截止日期：2026年06月30日

    交易时间|收入金额|支出金额|账户余额|交易行名|对方省市|对方账号|对方户名|交易用途
    2026-06-18 09:30:01|500.00||1500.00|||622848005678|陈秀英|诚意金 3-2-501
    2026-06-19 10:00:00|12345.60||13845.60|||44050100|韶关钢铁厂|货款
    2026-06-19 23:59:59||20.00|13825.60|||||账户管理费
    汇总收入金额：12845.60|汇总支出金额：20.00|总计
"""
BOC = """
    查询账号[ Inquirer account number ]|4405
    查询时间范围[ Query time range ]|20260601-20260630

    交易类型[ Transaction Type ]\
|付款人账号[ Debit Account No. ]|付款人名称[ Payer's Name ]|交易日期[ Transaction Date ]\
|交易时间[ Transaction time ]|交易金额[ Trade Amount ]|交易后余额[ After-transaction balance ]\
|交易流水号[ Transaction reference number ]|用途[ Purpose ]|交易附言[ Remark ]
    来账|622848005678|陈秀英|20260618|093001|500.00|1500.00|900001||诚意金 3-2-501
    来账|44050100|韶关钢铁厂|20260619|100000|12,345.60|13,845.60|900002|货款|
    往账|4405|东河街道|20260619|235959|-20.00|13,825.60|900003||收费
"""
CMB = """
    招商银行账务明细
    账号|755900
    币种|人民币

    交易日|交易时间|交易类型|借方金额|贷方金额|余额|摘要|流水号|用途|收/付方名称|收/付方账号
    2026年6月18日|09:30:01|转账||500.00|1,500.00|汇入|C001|诚意金 3-2-501|陈秀英|622848005678
    2026年6月19日|10:00:00|转账||12,345.60|13,845.60|汇入|C002|货款|韶关钢铁厂|44050100
    2026年6月19日|23:59:59|收费|20.00||13,825.60|手续费|C003|||
    合计|||20.00|12,845.60
"""
WECHAT = """
    微信支付账单明细
    微信昵称：[东河街道]
    起始时间：[2026-06-01] 终止时间：[2026-06-30]
    ----------------------微信支付账单明细列表--------------------
    交易时间|交易类型|交易对方|商品|收/支|金额(元)|支付方式|当前状态|交易单号|商户单号|备注
    2026-06-18 09:30:01|转账|陈秀英|诚意金 3-2-501|收入|¥500.00|/|已存入零钱|100001\\t|/|/
    2026-06-19 10:00:00|转账|韶关钢铁厂|货款|收入|¥12,345.60|/|已存入零钱|100002\\t|/|/
    2026-06-19 23:59:59|提现|/|收费|支出|¥20.00|/|支付成功|100003\\t|/|/
"""
ALIPAY = """
    ------------------------------------------------------------------------------------
    导出信息：
    姓名：东河街道
    共3笔记录

    ------------------------支付宝支付科技有限公司  电子客户回单------------------------
    交易时间|交易分类|交易对方|对方账号|商品说明|收/支|金额|收/付款方式|交易状态|交易订单号|商家订单号|备注|
    2026-06-18 09:30:01|转账|陈秀英|622848005678|诚意金 3-2-501|收入|５００．００|余额|交易成功|200001\\t|\\t||
    2026-06-19 10:00:00|转账|韶关钢铁厂|44050100|货款|收入|12345.60|余额|交易成功|200002\\t|\\t||
    2026-06-19 23:59:59|服务|支付宝||收费|支出|20.00|余额|交易成功|200003\\t|\\t||
"""
RURAL = """
    对账单
    户名：东河街道
    记账日|对方户名|存入|支取|余额|附言|对方账号
    20260618|陈秀英|500.00||1500.00|诚意金 3-2-501|622848005678
    20260619|韶关钢铁厂|12345.60||13845.60|货款|44050100
    20260619|||20.00|13825.6|收费
    本页合计||12845.60|20.00
"""


ICBC_CARD = """
    明细查询文件下载

    卡号: 4405****0187|卡别名: 收款

    交易日期|摘要|交易场所|交易国家或地区简称|钞/汇|交易金额(收入)|交易金额(支出)|交易币种|记账金额(收入)|记账金额(支出)|记账币种|余额|对方户名
    2026-06-18 \\t|他行汇入 \\t|诚意金 3-2-501 \\t|CHN|钞|-|-|-|500.00 \\t| \\t|人民币|1,500.00|陈秀英 \\t
    2026-06-19 \\t|他行汇入 \\t|货款 \\t|CHN|钞|-|-|-|12,345.60 \\t| \\t|人民币|13,845.60|韶关钢铁厂 \\t
    2026-06-19 \\t|收费 \\t| \\t|CHN|钞|-|-|-| \\t|20.00 \\t|人民币|13,825.60|

    人民币合计||||||||12,845.60|20.00
"""
CCB_NOW = """
    中国建设银行
    账　　号|4405|账户名称|东河街道
    交易时间|借方发生额/元(支取)|贷方发生额/元(收入)|余额|币种|对方户名|对方账号|对方开户机构|记账日期|摘要|备注|账户明细编号-交易流水号
    20260618 09:30:01|0|500.00|1500.00|人民币|陈秀英|622848005678||20260618|转账存入|诚意金 3-2-501|A1-001
    20260619 10:00:00|0|12345.60|13845.60|人民币|韶关钢铁厂|44050100||20260619|转账存入|货款|A1-002
    20260619 23:59:59|20.00|0|13825.60|人民币||||20260619|收费||A1-003
"""
BOC_CARD = """
    中国银行交易流水明细单
    记账日期|记账时间|币别|金额|余额|交易名称|渠道|网点名称|附言|对方账户名|对方卡号/账号|对方开户行|借记卡号
    2026-06-18|09:30:01|人民币|500.00|1,500.00|转账|手机银行|------|诚意金 3-2-501|陈秀英|6228******5678|------|0187
    2026-06-19|10:00:00|人民币|12,345.60|13,845.60|转账|柜台|------|货款|韶关钢铁厂|4405****0100|------|0187
    2026-06-19|23:59:59|人民币|-20.00|13,825.60|收费|银企对接|------|---------|----|------|------|0187
"""
ABC_CARD = """
    交易日期|交易时间|交易摘要|交易金额|本次余额|对手信息|日 志 号|交易渠道|交易附言
    20260618|093001|转存|+500.00|1500.00|陈秀英|369396693|超级网银|诚意金 3-2-501
    20260619|100000|转存|+12345.60|13845.60|韶关钢铁厂|369396694|超级网银|货款
    20260619|235959|收费|-20.00|13825.60|--|0000000000||
"""


def icbc_card() -> bytes:
    """ICBC's list of a card: two columns that differ only in what stands in brackets, blanks and tabs behind all."""
    return _joined(_rows(ICBC_CARD), ",").encode("utf-8-sig")


def ccb_now() -> bytes:
    """CCB as of late: the unit behind a stroke, the way in brackets."""
    return _joined(_rows(CCB_NOW), ",").encode("gb18030")


def boc_card() -> bytes:
    """BOC's list of a card: dashes where there is nothing."""
    return _joined(_rows(BOC_CARD), ",").encode()


def abc_card() -> bytes:
    """ABC's list of a card: a sign before every amount."""
    return _joined(_rows(ABC_CARD), ",").encode()


def icbc() -> bytes:
    """ICBC: CSV in GBK, tabs behind what must not become a number."""
    return _joined(_rows(ICBC), ",").encode("gb18030")


def ccb() -> bytes:
    """CCB: a page with a table, called .xls; compact dates, headings with a second word in brackets."""
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in _rows(CCB))
    title = '<tr><td colspan="10">中国建设银行账户明细</td></tr><tr><td>账号</td><td colspan="9">4405&nbsp;</td></tr>'
    table = f'<table border=1>{title}{lines}<tr><td colspan="10">合计 3 笔</td></tr></table>'
    return f'<html><head><meta charset="gb2312"></head><body>{table}</body></html>'.encode("gb18030")


def abc() -> bytes:
    """ABC: text between tabs, called .xls."""
    return _joined(_rows(ABC), "\t").encode("gb18030")


def boc() -> bytes:
    """BOC: headings in two languages, one amount with its sign, UTF-16 between tabs."""
    return _joined(_rows(BOC), "\t").encode("utf-16")


def cmb() -> bytes:
    """CMB: a real old workbook; the day in a column, the time in another."""
    return xls({(at, place): cell for at, row in enumerate(_rows(CMB)) for place, cell in enumerate(row) if cell})


def wechat() -> bytes:
    """WeChat's own list: a long title, marks of money, UTF-8 with a mark of its own."""
    return b"\xef\xbb\xbf" + _joined(_rows(WECHAT), ",").encode()


def alipay() -> bytes:
    """Alipay's own list: GBK, a comma at the end of each line, full-width digits."""
    return _joined(_rows(ALIPAY), ",").encode("gb18030")


def rural() -> bytes:
    """A rural bank's "Excel": one XML document of Excel 2003, empty cells left out by their index."""
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    body = "".join(
        "<Row>"
        + "".join(
            f'<Cell ss:Index="{at}"><Data ss:Type="String">{cell}</Data></Cell>'
            for at, cell in enumerate(row, 1)
            if cell
        )
        + "</Row>"
        for row in _rows(RURAL)
    )
    return (
        '<?xml version="1.0" encoding="gb2312"?><?mso-application progid="Excel.Sheet"?>'
        f'<Workbook xmlns="{space}" xmlns:ss="{space}"><Worksheet ss:Name="空"><Table/></Worksheet>'
        f'<Worksheet ss:Name="明细"><Table>{body}</Table></Worksheet></Workbook>'
    ).encode("gb18030")


OWN_SITES = [icbc, ccb, abc, boc, cmb, rural]
CARDS_AND_LATER = [icbc_card, ccb_now, boc_card, abc_card]
BANKS: list[Callable[[], bytes]] = [*OWN_SITES, *CARDS_AND_LATER, wechat, alipay]
