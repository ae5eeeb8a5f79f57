"""The public city pages over HTTP, on both databases: the report's figures, and the records behind each."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from kernel import clock
from portal.demo import Demo
from portal.demo import city as demo_city
from portal.demo import plan as demo_plan
from portal.projects import services
from portal.projects.rules.quarter import Quarter
from tests.portal.dashboards.conftest import Purse
from tests.surveys.questionnaires.conftest import NOW

SEEDED = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture
def city(app: Flask, tmp_path: Path, client: FlaskClient) -> FlaskClient:
    """A visitor in front of the demo city's plan."""
    demo = Demo(SEEDED, tmp_path)
    for step in (demo_city.places, demo_city.dwellings, demo_plan.records, demo_plan.figures):
        step(demo)
    return client


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    plain = unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))
    return re.sub(r"\s+", " ", plain)


def test_the_front_page_prints_the_citys_report(city: FlaskClient) -> None:
    text = text_of(city, "/city")
    for said in (
        "2023年第三季度",
        "开工率 92.5% 149个 ÷ 161个",
        "任务完成率 186.2% 149个 ÷ 80个",
        "资金支出率 23.7% 2,442.57万元 ÷ 10,313万元",
        "全省排名 全省第二",
        "已到位还没支出：7,870.43 万元",
        "2018—2022年已改造",
        "420 个小区",
        "3.68 万户",
        "约2.85 亿元",
        "平均每个小区 87.6 户，每户 7,745 元",
        "曲江区：开工前一次筹齐",
        "10 个小区，居民共出资 75万余元",
        "工商局宿舍 ：一个月内 90.0% 的住户交齐，最高一户 17,000 元，最低一户 10,500 元",
    ):
        assert said in text, said


def test_an_indicator_opens_to_its_formula_and_both_lists(city: FlaskClient) -> None:
    text = text_of(city, "/city/quarters/2023Q3/figures/task_rate")
    assert "已开工小区数 ÷ 中央补助任务小区数 × 100%" in text
    assert "149个 ÷ 80个 = 186.2%" in text
    assert "分子：已开工的小区 149个" in text
    assert "分母：列入中央补助任务的小区 80个" in text


LISTS = {
    "planned": (161, "161个"),
    "started": (149, "149个"),
    "not_started": (12, "12个"),
    "central": (80, "80个"),
    "spent": (149, "2,442.57万元"),
    "completed": (0, "0个"),
}


def test_a_number_opens_to_exactly_its_records(city: FlaskClient) -> None:
    for set_key, (count, size) in LISTS.items():
        html = city.get(f"/city/quarters/2023Q3/records/{set_key}").get_data(as_text=True)
        assert len(re.findall(r'<li><a href="/city/estates/', html)) == count, set_key
        assert size in html
        told = city.get(f"/api/v1/city/records?quarter=2023Q3&set={set_key}").get_json()
        assert told["count"] == len(told["records"]) == count, set_key


def test_the_api_gives_numerators_and_denominators_to_compute_again(city: FlaskClient) -> None:
    told = city.get("/api/v1/city/indicators?quarter=2023Q3").get_json()
    figures = {each["key"]: each for each in told["indicators"]}
    assert (figures["start_rate"]["numerator"], figures["start_rate"]["denominator"]) == (149, 161)
    assert (figures["task_rate"]["numerator"], figures["task_rate"]["denominator"]) == (149, 80)
    spent = figures["disbursement_rate"]
    assert (spent["numerator"], spent["denominator"]) == (2_442_570_000, 10_313_000_000)
    assert [figures[key]["text"] for key in ("start_rate", "task_rate", "disbursement_rate")] == [
        "92.5%",
        "186.2%",
        "23.7%",
    ]
    assert told["entered"] == [
        {"name": "全省排名", "value": "全省第二", "source": "全市老旧小区改造工作情况报告（2023年第三季度）"}
    ]
    records = city.get("/api/v1/city/records?set=planned").get_json()["records"]
    assert sum(each["spent_fen"] for each in records) == spent["numerator"]
    assert sum(each["received_fen"] for each in records) == spent["denominator"]


def test_districts_add_up_to_the_city_and_equal_ones_share_a_rank(city: FlaskClient) -> None:
    districts = city.get("/api/v1/city/indicators").get_json()["districts"]
    assert len(districts) == 10
    of = {each["code"]: {figure["key"]: figure for figure in each["indicators"]} for each in districts}
    assert sum(each["start_rate"]["numerator"] for each in of.values()) == 149
    assert sum(each["disbursement_rate"]["denominator"] for each in of.values()) == 10_313_000_000
    by_rate = {
        each["code"]: (of[each["code"]]["start_rate"]["text"], each["ranks"]["start_rate"]) for each in districts
    }
    assert by_rate["440222"] == by_rate["440281"] == ("94.4%", 2)
    assert sorted(rank for _, rank in by_rate.values()) == [1, 2, 2, 4, 5, 6, 7, 8, 9, 10]


