"""A stranger's workbook: measured before it is read, and what a cell hides is told by sheet and row."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook

from kernel.errors import Invalid
from surveys.questionnaires.xlsform import importing, workbook
from surveys.questionnaires.xlsform.importing import Imported

SURVEY = [
    ["type", "name", "label"],
    ["select_one yn", "has", "有吗"],
    ["text", "words", "写一写"],
]
CHOICES = [["list_name", "name", "label"], ["yn", "yes", "有"], ["yn", "no", "没有"]]


def made(change: Callable[[Any], Any] = lambda book: None, survey: Any = SURVEY, choices: Any = CHOICES) -> bytes:
    """A small form in a real file, changed."""
    book = Workbook()
    book.remove(book.active)
    for name, lines in {"survey": survey, "choices": choices, "settings": [["form_id"], ["f"]]}.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes) -> Imported:
    """Read a file; what it says as texts."""
    return importing.read_form(data)


def repacked(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The file with one part of it changed; a part that is not there is added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        for name in dict.fromkeys([*packed.namelist(), part]):
            old = packed.read(name) if name in packed.namelist() else b""
            again.writestr(name, change(old) if name == part else old)
    return out.getvalue()


def coloured(book: Any) -> None:
    """Cells far out that hold nothing but a colour, as spreadsheets leave them behind."""
    for name in ("survey", "choices", "notes"):
        sheet = book[name] if name in book.sheetnames else book.create_sheet(name)
        sheet.cell(1_048_576, 16_384).number_format = "0.00"


ENTITY = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
BILLION = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
SHEET = "xl/worksheets/sheet1.xml"
MERGED = b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
LINKED = b'</sheetData><hyperlinks><hyperlink ref="A1:XFD1048576" location="a"/></hyperlinks>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not-a-form"),
        (b"type,name\ntext,a", "not-a-form"),
        (made()[:-40], "not-a-form"),
        (b"x" * (workbook.MOST_BYTES + 1), "form-too-large"),
        (repacked(made(), "xl/media/a.bin", lambda _: bytes(workbook.MOST_UNPACKED)), "form-too-large"),
        (made(lambda book: book["survey"].cell(workbook.MOST_ROWS + 1, 1, "text")), "form-too-large"),
        (made(lambda book: book["choices"].cell(1, workbook.MOST_COLUMNS + 1, "more")), "form-too-large"),
        (repacked(made(), SHEET, lambda text: text.replace(b"</sheetData>", MERGED)), "form-too-large"),
        (repacked(made(), SHEET, lambda text: text.replace(b"</sheetData>", LINKED)), "form-too-large"),
        (made(lambda book: [book.create_sheet(f"s{n}") for n in range(workbook.MOST_SHEETS)]), "form-too-large"),
        (repacked(made(), SHEET, lambda text: ENTITY + text), "file-unreadable"),
        (repacked(made(), SHEET, lambda text: BILLION + text), "file-unreadable"),
        (repacked(made(), SHEET, lambda text: text[:-20]), "file-unreadable"),
        (repacked(made(), "[Content_Types].xml", lambda text: text.replace(b"main+xml", b"x")), "not-a-form"),
        (repacked(made(), f"xl/worksheets/_rels/{SHEET[14:]}.rels", lambda _: ENTITY + b"<R>&a;"), "not-a-form"),
    ],
)
def test_what_no_form_needs_is_refused_before_it_costs_anything(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(data)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (made(survey=[[], *SURVEY]), "survey 表的第 1 行是空的"),
        (made(survey=SURVEY[1:]), "survey 表的第 1 行要是列名，其中要有 type、name、label"),
        (made(survey=[["题型", "名称", "标题"], *SURVEY[1:]]), "现在第 1 行是：题型、名称、标题"),
        (made(choices=[["组", "代码", "文字"], *CHOICES[1:]]), "choices 表的第 1 行要是列名，其中要有 list_name"),
        (made(survey=[["type", "name", "label", "label"], *SURVEY[1:]]), "survey 表有两列都叫 label"),
        (made(lambda book: setattr(book["survey"], "title", "问卷")), "没有 survey 表"),
        (made(survey=SURVEY[:1]), "表里没有题目"),
    ],
)
def test_a_sheet_without_its_columns_is_told_which_it_needs(data: bytes, word: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(data)
    assert word in refused.value.detail


def formula(book: Any) -> None:
    """A cell that says how it is worked out, with nobody having worked it out."""
    book["survey"]["C3"] = "=1+1"


def worked_out(data: bytes) -> bytes:
    """The same with its value beside it."""
    return repacked(data, SHEET, lambda text: re.sub(rb"(<f>1\+1</f>)<v ?/?>(</v>)?", rb"\1<v>2</v>", text))


def hidden(book: Any) -> None:
    """A sheet and a row nobody sees."""
    book["choices"].sheet_state = "hidden"
    book["survey"].row_dimensions[3].hidden = True


@pytest.mark.parametrize(
    ("data", "refused", "listed"),
    [
        (made(formula), "survey 表第 3 行：C3 是公式，文件里没有它的结果", ""),
        (worked_out(made(formula)), "", "survey 表第 3 行：C3 是公式，导入的是它现在的结果（2）"),
        (made(lambda book: book["survey"].cell(3, 3, "#REF!")), "survey 表第 3 行：C3 是算错的公式", ""),
        (made(lambda book: book["choices"].merge_cells("A2:A3")), "choices 表第 2 行：A2:A3 是合并的单元格", ""),
        (made(lambda book: book["survey"].merge_cells("C3:D3")), "", "survey 表第 3 行：C3:D3 是合并的单元格"),
        (made(coloured), "", "notes 表：这张表没有导入"),
        (made(hidden), "", "choices 表：这张表是隐藏的"),
        (made(hidden), "", "survey 表第 3 行：这一行是隐藏的"),
        (made(lambda book: book["survey"].cell(2, 5, "旁注")), "", "survey 表第 2 行：E 列没有列名，没有导入（旁注）"),
        (made(survey=[*SURVEY, ["text", "words", "再写"]]), "survey 表第 4 行：前面已经有叫 words 的题或分组", ""),
        (made(survey=[*SURVEY, ["文字", "more", "再写"]]), "survey 表第 4 行：没有 文字 这种题型", ""),
        (made(survey=[*SURVEY, ["text", "", "再写"]]), "survey 表第 4 行：没有写 name", ""),
        (made(survey=[*SURVEY, ["text", "a b", "再写"]]), "survey 表第 4 行：name 要以字母开头", ""),
        (made(survey=[*SURVEY, ["", "", "只有文字"]]), "survey 表第 4 行：没有写 type", ""),
        (
            made(survey=[*SURVEY, ["select_one　yn", "b", "全角空格"]]),
            "survey 表第 4 行：没有 select_one　yn 这种题型",
            "",
        ),
        (
            made(survey=[*SURVEY, ["begin group", "g", "组"], ["text", "a", "字"]]),
            "survey 表第 4 行：分组 g 没有结束",
            "",
        ),
        (made(survey=[*SURVEY, ["end group", "", ""]]), "survey 表第 4 行：多了一行 end_group", ""),
        (
            made(survey=[*SURVEY, ["select_one none", "b", "选"]]),
            "survey 表第 4 行：choices 表里没有 none 这组选项",
            "",
        ),
        (made(survey=[*SURVEY, ["text", "b", ""]]), "survey 表第 4 行：b 没有写 label", ""),
        (made(choices=[*CHOICES, ["yn", "no", "无"]]), "choices 表第 4 行：同一组里有两个一样的选项代码", ""),
        (made(choices=[*CHOICES, ["yn", "", "无"]]), "choices 表第 4 行：选项没有写 name", ""),
        (made(choices=[*CHOICES, ["", "z", "无"]]), "", "choices 表第 4 行：没有写 list_name"),
        (
            made(survey=[[*SURVEY[0], "relevant"], *SURVEY[1:], ["text", "b", "字", "${has}＝'yes'"]]),
            "survey 表第 4 行：显示条件不能导入：“＝”是全角符号，请改成半角",
            "",
        ),
        (
            made(survey=[[*SURVEY[0], "relevant"], *SURVEY[1:], ["text", "b", "字", "${nobody}='yes'"]]),
            "survey 表第 4 行：relevant 里提到的 nobody 不在 survey 表里",
            "",
        ),
    ],
)
def test_what_a_cell_hides_and_what_a_row_lacks_is_told_in_plain_words(data: bytes, refused: str, listed: str) -> None:
    found = read(data)
    assert (found.document is None) is bool(refused)
    assert not refused or any(str(one).startswith(refused) for one in found.refused), found.refused
    assert any(str(one).startswith(listed) for one in [*found.listed, *([] if listed else found.refused)]), found.listed


def test_names_and_types_may_have_blanks_around_them_and_bent_quotation_marks_are_straight() -> None:
    found = read(
        made(
            survey=[
                [" Type ", "name ", " label", " relevant "],
                [" select_one  yn ", " has ", " 有吗 ", ""],
                ["text", "words", "写一写", " ${has} = ‘yes’ "],
            ]
        )
    )
    assert [str(one) for one in found.refused] == []
    assert found.document is not None
    has, words = found.document["sections"][0]["questions"]
    assert (has["title"], words["show_if"]) == ("有吗", {"is": ["has", "yes"]})
