"""A short storm in every run of the tests; ``sh dev bench chaos`` makes longer ones."""

import pytest

from bench.chaos import run


@pytest.mark.parametrize("database", ["postgres", "sqlite"])
def test_what_was_acknowledged_in_a_storm_is_there_once(database: str, completely: bool) -> None:
    told = run(seconds=60 if completely else 1, database=database, people=4, seed=7)  # and until each thing broke once
    assert told.violations == []
    assert told.deposits
    assert len(told.broken) == (8 if database == "postgres" else 6)
