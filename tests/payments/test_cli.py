"""Opening a collection from the command line."""

from flask import Flask

from kernel.database import reading
from payments import queries
from tests.factories import Factory
from tests.payments.world import World

GIVEN = ["--holder", "东河街道办事处", "--bank", "韶关农商银行", "--tail", "0187"]


def test_a_collection_is_opened_for_an_estate_once(app: Flask, make: Factory, world: World) -> None:
    other = make.estate(name="工商局宿舍", floors=1, doors=1)
    run = app.test_cli_runner().invoke
    tried = run(args=["books", "open", "--estate", other.code, *GIVEN, "--dry-run"])
    assert tried.exit_code == 0
    assert queries.open_collection(reading(), other.id) is None

    done = run(args=["books", "open", "--estate", other.code, *GIVEN, "--suggested", "300.50"])
    assert done.exit_code == 0, done.output
    found = queries.open_collection(reading(), other.id)
    assert found is not None
    assert (found.account_holder, found.suggested_fen, found.average_fen) == ("东河街道办事处", 30_050, 50_000)
    assert found.merchant_id == world.gateway.merchant_id

    again = run(args=["books", "open", "--estate", other.code, *GIVEN])
    assert again.exit_code == 1
    assert "已经有一次收款在进行" in again.output


def test_a_collection_may_be_one_that_collects_all_once(app: Flask, make: Factory, world: World) -> None:
    other = make.estate(name="曲江", floors=1, doors=1)
    done = app.test_cli_runner().invoke(args=["books", "open", "--estate", other.code, *GIVEN, "--mode", "one_shot"])
    assert done.exit_code == 0, done.output
    found = queries.open_collection(reading(), other.id)
    assert found is not None
    assert found.mode == "one_shot"


def test_a_wrong_word_is_answered_with_one_sentence(app: Flask, world: World) -> None:
    run = app.test_cli_runner().invoke
    for bad in (
        ["--estate", "nowhere", *GIVEN],
        ["--estate", world.estate.code, *GIVEN[:-1], "12a4"],
        ["--estate", world.estate.code, *GIVEN, "--suggested", "五百"],
    ):
        done = run(args=["books", "open", *bad])
        assert done.exit_code == 1
        assert done.output.strip()
