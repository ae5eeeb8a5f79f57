"""A short storm in every run of the tests; ``sh dev bench chaos`` makes longer ones."""

from bench.chaos import run


def test_what_was_acknowledged_in_a_storm_is_there_once(completely: bool) -> None:
    for database in ("postgres", "sqlite") if completely else ("postgres",):
        told = run(seconds=60 if completely else 4, database=database, people=4, seed=7)
        assert told.violations == []
        assert told.deposits
        assert told.broken
