"""The leader's board over HTTP, on both databases: what it shows, to whom, and that every look is on record."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel import clock, grants
from kernel.audit.models import AuditEntry, AuditPayload
from kernel.database import reading, transaction
from kernel.errors import Unavailable
from kernel.grants.models import Grant
from kernel.people.models import Account
from kernel.places import queries as places
from portal.dashboards.services import board as boards
from surveys.questionnaires.services import campaigns
from tests.portal.dashboards.conftest import PAID_AT, Purse
from tests.surveys.questionnaires.conftest import NOW


def looks() -> list[tuple[str, str, dict]]:
    session = reading()
    rows = session.execute(
        sa.select(AuditEntry.actor, AuditEntry.subject, AuditPayload.document)
        .join(AuditPayload, AuditPayload.entry_id == AuditEntry.id)
        .where(AuditEntry.action == "look.board")
    ).all()
    session.close()
    return [tuple(row) for row in rows]


def board_of(client, code: str) -> dict:
    answer = client.get(f"/api/v1/boards/{code}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def words(board: dict) -> dict[str, str]:
    return {door["name"]: door["word"] for building in board["buildings"] for door in building["doors"]}


def page_of(client, code: str) -> str:
    answer = client.get(f"/board/{code}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


# ---- what it shows


def test_the_group_leader_sees_a_word_for_every_door_of_the_estate(town) -> None:
    town.answer(0, 1, 2)
    town.pay(1, 3, 5, 6, 7)
    town.publish()
    leader, _ = town.staff("group_leader", town.estate)
    board = board_of(leader, town.estate.code)
    assert words(board) == {
        "1-101": "已填",
        "1-102": "已缴",
        "1-201": "已填",
        "1-202": "已缴未填",
        "1-301": "未填",
        "1-302": "已缴未填",
        "1-401": "已缴未填",
        "1-402": "已缴未填",
    }
    assert board["counts"] == {"households": 8, "answered": 3, "paid": 5}
    html = page_of(leader, town.estate.code)
    assert "已填 37.5%" in html
    assert "已缴 62.5%" in html


def test_in_the_last_days_an_open_door_is_a_household_to_talk_to(town) -> None:
    town.answer(0)
    leader, _ = town.staff("group_leader", town.estate)
    with clock.at(NOW + timedelta(days=3)):
        assert set(words(board_of(leader, town.estate.code)).values()) == {"已填", "待沟通"}


def test_who_said_no_looks_like_everybody_who_has_answered(town) -> None:
    home = town.survey.dwellings[0]
    account = town.survey.owner(home)
    town.survey.submit(account, home, answers=town.survey.answers(account, home, q09="disagree", q10=["cost"]))
    town.answer(1)
    leader, _ = town.staff("group_leader", town.estate)
    shown = words(board_of(leader, town.estate.code))
    assert shown["1-101"] == shown["1-102"] == "已填"


def test_the_average_is_over_all_households_and_compared_exactly(town) -> None:
    town.pay(0, 1, 2, 3, fen=50_000)
    town.pay(4, fen=199_999)
    leader, _ = town.staff("group_leader", town.estate)
    assert "还没有到第一期公示" in page_of(leader, town.estate.code)
    town.publish()
    assert board_of(leader, town.estate.code)["gate"] == {"average": "500.00", "is_met": False}
    assert "还没达到" in page_of(leader, town.estate.code)
    town.pay(3, 4, 5, 6, 7, fen=1)
    town.publish(weeks=2)
    assert board_of(leader, town.estate.code)["gate"] == {"average": "500.00", "is_met": True}
    assert "已达到" in page_of(leader, town.estate.code)


def test_a_sum_that_one_household_made_up_is_not_shown(town) -> None:
    town.pay(0, fen=123_400)
    town.publish(weeks=15)
    leader, _ = town.staff("group_leader", town.estate)
    assert board_of(leader, town.estate.code)["gate"]["average"] == "—"
    html = page_of(leader, town.estate.code)
    assert "154.25" not in html
    assert "1,234" not in html


def test_the_page_holds_no_name_no_phone_no_amount_of_a_door_and_no_way_to_export(town) -> None:
    owner = town.make.person("欧阳秀英", "13812341234")
    town.make.holding(owner, town.survey.dwellings[0])
    town.answer(0)
    town.pay(0, 1, 2, 3, fen=77_700)
    town.pay(4, fen=88_800)
    town.publish()
    leader, _ = town.staff("group_leader", town.estate)
    for text in (page_of(leader, town.estate.code), leader.get(f"/api/v1/boards/{town.estate.code}").text):
        for never in ("欧阳", "秀英", "13812341234", "777", "888", "/d/", "/h/", "download", "xlsx", "csv"):
            assert never not in text, never


def test_the_reminder_to_copy_gives_totals_only(town) -> None:
    town.answer(0, 1)
    leader, _ = town.staff("group_leader", town.estate)
    html = page_of(leader, town.estate.code)
    assert "已有 2 户填写（共 8 户）" in html
    assert "data-copy" in html
    with clock.at(NOW + timedelta(days=30)):
        campaigns.run_clock(now=NOW + timedelta(days=30))
        assert "data-copy" not in page_of(leader, town.estate.code)


def test_an_estate_without_a_questionnaire_says_so(make) -> None:
    estate = make.estate()
    account = make.account()
    make.grant(account, "group_leader", estate)
    html = page_of(make.signed_in(account), estate.code)
    assert "问卷未开始" in html
    assert "data-copy" not in html


def test_estates_of_the_same_district_stand_beside_it_with_totals_only(town) -> None:
    town.pay(0, 1, 2, 3, 4)
    community = places.place_by_id(reading(), town.estate.parent_id)
    other = town.make.estate("织布厂西区宿舍", community=community)
    purse = Purse(town.make, other)
    for home in purse.homes:
        purse.paid(home)
    town.publish()
    leader, _ = town.staff("group_leader", town.estate)
    text = re.sub(r"<[^>]+>|\s+", "", page_of(leader, town.estate.code))
    assert "浈江区各小区已缴户数织布厂西区宿舍100.0%桃园北巷37.5%以上" in text


# ---- to whom


def test_a_building_leader_sees_his_own_building_and_the_estates_average(town) -> None:
    other = town.make.place("building", town.estate, name="2栋", floors=2, has_lift=False)
    for floor in (1, 2):
        town.make.dwelling(other, unit="1", floor=floor, door=f"{floor}01")
    leader, _ = town.staff("building_leader", other)
    board = board_of(leader, town.estate.code)
    assert board["whole"] is False
    assert [building["name"] for building in board["buildings"]] == ["2栋"]
    assert set(words(board)) == {"1-101", "1-201"}
    assert board["counts"]["households"] == 2
    html = page_of(leader, town.estate.code)
    assert "1栋 <" not in html
    assert "户均 = 合计 ÷ 全部 10 户" in html


@pytest.mark.parametrize("role", ["group_leader", "group_member"])
def test_another_estates_board_is_refused(town, role: str) -> None:
    community = places.place_by_id(reading(), town.estate.parent_id)
    elsewhere = town.make.estate("织布厂西区宿舍", community=community)
    leader, _ = town.staff(role, elsewhere)
    assert leader.get(f"/board/{town.estate.code}").status_code == 403
    assert leader.get(f"/api/v1/boards/{town.estate.code}").status_code == 403
    assert looks() == []


def test_when_the_term_is_over_so_is_the_board(town) -> None:
    leader, _ = town.staff("group_leader", town.estate, days=-1)
    assert leader.get(f"/board/{town.estate.code}").status_code == 403
    soon, _ = town.staff("group_leader", town.estate, days=1)
    assert soon.get(f"/board/{town.estate.code}").status_code == 200
    with clock.at(NOW + timedelta(days=2)):
        assert soon.get(f"/board/{town.estate.code}").status_code == 403


def test_a_revoked_grant_ends_with_the_next_request(town) -> None:
    leader, account = town.staff("group_leader", town.estate)
    assert leader.get(f"/board/{town.estate.code}").status_code == 200
    with transaction() as session:
        person_id = session.get_one(Account, account.id).person_id
        (grant,) = session.scalars(sa.select(Grant).where(Grant.person_id == person_id))
        grants.revoke(session, grant, by="test", now=clock.now())
    with clock.at(clock.now() + timedelta(seconds=1)):
        assert leader.get(f"/board/{town.estate.code}").status_code == 403


@pytest.mark.parametrize("role", ["district_officer", "city_officer", "auditor", "administrator"])
def test_officers_above_the_street_have_no_board_of_doors(town, role: str) -> None:
    kind = "district" if role == "district_officer" else "city"
    place = next(each for each in places.ancestors(reading(), town.estate) if each.kind == kind)
    officer, _ = town.staff(role, place)
    assert officer.get(f"/board/{town.estate.code}").status_code == 403


def test_a_resident_and_a_visitor_are_kept_out(town, client) -> None:
    home = town.survey.dwellings[0]
    resident = town.make.signed_in(town.survey.owner(home, level=2))
    assert resident.get(f"/board/{town.estate.code}").status_code == 403
    assert resident.get("/board").status_code == 403
    assert client.get(f"/api/v1/boards/{town.estate.code}").status_code == 401
    answer = client.get(f"/board/{town.estate.code}")
    assert answer.status_code == 302
    assert "/signin" in answer.headers["Location"]


def test_what_is_no_estate_is_not_found(town) -> None:
    leader, _ = town.staff("group_leader", town.estate)
    building = places.places_under(reading(), town.estate, "building")[0]
    assert leader.get("/board/nowhere").status_code == 404
    assert leader.get(f"/board/{building.code}").status_code == 404


def test_a_street_chooses_among_its_estates_and_one_estate_opens_at_once(town) -> None:
    street = next(each for each in places.ancestors(reading(), town.estate) if each.kind == "street")
    officer, _ = town.staff("street_officer", street)
    assert officer.get("/board").headers["Location"] == f"/board/{town.estate.code}"
    community = places.place_by_id(reading(), town.estate.parent_id)
    town.make.estate("织布厂西区宿舍", community=community)
    town.make.place("estate", community, name="没有房屋的小区")
    html = officer.get("/board").get_data(as_text=True)
    assert "桃园北巷" in html
    assert "织布厂西区宿舍" in html
    assert "没有房屋的小区" not in html


# ---- on record


def test_every_look_is_on_record_with_who_and_what(town) -> None:
    leader, account = town.staff("group_leader", town.estate)
    page_of(leader, town.estate.code)
    board_of(leader, town.estate.code)
    seen = looks()
    assert [(actor, subject) for actor, subject, _ in seen] == [
        (f"account:{account.public_id}", f"place:{town.estate.code}")
    ] * 2
    assert seen[0][2] == {"buildings": ["1栋"], "whole": True}


def test_without_the_record_there_is_no_board(town, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise Unavailable("no-room", "系统存储已满。")

    leader, _ = town.staff("group_leader", town.estate)
    monkeypatch.setattr(boards.audit, "look", full)
    answer = leader.get(f"/board/{town.estate.code}")
    assert answer.status_code == 503
    assert "1-101" not in answer.get_data(as_text=True)


def everything_read(town, reader, path: str) -> str:
    """A page or answer without what is of the moment: request ids, versions."""
    answer = reader.get(path)
    assert answer.status_code == 200, path
    return re.sub(r"[0-9a-f]{16,}", "", answer.get_data(as_text=True))


def test_nothing_a_neighbour_or_a_leader_reads_moves_with_a_payment(app, town, client) -> None:
    """The attack: look at every page and answer that tells of payers, let one household pay, look again."""
    leader, _ = town.staff("group_leader", town.estate)
    code, number = town.estate.code, town.estate.public_id
    district = next(each for each in places.ancestors(reading(), town.estate) if each.kind == "district")
    public = [
        "/city",
        f"/city/districts/{district.code}",
        f"/city/estates/{code}",
        f"/books/{number}",
        f"/books/{number}/1",
        f"/books/{number}/1.txt",
        f"/api/v1/estates/{number}/books",
        f"/api/v1/estates/{number}/publications/1",
    ]
    leaders = ["/", f"/board/{code}", f"/api/v1/boards/{code}"]

    def looked() -> dict[str, str]:
        return {path: everything_read(town, client, path) for path in public} | {
            f"leader {path}": everything_read(town, leader, path) for path in leaders
        }

    town.pay(0, 1, 2, 3, 4)
    town.publish()
    before = looked()
    town.pay(5, fen=123_400)
    town.purse.run_jobs(PAID_AT)
    assert looked() == before
    town.publish(weeks=2)
    after = looked()
    assert words(board_of(leader, code))["1-302"] == "未填", "alone it waits"
    assert after[f"/api/v1/estates/{number}/books"].count("receipt_tail") == 5
    assert "1234" not in "".join(after.values())


def test_doors_and_rows_come_out_together_five_at_least(town) -> None:
    leader, _ = town.staff("group_leader", town.estate)

    def turned() -> set[str]:
        shown = board_of(leader, town.estate.code)
        return {name for name, word in words(shown).items() if word.startswith("已缴")}

    town.pay(0, 1, 2, 3)
    town.publish()
    assert turned() == set()
    town.pay(4)
    assert turned() == set(), "not before they are published"
    town.publish(weeks=2)
    assert turned() == {"1-101", "1-102", "1-201", "1-202", "1-301"}
    town.pay(5)
    town.publish(weeks=16)
    assert len(turned()) == 5, "published alone after a quarter, its door waits for four others"
    assert "一次至少 5 户" in page_of(leader, town.estate.code)
