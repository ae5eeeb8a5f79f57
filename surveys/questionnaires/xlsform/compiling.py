"""pyxform: what it makes of a form, and what it says against one, in words of ours.

pyxform checks that a form is well made before we read what it asks, and turns ours into the XML phones read.
"""

import re
from collections.abc import Mapping
from typing import Any

from pyxform import aliases
from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from kernel.errors import Invalid
from surveys.questionnaires.xlsform.workbook import Remark, Row, Sheets, Workbook

_UNIQUE = r"the 'name' value '(.+?)' is invalid\. Questions, groups, and repeats must be unique"
_UNKNOWN = r"the '(\w+)' value is invalid\. Reference variables must.*Could not find the name '(.+?)'"
_WORDS: tuple[tuple[str, str], ...] = (
    (r"Question or group with no name", "没有写 name（题目的代码）"),
    (r"Question with no type", "没有写 type（题型）"),
    (_UNIQUE, "前面已经有叫 {0} 的题或分组"),
    (r"the 'name' value.* is invalid\. Names must begin", "name 要以字母开头，只能有字母、数字、_、- 和点，不能有空格"),
    (r"Unmatched 'begin_(\w+)'.* for the name '(.+?)'", "分组 {1} 没有结束，少一行 end_{0}"),
    (r"Unmatched 'end_(\w+)'", "多了一行 end_{0}，前面没有和它成对的 begin_{0}"),
    (
        r"Unknown question type '(.+?)'",
        "没有 {0} 这种题型；要照 XLSForm 的英文写（如 text、integer、select_one 选项组）",
    ),
    (r"List name not in choices sheet: (.+)", "choices 表里没有 {0} 这组选项"),
    (r"There should be a choices sheet", "有选择题，可是没有 choices 表"),
    (r"Reference variables must start with", "提到别题要写成 ${{名称}}，括号里不要有空格"),
    (_UNKNOWN, "{0} 里提到的 {1} 不在 survey 表里"),
    (r"Choice names must be unique", "同一组里有两个一样的选项代码（name）"),
    (r"Choices must have a name", "选项没有写 name（代码）"),
    (r"Choice names with spaces.*See \[(.+?)\] in \[(.+?)\]", "多选题的选项代码里不能有空格：{1} 组的“{0}”"),
    (r"survey element named '(.+?)' has no label", "{0} 没有写 label（题目的文字）"),
    (r"the parameter '(.+?)' must be a number", "参数 {0} 要是数字"),
)
"""What pyxform says most often, and how we say it."""


def xform(form: bytes | Sheets) -> str:
    """The form as ODK Collect reads it (XForm XML). ``form``: a file that was measured (``workbook.must_be_small``),
    or sheets. Raises Invalid with what pyxform has against it, by sheet and row."""
    try:
        return _converted(form)
    except PyXFormError as refused:
        remark = _remark(str(refused), None)
        where = f"{remark.sheet} 表第 {remark.row} 行" if remark.row else f"{remark.sheet} 表"
        raise Invalid("form-not-valid", f"pyxform 不接受这份表格：{remark}。", {where: [remark.text]}) from None


def complaint(form: bytes, book: Workbook) -> Remark | None:
    """What pyxform has against a file, at its row; None when it takes it."""
    try:
        _converted(form)
    except PyXFormError as refused:
        return _remark(str(refused), book)
    return None


def _converted(form: bytes | Sheets) -> str:
    given: Any = (
        {name: [dict(row) for row in rows] for name, rows in form.items()} if isinstance(form, Mapping) else form
    )
    try:
        made: str = convert(given, form_name="data", file_type=".xlsx").xform
    except PyXFormError:
        raise
    except Exception as stumbled:  # over a form it did not expect; whose form it was should learn of it all the same
        raise PyXFormError(f"{type(stumbled).__name__}: {stumbled}") from stumbled
    return made


def _remark(said: str, book: Workbook | None) -> Remark:
    row = re.search(r"\[row : (\d+)\]", said)
    sheet = re.search(r"[Oo]n the '(survey|choices|settings)' sheet", said)
    name, number = sheet[1] if sheet else "survey", int(row[1]) if row else 0
    for expression, words in _WORDS:
        if found := re.search(expression, said, re.DOTALL):
            number = number or _row_of(found, book)
            return Remark(name, number, words.format(*found.groups()))
    return Remark(name, number, f"pyxform 不接受：{said[:500]}")


def _row_of(found: re.Match[str], book: Workbook | None) -> int:
    """Where the type, the name or the choice stands that pyxform names without its row."""
    names = set(found.groups())
    rows: list[Row] = book.survey if book else []
    return next((one.number for one in rows if names & {one.get("type"), one.get("name")}), 0)


def select_kind(word: str) -> str:
    """What pyxform takes a select's first word for: "select one", "select all that apply", "rank", or ""."""
    found: Any = aliases.select.get(word, "")
    return str(found)
