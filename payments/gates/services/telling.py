"""How far estates have come, as everybody and whoever leads them may read it: as of their last published books."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from kernel.money import yuan_text
from kernel.places.queries import households_by_estate
from payments import queries as payments
from payments.gates.services.measuring import Measure, measures_of
from payments.publications import queries as published
from payments.rules.disclosure import Count, sum_may_be_shown
from payments.rules.gate import AVERAGE_FEN, SHARE, Condition, Standing, Wanted, measured, passed


@dataclass(frozen=True)
class Told:
    """An estate against the average asked for: the sum over all households, not 500 yuan from each. Nothing of it is
    newer than ``published_to``, None before the first publication. ``collecting``: was a collection ever opened there?
    """

    standing: Standing
    measure: Measure
    collecting: bool
    published_to: date | None

    @property
    def paid(self) -> Count:
        """How many households have paid."""
        return Count(self.standing.paid_households, self.standing.households)

    @property
    def shown(self) -> bool:
        """May the sum be shown? Not before anything is published, nor when fewer than five households made it up."""
        return self.published_to is not None and sum_may_be_shown(self.standing.paid_households)

    @property
    def average(self) -> str:
        """The average over all households in yuan, for showing; "—" when it may not be shown."""
        return self.standing.average_text if self.shown else "—"

    @property
    def needed(self) -> str:
        """The average asked for, in yuan."""
        return yuan_text(self.measure.wanted.average_fen).removesuffix(".00")

    @property
    def is_met(self) -> bool:
        """Is everything reached that is asked for? Compared exactly."""
        return passed(self.standing, self.measure.wanted)

    @property
    def conditions(self) -> list[Condition]:
        """Each thing that is asked for, of households as many as may be told; none while no sum may be shown."""
        households = f"{self.paid.share_text}（{self.paid.text} 户）"
        found = measured(self.standing, self.measure.wanted) if self.shown else []
        return [replace(one, reached=households) if one.name == SHARE else one for one in found]

    @property
    def permille(self) -> int:
        """How much of the way is done, for a progress bar, 0 to 1000; 0 when it may not be shown."""
        whole = self.measure.wanted.average_fen * self.standing.households
        return min(1000, self.standing.paid_fen * 1000 // whole) if self.shown and whole else 0

    @property
    def as_of(self) -> str:
        """Of which day it is, in words."""
        return f"到 {self.published_to.isoformat()} 的公示" if self.published_to else "还没有到第一期公示"


def told_of(session: Session, estate_id: int) -> Told:
    """How far an estate has come, as told."""
    return told_by_estate(session, [estate_id])[estate_id]


def told_by_estate(session: Session, estate_ids: Sequence[int]) -> dict[int, Told]:
    """The same of several estates, by their inner ids, in as many questions as for one."""
    collections = payments.collections_of(session, estate_ids)
    measures = measures_of(session, list(collections.values()))
    homes = households_by_estate(session, estate_ids)
    counted = published.counted_by_estate(session, estate_ids)
    days = published.published_to(session, estate_ids)
    found = {}
    for estate_id in estate_ids:
        collection, came = collections.get(estate_id), counted.get(estate_id)
        measure = measures[collection.id] if collection else Measure(None, homes.get(estate_id, 0), Wanted(AVERAGE_FEN))
        standing = Standing(measure.households, came.households if came else 0, came.fen if came else 0)
        found[estate_id] = Told(standing, measure, collection is not None, days.get(estate_id))
    return found
