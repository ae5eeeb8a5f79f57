"""What is told of an estate to whoever does not work with its households: by five homes at once."""

from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.questionnaires.rules.ages import Heard
from surveys.questionnaires.rules.coverage import Group
from surveys.questionnaires.rules.rates import NOBODY, Part, Rates
from surveys.questionnaires.rules.sheet import Sheet, read, written
from surveys.questionnaires.rules.telling import NOTHING_YET, next_told


def estate(valid, reached=0, outcomes=None, *, channel="wechat_self"):
    """An estate of fifty homes as it stands."""
    part = Part(valid, 8000 * valid + valid % 7)
    rates = Rates(Part(50, 400_000), Part(reached, 9000 * reached), part, part, part, 1)
    groups = (Group(1, False, valid, 50),)
    return Sheet(rates, groups, {}, {"over_60": Heard(1, 1)}, outcomes or {}, {channel: valid})


def test_who_answered_is_told_again_when_five_more_have_and_never_who_agrees():
    first = next_told(NOTHING_YET, estate(4))
    assert (first.rates.valid, first.groups, first.channels) == (NOBODY, (), {})
    assert first.rates.total.homes == 50  # the register is no secret
    told = next_told(first, estate(5))
    assert (told.rates.valid.homes, told.channels) == (5, {"wechat_self": 5})
    assert (told.rates.agree, told.rates.may_agree, told.counts, told.ages) == (NOBODY, NOBODY, {}, {})
    assert next_told(told, estate(9, channel="paper_import")) == told
    assert next_told(told, estate(10)).rates.valid == estate(10).rates.valid
    assert next_told(told, estate(0)).rates.valid == NOBODY  # five took back their consent


def test_what_was_found_at_doors_moves_by_itself():
    told = next_told(NOTHING_YET, estate(6, 6, {"met": 6}))
    later = next_told(told, estate(11, 7, {"met": 6, "refused": 1}))
    assert (later.rates.valid.homes, later.rates.reached.homes, later.outcomes) == (11, 6, {"met": 6})
    assert next_told(later, estate(11, 7, {"met": 6, "refused": 5})).outcomes == {"met": 6, "refused": 5}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)), max_size=20))
def test_between_any_two_different_tellings_of_a_part_lie_five_homes(history):
    told = NOTHING_YET
    for valid, reached, knocked in history:
        after = next_told(told, estate(valid, reached, {"met": knocked}))
        for was, is_now in (
            (told.rates.valid.homes, after.rates.valid.homes),
            (told.rates.reached.homes, after.rates.reached.homes),
            (sum(told.outcomes.values()), sum(after.outcomes.values())),
        ):
            assert was == is_now or abs(was - is_now) >= 5
        told = read(written(after))
        assert told == after
