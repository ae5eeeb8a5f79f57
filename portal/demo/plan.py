"""The plan of the demo city: the report's totals exactly, spread over invented estates.

161 estates planned for 2023, 149 started, 80 in the central task; 103.13 million yuan received and 24.4257 million
spent by source; 420 estates with 36,800 households and 285 million yuan from 2018 to 2022; Qujiang and its ten of 2022.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from kernel import audit
from kernel.database import new_public_id, reading, transaction, use_case
from kernel.money import fen_from_text, shares
from kernel.places.models import Place
from portal.demo import Demo
from portal.demo.city import PlannedEstate, estates_with_dwellings, planned_estates
from portal.demo.names import DISTRICTS
from portal.projects import queries, services
from portal.projects.models import FundsEntry, PlanRecord
from portal.projects.rules.quarter import Quarter
from portal.projects.rules.words import CollectionMode, FundsMove, FundSource

BY = "demo"
SOURCE = "演示数据：合计与市报告一致，分解到小区的数字为虚构"
REPORT = "全市老旧小区改造工作情况报告（2023年第三季度）"
UNIT_FEN = 10_000
"""Sums are spread in hundreds of yuan, the unit of the report's two decimals of 万元."""

HOUSEHOLDS = {"before": 36_800, "2023": 14_104}
SPENT_BEFORE = "285000000"
SMALL_ESTATES = {"440222-2023-036": 4, "440229-2023-009": 3}
"""Estates of fewer than five households, whose residents' money must not be told apart."""

# The report gives the two totals, 10,313 万 and 2,442.57 万; the split by source is invented.
RECEIVED = {
    FundSource.CENTRAL: "61200000",
    FundSource.PROVINCE: "15680000",
    FundSource.CITY: "4860000",
    FundSource.COUNTY: "13500000",
    FundSource.RESIDENTS: "4120000",
    FundSource.OWNER_UNIT: "2350000",
    FundSource.PIPELINE: "1420000",
}
SPENT = {
    FundSource.CENTRAL: "15324000",
    FundSource.PROVINCE: "3612500",
    FundSource.CITY: "986000",
    FundSource.COUNTY: "2143200",
    FundSource.RESIDENTS: "1287500",
    FundSource.OWNER_UNIT: "651500",
    FundSource.PIPELINE: "421000",
}
ARRIVED_ON = {
    FundSource.CENTRAL: date(2023, 5, 18),
    FundSource.PROVINCE: date(2023, 6, 20),
    FundSource.CITY: date(2023, 7, 11),
    FundSource.COUNTY: date(2023, 7, 28),
    FundSource.RESIDENTS: date(2023, 8, 4),
    FundSource.OWNER_UNIT: date(2023, 8, 15),
    FundSource.PIPELINE: date(2023, 9, 6),
}
SPENT_ON = date(2023, 9, 25)
CITY_DISTRICTS = {"440204", "440203", "440205"}

# Qujiang 2022: what each estate's residents raised before works began; 753,000 yuan in all.
QUJIANG = "440205"
GONGSHANGJU = "gongshangju"
GONGSHANGJU_STEPS = ((10, 9, "118500"), (20, 20, "259000"), (26, 27, "352500"))
GONGSHANGJU_HIGHEST, GONGSHANGJU_LOWEST = "17000", "10500"
OTHERS_RAISED = ("61500", "48200", "39600", "52300", "44800", "35400", "46200", "38500", "34000")


@dataclass
class Draft:
    """A record being made: the planned estate, its size, its money by source in fen."""

    estate: PlannedEstate
    households: int
    started_on: date | None = None
    completed_on: date | None = None
    central: bool = False
    received: dict[str, int] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)

    @property
    def one_shot(self) -> bool:
        """Is it one of Qujiang's ten, where the whole contribution was collected once, before works?"""
        return self.estate.district == QUJIANG and self.estate.plan_year == 2022


def drafts(demo: Demo) -> list[Draft]:
    """All records with their money, as plain values."""
    estates = planned_estates(demo)
    sized = {each.code: wanted for each, wanted in estates_with_dwellings(demo)}
    of_2023 = _sized(demo, [each for each in estates if each.plan_year == 2023], HOUSEHOLDS["2023"], sized)
    before = _sized(demo, [each for each in estates if each.plan_year < 2023], HOUSEHOLDS["before"], sized)
    _tell_2023(demo, of_2023)
    _tell_before(demo, before)
    return [*of_2023, *before]


