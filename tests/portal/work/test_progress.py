"""Which door comes next, and how doors and buildings are counted."""

import pytest

from kernel.places.models import Dwelling
from portal.work.progress import Door, by_unit, next_open, total
from portal.work.queries import Count


def doors(marks: str) -> list[Door]:
    """One door a letter: o = not answered, d = done, c = done but a claim waits, - = no questionnaire runs."""
    answers = {"o": False, "-": None}
    return [
        Door(Dwelling(id=number, unit=str(number % 2), door=str(number)), answers.get(mark, True), False, mark == "c")
        for number, mark in enumerate(marks)
    ]


@pytest.mark.parametrize(
    ("marks", "here", "following"),
    [
        ("ooo", 0, 1),
        ("oddo", 0, 3),
        ("oddd", 3, 0),
        ("odod", 2, 0),
        ("dddd", 1, None),
        ("dodd", 1, None),
        ("ddcd", 0, 2),
        ("----", 0, None),
    ],
)
def test_the_next_door_is_the_next_one_with_something_to_do_and_goes_round(
    marks: str, here: int, following: int | None
) -> None:
    found = next_open(doors(marks), here)
    assert (found.dwelling.id if found else None) == following


def test_doors_are_grouped_by_unit_in_walking_order() -> None:
    assert [(unit, [d.dwelling.id for d in group]) for unit, group in by_unit(doors("oooo"))] == [
        ("0", [0, 2]),
        ("1", [1, 3]),
    ]


def test_buildings_add_up() -> None:
    assert total([Count(10, 4, 1), Count(5, 5, 0)]) == Count(15, 9, 1)
    assert total([]) == Count(0, 0, 0)
