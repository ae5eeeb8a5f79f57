"""The menu of works as a table in the layout offices hand in: title, unit, 填报人, 审核人, date."""

import io
from datetime import datetime

import xlsxwriter

from kernel.clock import china_day
from kernel.ratio import percent_text, quotient_text
from surveys.questionnaires.needs.services import Menu
from surveys.questionnaires.rules.needs import by_class

MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADS = (
    *("序号", "类别", "改造内容", "需要的户数", "占回答户数", "优先得分"),
    *("占满分", "已定结果", "原因", "评价户数", "平均分"),
)
WIDTHS = (6, 10, 26, 12, 12, 10, 10, 14, 30, 10, 10)


def menu_table(menu: Menu, *, now: datetime) -> bytes:
    """The workbook. Of several estates the results are left out: each has its own."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheet = book.add_worksheet("改造需求清单")
    title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
    head = book.add_format({"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True})
    line = book.add_format({"border": 1, "valign": "vcenter", "text_wrap": True})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    names = "、".join(estate.name for estate in menu.estates[:6]) + ("等" if len(menu.estates) > 6 else "")
    last = len(HEADS) - 1
    sheet.merge_range(0, 0, 0, last, f"{menu.campaign.year}年老旧小区改造居民需求清单", title)
    sheet.merge_range(1, 0, 1, 7, f"填报范围：{names}（{len(menu.estates)} 个小区）")
    sheet.merge_range(1, 8, 1, last, "单位：户、分")
    sheet.write_row(2, 0, HEADS, head)
    at, number = 3, 1
    alone = menu.estates[0].code if len(menu.estates) == 1 else ""
    for kind, wishes in by_class(menu.wishes, menu.catalogue):
        for wish in wishes:
            stand = menu.stands.get(alone, {}).get(wish.item)
            people, total = menu.marks.get(wish.item, (0, 0))
            cells = (
                number,
                kind,
                wish.label,
                wish.wanted or 0,
                percent_text(wish.wanted or 0, wish.of),
                wish.points or 0,
                percent_text(wish.points or 0, wish.full),
                stand.word if stand else "",
                stand.reason if stand else "",
                people,
                quotient_text(total, people, 1) if people else "",
            )
            for column, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(at, column, cell, line)
                else:
                    sheet.write_number(at, column, cell, line)
            at, number = at + 1, number + 1
    sheet.merge_range(at, 0, at, 2, "填报人：")
    sheet.merge_range(at, 3, at, 6, "审核人：")
    sheet.merge_range(at, 7, at, last, f"填报日期：{china_day(now).isoformat()}")
    book.close()
    return out.getvalue()
