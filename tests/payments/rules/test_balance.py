"""A statement hangs together, in whatever order its lines stand."""

from hypothesis import given
from hypothesis import strategies as st

from payments.rules.balance import Run, run_of

MOVES = st.lists(st.integers(-(10**6), 10**6).filter(bool), min_size=1, max_size=20)


def _lines(opening: int, moves: list[int]) -> list[tuple[int, int]]:
    told, balance = [], opening
    for fen in moves:
        balance += fen
        told.append((fen, balance))
    return told


@given(st.integers(0, 10**7), MOVES, st.randoms())
def test_in_any_order_it_begins_and_ends_where_it_did(opening: int, moves: list[int], chance) -> None:
    told = _lines(opening, moves)
    chance.shuffle(told)
    found = run_of(told)
    assert found is not None
    assert found.whole
    assert found.closing_fen - found.opening_fen == sum(moves)
    if sum(moves):
        assert (found.opening_fen, found.closing_fen) == (opening, opening + sum(moves))


def test_a_line_that_is_missing_is_noticed() -> None:
    told = _lines(100, [1, 2, 4, 8])
    assert run_of(told) == Run(100, 115, True)
    assert run_of([told[0], told[2], told[3]]) == Run(100, 115, False)
    assert run_of([]) is None
