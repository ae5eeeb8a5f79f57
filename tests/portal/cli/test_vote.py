"""``flask vote``: list, show, close, result."""

import json

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel import clock
from kernel.database import transaction
from surveys.votes.models import RollLine
from tests.factories import Factory
from tests.surveys.votes.stories import CLOSES, NOW, Estate, an_estate, cast, opened


@pytest.fixture
def estate(make: Factory) -> Estate:
    return an_estate(make)


def run(app: Flask, *words: str) -> tuple[int, str]:
    """Exit code and everything that was said."""
    result = app.test_cli_runner().invoke(args=["vote", *words])
    return result.exit_code, result.output


def test_votes_are_listed_for_people_and_for_programs(app: Flask, estate: Estate) -> None:
    assert run(app, "list") == (0, "还没有表决。\n")
    vote_id = opened(estate)
    assert "0/5" in run(app, "list")[1]
    (row,) = json.loads(run(app, "list", "--json")[1])
    assert (row["id"], row["state"], row["roll_heads"]) == (vote_id, "open", 5)
    assert json.loads(run(app, "list", "--closed", "--json")[1]) == []


def test_a_vote_is_shown_with_its_rule_and_whether_its_roll_is_intact(app: Flask, estate: Estate) -> None:
    vote_id = opened(estate)
    code, said = run(app, "show", vote_id)
    assert code == 0
    for words in ("第一款第五项", "至少参加 4 人", "与冻结时一致"):
        assert words in said
    assert json.loads(run(app, "show", vote_id, "--json")[1])["roll"]["intact"] is True
    with transaction() as session:
        session.execute(sa.update(RollLine).where(RollLine.number == 1).values(heads=2))
    assert run(app, "show", vote_id)[0] == 1


def test_closing_is_refused_before_its_instant_and_done_after_it(app: Flask, estate: Estate) -> None:
    vote_id = opened(estate)
    with clock.at(NOW):
        code, said = run(app, "close", vote_id)
    assert (code, "不能提前截止" in said) == (1, True)
    assert run(app, "result", vote_id)[0] == 1
    cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve")
    with clock.at(CLOSES):
        assert run(app, "close", vote_id) == (0, "已截止。\n")
        code, said = run(app, "result", vote_id)
    assert code == 0
    assert "未通过" in said
    assert "参与表决的人数不够，还差 3 人。" in said
    assert json.loads(run(app, "result", vote_id, "--json")[1])["ballots"] == {"counted": 1, "late": 0}


def test_an_unknown_vote_is_one_sentence(app: Flask) -> None:
    code, said = run(app, "show", "nothing")
    assert code == 1
    assert said.startswith("没有找到这次表决")