def _sized(demo: Demo, estates: Sequence[PlannedEstate], total: int, sized: Mapping[str, int]) -> list[Draft]:
    """Give every estate its households; who has dwellings has as many, the others share what is left of the total."""
    chance = demo.random(f"households:{total}")
    fixed = {**SMALL_ESTATES, GONGSHANGJU: 30, **sized}
    free = [each for each in estates if each.code not in fixed]
    left = max(total - sum(fixed.get(each.code, 0) for each in estates), 20 * len(free))
    share = dict(zip((each.code for each in free), shares(left, [chance.randint(35, 140) for _ in free]), strict=True))
    return [Draft(each, fixed.get(each.code) or share[each.code]) for each in estates]


def _tell_2023(demo: Demo, made: list[Draft]) -> None:
    chance = demo.random("starts")
    districts = {each.code: each for each in DISTRICTS}
    for draft in made:
        district = districts[draft.estate.district]
        draft.central = draft.estate.order >= district.planned - district.central
        if draft.estate.order >= district.not_started:
            draft.started_on = date(2023, 3, 15) + timedelta(days=chance.randrange(0, 185))
            draft.completed_on = date(2024, 3, 1) + timedelta(days=chance.randrange(0, 240))
    for source in FundSource:
        payers = [draft for draft in made if _gets(source, draft)]
        _spread(RECEIVED[source], payers, [draft.households for draft in payers], "received", source)
        spenders = [draft for draft in payers if draft.started_on]
        weights = [draft.received[source] * districts[draft.estate.district].pace for draft in spenders]
        _spread(SPENT[source], spenders, weights, "spent", source)


def _gets(source: FundSource, draft: Draft) -> bool:
    in_city = draft.estate.district in CITY_DISTRICTS
    return {
        FundSource.CENTRAL: draft.central,
        FundSource.PROVINCE: draft.started_on is not None,
        FundSource.CITY: in_city and draft.started_on is not None,
        FundSource.COUNTY: not in_city,
        FundSource.RESIDENTS: draft.started_on is not None,
        FundSource.OWNER_UNIT: draft.estate.of_unit and draft.started_on is not None,
        FundSource.PIPELINE: draft.started_on is not None,
    }[source]


