"""The public figures of a frozen quarter, each of which opens to the records it is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel.calendar import same_day_after
from kernel.database import reading
from kernel.errors import NotFound
from kernel.money import average_text, wan_text, yi_text
from kernel.ratio import percent_text, quotient_text
from portal.projects import queries as projects
from portal.projects.models import EnteredFigure, QuarterSnapshot
from portal.projects.queries import DriveFacts, YearTotals
from portal.projects.rules.facts import RecordFacts
from portal.projects.rules.indicators import INDICATORS, SETS, Indicator, Measure, members, size_text
from portal.projects.rules.quarter import Quarter
from portal.projects.rules.ranking import ranks
from portal.projects.rules.words import FUND_SOURCE_NAMES, CollectionMode

SHOWN = ("start_rate", "task_rate", "disbursement_rate")
RANKED = ("start_rate", "disbursement_rate")


@dataclass(frozen=True)
class Figure:
    """An indicator with what it measured."""

    indicator: Indicator
    measure: Measure


@dataclass(frozen=True)
class DistrictLine:
    """A district in the ranking: its figures by indicator key, and its place by each ranked one."""

    code: str
    name: str
    figures: dict[str, Measure]
    ranks: dict[str, int | None]


@dataclass(frozen=True)
class SourceLine:
    """Money of one source, all records together."""

    name: str
    received: str
    spent: str


@dataclass(frozen=True)
class QuarterView:
    """A frozen quarter as shown. ``version`` above 1 has been restated, for ``reason``."""

    quarter: Quarter
    version: int
    frozen_at: datetime
    plan_year: int
    reason: str
    facts: list[RecordFacts]
    figures: list[Figure]
    entered: Sequence[EnteredFigure]
    districts: list[DistrictLine]
    sources: list[SourceLine]
    total: SourceLine
    not_started: int
    left: str

    @property
    def source_rows(self) -> list[tuple[str, str, str]]:
        """Source, received, spent in 万元; the total last."""
        return [(line.name, line.received, line.spent) for line in [*self.sources, self.total]]

    @property
    def key(self) -> str:
        """Names everything the view depends on."""
        told = ",".join(figure.public_id for figure in self.entered)
        return f"{self.quarter}:{self.version}:{told}"


def newest_period(session: Session) -> str | None:
    """The latest frozen quarter, or None before there is one."""
    found = projects.snapshots(session)
    return found[0].period if found else None


def periods(session: Session) -> list[Quarter]:
    """All frozen quarters, the latest first."""
    return [Quarter.parse(snapshot.period) for snapshot in projects.snapshots(session)]


def quarter_view(period: str) -> QuarterView:
    """A frozen quarter. Raises NotFound for one that is not."""
    session, quarter = reading(), Quarter.parse(period)
    snapshot = projects.snapshot_of(session, str(quarter))
    facts = facts_of(snapshot)
    received, spent = _by_source(facts, "received"), _by_source(facts, "spent")
    all_received, all_spent = sum(received.values()), sum(spent.values())
    return QuarterView(
        quarter=quarter,
        version=snapshot.version,
        frozen_at=snapshot.frozen_at,
        plan_year=snapshot.plan_year,
        reason=snapshot.reason,
        facts=facts,
        figures=[Figure(INDICATORS[key], INDICATORS[key].measure(facts)) for key in SHOWN],
        entered=projects.entered_figures(session, period),
        districts=_districts(facts),
        sources=[
            SourceLine(name, wan_text(received.get(source, 0)), wan_text(spent.get(source, 0)))
            for source, name in FUND_SOURCE_NAMES.items()
            if source in received or source in spent
        ],
        total=SourceLine("合计", wan_text(all_received), wan_text(all_spent)),
        not_started=len(members(facts, "not_started")),
        left=wan_text(all_received - all_spent),
    )


def facts_of(snapshot: QuarterSnapshot) -> list[RecordFacts]:
    """The records a frozen quarter keeps."""
    return [RecordFacts.from_json(document) for document in snapshot.document["records"]]


def indicator_of(key: str) -> Indicator:
    """An indicator of the registry. Raises NotFound."""
    if key not in INDICATORS:
        raise NotFound("no-such-indicator", "没有这个指标。")
    return INDICATORS[key]


@dataclass(frozen=True)
class RecordList:
    """The records behind a figure: of which set, which district (None: all), and what they add up to."""

    set_key: str
    name: str
    district: str | None
    records: list[RecordFacts]
    size: str
    counts_money: bool

    def amount_text(self, record: RecordFacts) -> str:
        """What a record adds, in 万元, where the set adds up money."""
        amount = SETS[self.set_key].amount
        return wan_text(amount(record)) if amount else ""

    @property
    def by_district(self) -> list[tuple[str, list[RecordFacts]]]:
        """The records grouped by district, in the order given."""
        found: dict[str, list[RecordFacts]] = {}
        for record in self.records:
            found.setdefault(record.district, []).append(record)
        return list(found.items())


def records_behind(view: QuarterView, set_key: str, district_code: str | None = None) -> RecordList:
    """The records of a set, of one district if asked. Raises NotFound for a set or district nobody knows."""
    if set_key not in SETS:
        raise NotFound("no-such-list", "没有这份清单。")
    facts, district = view.facts, None
    if district_code is not None:
        facts = [record for record in facts if record.district_code == district_code]
        if not facts:
            raise NotFound("no-such-district", "没有这个县（市、区）的记录。")
        district = facts[0].district
    return RecordList(
        set_key,
        SETS[set_key].name,
        district,
        members(facts, set_key),
        size_text(facts, set_key),
        SETS[set_key].amount is not None,
    )


def _districts(facts: Sequence[RecordFacts]) -> list[DistrictLine]:
    of: dict[tuple[str, str], list[RecordFacts]] = {}
    for record in facts:
        of.setdefault((record.district_code, record.district), []).append(record)
    measured = {place: {key: INDICATORS[key].measure(records) for key in SHOWN} for place, records in of.items()}
    placed = {
        key: dict(zip(measured, ranks([measures[key].exact for measures in measured.values()]), strict=True))
        for key in RANKED
    }
    return [
        DistrictLine(code, name, measures, {key: placed[key][code, name] for key in RANKED})
        for (code, name), measures in measured.items()
    ]


def ranked(lines: Sequence[DistrictLine], key: str) -> list[DistrictLine]:
    """Districts by their place in one indicator; who is not ranked stands last."""
    return sorted(lines, key=lambda line: (line.ranks[key] is None, line.ranks[key] or 0, line.code))


def _by_source(facts: Sequence[RecordFacts], move: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for record in facts:
        for source, fen in getattr(record, move).items():
            sums[source] = sums.get(source, 0) + fen
    return sums


@dataclass(frozen=True)
class YearsView:
    """The completed years before the current plan."""

    years: list[YearTotals]

    @property
    def span(self) -> str:
        """``2018—2022年``."""
        first, last = self.years[0].year, self.years[-1].year
        return f"{first}年" if first == last else f"{first}—{last}年"

    @property
    def estates(self) -> int:
        """Estates completed."""
        return sum(each.estates for each in self.years)

    @property
    def households(self) -> int:
        """Households in them."""
        return sum(each.households for each in self.years)

    @property
    def spent_fen(self) -> int:
        """Money spent on them."""
        return sum(each.spent_fen for each in self.years)

    @property
    def households_text(self) -> str:
        """``3.68`` (万户)."""
        return quotient_text(self.households, 10_000, 2)

    @property
    def spent_text(self) -> str:
        """``2.85`` (亿元)."""
        return yi_text(self.spent_fen)

    @property
    def per_household(self) -> str:
        """Yuan a household, whole."""
        return average_text(self.spent_fen, self.households, places=0)

    @property
    def households_each(self) -> str:
        """Households an estate, one place."""
        return quotient_text(self.households, self.estates, 1)


def years_view(session: Session, plan_year: int) -> YearsView | None:
    """The five years before a plan, or None when nothing is on record."""
    years = projects.completed_by_year(session, plan_year - 5, plan_year - 1)
    return YearsView(years) if years else None


@dataclass(frozen=True)
class DriveStory:
    """What one district's residents raised in one go, before works began (一次性筹资)."""

    year: int
    district: str
    drives: list[DriveFacts]

    @property
    def total_text(self) -> str:
        """``75万余`` where a report gave a lower bound, else the exact sum in 万."""
        total = sum(drive.collected_fen for drive in self.drives)
        if any(drive.is_lower_bound for drive in self.drives):
            return f"{total // 1_000_000:,}万余"
        return f"{wan_text(total)}万"

    @property
    def told(self) -> list[DriveFacts]:
        """The drives whose highest and lowest payment were published."""
        return [drive for drive in self.drives if drive.highest_fen is not None and drive.lowest_fen is not None]


def drive_stories(session: Session) -> list[DriveStory]:
    """All one-shot drives, grouped by plan year and district."""
    found: dict[tuple[int, str], list[DriveFacts]] = {}
    for drive in projects.drives(session, CollectionMode.ONE_SHOT):
        found.setdefault((drive.plan_year, drive.district), []).append(drive)
    return [DriveStory(year, district, drives) for (year, district), drives in found.items()]


def paid_within_a_month(drive: DriveFacts) -> str:
    """The share of households that had paid one month after a drive began."""
    return percent_text(drive.paid_by(same_day_after(drive.opened_on, 1)), drive.households)
