"""The menu of works as a table in the layout offices hand in: title, unit, 填报人, 审核人, date."""

import io
from datetime import datetime
from typing import Any

import xlsxwriter

from kernel.clock import china_day, day_text
from kernel.ratio import percent_text, quotient_text
from surveys.questionnaires.needs.menus import Menu
from surveys.questionnaires.rules.needs import by_class

HEADS = (
    *("序号", "类别", "改造内容", "需要的户数", "占回答户数", "优先得分"),
    *("占满分", "已定结果", "原因", "评价户数", "平均分"),
)
KEPT_BACK = ""
"""Instead of a number too small to tell."""
WIDTHS = (6, 10, 26, 12, 12, 10, 10, 14, 30, 10, 10)


def menu_table(menu: Menu, *, now: datetime) -> bytes:
    """The workbook: all estates together and, of several, a second table with a column for each. What is kept back is
    left empty; a result stands in the first table where it is the same in every estate."""
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
    several = len(menu.estates) > 1
    names = f"{menu.cluster.name}：" if menu.cluster else ""
    names += "、".join(estate.name for estate in menu.estates[:6]) + ("等" if len(menu.estates) > 6 else "")
    last = len(HEADS) - 1
    sheet.merge_range(0, 0, 0, last, f"{menu.campaign.year}年老旧小区改造居民需求清单", title)
    sheet.merge_range(1, 0, 1, 7, f"填报范围：{names}（{len(menu.estates)} 个小区）")
    sheet.merge_range(1, 8, 1, last, "单位：户、分")
    sheet.write_row(2, 0, HEADS, head)
    at, number = 3, 1
    for kind, wishes in by_class(menu.wishes, menu.catalogue):
        for wish in wishes:
            same = menu.stand(wish.item)
            whole = same is not None and same[0] == len(menu.estates)
            stand = same[1] if same is not None and whole else None
            people, total = menu.marks.get(wish.item, (0, 0))
            cells = (
                number,
                kind,
                wish.label,
                KEPT_BACK if wish.wanted is None else wish.wanted,
                KEPT_BACK if wish.wanted is None else percent_text(wish.wanted, wish.of),
                KEPT_BACK if wish.points is None else wish.points,
                KEPT_BACK if wish.points is None else percent_text(wish.points, wish.full),
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
    sheet.merge_range(at, 7, at, last, f"填报日期：{day_text(china_day(now))}")
    if several and menu.by_estate:
        _by_estate(book, menu, title, head, line)
    book.close()
    return out.getvalue()


def _by_estate(book: Any, menu: Menu, title: Any, head: Any, line: Any) -> None:
    """Each estate in two columns: how many want an item, and what became of it there."""
    sheet = book.add_worksheet("按小区")
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.freeze_panes(3, 2)
    sheet.set_column(0, 0, WIDTHS[1])
    sheet.set_column(1, 1, WIDTHS[2])
    last = 1 + 2 * len(menu.estates)
    sheet.merge_range(0, 0, 0, last, f"{menu.campaign.year}年老旧小区改造居民需求清单（按小区）", title)
    sheet.merge_range(1, 0, 2, 0, "类别", head)
    sheet.merge_range(1, 1, 2, 1, "改造内容", head)
    for index, estate in enumerate(menu.estates):
        column = 2 + 2 * index
        answered = max((wish.of for wish in menu.by_estate[estate.code].values()), default=0)
        sheet.merge_range(1, column, 1, column + 1, f"{estate.name}（{answered} 户回答）", head)
        sheet.write_row(2, column, ("需要的户数", "结果"), head)
    at = 3
    for kind, wishes in by_class(menu.wishes, menu.catalogue):
        for wish in wishes:
            sheet.write_string(at, 0, kind, line)
            sheet.write_string(at, 1, wish.label, line)
            for index, estate in enumerate(menu.estates):
                own = menu.by_estate[estate.code].get(wish.item)
                stand = menu.stands[estate.code].get(wish.item)
                if own is None or own.wanted is None:
                    sheet.write_string(at, 2 + 2 * index, KEPT_BACK, line)
                else:
                    sheet.write_number(at, 2 + 2 * index, own.wanted, line)
                sheet.write_string(at, 3 + 2 * index, stand.word if stand else "", line)
            at += 1
