"""Periods without gap or overlap, and figures that hang together."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from payments.rules.publication import (
    Figures,
    Row,
    RowKind,
    header_text,
    kind_of,
    leaves,
    mark_of,
    periods_due,
    place_from,
    tail,
)

OPENED = date(2026, 6, 17)  # a Wednesday


@pytest.mark.parametrize(
    ("closed", "published_to", "today", "due"),
    [
        (None, None, "06-17", []),
        (None, None, "06-21", []),
        (None, None, "06-22", [("06-17", "06-21")]),
        (None, None, "07-06", [("06-17", "06-21"), ("06-22", "06-28"), ("06-29", "07-05")]),
        (None, "06-28", "07-06", [("06-29", "07-05")]),
        ("06-24", "06-21", "07-31", [("06-22", "06-28"), ("06-29", "06-30")]),
        ("06-24", "06-30", "08-01", [("07-01", "07-31")]),
        ("06-24", "11-30", "12-31", []),
    ],
)
def test_weekly_while_collecting_monthly_afterwards(
    closed: str | None, published_to: str | None, today: str, due: list[tuple[str, str]]
) -> None:
    def day(text: str | None) -> date | None:
        return date.fromisoformat(f"2026-{text}") if text else None

    now = day(today)
    assert now is not None
    found = periods_due(OPENED, day(closed), day(published_to), today=now)
    assert [(first.isoformat()[5:], last.isoformat()[5:]) for first, last in found] == due


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 400), st.none() | st.integers(-10, 300))
def test_periods_follow_one_another_without_gap(opened: date, days: int, closed_after: int | None) -> None:
    closed = None if closed_after is None else opened + timedelta(days=closed_after)
    today = opened + timedelta(days=days)
    due = periods_due(opened, closed, None, today=today)
    expected = opened
    for first, last in due:
        assert first == expected
        assert first <= last < today
        expected = last + timedelta(days=1)
    assert (today - expected).days <= 31


def test_the_closing_is_opening_and_all_that_moved() -> None:
    figures = Figures(100, {"wechat": 50_000, "cash": 20_000}, 300, 250, 7)
    assert figures.closing_fen == 100 + 70_000 + 300 - 250 - 7


def test_any_changed_figure_changes_the_header() -> None:
    figures = Figures(1, {"wechat": 2}, 3, 4, 5)
    texts = {
        header_text("e", 1, OPENED, OPENED, changed, "r")
        for changed in (
            figures,
            Figures(2, {"wechat": 2}, 3, 4, 5),
            Figures(1, {"wechat": 3}, 3, 4, 5),
            Figures(1, {"cash": 2}, 3, 4, 5),
            Figures(1, {"wechat": 2}, 3, 5, 5),
        )
    }
    assert len(texts) == 5


def test_a_mark_is_known_only_to_who_holds_the_receipt() -> None:
    assert mark_of("2026-000187", "a" * 64, "T1") != mark_of("2026-000187", "b" * 64, "T1")
    row = Row(RowKind.IN, "3栋", "0187", 50_000, OPENED, mark_of("2026-000187", "a" * 64, "T1"))
    assert "2026-000187" not in row.text
    assert len(leaves("h", [row.text])) == 2


@pytest.mark.parametrize(
    ("entry", "fen", "kind"),
    [
        ("deposit_paid", 1, RowKind.IN),
        ("second_payment", 1, RowKind.AGAIN),
        ("refund_done", -1, RowKind.REFUND),
        ("refund_paid_out", -1, RowKind.REFUND),
        ("whatever_comes_later", 1, RowKind.IN),
        ("whatever_comes_later", -1, RowKind.OUT),
    ],
)
def test_an_entry_becomes_a_row_of_its_kind_or_is_told_by_its_sign(entry: str, fen: int, kind: RowKind) -> None:
    assert kind_of(entry, fen) is kind


def test_a_tail_finds_a_line_and_a_place_is_read_back() -> None:
    assert tail("2026-000187") == "0187"
    assert place_from("12-7") == (12, 7)
    assert place_from(None) is None


@pytest.mark.parametrize("text", ["", "2026", "2026-", "-1", "x-1", "2026-1-1", "²-1", "0-1", "1-0", "2026-000012"])
def test_a_place_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        place_from(text)
