"""The demo city: the report's figures out of records, the story's people, the same from the same seed."""

import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel import grants
from kernel.database import reading
from kernel.money import wan_text, yi_text
from kernel.people import queries as people_queries
from kernel.people import services as people
from kernel.people.models import Account, Holding
from kernel.places import queries as places
from kernel.places.models import Dwelling
from portal.demo import Demo
from portal.demo import city as demo_city
from portal.demo import people as demo_people
from portal.demo import plan as demo_plan
from portal.demo.personas import PERSONAS
from portal.projects import queries
from portal.projects.rules.facts import RecordFacts
from portal.projects.rules.indicators import INDICATORS, size, size_text

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return Demo(NOW, tmp_path)


@pytest.fixture
def seeded(app: Flask, demo: Demo) -> Demo:
    for step in (
        demo_city.places,
        demo_city.dwellings,
        demo_plan.records,
        demo_plan.figures,
        demo_people.households,
        demo_people.accounts,
    ):
        step(demo)
    return demo


def frozen() -> list[RecordFacts]:
    document = queries.snapshot_of(reading(), "2023Q3").document
    return [RecordFacts.from_json(each) for each in document["records"]]


def test_the_frozen_quarter_gives_the_three_printed_percentages(seeded: Demo) -> None:
    facts = frozen()
    assert len(facts) == 161
    assert INDICATORS["start_rate"].measure(facts).text == "92.5%"
    assert INDICATORS["task_rate"].measure(facts).text == "186.2%"
    assert INDICATORS["disbursement_rate"].measure(facts).text == "23.7%"
    assert (size_text(facts, "received"), size_text(facts, "spent")) == ("10,313万元", "2,442.57万元")
    assert wan_text(size(facts, "received") - size(facts, "spent")) == "7,870.43"


def test_the_five_years_before_add_up_to_the_report(seeded: Demo) -> None:
    years = queries.completed_by_year(reading(), 2018, 2022)
    assert [each.year for each in years] == [2018, 2019, 2020, 2021, 2022]
    assert sum(each.estates for each in years) == 420
    assert sum(each.households for each in years) == 36_800
    assert yi_text(sum(each.spent_fen for each in years)) == "2.85"
    assert sum(each.spent_fen for each in years) == 285_000_000_00


def test_no_estate_spends_more_of_a_source_than_it_received(seeded: Demo) -> None:
    for facts in frozen():
        for source, fen in facts.spent.items():
            assert fen <= facts.received[source], (facts.estate, source)


def test_qujiang_raised_seven_hundred_and_fifty_thousand_and_more_in_ten_estates(seeded: Demo) -> None:
    drives = queries.drives(reading(), "one_shot")
    assert [(drive.plan_year, drive.district) for drive in drives] == [(2022, "曲江区")] * 10
    total = sum(drive.collected_fen for drive in drives)
    assert 750_000_00 <= total < 760_000_00
    residents = sum(
        facts.received["residents"]
        for facts in queries.facts_at(reading(), date(2022, 12, 31), plan_year=2022)
        if facts.district_code == "440205"
    )
    assert residents == total
    (office,) = [drive for drive in drives if drive.estate_code == "gongshangju"]
    assert (office.highest_fen, office.lowest_fen) == (17_000_00, 10_500_00)
    assert office.paid_by(date(2022, 3, 18)) == 20
    assert office.paid_by(date(2022, 3, 21)) * 10 == office.households * 9


def test_the_household_of_the_story_lives_where_the_story_says(seeded: Demo) -> None:
    session = reading()
    estate = places.place_by_code(session, "taoyuan-beixiang")
    assert [place.name for place in places.ancestors(session, estate)][:2] == ["韶关市", "浈江区"]
    home = next(each for each in places.dwellings_of_estate(session, estate.id) if each.label == "3栋2单元501")
    (owner,) = people_queries.owners_of(session, home.id)
    assert people.name_of(owner) == "陈秀英"
    account = people_queries.account_by_openid(session, "demo-resident")
    assert account is not None
    tie = people_queries.tie_of(session, account.id, home.id, level=2)
    assert tie is not None
    assert tie.person_id == owner.id
    assert demo_people.door_of("3栋2单元501") is not None


