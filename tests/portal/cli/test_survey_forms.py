"""``flask survey import`` and ``export-form``, as an operator types them."""

import json
from pathlib import Path

import pytest
from flask import Flask

from kernel import clock
from kernel.database import reading
from surveys.questionnaires import data, queries
from surveys.questionnaires.services import forms
from surveys.questionnaires.xlsform import compiling, workbook

SURVEY = [
    {"type": "select_one yn", "name": "q1", "label": "同意吗", "required": "yes"},
    {"type": "text", "name": "why", "label": "为什么", "relevant": "${q1} = 'no'", "default": "无"},
]
CHOICES = [{"list_name": "yn", "name": name, "label": name} for name in ("yes", "no")]


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A small form."""
    path = tmp_path / "form.xlsx"
    settings = [{"form_id": "small", "form_title": "小问卷"}]
    path.write_bytes(workbook.written({"survey": SURVEY, "choices": CHOICES, "settings": settings}))
    return path


def test_a_spreadsheet_is_tried_then_loaded_and_loaded_again_is_the_same_version(app: Flask, sheet: Path) -> None:
    run = app.test_cli_runner().invoke
    tried = run(args=["survey", "import", str(sheet), "--dry-run"])
    assert tried.exit_code == 0
    assert "2 题可以装入" in tried.output
    assert queries.questionnaire_by_code(reading(), "small") is None
    first = json.loads(run(args=["survey", "import", str(sheet), "--json"]).output)
    again = json.loads(run(args=["survey", "import", str(sheet), "--json"]).output)
    assert (first["loaded"], first["new"], again["new"]) == (True, True, False)
    assert first["version"] == again["version"]
    assert {key: first["listed"][0][key] for key in ("sheet", "row")} == {"sheet": "survey", "row": 3}


def test_a_refused_spreadsheet_loads_nothing_and_names_the_row(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "bad.xlsx"
    rows = [*SURVEY, {"type": "geopoint", "name": "where", "label": "在哪"}]
    settings = [{"form_id": "bad", "form_title": "问卷"}]
    path.write_bytes(workbook.written({"survey": rows, "choices": CHOICES, "settings": settings}))
    done = app.test_cli_runner().invoke(args=["survey", "import", str(path)])
    assert done.exit_code == 1
    assert "survey 表第 4 行" in done.output
    assert queries.questionnaire_by_code(reading(), "bad") is None


def test_a_version_is_written_as_a_spreadsheet_that_pyxform_takes(app: Flask, tmp_path: Path) -> None:
    loaded = forms.load(data.shipped("estate-renovation-needs"), actor="test", now=clock.now())
    out = tmp_path / "out.xlsx"
    done = app.test_cli_runner().invoke(args=["survey", "export-form", loaded.version.public_id, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "q16：" in done.output
    assert "<h:title>城镇老旧小区改造居民问卷调查表</h:title>" in compiling.xform(out.read_bytes())


def test_an_id_that_begins_with_a_hyphen_is_an_id(app: Flask, tmp_path: Path) -> None:
    done = app.test_cli_runner().invoke(
        args=["survey", "export-form", "-3" + "x" * 20, "--out", str(tmp_path / "o.xlsx")]
    )
    assert (done.exit_code, "没有找到这一版问卷" in done.output) == (1, True)
