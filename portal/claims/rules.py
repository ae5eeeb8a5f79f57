"""When a claim fits the roster, and how many tries there are."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

MOST_WRONG = 5
"""Wrong names, tails and codes together lock the claim. Never the flat: a stranger must not lock out its household."""

MOST_WRONG_A_DAY = 15
"""Per account, over all dwellings."""

CODE_TERM = timedelta(minutes=10)
CODE_AGAIN = timedelta(seconds=60)
MOST_CODES_A_PHONE = 5
MOST_CODES_AN_ACCOUNT = 10
MOST_CODES_A_DWELLING = 10
MOST_CODES_A_CITY = 5000
"""A day's budget of messages: past it, somebody is burning the city's money."""

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_OWNING = ("owner", "co_owner")


@dataclass(frozen=True)
class Listed:
    """A natural person the roster lists for the dwelling. ``phone``: digits, or None; ``holding``: owner, tenant …"""

    person_id: int
    name: str
    phone: str | None
    holding: str


@dataclass(frozen=True)
class Match:
    """Whom of the roster a claim fits, and whose number a code would go to."""

    person_id: int
    phone_person_id: int
    holding: str


def plain_name(text: str) -> str:
    """A name as it is compared: half-width, without white space or middle dots of any kind, upper case."""
    return re.sub(r"[\s·•・.]", "", text.translate(_FULL_WIDTH)).upper()


def match(listed: Sequence[Listed], name: str, phone_tail: str) -> Match | None:
    """Find the person a name and the last four digits fit.

    Someone listed without a number may give the household's: the number of another of the dwelling's owners. Two
    namesakes are told apart by their numbers.
    """
    wanted = plain_name(name)
    households = [person for person in listed if person.holding in _OWNING and person.phone]
    for person in (each for each in listed if plain_name(each.name) == wanted):
        for reached in [person] if person.phone else households:
            if reached.phone is not None and secrets.compare_digest(reached.phone[-4:], phone_tail):
                return Match(person.person_id, reached.person_id, person.holding)
    return None


def named(listed: Sequence[Listed], name: str) -> int | None:
    """The one person of that name, whatever the number: what a worker at the door may add by looking at papers."""
    found = [person.person_id for person in listed if plain_name(person.name) == plain_name(name)]
    return found[0] if len(found) == 1 else None


def relation(said: str, holding: str) -> str:
    """The relation of the tie: who says "myself" and stands there as a tenant is one."""
    if said == "family":
        return "family"
    return "tenant" if holding == "tenant" or said == "tenant" else "self"


def tries_left(wrong: int) -> int:
    """How many wrong tries remain before the claim locks."""
    return max(0, MOST_WRONG - wrong)
