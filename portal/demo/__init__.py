"""The demo city: the report's places, invented people, made anew from a seed.

``STEPS`` run in order; each is a function ``step(demo) -> str`` that opens its own transactions (through the services
of its package wherever it can) and says in one Chinese phrase what it made. Same seed and same day, same city.
"""

import importlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

STEPS = [
    # one line a step: "module:function"; the place tree first, then who lives there, then what they did
    "portal.demo.city:places",
    "portal.demo.city:dwellings",
    "portal.demo.plan:records",
    "portal.demo.plan:figures",
    "portal.demo.people:households",
    "portal.demo.people:accounts",
    "portal.demo.claims:claims",
    "portal.demo.home_visits:home_visits",
    "portal.demo.questionnaires:questionnaires",
    "portal.demo.needs:needs",
    "portal.demo.survey_desk:survey_desk",
    "portal.demo.votes:votes",
    "portal.demo.paper:papers_at_the_desk",
    "portal.demo.deliveries:deliveries",
    "portal.demo.secret_votes:secret_votes",
    "portal.demo.nominations:nominations",
    "portal.demo.assemblies:assemblies",
    "portal.demo.bodies:bodies_and_recall",
    "portal.demo.payments:deposits",
    "portal.demo.refunds:requests",
    "portal.demo.cash:counter",
    "portal.demo.works:contributions",
    "portal.demo.batches:batches",
    "portal.demo.collections:at_once",
    "portal.demo.collections:for_next_year",
    "portal.demo.reconciliation:bills",
    "portal.demo.publications:books",
]


@dataclass(frozen=True)
class Demo:
    """What every step is told. ``estates``: how many get dwellings; ``households``: about how many each."""

    now: datetime
    var: Path
    seed: int = 2023
    estates: int = 5
    households: int = 84

    def random(self, name: str) -> random.Random:
        """A stream of chance of its own for each purpose, so that one step's change does not shift the others."""
        return random.Random(f"{self.seed}:{name}")

    def ago(self, days: float) -> datetime:
        """A moment so many days before the seed day."""
        return self.now - timedelta(days=days)


Step = Callable[[Demo], str]


def steps() -> list[Step]:
    """The steps themselves, imported now."""
    found = []
    for name in STEPS:
        module, _, function = name.partition(":")
        found.append(getattr(importlib.import_module(module), function))
    return found


def seed(demo: Demo, say: Callable[[str], None]) -> None:
    """Run all steps into the current city, saying each one's phrase to ``say`` as it is done."""
    for step in steps():
        say(step(demo))
