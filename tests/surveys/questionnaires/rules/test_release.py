"""The attack with differences: whatever the history of answers, corrections and withdrawals, and whichever two public
looks one compares, nobody is found."""

import random
from collections import Counter
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.questionnaires.rules.release import Change, Release, moved, read, written
from surveys.questionnaires.rules.tally import FEWEST

ANSWERS = ("agree", "disagree", "undecided", None)
"""None: not asked, or not answered."""
SEEDS = st.integers(0, 2**32)


def history(seed):
    """A history by chance: few dwellings, so that they meet often; each step some answer, correct or withdraw."""
    chance = random.Random(seed)
    homes, steps = chance.randint(6, 30), chance.randint(1, 20)
    return [
        [(chance.randrange(homes), chance.choice(ANSWERS), chance.choice(ANSWERS)) for _ in range(chance.randrange(8))]
        for _ in range(steps)
    ]


def vector(q1, q2):
    """What a sheet with two questions adds."""
    counts = Counter()
    if q1:
        counts["q1", "", q1] = 1
    if q2:
        counts["q2", "", q2] = 1
    return counts


def played(steps, after=FEWEST):
    """Play a history: each step some dwellings answer (again). Yields after each release what is public and which
    answers it is made of, by question, as the truth knows it."""
    release, sheets, seen, looks, inside = Release(), {}, set(), [], {"q1": {}, "q2": {}}
    waiting = []
    for step in steps:
        for dwelling, q1, q2 in step:
            if dwelling in sheets:
                waiting.append((dwelling, vector(*sheets[dwelling]), -1))
            sheets[dwelling] = (q1, q2)
            waiting.append((dwelling, vector(q1, q2), 1))
        if len({dwelling for dwelling, _, _ in waiting}) < after:
            continue
        fresh = {dwelling for dwelling, _, _ in waiting} - seen
        changes = [
            Change(dwelling, dwelling in fresh, Counter({key: sign * n for key, n in counts.items()}))
            for dwelling, counts, sign in waiting
        ]
        seen |= fresh
        waiting = []
        release = read(written(release))  # as it is kept between two looks
        for question in moved(release, changes):
            at = {"q1": 0, "q2": 1}[question]
            inside[question] = {each: answers[at] for each, answers in sheets.items() if answers[at]}
        looks.append((Counter(release.shown), {question: dict(each) for question, each in inside.items()}))
    return looks


@settings(max_examples=200)
@given(SEEDS)
def test_any_two_looks_at_a_question_differ_by_nobody_or_by_five_households(seed):
    looks = played(history(seed))
    for question in ("q1", "q2"):
        for (first, before), (second, later) in combinations(looks, 2):
            mine = [
                Counter({key: n for key, n in look.items() if key[0] == question and n}) for look in (first, second)
            ]
            differ = {
                dwelling
                for dwelling in before[question].keys() | later[question].keys()
                if before[question].get(dwelling) != later[question].get(dwelling)
            }
            assert mine[0] == mine[1] or len(differ) >= FEWEST


@given(SEEDS)
def test_what_is_public_is_the_true_count_of_some_moment(seed):
    for shown, inside in played(history(seed)):
        for question, answers in inside.items():
            truth = Counter((question, "", answer) for answer in answers.values())
            assert Counter({key: n for key, n in shown.items() if key[0] == question and n}) == truth


def test_a_question_waits_until_five_newcomers_have_answered_it_while_others_move():
    release = Release()
    five = [Change(number, True, vector("agree", "cost" if number == 0 else None)) for number in range(5)]
    assert moved(release, five) == {"q1"}
    assert release.shown == {("q1", "", "agree"): 5}
    assert set(release.held) == {"q2"}
    four = [Change(number, True, vector("agree", "cost")) for number in range(5, 9)]
    assert moved(release, four) == {"q2"}
    assert release.shown["q2", "", "cost"] == 5
    assert release.shown["q1", "", "agree"] == 5


def test_corrections_alone_move_nothing():
    release = Release()
    moved(release, [Change(number, True, vector("agree", None)) for number in range(6)])
    changed = Counter({("q1", "", "agree"): -1, ("q1", "", "disagree"): 1})
    assert moved(release, [Change(number, False, changed) for number in range(6)]) == set()
    assert release.shown == {("q1", "", "agree"): 6}
