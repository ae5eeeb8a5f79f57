"""``flask collection``: what a budget would mean, how far contributions have come, whether the gate is met."""

import json
from pathlib import Path

import pytest
from flask import Flask

from tests.payments.contributions.conftest import EACH, Works


def run(app: Flask, *words: str):
    return app.test_cli_runner().invoke(args=["collection", *words])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A budget as a person writes it."""
    path = tmp_path / "budget.json"
    said = {
        "costs": [
            {"name": "外墙", "yuan": "12,000", "how": {"method": "area"}},
            {"name": "电梯", "yuan": "900.00", "how": {"method": "item", "homes": ["1栋1单元301", "1栋1单元302"]}},
            {"name": "议定", "yuan": 30, "how": {"method": "fixed", "amounts": {"1栋1单元101": "30"}}},
            {
                "name": "综合",
                "yuan": "120",
                "how": {
                    "method": "mixed",
                    "parts": [{"method": "area", "part": 1}, {"method": "household", "part": 1}],
                },
            },
        ],
        "exemptions": [{"dwelling": "1栋1单元102", "thousandths": 500, "why": "低保"}],
    }
    path.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    return path


def test_a_budget_is_computed_from_a_file_and_nothing_is_changed(app: Flask, works: Works, file: Path) -> None:
    done = run(app, "apportion", "--estate", works.estate.code, "--file", str(file), "--lines")
    assert done.exit_code == 0, done.output
    assert "12 户分摊 12,545.00 元，资金承担 505.00 元" in done.output
    assert "1栋1单元301 电梯 450.00 元：80.00 ㎡ ÷ 160.00 ㎡ × 900.00 元 = 450.00 元" in done.output
    assert "减免：低保" in done.output
    assert run(app, "dues", "--estate", works.estate.code).exit_code == 1


@pytest.mark.parametrize(
    "text", ["{", '{"costs": [{"name": "a"}]}', '{"costs": [{"name": "a", "yuan": "x", "how": {}}]}']
)
def test_a_file_nobody_understands_is_refused_in_a_sentence(
    app: Flask, works: Works, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    done = run(app, "apportion", "--estate", works.estate.code, "--file", str(path))
    assert done.exit_code == 1
    assert "Traceback" not in done.output


def test_progress_names_no_door(app: Flask, works: Works) -> None:
    works.publish()
    works.contributed(works.homes[0], EACH)
    done = run(app, "dues", "--estate", works.estate.code)
    assert done.exit_code == 0, done.output
    assert "应出 12,000.00 元，已缴 1,000.00 元，1/12 户缴清" in done.output
    assert "101" not in done.output


def test_the_gate_is_measured_for_the_estate_and_for_each_building(app: Flask, works: Works) -> None:
    works.paid(works.homes[0], 300_000)
    done = run(app, "gate", "--estate", works.estate.code)
    assert done.exit_code == 1
    assert "1栋：户均 500.00 元（1/6 户，16.7%），已达到" in done.output
    assert "2栋：户均 0.00 元（0/6 户，0.0%），还差 3,000.00 元" in done.output
    works.paid(works.homes[6], 300_000)
    assert run(app, "gate", "--estate", works.estate.code).exit_code == 0
