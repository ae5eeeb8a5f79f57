"""A stranger opens the three files of a questionnaire with every odd kind and finds the same answers in each."""

import csv
from datetime import datetime
from decimal import Decimal

import openpyxl
import pyreadstat
import pytest
from openpyxl.utils.escape import unescape

from kernel.database import reading
from kernel.errors import Invalid
from surveys.questionnaires import queries
from surveys.questionnaires.exports import table
from surveys.questionnaires.exports.models import Format
from surveys.questionnaires.exports.sav import SavFile
from surveys.questionnaires.exports.sums import LONGEST_CELL, MOST_ROWS
from surveys.questionnaires.exports.writers import CsvFile, XlsxFile
from surveys.questionnaires.results import queries as counts_of
from surveys.questionnaires.rules import tally
from surveys.questionnaires.rules.columns import TableColumn
from surveys.questionnaires.services import counting, forms
from tests.surveys.questionnaires.conftest import NOW, open_survey


def options(*codes):
    return [{"code": code, "label": f"选{code}"} for code in codes]


DOCUMENT = {
    "code": "odd",
    "edition": "1",
    "title": "各种题",
    "sections": [
        {
            "code": "s",
            "title": "一",
            "questions": [
                {"code": "several", "kind": "multi", "title": "选几项", "options": options("a", "b", "c")},
                {
                    "code": "old",
                    "kind": "repeat",
                    "title": "老人",
                    "max": 3,
                    "row_label": "位老人",
                    "questions": [
                        {"code": "age", "kind": "number", "title": "年龄", "low": 60, "high": 120},
                        {"code": "needs", "kind": "multi", "title": "需要", "options": options("meal", "visit")},
                        {"code": "says", "kind": "text", "title": "说什么", "max": 40},
                    ],
                },
                {
                    "code": "marks",
                    "kind": "matrix",
                    "title": "满意吗",
                    "rows": [{"code": "r1", "label": "供水"}, {"code": "r2", "label": "道路"}],
                    "labels": ["差", "中", "好"],
                    "none": "没有",
                },
                {
                    "code": "where",
                    "kind": "cascade",
                    "title": "搬去哪",
                    "levels": ["区", "街"],
                    "options": [
                        {"code": "q1", "label": "一区"},
                        {"code": "j1", "label": "一街", "under": "q1"},
                        {"code": "q2", "label": "二区"},
                        {"code": "j2", "label": "二街", "under": "q2"},
                    ],
                },
                {"code": "words", "kind": "text", "title": "想说的", "max": 60},
            ],
        }
    ],
}
SHEETS = [
    {
        "several": ["a", "c"],
        "old": [{"age": 81, "needs": ["meal", "visit"], "says": "=1+1"}, {"age": 66}],
        "marks": {"r1": 3, "r2": 0},
        "where": ["q1", "j1"],
        "words": "+SUM(A1)",
    },
    {"several": ["b"], "marks": {"r1": 1, "r2": 2}, "where": ["q2", "j2"], "words": "@话\n第二行"},
    {"old": [{"needs": ["visit"], "says": "-2"}], "words": "\t=cmd|' /C calc'!A0"},
]


@pytest.fixture
def files(app, make, tmp_path):
    """format → the rows of the three sheets as a stranger's program reads them, by what was said in ``words``."""
    survey = open_survey(make, document=DOCUMENT)
    for home, answers in zip(survey.dwellings, SHEETS, strict=False):
        survey.submit(survey.owner(home), home, answers=answers)
    while counting.drain_tally(now=NOW):
        pass
    campaign = queries.campaign_by_public_id(reading(), survey.campaign)
    found = {}
    for kind in (Format.XLSX, Format.CSV, Format.SAV):
        path = tmp_path / f"file.{kind}"
        table.write(campaign, [survey.estate.id], path, format=kind, named=False, tell=lambda done, of: None, now=NOW)
        found[kind] = path
    return campaign, found


def test_every_kind_reads_back_alike_from_xlsx_csv_and_sav_and_none_of_it_is_a_formula(files):
    campaign, found = files
    book = openpyxl.load_workbook(found[Format.XLSX])
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    heads, *rows = book["代码"].iter_rows(values_only=True)
    xlsx = [dict(zip(heads, row, strict=True)) for row in rows]
    with found[Format.CSV].open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert not any(value.lstrip().startswith(("=", "+", "-", "@")) for line in lines for value in line.values())
    frame, about = pyreadstat.read_sav(str(found[Format.SAV]), output_format="dict")
    labels = book_labels(book)
    names = {head: head.strip("_").replace("/", "_") for head in heads}
    for number, sheet in enumerate(xlsx):
        line = lines[number]
        assert {head: text.removeprefix("'") for head, text in line.items()} == {
            head: "" if value is None else str(value) for head, value in sheet.items()
        }
        for head, value in sheet.items():
            held = frame[names[head]][number]
            words = about.variable_value_labels.get(names[head], {})
            if isinstance(value, str) and words:
                # A code of an option: SPSS holds its number, the label is the option's.
                assert words[held] == labels[head][value]
            else:
                assert held == (value if value is not None else "" if isinstance(held, str) else None), head
    first = next(sheet for sheet in xlsx if sheet["several/c"])
    assert [first[head] for head in ("several/a", "several/b", "old/n", "old/1/age")] == [1, 0, 2, 81]
    assert [first[head] for head in ("old/2/age", "old/3/age", "marks/r1", "marks/r2")] == [66, None, 3, 0]
    assert [first[head] for head in ("where/1", "where/2", "words")] == ["q1", "j1", "+SUM(A1)"]
    assert frame["old_1_age"] == [sheet["old/1/age"] for sheet in xlsx]  # numbers, not texts
    form = forms.form_of(reading(), campaign.version_id)
    figures = {each.code: each for each in tally.figures(form, counted(campaign), public=False)}
    assert figures["old"].rows[0].mean_of == (sum(sheet["old/n"] or 0 for sheet in xlsx), 2)
    assert figures["old.age"].rows[0].mean_of == (81 + 66, 2)
    meals = figures["old.needs"].rows[0].cells
    assert [cell.n for cell in meals] == [1, 2]  # households, of which one has two old people
    assert [cell.n for cell in figures["where"].rows[1].cells] == [1, 1]


