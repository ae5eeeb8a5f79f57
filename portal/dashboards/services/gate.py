"""How far an estate's deposits are from the average that is asked for; ``payments`` measures, here it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from kernel.money import yuan_text
from payments.gates.services import wanted_by_collection
from payments.queries.steps import collections_of, standings
from payments.rules.gate import AVERAGE_FEN, Condition, Standing, Wanted, measured, passed
from portal.dashboards.rules.board import sum_may_be_shown


@dataclass(frozen=True)
class Gate:
    """An estate's deposits against the average asked for: the sum over all households, not 500 yuan from each."""

    standing: Standing
    wanted: Wanted
    collecting: bool
    steps: Standing
    """The same, moving by five households at once: all that is shown of amounts."""

    @property
    def shown(self) -> bool:
        """May the sum be shown? Not when fewer than five households made it up."""
        return sum_may_be_shown(self.steps.paid_households) and (
            self.steps.paid_households > 0 or self.standing.paid_households == 0
        )

    @property
    def average(self) -> str:
        """The average over all households in yuan, for showing; "—" when it may not be shown.

        Whoever sees a door turn to paid must not read its amount off the average: it moves by five households at once.
        """
        return self.steps.average_text if self.shown else "—"

    @property
    def needed(self) -> str:
        """The average asked for, in yuan."""
        return yuan_text(self.wanted.average_fen).removesuffix(".00")

    @property
    def is_met(self) -> bool:
        """Is everything reached that is asked for? Compared exactly."""
        return passed(self.standing, self.wanted)

    @property
    def conditions(self) -> list[Condition]:
        """Each thing that is asked for, moving by five households at once; none while no sum may be shown."""
        return measured(self.steps, self.wanted) if self.shown else []

    @property
    def permille(self) -> int:
        """How much of the way is done, for a progress bar, 0 to 1000; 0 when it may not be shown."""
        whole = self.wanted.average_fen * self.standing.households
        return min(1000, self.steps.paid_fen * 1000 // whole) if self.shown and whole else 0


def gate_of(session: Session, estate_id: int) -> Gate:
    """The gate of an estate. ``collecting``: has a collection ever been opened there?"""
    return gates_of(session, [estate_id])[estate_id]


def gates_of(session: Session, estate_ids: Sequence[int]) -> dict[int, Gate]:
    """The gates of several estates, by their inner ids, in as many questions as for one."""
    collections = collections_of(session, estate_ids)
    wanted_by = wanted_by_collection(session, list(collections.values()))
    found: dict[int, Gate] = {}
    for estate_id, (standing, steps) in standings(session, estate_ids).items():
        collection, wanted = collections.get(estate_id), Wanted(AVERAGE_FEN)
        if collection is not None:
            base, wanted = wanted_by[collection.id]
            if base is not None:
                standing = replace(standing, households=base.households)
                steps = replace(steps, households=base.households)
        found[estate_id] = Gate(standing, wanted, collection is not None, steps)
    return found
