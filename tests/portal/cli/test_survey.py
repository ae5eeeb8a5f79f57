"""``flask survey``: load, create, open, close, list, recount."""

import json
from pathlib import Path
from typing import Any

from flask import Flask

from kernel import clock
from surveys.questionnaires import data
from tests.factories import Factory
from tests.surveys.questionnaires.conftest import NOW, open_survey


def run(app: Flask, *words: str) -> tuple[int, str]:
    """Exit code and everything that was said."""
    with clock.at(NOW):
        result = app.test_cli_runner().invoke(args=["survey", *words])
    return result.exit_code, result.output


def test_the_shipped_questionnaire_is_loaded_once(app: Flask) -> None:
    code, said = run(app, "load", "estate-renovation-needs")
    assert (code, "已装入" in said) == (0, True)
    told = json.loads(run(app, "load", "estate-renovation-needs", "--json")[1])
    assert (told["code"], told["new"]) == ("estate-renovation-needs", False)


def test_a_questionnaire_with_faults_is_refused_with_every_fault_named(app: Flask, tmp_path: Path) -> None:
    document: dict[str, Any] = data.shipped("estate-renovation-needs")
    document["sections"][0]["questions"][1]["kind"] = "poll"
    document["sections"][0]["questions"][2]["options"] = []
    file = tmp_path / "sheet.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    code, said = run(app, "load", str(file))
    assert code == 1
    assert "q02：不认识的题型 poll" in said
    assert "q03：至少要有两个选项" in said
    file.write_text("{not json", encoding="utf-8")
    assert run(app, "load", str(file))[0] == 1
    assert run(app, "load", "no-such-sheet")[0] == 2


def test_a_campaign_is_created_opened_listed_and_closed(app: Flask, make: Factory) -> None:
    estate = make.estate(code="taoyuan")
    run(app, "load", "estate-renovation-needs")
    assert "还没有调查" in run(app, "list")[1]
    words = ("--title", "2027年问卷", "--year", "2027", "--place", estate.code, "--closes-at", "2027-01-31 18:00")
    code, said = run(app, "create", *words)
    assert code == 0
    campaign = said.strip()
    assert run(app, "open", campaign) == (0, "已开始。\n")
    assert run(app, "open", campaign) == (1, "问卷已经开始了。\n")
    code, said = run(app, "list")
    assert "进行中，2027-01-31 18:00 截止  1 个小区，0 户已填  2027年问卷" in said
    assert run(app, "close", campaign) == (0, "已截止。\n")
    (row,) = json.loads(run(app, "list", "--json")[1])
    assert (row["id"], row["state"], row["answered"]) == (campaign, "closed", 0)
    assert run(app, "create", *words[:5], "nowhere")[0] == 1


def test_a_recount_says_whether_the_counters_are_right(app: Flask, make: Factory) -> None:
    survey = open_survey(make)
    home = survey.dwellings[0]
    survey.submit(survey.owner(home), home)
    assert run(app, "recount", survey.campaign, "--check") == (0, "一致。\n")
