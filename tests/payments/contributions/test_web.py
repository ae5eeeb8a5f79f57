"""Budgets and dues over HTTP: who may, what is seen, what is said twice."""

import io

import openpyxl
import pytest
import sqlalchemy as sa

from kernel.audit.models import AuditEntry
from kernel.database import reading
from tests.factories import Factory
from tests.payments.contributions.conftest import COST, EACH, Works
from tests.payments.world import NOW

KEY = "0f0e0d0c-0b0a-4908-8706-050403020100"


@pytest.fixture
def street(works: Works, make: Factory):
    """Two signed-in officers of the street."""
    return make.signed_in(works.officer("one")), make.signed_in(works.officer("two"))


def proposal(works: Works, fen: int = COST) -> dict:
    return {"title": "分摊方案", "why": "议定", "costs": works.costs(fen), "total_fen": fen}


def test_a_budget_is_proposed_published_read_paid_and_changed(works: Works, street, make: Factory) -> None:
    one, two = street
    place = f"/api/v1/estates/{works.estate.public_id}/budgets"
    made = one.post(place, json=proposal(works), key=KEY)
    assert made.status_code == 201
    assert one.post(place, json=proposal(works), key=KEY).json == made.json
    decision = f"/api/v1/budgets/{made.json['id']}/decision"
    assert one.post(decision, json={"agree": True}).status_code == 403
    assert two.post(decision, json={"agree": True}).status_code == 200
    home = works.homes[0]
    account = works.payer(home)
    payer = make.signed_in(account)
    due = payer.get(f"/api/v1/dwellings/{home.public_id}/contribution").json
    assert (due["due_fen"], due["open_fen"], due["lines"][0]["words"]) == (
        EACH,
        EACH,
        "80.00 ㎡ ÷ 960.00 ㎡ × 12,000.00 元 = 1,000.00 元",
    )
    body = {"amount_fen": EACH, "terms_version": made.json["id"]}
    promised = payer.post(f"/api/v1/dwellings/{home.public_id}/contributions", json=body)
    assert promised.status_code == 201
    trade_no = works.begin(account, promised.json["id"])
    works.tell(works.gateway.pay(trade_no, now=NOW))
    works.run_jobs(NOW)
    page = payer.get(f"/contribution/{home.public_id}")
    for words in ("我家的出资", "已缴清", "80.00 ㎡ ÷ 960.00 ㎡", "1,000.00", "缴纳出资"):
        assert words in page.text
    assert "改造出资收据" in payer.get(f"/receipt/{promised.json['id']}").text
    again = one.post(place, json={**proposal(works, 24_000_00), "why": "增加管网"}).json["id"]
    two.post(f"/api/v1/budgets/{again}/decision", json={"agree": True})
    page = payer.get(f"/contribution/{home.public_id}")
    for words in ("补缴", "增加管网", "1,000.00", "2,000.00", "用微信支付"):
        assert words in page.text
    notice = make.signed_in(make.account()).get(f"/budgets/{works.estate.public_id}")
    assert "24,000.00" in notice.text
    assert "101" not in notice.text


def test_another_household_is_not_found_and_level_one_proves_himself_first(works: Works, make: Factory) -> None:
    works.publish()
    stranger = make.signed_in(works.payer(works.homes[5]))
    home = works.homes[0].public_id
    for path in (f"/contribution/{home}", f"/api/v1/dwellings/{home}/contribution"):
        assert stranger.get(path).status_code == 404
    first = make.signed_in(works.payer(level=1))
    assert first.get(f"/api/v1/dwellings/{home}/contribution").status_code == 403
    assert "核实" in first.get(f"/contribution/{home}").text


def test_before_a_budget_the_page_says_that_nothing_is_due(works: Works, make: Factory) -> None:
    payer = make.signed_in(works.payer())
    assert "现在不用缴" in payer.get(f"/contribution/{works.homes[0].public_id}").text
    assert payer.get(f"/budgets/{works.estate.public_id}").status_code == 404


