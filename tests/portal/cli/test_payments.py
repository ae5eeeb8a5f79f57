"""``flask payments reconcile`` for a person and for a program."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from kernel import clock
from payments.gateways.writing import write_trade_bill
from tests.payments.reconciliation.conftest import DAY, MORNING, Desk, desk

__all__ = ["desk"]


def run(app: Flask, *arguments: str):
    with clock.at(MORNING):
        return app.test_cli_runner().invoke(args=["payments", "reconcile", "--date", DAY.isoformat(), *arguments])


def test_a_day_that_agrees_is_said_so_and_ends_with_0(app: Flask, desk: Desk) -> None:
    desk.paid()
    desk.true_rows()
    done = run(app)
    assert done.exit_code == 0, done.output
    assert "账目相符。账单 1 笔，相符 1 笔" in done.output


def test_a_given_file_that_differs_ends_with_1_and_names_it(app: Flask, desk: Desk, tmp_path: Path) -> None:
    desk.paid()
    rows = desk.true_rows()
    file = tmp_path / "bill.csv.gz"
    stray = replace(rows[0], number="NOBODYS0001", amount_fen=20_000)
    file.write_bytes(write_trade_bill([*rows, stray], app_id="wx", merchant_id="19"))
    done = run(app, "--bill", str(file), "--json")
    assert done.exit_code == 1
    told = json.loads(done.output)
    assert (told["rows"], told["waiting"], told["day"]) == (2, 1, DAY.isoformat())
    assert told["differences"] == [
        {
            "kind": "missing_here",
            "item": "payment",
            "number": "NOBODYS0001",
            "state": "open",
            "ours_fen": None,
            "theirs_fen": 20_000,
        }
    ]


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"\xff\xfe"])
def test_a_file_that_is_no_bill_ends_with_2_and_changes_nothing(
    app: Flask, desk: Desk, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "bill.csv"
    file.write_bytes(content)
    done = run(app, "--bill", str(file))
    assert done.exit_code == 2
    assert "账单不能用" in done.output
    assert desk.differences() == []


def test_an_unknown_merchant_ends_with_2(app: Flask, desk: Desk) -> None:
    assert run(app, "--merchant", "1").exit_code == 2


STATEMENT = "日期,对方户名,收入金额\n2026-06-18,陈秀英,500.00\n2026-06-18,张伟,伍佰\n"


def statement(app: Flask, file: Path, *arguments: str):
    return app.test_cli_runner().invoke(args=["payments", "statement", str(file), "--account", "0187", *arguments])


def test_a_statement_is_imported_once_and_says_what_waits(app: Flask, desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "六月.csv"
    file.write_text(STATEMENT, encoding="utf-8")
    first, again = statement(app, file), statement(app, file, "--json")
    assert (first.exit_code, again.exit_code) == (1, 1)
    assert "新增 2 行" in first.output
    assert "1 行未对上，1 行读不出来" in first.output
    told = json.loads(again.output)
    assert (told["lines"], told["new"], told["known"]) == (2, 0, 2)


def test_a_statement_whose_columns_nobody_knows_ends_with_2_until_they_are_told(
    app: Flask, desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("何时,来自,多少\n2026-06-18,陈秀英,500.00\n", encoding="utf-8")
    refused = statement(app, file)
    assert refused.exit_code == 2
    assert "何时、来自、多少" in refused.output
    assert statement(app, file, "--column", "whatever=何时").exit_code == 2
    told = statement(app, file, "--column", "day=何时", "--column", "in=多少", "--column", "name=来自")
    assert told.exit_code == 1
    assert "新增 1 行" in told.output
