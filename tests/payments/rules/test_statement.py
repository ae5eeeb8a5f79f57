"""Reading a bank's statement: columns by heading, amounts exact or in review, lines known again."""

import contextlib
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from payments.rules.recognise import Household, Withdrawal, matches, suggestions
from payments.rules.statement import StatementLine, has_same_number, may_be_one, numbered, read_statement

HEADS = ["交易日期", "对方户名", "对方账号", "收入金额（元）", "支出金额（元）", "余额", "摘要", "流水号"]
CHEN = ["2026-06-18", "陈秀英", "6228 4800 1234 5678", "500.00", "", "1,500.00", "诚意金 3栋2单元501", "A1"]


def lines(*rows: list) -> list[StatementLine]:
    return read_statement([["某某银行对账单"], [], HEADS, *rows]).lines


def _told(**more) -> StatementLine:
    first = StatementLine(2, date(2026, 6, 19), 50_000, "陈秀英", "4800", "诚意金", "20260619A1", 50_000)
    return replace(first, **more)


@pytest.mark.parametrize(
    ("more", "one"),
    [
        ({}, True),
        ({"balance_fen": None, "memo": "其他"}, True),
        ({"name": "", "account_tail": "", "serial": ""}, True),
        ({"name": "张伟"}, False),
        ({"account_tail": "4801"}, False),
        ({"serial": "20260619A2"}, False),
        ({"balance_fen": 1}, False),
        ({"day": date(2026, 6, 20)}, False),
        ({"amount_fen": 50_001}, False),
        ({"amount_fen": None, "problem": "读不出来"}, False),
    ],
)
def test_two_lines_may_be_one_payment_while_nothing_both_tell_differs(more: dict, one: bool) -> None:
    assert may_be_one(_told(), _told(**more)) is one
    assert may_be_one(_told(**more), _told()) is one


@pytest.mark.parametrize(("serial", "same"), [("20260619A1", True), ("", False), ("0", False), ("00000000", False)])
def test_a_filler_is_no_number_of_the_bank(serial: str, same: bool) -> None:
    assert has_same_number(_told(serial=serial), _told(serial=serial)) is same


def test_columns_are_found_by_heading_below_a_title() -> None:
    (line,) = lines(CHEN)
    assert (line.day, line.amount_fen, line.balance_fen) == (date(2026, 6, 18), 50_000, 150_000)
    assert (line.name, line.account_tail, line.memo, line.serial) == ("陈秀英", "5678", "诚意金 3栋2单元501", "A1")
    assert line.problem == ""


@pytest.mark.parametrize(
    ("came", "went", "fen"),
    [
        ("500", "", 50_000),
        ("1,234.5", None, 123_450),
        (500.0, None, 50_000),
        (0.1, "", 10),
        (123456.78, "", 12_345_678),
        ("￥500.00元", "", 50_000),
        ("", "20.00", -2_000),
        ("0.00", "20.00", -2_000),
        ("-500.00", "", -50_000),
        ("５００", "-", 50_000),
    ],
)
def test_amounts_are_read_to_the_fen(came: object, went: object, fen: int) -> None:
    (line,) = lines([*CHEN[:3], came, went, *CHEN[5:]])
    assert (line.amount_fen, line.problem) == (fen, "")


@pytest.mark.parametrize(
    ("came", "went"),
    [
        ("伍佰", ""),
        ("500.001", ""),
        (0.001, ""),
        ("1e3", ""),
        ("", ""),
        ("0.00", "0"),
        ("500", "500"),
        (float("nan"), ""),
        (float("inf"), ""),
        (True, ""),
        (date(2026, 6, 18), ""),
        ("9" * 31, ""),
        ("--5", ""),
    ],
)
def test_what_is_no_amount_stops_in_review_and_never_becomes_nothing(came: object, went: object) -> None:
    (line,) = lines([*CHEN[:3], came, went, *CHEN[5:]])
    assert line.amount_fen is None
    assert line.problem


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026/6/8", date(2026, 6, 8)),
        ("20260618", date(2026, 6, 18)),
        (20260618, date(2026, 6, 18)),
        (20260618.0, date(2026, 6, 18)),
        ("2026年6月18日", date(2026, 6, 18)),
        ("2026-06-18 09:30:00", date(2026, 6, 18)),
        ("20260618 09:30:00", date(2026, 6, 18)),
        (datetime(2026, 6, 18, 9), date(2026, 6, 18)),
        (date(2026, 6, 18), date(2026, 6, 18)),
        ("2026-13-45", None),
        ("昨天", None),
        ("", None),
    ],
)
def test_days_are_read_as_banks_write_them(cell: object, day: date | None) -> None:
    (line,) = lines([cell, *CHEN[1:]])
    assert line.day == day
    assert (line.amount_fen is None) == (day is None)


