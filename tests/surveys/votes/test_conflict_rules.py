"""Which of two ballots counts: tables, and that the rule never depends on which was written down first."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Conflict, Invalid
from surveys.votes.rules import terms
from surveys.votes.rules.conflicts import ConflictState, Held, Winner, may_object, may_settle, winner
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.terms import Clash, Terms

NOON = datetime(2026, 11, 5, 4, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("clash", "counted", "new", "said"),
    [
        (Clash.FIRST, Held("phone", NOON), Held("paper", LATER), Winner.COUNTED),
        (Clash.FIRST, Held("phone", LATER), Held("paper", NOON), Winner.NEW),
        (Clash.FIRST, Held("paper", NOON), Held("phone", NOON), Winner.UNDECIDED),
        (Clash.PAPER, Held("phone", NOON), Held("paper", LATER), Winner.NEW),
        (Clash.PAPER, Held("paper", LATER), Held("phone", NOON), Winner.COUNTED),
        (Clash.PHONE, Held("paper", NOON), Held("phone", LATER), Winner.NEW),
        (Clash.PHONE, Held("phone", LATER), Held("paper", NOON), Winner.COUNTED),
        (Clash.PAPER, Held("phone", NOON), Held("paper", NOON), Winner.NEW),
    ],
)
def test_the_notice_says_which_of_two_counts(clash: Clash, counted: Held, new: Held, said: Winner) -> None:
    assert winner(clash, counted, new) is said


held = st.builds(
    Held, st.sampled_from(["phone", "paper"]), st.integers(0, 3).map(lambda m: NOON + timedelta(minutes=m))
)


@given(st.sampled_from(Clash), held, held)
def test_the_order_of_writing_two_ballots_down_decides_nothing(clash: Clash, one: Held, two: Held) -> None:
    straight, turned = winner(clash, one, two), winner(clash, two, one)
    swapped = {Winner.COUNTED: Winner.NEW, Winner.NEW: Winner.COUNTED, Winner.UNDECIDED: Winner.UNDECIDED}
    assert turned is swapped[straight]


def test_objections_are_heard_until_the_deadline_and_settled_once_before_the_result() -> None:
    may_object(state=State.OPEN, closes_at=LATER, now=NOON)
    for state, now in ((State.OPEN, LATER), (State.CLOSED, NOON), (State.PUBLISHED, NOON)):
        with pytest.raises(Conflict):
            may_object(state=state, closes_at=LATER, now=now)
    may_settle(state=ConflictState.OPEN, result_is_out=False)
    may_settle(state=ConflictState.BY_RULE, result_is_out=False)
    with pytest.raises(Conflict):
        may_settle(state=ConflictState.SETTLED, result_is_out=False)
    with pytest.raises(Conflict):
        may_settle(state=ConflictState.OPEN, result_is_out=True)


def test_a_secret_vote_takes_neither_serialled_paper_nor_proxies() -> None:
    assert terms.of(None, secret=True, owners=False) == Terms(paper=False, agent_limit=0)
    assert terms.of(None, secret=False, owners=False) == Terms(agent_limit=0)
    assert terms.of(None, secret=False, owners=True) == Terms()
    with pytest.raises(Invalid):
        terms.check(Terms(agent_limit=0), secret=True, owners=False)
    with pytest.raises(Invalid):
        terms.check(Terms(agent_limit=1), secret=False, owners=False)
    with pytest.raises(Invalid):
        terms.check(Terms(agent_limit=51), secret=False, owners=True)
    assert terms.check(Terms(agent_limit=3), secret=False, owners=True).agent_limit == 3
