"""How far an estate's deposits are from the average that is asked for; ``payments`` measures, here it is shown."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from kernel.money import yuan_text
from payments import queries as payments
from payments.queries.steps import standing_in_steps
from payments.rules.gate import AVERAGE_FEN, Standing
from portal.dashboards.rules.board import sum_may_be_shown


@dataclass(frozen=True)
class Gate:
    """An estate's deposits against the average asked for: the sum over all households, not 500 yuan from each."""

    standing: Standing
    needed_fen: int
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
        return yuan_text(self.needed_fen).removesuffix(".00")

    @property
    def is_met(self) -> bool:
        """Is it reached? Compared exactly."""
        return self.standing.is_met(self.needed_fen)

    @property
    def permille(self) -> int:
        """How much of the way is done, for a progress bar, 0 to 1000; 0 when it may not be shown."""
        whole = self.needed_fen * self.standing.households
        return min(1000, self.steps.paid_fen * 1000 // whole) if self.shown and whole else 0


def gate_of(session: Session, estate_id: int) -> Gate:
    """The gate of an estate. ``collecting``: has a collection ever been opened there?"""
    totals, collection = payments.estate_totals(session, estate_id), payments.collection_of(session, estate_id)
    needed = collection.average_fen if collection else AVERAGE_FEN
    return Gate(totals.standing, needed, collection is not None, standing_in_steps(session, estate_id))
