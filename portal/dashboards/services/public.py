"""What the public may read of today: estates that are being asked or are collecting, and one estate's own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from kernel.clock import china_day
from kernel.errors import NotFound
from kernel.money import wan_text
from kernel.places import queries as places
from kernel.places.models import Place, PlaceKind
from kernel.ratio import NOTHING, percent_text
from payments.gates.services.telling import Told, told_by_estate
from portal.dashboards import queries
from portal.projects import queries as projects
from portal.projects.models import PlanRecord
from portal.projects.rules.disclosure import publishable
from portal.projects.rules.facts import RecordFacts
from portal.projects.rules.words import FUND_SOURCE_NAMES, STAGE_NAMES, Stage
from surveys.questionnaires import queries as questionnaires


@dataclass(frozen=True)
class Progress:
    """How far an estate is: totals only; ``answered_text``: the response rate of today, "—" while nobody is asked;
    ``money``: as of the last published books.
    """

    estate: Place
    answered_text: str
    money: Told


def progress_of(session: Session, estates: Sequence[Place], now: datetime) -> list[Progress]:
    """The totals of estates, without those of fewer than five households or where nothing runs. As many questions for
    a hundred estates as for one, and one more for each campaign."""
    ids = [estate.id for estate in estates]
    told, campaigns = told_by_estate(session, ids), questionnaires.current_campaigns(session, ids, now)
    answered = {
        campaign_id: questionnaires.answered_by_estate(session, campaign_id)
        for campaign_id in {campaign.id for campaign in campaigns.values()}
    }
    found = []
    for estate in estates:
        campaign, money = campaigns.get(estate.id), told[estate.id]
        households = money.measure.on_register
        if not households or not publishable(households) or (campaign is None and not money.collecting):
            continue
        said = percent_text(answered[campaign.id].get(estate.id, 0), households) if campaign else NOTHING
        found.append(Progress(estate, said, money))
    return found


def in_progress(session: Session, now: datetime, under: Place | None = None) -> list[Progress]:
    """The estates where something runs, all or those under a place, the most complete collection first."""
    return sorted(
        progress_of(session, queries.estates_with_homes(session, under), now),
        key=lambda each: (-each.money.paid.share, each.estate.code),
    )


@dataclass(frozen=True)
class SourceMoney:
    """Money of one source in an estate, in 万元."""

    name: str
    received: str
    spent: str


@dataclass(frozen=True)
class EstateRecord:
    """An estate in one year's plan, with its money by source where that tells nothing about single households."""

    record: PlanRecord
    stage: str
    stage_word: str
    received: str
    spent: str
    sources: list[SourceMoney]
    sources_hidden: bool

    @property
    def source_rows(self) -> list[tuple[str, str, str]]:
        """Source, received, spent in 万元; the total last."""
        return [(each.name, each.received, each.spent) for each in self.sources] + [("合计", self.received, self.spent)]


@dataclass(frozen=True)
class EstateView:
    """One estate as the public reads it."""

    estate: Place
    above: list[Place]
    records: list[EstateRecord]
    progress: Progress | None


def estate_view(session: Session, code: str, now: datetime) -> EstateView:
    """An estate's public page. Raises NotFound for a place that is no estate."""
    estate = places.place_by_code(session, code)
    if estate.kind != PlaceKind.ESTATE:
        raise NotFound("no-such-estate", "没有找到这个小区。请从县（市、区）的名单里找。")
    today = china_day(now)
    facts = {each.record_id: each for each in projects.facts_at(session, today, estate_id=estate.id)}
    return EstateView(
        estate=estate,
        above=[place for place in places.ancestors(session, estate) if place.kind != PlaceKind.CITY][:-1],
        records=[
            _record(record, facts[record.public_id], today) for record in projects.records_of_estate(session, estate.id)
        ],
        progress=next(iter(progress_of(session, [estate], now)), None),
    )


def _stage_word(stage: str, plan_year: int, today: date) -> str:
    """Of a year still to come nothing is late: its estates are being prepared."""
    return "准备中" if stage == Stage.PLANNED and plan_year > today.year else STAGE_NAMES[stage]


def _record(record: PlanRecord, facts: RecordFacts, today: date) -> EstateRecord:
    # Of a very small estate only the totals: residents' money could be told by taking the other sources away.
    hidden = not publishable(record.households)
    return EstateRecord(
        record=record,
        stage=facts.stage,
        stage_word=_stage_word(facts.stage, record.plan_year, today),
        received=wan_text(facts.received_fen),
        spent=wan_text(facts.spent_fen),
        sources=[]
        if hidden
        else [
            SourceMoney(name, wan_text(facts.received.get(source, 0)), wan_text(facts.spent.get(source, 0)))
            for source, name in FUND_SOURCE_NAMES.items()
            if source in facts.received or source in facts.spent
        ],
        sources_hidden=hidden and bool(facts.received or facts.spent),
    )


@dataclass(frozen=True)
class YearList:
    """The estates of one plan year by the word of their stage."""

    year: int
    count: int
    stages: list[tuple[str, list[RecordFacts]]]


@dataclass(frozen=True)
class DistrictEstates:
    """A district's estates by plan year, the newest first."""

    district: Place
    years: list[YearList]


def district_estates(session: Session, code: str, now: datetime) -> DistrictEstates:
    """The estates of a district by stage, as the records stand today. Raises NotFound for no district."""
    district = places.place_by_code(session, code)
    if district.kind != PlaceKind.DISTRICT:
        raise NotFound("no-such-district", "没有这个县（市、区）。")
    today = china_day(now)
    lists = []
    for year in projects.plan_years(session, district.id):
        facts = projects.facts_at(session, today, plan_year=year, district_id=district.id)
        by_stage = [(stage, [each for each in facts if each.stage == stage]) for stage in STAGE_NAMES]
        told = [(_stage_word(stage, year, today), found) for stage, found in by_stage if found]
        lists.append(YearList(year, len(facts), told))
    return DistrictEstates(district, lists)


def district_choices(session: Session) -> Sequence[Place]:
    """All districts to choose from."""
    return queries.districts(session)
