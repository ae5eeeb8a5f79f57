"""Answers as a table."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaires import data
from surveys.questionnaires.rules import columns
from surveys.questionnaires.rules.form import read
from surveys.questionnaires.rules.questions import KINDS
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.forms import cells_of

FORM = read(data.shipped("estate-renovation-needs"))


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+86 138", "'+86 138"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠x", "'＠x"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("  =1", "'  =1"),
        ("\u3000=1", "'\u3000=1"),
        ("楼道=黑", "楼道=黑"),
        ("", ""),
        (-5, "-5"),
        (Decimal("86.5"), "86.5"),
    ],
)
def test_words_that_a_spreadsheet_would_take_for_a_formula_begin_with_an_apostrophe(typed, written):
    assert columns.csv_text(typed) == written


@given(st.text())
def test_no_text_becomes_a_formula(typed):
    written = columns.csv_text(typed)
    assert not written.lstrip()[:1] or written.lstrip()[0] not in "=+-@＝＋－＠"
    assert written in (typed, "'" + typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("打13912345678找我", "打［号码］找我"),
        ("139-1234-5678", "［号码］"),
        ("身份证 44020319500101123X", "身份证 ［号码］"),
        ("2026 年 3 栋 501 漏水", "2026 年 3 栋 501 漏水"),
        (8650, 8650),
    ],
)
def test_long_numbers_in_typed_words_are_taken_out(typed, kept):
    assert columns.without_numbers(typed) == kept


def test_every_cell_of_a_full_sheet_has_its_column_and_every_code_its_meaning():
    known = {column.code: column for column in columns.columns(FORM, named=True)}
    assert len(known) == len(columns.columns(FORM, named=True))
    for question in FORM.questions:
        if question.code in FULL:
            keys = {column.key for column in KINDS[question.kind].columns(question)}
            assert {key for key, _, _ in KINDS[question.kind].cells(question)(FULL[question.code])} <= keys
    for code, (coded, said) in cells_of(FORM, FULL).items():
        values = dict(known[code].values)
        assert not values or coded in values
        assert said != "" or coded == 0


def test_personal_questions_have_no_column_unless_named():
    plain = {column.code for column in columns.columns(FORM, named=False)}
    named = {column.code for column in columns.columns(FORM, named=True)}
    assert named - plain == {"q19.entrust", "q25.recommend", "q36", "q36_phone", "q38_proxy_name", "q38_proxy_phone"}


def test_each_option_of_several_has_a_column_of_its_own():
    found = cells_of(FORM, {"q12": ["water"], "q04": 8650, "q15": ["lift", "parking", "drainage"]})
    assert found["q12/water"] == (1, "√")
    assert found["q12/drainage"][0] == 0
    assert found["q04"] == (Decimal("86.5"), Decimal("86.5"))
    assert found["q15/1"][0] == "lift"
