"""Codes for a phone: who can receive one, and what they look like."""

import pytest

from kernel import codes


@pytest.mark.parametrize(
    ("phone", "can"), [("13800000001", True), ("07518880001", False), ("8880001", False), (None, False)]
)
def test_only_mobiles_receive_codes(phone: str | None, can: bool) -> None:
    assert codes.can_receive(phone) is can


def test_codes_are_six_digits_and_differ() -> None:
    made = {codes.new_code() for _ in range(200)}
    assert all(len(code) == 6 and code.isdigit() for code in made)
    assert len(made) > 150
