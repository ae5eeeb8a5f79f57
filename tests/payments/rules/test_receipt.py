"""Receipt numbers and capitals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.rules.receipt import capitals, number_text

DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def fen_of(text: str) -> int:
    """Read capitals back, by a way of its own."""
    body = text.removeprefix("人民币").removesuffix("整")
    yuan, _, cents = body.rpartition("元") if "元" in body else ("", "", body)
    total = section = digit = 0
    for sign in yuan:
        if sign in DIGITS:
            digit = DIGITS[sign]
        elif sign in UNITS:
            section, digit = section + digit * UNITS[sign], 0
        elif sign == "万":
            total, section, digit = total + (section + digit) * 10_000, 0, 0
        elif sign == "亿":
            total, section, digit = (total + section + digit) * 10**8, 0, 0
    fen = (total + section + digit) * 100
    digit = 0
    for sign in cents:
        if sign in DIGITS:
            digit = DIGITS[sign]
        else:
            fen, digit = fen + digit * {"角": 10, "分": 1}[sign], 0
    return fen


@pytest.mark.parametrize(
    ("amount_fen", "text"),
    [
        (50_000, "人民币伍佰元整"),
        (0, "人民币零元整"),
        (1, "人民币壹分"),
        (10, "人民币壹角整"),
        (105, "人民币壹元零伍分"),
        (150, "人民币壹元伍角整"),
        (12_345, "人民币壹佰贰拾叁元肆角伍分"),
        (1_000, "人民币壹拾元整"),
        (100_500, "人民币壹仟零伍元整"),
        (1_050_000, "人民币壹万零伍佰元整"),
        (1_700_000, "人民币壹万柒仟元整"),
        (10_000_000, "人民币壹拾万元整"),
        (10_000_001_00, "人民币壹仟万零壹元整"),
        (100_001_000_00, "人民币壹亿零壹仟元整"),
    ],
)
def test_amounts_are_spelled_as_on_a_bill(amount_fen: int, text: str) -> None:
    assert capitals(amount_fen) == text


@given(st.integers(0, 10**13 - 1))
def test_capitals_say_the_very_amount(amount_fen: int) -> None:
    assert fen_of(capitals(amount_fen)) == amount_fen


def test_a_receipt_has_no_negative_amount() -> None:
    with pytest.raises(ValueError, match="negative"):
        capitals(-1)


def test_numbers_carry_the_year_and_count_from_one() -> None:
    assert number_text(2026, 187) == "2026-000187"
    with pytest.raises(ValueError, match="from 1"):
        number_text(2026, 0)
