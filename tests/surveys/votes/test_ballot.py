"""May it be cast, is it filled in, does its length tell?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Conflict, Invalid
from surveys.votes.rules import ballot
from surveys.votes.rules.ballot import Paper, Standing
from surveys.votes.rules.catalogue import Form
from surveys.votes.rules.decision import Choice
from surveys.votes.rules.lifecycle import State

OPENS = datetime(2026, 11, 1, tzinfo=UTC)
CLOSES = datetime(2026, 11, 10, 16, tzinfo=UTC)
MOTION = Paper("m1", Form.QUESTION, "是否同意使用维修资金更换水泵", "预算 3 万元")
GROUP = Paper("m2", Form.ELECTION, "选举自管小组", "", (("c1", "陈"), ("c2", "李"), ("c3", "吴")), most=2)
PAPERS = (MOTION, GROUP)


def at(state: State, now: datetime, *, already_cast: bool = False) -> Standing:
    return ballot.standing(state=state, opens_at=OPENS, closes_at=CLOSES, now=now, already_cast=already_cast)


def test_the_last_instant_before_closing_is_in_time_and_the_closing_instant_is_late() -> None:
    assert at(State.OPEN, CLOSES - timedelta(microseconds=1)) is Standing.VALID
    assert at(State.OPEN, CLOSES) is Standing.LATE
    assert at(State.CLOSED, OPENS + timedelta(days=1)) is Standing.LATE
    assert at(State.RESULT, CLOSES + timedelta(days=9)) is Standing.LATE


@pytest.mark.parametrize("state", [State.DRAFT, State.PUBLISHED])
def test_before_opening_nothing_is_taken(state: State) -> None:
    with pytest.raises(Conflict) as refused:
        at(state, OPENS + timedelta(hours=1))
    assert refused.value.code == "not-open"


def test_a_line_votes_once() -> None:
    with pytest.raises(Conflict) as refused:
        at(State.OPEN, OPENS, already_cast=True)
    assert refused.value.code == "already-cast"


def test_a_complete_ballot_is_taken_and_a_name_ticked_twice_counts_once() -> None:
    assert ballot.check(PAPERS, {"m1": "abstain", "m2": ["c1", "c1", "c3"]}) == {
        "m1": Choice.ABSTAIN,
        "m2": frozenset({"c1", "c3"}),
    }
    assert ballot.check(PAPERS, {"m1": "approve", "m2": []})["m2"] == frozenset()


@pytest.mark.parametrize(
    ("answers", "field", "says"),
    [
        ({"m1": "approve"}, "m2", "还没有选"),
        ({"m1": "yes", "m2": []}, "m1", "同意、反对、弃权"),
        ({"m1": ["approve"], "m2": []}, "m1", "同意、反对、弃权"),
        ({"m1": "approve", "m2": ["c1", "c2", "c3"]}, "m2", "最多选 2 人，您选了 3 人"),
        ({"m1": "approve", "m2": ["c9"]}, "m2", "不在候选人名单"),
        ({"m1": "approve", "m2": "c1"}, "m2", "请勾选候选人"),
        ({"m1": "approve", "m2": [1]}, "m2", "请勾选候选人"),
        ({"m1": "approve", "m2": [], "m3": "approve"}, "m3", "公告里没有"),
    ],
)
def test_a_wrong_ballot_says_where_and_why(answers: dict[str, object], field: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        ballot.check(PAPERS, answers)
    assert list(refused.value.fields) == [field]
    assert says in refused.value.fields[field][0]


valid = st.fixed_dictionaries(
    {"m1": st.sampled_from(Choice), "m2": st.sets(st.sampled_from(["c1", "c2", "c3"]), max_size=2).map(frozenset)}
)


@given(valid, valid)
def test_all_ballots_of_a_vote_are_sealed_at_one_length(
    one: dict[str, ballot.Answer], other: dict[str, ballot.Answer]
) -> None:
    assert len(ballot.pack(PAPERS, one)) == len(ballot.pack(PAPERS, other))


@given(valid)
def test_what_was_packed_is_what_is_unpacked(answers: dict[str, ballot.Answer]) -> None:
    assert ballot.unpack(PAPERS, ballot.pack(PAPERS, answers)) == answers


def test_the_ballots_text_has_a_hash_that_any_changed_word_changes() -> None:
    shown = ballot.text_hash("v", "表决", PAPERS)
    assert shown == ballot.text_hash("v", "表决", list(PAPERS))
    changed = Paper("m1", Form.QUESTION, MOTION.title, "预算 5 万元")
    assert ballot.text_hash("v", "表决", (changed, GROUP)) != shown
    assert ballot.text_hash("v", "表决", (GROUP, MOTION)) != shown