def test_staff_see_progress_and_take_the_official_sheet(works: Works, street, make: Factory) -> None:
    one, _ = street
    works.publish()
    works.contributed(works.homes[0], EACH)
    page = one.get(f"/work/contributions/{works.estate.public_id}")
    for words in ("1/12", "12,000.00", "已缴清", "编制新一版"):
        assert words in page.text
    assert works.estate.name in one.get("/work/contributions").text
    sheet = one.get(f"/work/contributions/{works.estate.public_id}.xlsx")
    assert sheet.status_code == 200
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet.data)).active.iter_rows(values_only=True))
    assert rows[0][0].endswith("改造居民出资情况表")
    assert rows[1][-1] == "单位：元"
    assert rows[-3][3:7] == ("12,000.00", "1,000.00", "11,000.00", "0.00")
    assert "审核人" in rows[-2][0]
    outsider = make.signed_in(works.payer(works.homes[1]))
    for path in ("", f"/{works.estate.public_id}", f"/{works.estate.public_id}.xlsx"):
        assert outsider.get(f"/work/contributions{path}").status_code == 403


def test_the_community_sees_and_takes_the_sheet_and_changes_nothing(works: Works, street, make: Factory) -> None:
    works.publish()
    account = make.account()
    make.grant(account, "community_worker", works.estate)
    worker, place = make.signed_in(account), works.estate.public_id
    page = worker.get(f"/work/contributions/{place}")
    assert "0/12" in page.text
    for never in ("编制新一版", "保存次数", "登记退还"):
        assert never not in page.text
    assert worker.get(f"/work/contributions/{place}.xlsx").status_code == 200
    assert worker.post(f"/api/v1/estates/{place}/budgets", json=proposal(works)).status_code == 403
    assert worker.put(f"/api/v1/estates/{place}/contribution-reminders", json={"most": 1}).status_code == 403
    assert "分摊与出资" in worker.get("/").text
    one, _ = street
    assert one.put(f"/api/v1/estates/{place}/contribution-reminders", json={"most": 1}).json == {"most": 1}
    assert "最多提醒 1 次" in one.get(f"/work/contributions/{place}").text


def test_homes_are_named_as_people_say_them_and_a_look_at_the_doors_is_on_record(works: Works, street) -> None:
    one, two = street
    how = {"method": "item", "homes": [works.homes[0].label, works.homes[1].public_id], "by_area": False}
    body = {
        **proposal(works, 900_00),
        "costs": [{"name": "电梯", "amount_fen": 900_00, "how": how}],
        "exemptions": [{"dwelling": works.homes[1].label, "thousandths": 1000, "why": "低保户"}],
    }
    place = f"/api/v1/estates/{works.estate.public_id}/budgets"
    stranger = {**body, "costs": [{**body["costs"][0], "how": {"method": "item", "homes": ["9栋101"]}}]}
    assert one.post(place, json=stranger).json["code"] == "no-such-dwelling"
    made = one.post(place, json=body)
    assert made.status_code == 201, made.text
    two.post(f"/api/v1/budgets/{made.json['id']}/decision", json={"agree": True})
    assert [works.stands(home).due_fen for home in works.homes[:3]] == [450_00, 0, 0]
    one.get(f"/work/contributions/{works.estate.public_id}")
    session = reading()
    looks = session.scalar(sa.select(sa.func.count()).where(AuditEntry.action == "look.contributions"))
    session.close()
    assert looks == 1


@pytest.mark.parametrize(
    "change",
    [
        {"costs": []},
        {"total_fen": 0},
        {"total_fen": 10**30},
        {"costs": [{"name": "a", "amount_fen": -1, "how": {"method": "area"}}]},
        {"costs": [{"name": "a", "amount_fen": 1, "how": {"method": "luck"}}]},
        {"borne_by": "nobody"},
        {"extra": 1},
    ],
)
def test_a_body_out_of_shape_is_refused(works: Works, street, change: dict) -> None:
    one, _ = street
    place = f"/api/v1/estates/{works.estate.public_id}/budgets"
    assert one.post(place, json={**proposal(works), **change}).status_code == 422
