"""``flask plan``: figures out of records, frozen once and restated in the open."""

import json

import pytest
from flask import Flask

from kernel import clock
from kernel.clock import china_moment
from portal.projects import services
from portal.projects.rules.quarter import Quarter

NOW = china_moment(Quarter(2023, 4).last_day, 9)


@pytest.fixture
def plan(app: Flask, make):
    """A plan of one estate that has started, and the commands over it at the end of 2023."""
    make.estate(code="taoyuan-beixiang")
    new = services.NewRecord(
        2023, "taoyuan-beixiang", households=84, buildings=3, source="市计划", in_central_task=True
    )
    record = services.add_record(new, by="test", now=NOW)
    services.note_start(record, on=Quarter(2023, 2).last_day, evidence="施工许可", by="test", now=NOW)

    def run(*arguments: str):
        with clock.at(NOW):
            return app.test_cli_runner().invoke(args=["plan", *arguments])

    return run


def test_a_quarter_is_frozen_shown_and_restated(plan) -> None:
    assert "第 1 版" in plan("freeze", "2023Q3", "--reason", "季度报告").output
    assert "第 2 版" in plan("freeze", "2023Q3", "--reason", "更正").output
    plan("figure", "2023Q3", "全省排名", "全省第二", "--source", "省通报")
    shown = plan("show", "2023Q3")
    assert shown.exit_code == 0
    assert "开工率　100.0%　= 1个 ÷ 1个" in shown.output
    assert "资金支出率　—" in shown.output
    assert "全省排名　全省第二" in shown.output
    told = json.loads(plan("show", "2023Q3", "--json").output)
    assert told["version"] == 2
    assert told["indicators"]["task_rate"] == {"numerator": 1, "denominator": 1, "text": "100.0%"}


def test_a_dry_run_saves_nothing(plan) -> None:
    assert "没有保存" in plan("freeze", "2023Q3", "--reason", "试", "--dry-run").output
    assert plan("show", "2023Q3").exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("freeze", "2023Q4", "--reason", "太早"),
        ("freeze", "2023Q4", "--reason", "太早", "--dry-run"),
        ("freeze", "2023Q7", "--reason", "没有"),
        ("show", "2022Q1"),
        ("figure", "2023Q3", "全省排名", "", "--source", "省通报"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(plan, arguments: tuple[str, ...]) -> None:
    answer = plan(*arguments)
    assert answer.exit_code == 1
    assert answer.output.strip().endswith("。")