@pytest.mark.parametrize(("come", "go"), [("贷", "借"), ("+", "-")])
def test_one_column_with_a_direction_is_read_too(come: str, go: str) -> None:
    rows = [["日期", "借贷标志", "交易金额"], ["20260618", come, "5.00"], ["20260618", go, "5.00"]]
    rows += [["20260618", "?", "5.00"]]
    assert [line.amount_fen for line in read_statement(rows).lines] == [500, -500, None]


def test_sums_and_empty_lines_are_no_lines() -> None:
    assert len(lines(CHEN, [], ["", "", "", "", "", "", "", ""], ["合计", "", "", "500.00"])) == 1


def test_a_remembered_layout_is_used_and_a_file_without_it_is_refused_with_what_was_there() -> None:
    rows = [["什么时候", "谁", "多少"], ["20260618", "陈秀英", "5"]]
    layout = {"day": "什么时候", "name": "谁", "in": "多少"}
    found = read_statement(rows, layout=layout)
    assert (found.lines[0].amount_fen, found.layout) == (500, layout)
    for bad, given_layout in ((rows, None), ([HEADS, CHEN], layout), ([], None), ([[None, None]], None)):
        with pytest.raises(Invalid) as refusal:
            read_statement(bad, layout=given_layout)
        assert refusal.value.code == "statement-columns"
    assert "什么时候" in refusal.value.detail or "空表" in refusal.value.detail


def test_equal_lines_of_one_file_are_counted_and_names_are_told_apart() -> None:
    other = [*CHEN[:1], "陈秀莹", *CHEN[2:]]
    found = numbered(lines(CHEN, other, CHEN, CHEN))
    assert [nth for _, nth in found] == [1, 1, 2, 3]
    assert found[0][0] != found[1][0]
    assert found[0][0] == numbered(lines(["2026/06/18", "陈秀英 ", *CHEN[2:]]))[0][0], "writing alike is alike"


cells = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), st.datetimes(), st.text(max_size=12)
)


@given(st.lists(st.lists(cells, max_size=10), max_size=8))
def test_any_table_is_lines_or_a_refusal_and_no_line_is_without_amount_and_reason(rows: list) -> None:
    for line in read_statement([HEADS, *rows]).lines:
        assert (line.amount_fen is None) == bool(line.problem)
        assert line.amount_fen != 0
    with contextlib.suppress(Invalid):
        read_statement(rows)


def transfer(**changes: object) -> StatementLine:
    facts = {"row": 1, "day": date(2026, 6, 19), "amount_fen": 50_000, "name": "财付通支付科技有限公司", "memo": ""}
    return StatementLine(**{**facts, "account_tail": "", "serial": "", "balance_fen": None, **changes})  # type: ignore[arg-type]


def test_a_withdrawal_is_found_at_the_bank_once_and_the_nearest_first() -> None:
    gone = [Withdrawal("W1", date(2026, 6, 18), 50_000), Withdrawal("W2", date(2026, 6, 19), 50_000)]
    found = {
        "a": transfer(),
        "b": transfer(day=date(2026, 6, 20)),
        "c": transfer(day=date(2026, 6, 21)),
        "d": transfer(name="陈秀英"),
        "e": transfer(day=date(2026, 6, 17)),
    }
    assert matches(found, gone) == {"a": "W2", "b": "W1"}
    assert matches({"a": transfer(amount_fen=1)}, gone) == {}
    assert matches({"a": transfer(day=date(2026, 7, 1))}, gone) == {}


HOMES = [
    Household("d1", "3栋2单元501", ("陈秀英", "张伟"), 50_000),
    Household("d2", "13栋2单元501", ("陈秀英",), None),
    Household("d3", "3栋2单元50", (), 50_000),
]


@pytest.mark.parametrize(
    ("name", "memo", "fen", "expected"),
    [
        ("张伟", "诚意金 3-2-501", 50_000, ["d1"]),
        ("", "3幢2单元501室诚意金", 1, ["d1"]),
        ("", "13栋2单元501", 1, ["d2"]),
        ("陈秀英", "", 50_000, ["d1", "d2"]),
        ("李四", "", 50_000, []),
        ("陈秀英", "", -50_000, []),
    ],
)
def test_suggestions_name_the_likeliest_household_first_and_say_why(
    name: str, memo: str, fen: int, expected: list[str]
) -> None:
    found = suggestions(transfer(name=name, memo=memo, amount_fen=fen), HOMES)
    assert [home.dwelling for home, _ in found] == expected
    assert all(why for _, why in found)
