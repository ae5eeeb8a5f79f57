"""The plan's use cases, on both databases."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from kernel.database import reading, transaction
from kernel.errors import Conflict, Invalid, NotFound
from kernel.places.models import Place
from portal.projects import queries, services
from portal.projects.models import FundsEntry, PlanRecord, QuarterSnapshot
from portal.projects.rules.facts import RecordFacts
from portal.projects.rules.indicators import INDICATORS
from portal.projects.rules.quarter import Quarter
from portal.projects.rules.words import FundsMove, FundSource

NOW = datetime(2023, 10, 9, 2, 0, tzinfo=UTC)
Q3 = Quarter(2023, 3)


@pytest.fixture
def estate(make) -> Place:
    return make.estate(code="taoyuan-beixiang")


@pytest.fixture
def record_id(estate: Place) -> str:
    return services.add_record(
        services.NewRecord(2023, "taoyuan-beixiang", households=84, buildings=3, source="市2023年计划"),
        by="test",
        now=NOW,
    )


def start(record_id: str, on: date = date(2023, 6, 1)) -> None:
    services.note_start(record_id, on=on, evidence="施工许可", by="test", now=NOW)


def enter(record_id: str, move: FundsMove, fen: int, on: date, source: FundSource = FundSource.CENTRAL) -> None:
    services.enter_funds(
        record_id, source=source, move=move, amount_fen=fen, on=on, evidence="拨付单", by="test", now=NOW
    )


def frozen(period: str = "2023Q3") -> list[RecordFacts]:
    return [RecordFacts.from_json(each) for each in queries.snapshot_of(reading(), period).document["records"]]


def test_an_estate_enters_a_years_plan_once(record_id: str) -> None:
    with pytest.raises(Conflict):
        services.add_record(
            services.NewRecord(2023, "taoyuan-beixiang", households=84, buildings=3, source="again"), by="test", now=NOW
        )
    other_year = services.add_record(
        services.NewRecord(2024, "taoyuan-beixiang", households=84, buildings=3, source="市2024年计划"),
        by="test",
        now=NOW,
    )
    estate_id = queries.record_by_public_id(reading(), record_id).estate_id
    assert [each.public_id for each in queries.records_of_estate(reading(), estate_id)] == [other_year, record_id]


def test_a_record_knows_its_district(record_id: str) -> None:
    (facts,) = queries.facts_at(reading(), date(2023, 9, 30), plan_year=2023)
    assert (facts.estate, facts.district) == ("桃园北巷", "浈江区")


def test_a_start_needs_evidence_and_a_day_that_has_come(record_id: str) -> None:
    with pytest.raises(Invalid):
        services.note_start(record_id, on=date(2023, 6, 1), evidence=" ", by="test", now=NOW)
    with pytest.raises(Invalid):
        services.note_start(record_id, on=date(2023, 10, 10), evidence="施工许可", by="test", now=NOW)
    start(record_id)
    with pytest.raises(Conflict):
        start(record_id)


def test_the_database_itself_refuses_a_start_without_evidence(record_id: str) -> None:
    with pytest.raises(exc.IntegrityError), transaction() as session:
        session.execute(sa.update(PlanRecord).values(started_on=date(2023, 6, 1)))


def test_completion_comes_after_the_start(record_id: str) -> None:
    with pytest.raises(Conflict):
        services.note_completion(record_id, on=date(2023, 9, 1), by="test", now=NOW)
    start(record_id)
    with pytest.raises(Conflict):
        services.note_completion(record_id, on=date(2023, 5, 1), by="test", now=NOW)
    services.note_completion(record_id, on=date(2023, 9, 1), by="test", now=NOW)
    with pytest.raises(Conflict):
        services.note_completion(record_id, on=date(2023, 9, 2), by="test", now=NOW)


def test_what_happens_after_the_quarter_is_not_in_the_quarter(record_id: str) -> None:
    start(record_id, date(2023, 10, 1))
    enter(record_id, FundsMove.RECEIVED, 500_00, date(2023, 9, 30))
    enter(record_id, FundsMove.RECEIVED, 700_00, date(2023, 10, 1))
    (facts,) = queries.facts_at(reading(), Q3.last_day, plan_year=2023)
    assert facts.started_on is None
    assert facts.received == {"central": 500_00}
    (facts,) = queries.facts_at(reading(), date(2023, 10, 1), plan_year=2023)
    assert facts.started_on == date(2023, 10, 1)
    assert facts.received_fen == 1200_00


def test_a_wrong_line_is_corrected_by_another_line_and_both_stay(record_id: str) -> None:
    enter(record_id, FundsMove.SPENT, 900_00, date(2023, 9, 1))
    enter(record_id, FundsMove.SPENT, -900_00, date(2023, 9, 2))
    enter(record_id, FundsMove.SPENT, 90_00, date(2023, 9, 2))
    (facts,) = queries.facts_at(reading(), Q3.last_day, plan_year=2023)
    assert facts.spent_fen == 90_00
    assert reading().scalar(sa.select(sa.func.count()).select_from(FundsEntry)) == 3
    with pytest.raises(Invalid):
        enter(record_id, FundsMove.SPENT, 0, date(2023, 9, 2))


def test_a_frozen_quarter_does_not_move_when_the_records_do(record_id: str) -> None:
    start(record_id)
    enter(record_id, FundsMove.RECEIVED, 1000_00, date(2023, 7, 1))
    assert services.freeze_quarter(Q3, plan_year=2023, reason="季度报告", by="test", now=NOW) == 1
    enter(record_id, FundsMove.RECEIVED, 1_00, date(2023, 7, 2))
    assert frozen()[0].received_fen == 1000_00


def test_restating_a_quarter_makes_a_second_version_and_keeps_the_first(record_id: str) -> None:
    services.freeze_quarter(Q3, plan_year=2023, reason="季度报告", by="test", now=NOW)
    start(record_id)
    assert services.freeze_quarter(Q3, plan_year=2023, reason="补登开工", by="test", now=NOW) == 2
    assert frozen()[0].started_on == date(2023, 6, 1)
    first = queries.snapshot_of(reading(), "2023Q3", version=1)
    assert first.document["records"][0]["started_on"] is None
    assert [(each.period, each.version) for each in queries.snapshots(reading())] == [("2023Q3", 2)]


def test_a_quarter_that_is_not_over_is_not_frozen(record_id: str) -> None:
    with pytest.raises(Conflict):
        services.freeze_quarter(
            Q3, plan_year=2023, reason="早了", by="test", now=datetime(2023, 9, 30, 15, 59, tzinfo=UTC)
        )
    with pytest.raises(NotFound):
        queries.snapshot_of(reading(), "2023Q3")


def test_frozen_quarters_and_money_lines_cannot_be_changed_or_removed(record_id: str) -> None:
    enter(record_id, FundsMove.RECEIVED, 1000_00, date(2023, 7, 1))
    services.freeze_quarter(Q3, plan_year=2023, reason="季度报告", by="test", now=NOW)
    for statement in (
        sa.update(FundsEntry).values(amount_fen=1),
        sa.delete(FundsEntry),
        sa.update(QuarterSnapshot).values(reason="x"),
        sa.delete(QuarterSnapshot),
    ):
        with pytest.raises(exc.DBAPIError), transaction() as session:
            session.execute(statement)


def test_an_entered_figure_is_replaced_by_entering_it_again(app) -> None:
    for value in ("全省第三", "全省第二"):
        services.enter_figure(Q3, name="全省排名", value=value, source="省通报", by="test", now=NOW)
    (figure,) = queries.entered_figures(reading(), "2023Q3")
    assert figure.value == "全省第二"
    with pytest.raises(Invalid):
        services.enter_figure(Q3, name="全省排名", value="", source="省通报", by="test", now=NOW)


def test_a_drive_is_on_record_once_with_its_progress(record_id: str) -> None:
    def put() -> None:
        services.record_drive(
            record_id,
            opened_on=date(2023, 3, 1),
            households=20,
            highest_fen=17_000_00,
            lowest_fen=10_500_00,
            is_lower_bound=False,
            source="区报告",
            progress=[(date(2023, 3, 10), 9, 120_000_00), (date(2023, 3, 31), 18, 243_000_00)],
            by="test",
            now=NOW,
        )

    put()
    with pytest.raises(Conflict):
        put()
    (drive,) = queries.drives(reading(), "deposit_then_contribution")
    assert drive.collected_fen == 243_000_00
    assert [drive.paid_by(date(2023, 3, day)) for day in (9, 10, 30, 31)] == [0, 9, 9, 18]
    assert queries.drives(reading(), "one_shot") == []


def test_a_record_nobody_knows_is_not_found(app) -> None:
    with pytest.raises(NotFound):
        start("nobody")


def test_completed_years_are_summed_from_their_records(record_id: str, make) -> None:
    start(record_id)
    services.note_completion(record_id, on=date(2023, 9, 1), by="test", now=NOW)
    enter(record_id, FundsMove.SPENT, 77_00, date(2023, 8, 1))
    (year,) = queries.completed_by_year(reading(), 2018, 2023)
    assert (year.year, year.estates, year.households, year.spent_fen) == (2023, 1, 84, 77_00)
    assert INDICATORS["completion_rate"].measure(queries.facts_at(reading(), Q3.last_day)).text == "100.0%"
