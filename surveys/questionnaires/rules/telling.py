"""What is told of an estate's participation to whoever does not work with its households (``results.audience``).

How many have answered, of how many, is everybody's at any moment: a total names nobody. What divides it further (area,
floor, tenancy, how it came in, what was found at the doors) is told in three parts, each as of a moment: a part moves
when five homes more (or fewer) are in it than when it was told last. So between any two looks lie five homes or more,
as with public figures (``rules.release``), and no look tells how the one neighbour who came since was counted. Groups
of 1 to 4 homes are taken out afterwards (``coverage.in_public``), and several estates are what each of them tells,
added up. Answers themselves, whether a household agrees among them, are told by public figures alone: told as of two
moments, one household's could be worked out.
"""

from surveys.questionnaires.rules.rates import NOBODY, Rates
from surveys.questionnaires.rules.sheet import Sheet
from surveys.questionnaires.rules.tally import FEWEST

NOTHING_YET = Sheet(Rates())


def next_told(before: Sheet, now: Sheet) -> Sheet:
    """What is told from now on of an estate that stands as ``now``, after ``before`` was told."""

    def part(was: int, is_now: int) -> Sheet:
        return now if abs(is_now - was) >= FEWEST else before

    answers = part(before.rates.valid.homes, now.rates.valid.homes)
    reached = part(before.rates.reached.homes, now.rates.reached.homes)
    doors = part(sum(before.outcomes.values()), sum(now.outcomes.values()))
    rates = Rates(now.rates.total, reached.rates.reached, answers.rates.valid, NOBODY, NOBODY, now.rates.no_area)
    return Sheet(rates, answers.groups, channels=answers.channels, outcomes=doors.outcomes)