def test_a_district_and_an_estate_can_be_opened(city: FlaskClient) -> None:
    district = text_of(city, "/city/districts/440205")
    assert "2023年计划 14 个小区" in district
    assert "合成氨厂宿舍" in district
    assert "开工率，全市第" in district
    estate = text_of(city, "/city/estates/gongshangju")
    assert "曲江区 · 松山街道 · 松山社区" in estate
    assert "2022年计划" in estate
    assert "居民出资 35.25 35.25" in estate
    of_district = text_of(city, "/city/quarters/2023Q3/records/started?district=440205")
    assert "曲江区 13 个" in of_district
    assert "武江区" not in of_district


def test_a_very_small_estate_keeps_its_sources_to_itself(city: FlaskClient) -> None:
    text = text_of(city, "/city/estates/440222-2023-036")
    assert "4 户" in text
    assert "不足 5 户，各来源不单列" in text
    assert "居民出资" not in text


def test_a_plan_still_to_come_is_being_prepared_and_not_late(city: FlaskClient) -> None:
    with clock.at(SEEDED):
        text = text_of(city, "/city/estates/taoyuan-beixiang")
    assert "2027年计划第 1 批 准备中" in text
    assert "2023年计划第 1 批 未开工" in text


NOWHERE = (
    "/city/quarters/2024Q1",
    "/city/quarters/2023Q9",
    "/city/quarters/2023Q3/figures/luck",
    "/city/quarters/2023Q3/records/luck",
    "/city/quarters/2023Q3/records/started?district=440299",
    "/city/districts/440299",
    "/city/districts/taoyuan-beixiang",
    "/city/estates/440205",
    "/city/estates/nowhere",
    "/api/v1/city/indicators?quarter=1999Q1",
    "/api/v1/city/records?set=luck",
)


def test_what_is_not_there_is_not_found_in_plain_words(city: FlaskClient) -> None:
    for path in NOWHERE:
        answer = city.get(path)
        assert answer.status_code == 404, path
        if path.startswith("/api/"):
            assert answer.mimetype == "application/problem+json"
        else:
            assert "没有" in answer.get_data(as_text=True)


def test_a_question_without_its_list_is_refused(city: FlaskClient) -> None:
    assert city.get("/api/v1/city/records").status_code == 422


def test_an_empty_city_says_that_nothing_is_published_yet(client: FlaskClient) -> None:
    assert "还没有公布的季度数据" in text_of(client, "/city")
    assert client.get("/api/v1/city/indicators").status_code == 404


def test_a_frozen_page_is_kept_by_its_version_and_changes_when_it_is_restated(city: FlaskClient) -> None:
    first = city.get("/city/quarters/2023Q3")
    again = city.get("/city/quarters/2023Q3", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    services.freeze_quarter(Quarter(2023, 3), plan_year=2023, reason="补登记录", by="test", now=SEEDED)
    restated = city.get("/city/quarters/2023Q3", headers={"If-None-Match": first.headers["ETag"]})
    assert restated.status_code == 200
    assert "更正原因：补登记录" in restated.get_data(as_text=True)


def test_estates_that_collect_now_are_listed_with_totals_only(town, client: FlaskClient) -> None:
    town.answer(0, 1, 2)
    town.pay(0, 1, 2, 3, 4, fen=60_000)
    town.publish()
    with clock.at(NOW + timedelta(days=1)):
        text = text_of(client, "/city")
        estate = text_of(client, f"/city/estates/{town.estate.code}")
    assert "桃园北巷 已填问卷 37.5% 已缴户数 37.5% 以上 户均（元） 375.00" in text
    assert "37.5% 已填问卷" in estate
    for never in ("1-101", "陈", "600.00"):
        assert never not in text + estate


def test_the_sum_of_a_few_payers_is_not_published(town, client: FlaskClient) -> None:
    town.pay(0, 1, fen=60_000)
    town.publish(weeks=15)
    text = text_of(client, "/city")
    assert "已缴户数 25.0% 户均（元） —" in text
    assert "150.00" not in text


def test_the_front_page_asks_no_more_for_many_estates_than_for_one(town, make, client: FlaskClient) -> None:
    said: list[str] = []

    def asked(day: int) -> int:
        said.clear()
        with clock.at(NOW + timedelta(days=day)):
            assert client.get("/city").status_code == 200
        return len(said)

    def note(connection, cursor, statement, parameters, context, many) -> None:
        said.append(statement)

    town.pay(0, 1)
    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        before = asked(1)
        for number in range(4):
            purse = Purse(make, make.estate(f"小区{number}", code=f"many-{number}", floors=3, doors=2))
            purse.paid(purse.homes[0])
        assert asked(2) == before
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def test_an_estate_of_fewer_than_five_households_is_not_listed(make, client: FlaskClient) -> None:
    estate = make.estate("莲花山24栋", floors=2, doors=2)
    purse = Purse(make, estate)
    purse.paid(purse.homes[0])
    assert "莲花山24栋" not in text_of(client, "/city")
    assert "已缴户数" not in text_of(client, f"/city/estates/{estate.code}")
