"""draft → published → open → closed → result, and nothing else."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest

from kernel.errors import Conflict
from surveys.votes.rules import lifecycle
from surveys.votes.rules.lifecycle import State

CLOSES = datetime(2026, 11, 10, 16, tzinfo=UTC)


def test_a_vote_goes_one_way_step_by_step() -> None:
    steps = set(pairwise(State))
    for state, to in product(State, State):
        if (state, to) in steps:
            assert lifecycle.advance(state, to) is to
        else:
            with pytest.raises(Conflict):
                lifecycle.advance(state, to)


def test_opening_waits_for_the_notice_period() -> None:
    with pytest.raises(Conflict):
        lifecycle.may_open(opens_at=CLOSES, now=CLOSES - timedelta(seconds=1), opens_text="")
    lifecycle.may_open(opens_at=CLOSES, now=CLOSES, opens_text="")


def test_closing_early_needs_everybodys_ballot() -> None:
    early = CLOSES - timedelta(seconds=1)
    with pytest.raises(Conflict) as refused:
        lifecycle.may_close(closes_at=CLOSES, now=early, not_cast=3, closes_text="11 月 11 日 0 时")
    assert "3 票" in refused.value.detail
    lifecycle.may_close(closes_at=CLOSES, now=early, not_cast=0, closes_text="")
    lifecycle.may_close(closes_at=CLOSES, now=CLOSES, not_cast=3, closes_text="")