ODD = [
    "007",  # a code with leading zeros
    "13812341234567890",  # longer than Excel counts
    "1e5",
    "3-1",  # a spreadsheet would make it a date
    "=1+1",
    "＝SUM(A1)",
    "+86 139",
    "-2",
    "@SUM(1)",
    "\t=cmd|' /C calc'!A0",
    'he said "no", twice; 第二行\n第三行',
    "'单引号",
    "👵🏻 加装电梯 𠮷",
    "a\u2028b\u00a0c\ufeffd",
    "_x0041_ 不是控制符",
    "TRUE",
    "#N/A",
    "很长" * 1000,
]


def test_whatever_was_typed_reads_back_whole_and_as_words_from_csv_xlsx_and_sav(tmp_path):
    wanted = [
        TableColumn("q1", "1", "=编号", "", "text", (), True, 2000),
        TableColumn("q2", "2", "选一个", "", "single", (("a", "=甲"), ("b", "乙")), False),
        TableColumn("q3", "3", "数", "", "number", (), False, 0, True, 1),
    ]
    rows = [(text, "ab"[n % 2], Decimal(n) / 2 - 3) for n, text in enumerate(ODD)]
    at = datetime(2026, 11, 22, 10, 0)
    paths = {kind: tmp_path / f"odd.{kind}" for kind in ("csv", "xlsx", "sav")}
    for path, writer in (
        (paths["csv"], CsvFile(paths["csv"], wanted)),
        (paths["xlsx"], XlsxFile(paths["xlsx"], wanted, title="问卷", day="2026-11-22")),
        (paths["sav"], SavFile(paths["sav"], wanted, rows=len(rows), title="问卷", made_at=at)),
    ):
        for text, code, number in rows:
            cells = ((text, text), (code, {"a": "=甲", "b": "乙"}[code]), (number, number))
            writer.row([writer.cell(place, *cell) for place, cell in enumerate(cells)])
        writer.close([], len(rows))
        assert path.stat().st_size
    raw = paths["csv"].read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")  # by which Excel and WPS know UTF-8
    assert b"\r\n" in raw
    with paths["csv"].open(encoding="utf-8-sig", newline="") as file:
        heads, *lines = csv.reader(file)
    assert heads == ["q1", "q2", "q3"]
    for (text, code, number), (said, coded, counted_as) in zip(rows, lines, strict=True):
        assert said.removeprefix("'") == text.removeprefix("'")
        assert said.lstrip()[:1] not in "=+-@＝＋－＠\t"
        assert (coded, Decimal(counted_as)) == (code, number)
    book = openpyxl.load_workbook(paths["xlsx"])
    for sheet in ("代码", "答卷"):
        cells = list(book[sheet].iter_rows(min_row=2))
        # Excel undoes the format's own escape of _xHHHH_; openpyxl leaves that to its caller.
        assert [unescape(row[0].value) for row in cells] == ODD
        assert all(row[0].data_type == row[1].data_type == "s" and row[2].data_type == "n" for row in cells)
        assert [Decimal(str(row[2].value)) for row in cells] == [number for *_, number in rows]
    frame, about = pyreadstat.read_sav(str(paths["sav"]), output_format="dict")
    assert frame["q1"] == [text.rstrip() for text in ODD]
    assert [about.variable_value_labels["q2"][code] for code in frame["q2"]] == ["=甲", "乙"] * (len(ODD) // 2)
    assert frame["q3"] == [float(number) for *_, number in rows]
    assert (about.column_names_to_labels["q1"], about.variable_measure["q3"]) == ("1. =编号", "scale")


def test_nothing_is_cut_off_in_silence(tmp_path, files):
    campaign, _ = files
    book = XlsxFile(tmp_path / "long.xlsx", [TableColumn("q1", "", "", "", "text", (), True)], title="", day="")
    with pytest.raises(Invalid, match="too-long-for-xlsx"):
        book.row([book.cell(0, *["长" * (LONGEST_CELL + 1)] * 2)])
    with pytest.raises(Invalid, match="too-many-rows"):
        table._writer(campaign, tmp_path / "many.xlsx", [], format=Format.XLSX, rows=MOST_ROWS + 1, now=NOW)


def counted(campaign):
    return counts_of.counters(reading(), campaign.id)


def book_labels(book):
    """Column → code → label, as the codebook sheet of the file says them."""
    found = {}
    for row in book["说明"].iter_rows(min_row=2, values_only=True):
        found.setdefault(row[0], {})[row[5]] = row[6]
    return found