def _spread(total: str, drafts_: Sequence[Draft], weights: Sequence[int], move: str, source: FundSource) -> None:
    """Spread a sum over records in hundreds of yuan, adding up to the fen."""
    for draft, part in zip(drafts_, shares(fen_from_text(total) // UNIT_FEN, weights), strict=True):
        if part:
            getattr(draft, move)[source] = part * UNIT_FEN


def _tell_before(demo: Demo, made: list[Draft]) -> None:
    chance = demo.random("before")
    raised = iter(OTHERS_RAISED)
    weights = [draft.households * (3 if draft.estate.code == GONGSHANGJU else 1) for draft in made]
    totals = shares(fen_from_text(SPENT_BEFORE) // UNIT_FEN, weights)
    for draft, units in zip(made, totals, strict=True):
        year = draft.estate.plan_year
        draft.started_on = date(year, 3, 1) + timedelta(days=chance.randrange(0, 120))
        draft.completed_on = date(year, 10, 15) + timedelta(days=chance.randrange(0, 75))
        draft.central = True
        total = units * UNIT_FEN
        residents = 0
        if draft.one_shot:
            sum_text = GONGSHANGJU_STEPS[-1][2] if draft.estate.code == GONGSHANGJU else next(raised)
            residents = fen_from_text(sum_text)
        central, county = shares(total - residents, [7, 3])
        money = {FundSource.CENTRAL: central, FundSource.COUNTY: county, FundSource.RESIDENTS: residents}
        draft.received = {source: fen for source, fen in money.items() if fen}
        draft.spent = dict(draft.received)


@use_case
def records(demo: Demo) -> str:
    """All plan records with their money: 161 of 2023, 420 of the five years before, and what is being prepared."""
    made = drafts(demo)
    with transaction() as session:
        places = {place.code: place for place in session.scalars(sa.select(Place))}
        session.execute(sa.insert(PlanRecord), [_record_row(draft, places) for draft in made])
        in_preparation = [
            _record_row(Draft(each, wanted), places) | {"plan_year": demo.now.year + 1, "start_evidence": None}
            for each, wanted in estates_with_dwellings(demo)
            if each.code != GONGSHANGJU
        ]
        if in_preparation:
            session.execute(sa.insert(PlanRecord), in_preparation)
        rows = session.execute(sa.select(PlanRecord.id, PlanRecord.estate_id, PlanRecord.plan_year)).all()
        ids = {(row.estate_id, row.plan_year): row.id for row in rows}
        lines = [
            line
            for draft in made
            for line in _money_rows(draft, ids[places[draft.estate.code].id, draft.estate.plan_year], demo.now)
        ]
        session.execute(sa.insert(FundsEntry), lines)
        audit.record(
            session,
            actor=BY,
            action="plan.seeded",
            subject="plan:demo",
            now=demo.now,
            payload={"records": len(rows), "lines": len(lines)},
        )
    return f"改造计划：{len(rows)} 条记录，{len(lines)} 笔资金"


def _record_row(draft: Draft, places: Mapping[str, Place]) -> dict[str, Any]:
    one_shot = draft.one_shot
    return {
        "public_id": new_public_id(),
        "plan_year": draft.estate.plan_year,
        "batch": 1 + draft.estate.order // 12,
        "estate_id": places[draft.estate.code].id,
        "district_id": places[draft.estate.district].id,
        "households": draft.households,
        "buildings": max(1, round(draft.households / 28)),
        "mode": CollectionMode.ONE_SHOT if one_shot else CollectionMode.DEPOSIT_THEN_CONTRIBUTION,
        "in_central_task": draft.central,
        "started_on": draft.started_on,
        "start_evidence": "施工许可及进场照片" if draft.started_on else None,
        "completed_on": draft.completed_on,
        "source": SOURCE,
    }


def _money_rows(draft: Draft, record_id: int, now: datetime) -> list[dict[str, Any]]:
    year = draft.estate.plan_year
    rows = []
    for move, money in ((FundsMove.RECEIVED, draft.received), (FundsMove.SPENT, draft.spent)):
        for source, fen in money.items():
            if year == 2023:
                day = ARRIVED_ON[FundSource(source)] if move == FundsMove.RECEIVED else SPENT_ON
            else:
                day = date(year, 5, 20) if move == FundsMove.RECEIVED else date(year, 12, 20)
            rows.append(
                {
                    "public_id": new_public_id(),
                    "record_id": record_id,
                    "source": source,
                    "move": move,
                    "amount_fen": fen,
                    "on_day": day,
                    "evidence": "拨付凭证" if move == FundsMove.RECEIVED else "支付凭证",
                    "entered_by": BY,
                    "entered_at": now,
                }
            )
    return rows


def figures(demo: Demo) -> str:
    """The frozen third quarter of 2023, the rank the province gave, and Qujiang's drives."""
    quarter = Quarter(2023, 3)
    reported = datetime(2023, 10, 9, 2, 0, tzinfo=UTC)
    services.enter_figure(quarter, name="全省排名", value="全省第二", source=REPORT, by=BY, now=reported)
    services.freeze_quarter(quarter, plan_year=2023, reason="季度报告", by=BY, now=reported)
    ten = [
        facts
        for facts in queries.facts_at(reading(), date(2022, 12, 31), plan_year=2022)
        if facts.district_code == QUJIANG
    ]
    for facts in ten:
        steps: Sequence[tuple[int, int, str]]
        highest: int | None
        lowest: int | None
        if facts.estate_code == GONGSHANGJU:
            steps, highest, lowest = (
                GONGSHANGJU_STEPS,
                fen_from_text(GONGSHANGJU_HIGHEST),
                fen_from_text(GONGSHANGJU_LOWEST),
            )
        else:
            steps, highest, lowest = ((30, facts.households * 3 // 4, ""),), None, None
        opened = date(2022, 2, 21)
        services.record_drive(
            facts.record_id,
            opened_on=opened,
            households=facts.households,
            highest_fen=highest,
            lowest_fen=lowest,
            is_lower_bound=True,
            source="曲江区报告；除工商局宿舍外分解到小区的数字为虚构",
            progress=[
                (
                    opened + timedelta(days=days),
                    paid,
                    fen_from_text(text) if text else facts.received[FundSource.RESIDENTS],
                )
                for days, paid, text in steps
            ],
            by=BY,
            now=demo.now,
        )
    return f"季度快照：{quarter.text}；曲江 {len(ten)} 个小区一次性筹资"