MAY = (
    ("demo-worker", "response.assist", "taoyuan-beixiang", True),
    ("demo-worker", "response.assist", "gongshangju", False),
    ("demo-leader", "board.see", "taoyuan-beixiang", True),
    ("demo-leader", "board.see", "taoyuan-youju", False),
    ("demo-building-leader", "board.see", "taoyuan-beixiang-3", True),
    ("demo-building-leader", "board.see", "taoyuan-beixiang", False),
    ("demo-street", "vote.manage", "taoyuan-youju", True),
    ("demo-city", "plan.manage", "gongshangju", True),
    ("demo-auditor", "audit.read", "440205", True),
)


def test_each_role_may_do_its_part_in_its_place(seeded: Demo) -> None:
    for openid, action, place, allowed in MAY:
        account = people_queries.account_by_openid(reading(), openid)
        assert account is not None
        at = places.place_by_code(reading(), place)
        assert grants.may(reading(), account.person_id, action, at, NOW) is allowed, (openid, action, place)


def test_every_dwelling_has_an_owner_and_a_label(seeded: Demo) -> None:
    session = reading()
    homes = session.scalar(sa.select(sa.func.count()).select_from(Dwelling))
    owned = session.scalar(
        sa.select(sa.func.count(sa.distinct(Holding.dwelling_id))).where(Holding.kind.in_(people_queries.OWNING))
    )
    assert homes == owned == 84 * 4 + 30
    kinds = Counter(session.scalars(sa.select(Holding.kind)))
    assert kinds["organisation"] == 12
    assert kinds["co_owner"] > 0
    assert kinds["tenant"] > 0


def test_the_sandbox_is_told_who_may_be_played(seeded: Demo) -> None:
    told = json.loads((seeded.var / "sandbox" / "personas.json").read_text(encoding="utf-8"))
    assert [each["openid"] for each in told] == [each.openid for each in PERSONAS]
    assert all(each["name"] and each["says"] for each in told)
    assert reading().scalar(sa.select(sa.func.count()).select_from(Account)) == len(PERSONAS)


def test_the_same_seed_plans_the_same_city(demo: Demo, tmp_path: Path) -> None:
    again, other = Demo(NOW, tmp_path), Demo(NOW, tmp_path, seed=7)
    assert demo_plan.drafts(demo) == demo_plan.drafts(again)
    assert demo_plan.drafts(demo) != demo_plan.drafts(other)


@pytest.mark.parametrize(("estates", "households"), [(5, 5), (12, 31), (161, 88)])
def test_another_size_keeps_the_plan_and_its_totals(tmp_path: Path, estates: int, households: int) -> None:
    demo = Demo(NOW, tmp_path, estates=estates, households=households)
    made = demo_plan.drafts(demo)
    of_2023 = [draft for draft in made if draft.estate.plan_year == 2023]
    assert (len(of_2023), sum(draft.started_on is not None for draft in of_2023)) == (161, 149)
    assert sum(draft.central for draft in of_2023) == 80
    assert sum(sum(draft.received.values()) for draft in of_2023) == 103_130_000_00
    assert sum(sum(draft.spent.values()) for draft in of_2023) == 24_425_700_00
    assert len(demo_city.estates_with_dwellings(demo)) == estates


def test_the_command_fills_an_empty_city_once(make_app) -> None:
    app = make_app()
    runner = app.test_cli_runner()
    first = runner.invoke(args=["demo", "card"])
    assert first.exit_code == 1
    made = runner.invoke(args=["demo", "seed"])
    assert made.exit_code == 0, made.output
    assert "演示城市已就绪" in made.output
    compared = runner.invoke(args=["audit", "compare"])
    assert compared.exit_code == 0, compared.output
    assert runner.invoke(args=["demo", "seed", "--if-empty"]).output == ""
    assert runner.invoke(args=["demo", "seed"]).exit_code == 1
    card = runner.invoke(args=["demo", "card"])
    assert card.exit_code == 0
    for word in ("居民", "社区工作者", "自管小组组长", "市住建局", "/city", "/work", "/board/taoyuan-beixiang", "/h/"):
        assert word in card.output
