"""A stranger opens the three files of a questionnaire with every odd kind and finds the same answers in each."""

import csv

import openpyxl
import pyreadstat
import pytest

from kernel.database import reading
from surveys.questionnaires import queries
from surveys.questionnaires.exports import table
from surveys.questionnaires.exports.models import Format
from surveys.questionnaires.results import queries as counts_of
from surveys.questionnaires.rules import tally
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


def counted(campaign):
    return counts_of.counters(reading(), campaign.id)


def book_labels(book):
    """Column → code → label, as the codebook sheet of the file says them."""
    found = {}
    for row in book["说明"].iter_rows(min_row=2, values_only=True):
        found.setdefault(row[0], {})[row[5]] = row[6]
    return found
