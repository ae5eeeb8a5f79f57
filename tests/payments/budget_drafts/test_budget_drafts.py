"""A budget by workbook or form: filled in, reckoned, proposed as it was reckoned, checked door by door by another."""

import io

import openpyxl
import pytest

from tests.factories import Factory
from tests.payments.contributions.conftest import Works


@pytest.fixture
def works(app, make: Factory) -> Works:
    """An estate that collects."""
    return Works(make)


def filled(template: bytes, works: Works) -> bytes:
    """The template as an office fills it in, with all six methods."""
    book = openpyxl.load_workbook(io.BytesIO(template))
    label = [home.label for home in works.homes]
    assert [row[0].value for row in book["门牌"].iter_rows(min_row=2)] == label
    for row in (
        ("外墙", 12000, "", "按建筑面积", ""),
        ("楼道灯", 120, "全小区", "按户平均", ""),
        ("电梯", 900, "1栋", "按楼层系数", "1层 0.5，2层 1，3层 1.5"),
        ("屋面", 300, "2栋", "谁受益谁分摊", "3层起"),
        ("雨棚", 100, "", "按商定的数额", ""),
        ("管网", 1000, "", "综合分摊", "按户平均 40，按建筑面积 60"),
    ):
        book["费用"].append(row)
    book["名单"].append(("雨棚", label[0], 60))
    book["名单"].append(("雨棚", label[1], 40))
    book["减免"].append((label[2], 1, "低保户"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(visitor, data: bytes):
    return visitor.post(
        "/api/v1/budget-files", data={"file": (io.BytesIO(data), "b.xlsx")}, content_type="multipart/form-data"
    )


def test_a_workbook_with_all_methods_is_reckoned_proposed_checked_and_published(works: Works, make: Factory) -> None:
    one, two = (make.signed_in(works.officer(name)) for name in ("one", "two"))
    place = works.estate.public_id
    template = one.get(f"/work/contributions/{place}/template.xlsx")
    assert template.status_code == 200
    said = upload(one, filled(template.data, works))
    assert said.status_code == 200, said.text
    assert [cost["method"] for cost in said.json["costs"]][-1] == "综合分摊"
    assert said.json["exemptions"] == [{"door": works.homes[2].label, "percent": "100%", "why": "低保户"}]
    reckoned = one.post(f"/api/v1/estates/{place}/budget-drafts", json=said.json)
    assert reckoned.status_code == 200, reckoned.text
    draft = reckoned.json
    assert draft["total_fen"] == 14_420_00 == draft["due_fen"] + draft["fund_fen"]
    assert draft["doors"][0]["label"] == works.homes[0].label
    assert "80.00 ㎡ ÷ 960.00 ㎡ × 12,000.00 元" in draft["doors"][0]["lines"][0]["words"]
    assert draft["doors"][0]["word"] == "", "there is no version before"
    assert draft["doors"][2]["due_fen"] == 0, "let off, line by line"
    body = {
        **{name: draft[name] for name in ("costs", "exemptions", "borne_by", "total_fen")},
        "title": "分摊方案",
        "why": "议定",
    }
    made = one.post(f"/api/v1/estates/{place}/budgets", json=body)
    assert made.status_code == 201, made.text
    where = f"/work/contributions/{place}/budgets/{made.json['id']}"
    assert where in two.get(f"/work/contributions/{place}").text
    page = two.get(where).text
    for words in ("待复核", works.homes[0].label, "80.00 ㎡ ÷ 960.00 ㎡ × 12,000.00 元", "减免：低保户"):
        assert words in page
    assert two.post(f"/api/v1/budgets/{made.json['id']}/decision", json={"agree": True}).status_code == 200
    cheaper = {"costs": [{"name": "外墙", "yuan": "12,000", "method": "按建筑面积"}]}
    again = one.post(f"/api/v1/estates/{place}/budget-drafts", json=cheaper).json
    assert again["back_fen"] - again["top_up_fen"] == draft["due_fen"] - again["due_fen"]
    assert {door["word"] for door in again["doors"]} == {"应退", "补缴"}, "the home that was let off bears its part now"
    works.publish(why="压缩")
    assert "应退合计" in one.get(f"/work/contributions/{place}/budgets/{works.current().public_id}").text


def test_what_is_not_the_template_or_not_a_workbook_is_refused_in_words(works: Works, make: Factory) -> None:
    one = make.signed_in(works.officer("one"))
    book = openpyxl.Workbook()
    out = io.BytesIO()
    book.save(out)
    for data, code in ((b"no workbook", "file-unreadable"), (out.getvalue(), "sheet-missing")):
        answer = upload(one, data)
        assert (answer.status_code, answer.json["code"]) == (422, code)
    place = works.estate.public_id
    strange = {"costs": [{"name": "电梯", "yuan": "1", "method": "谁受益谁分摊", "settings": "9栋101"}]}
    answer = one.post(f"/api/v1/estates/{place}/budget-drafts", json=strange)
    assert (answer.status_code, answer.json["code"]) == (422, "no-such-dwelling")
    worker = make.account()
    make.grant(worker, "community_worker", works.estate)
    assert make.signed_in(worker).post(f"/api/v1/estates/{place}/budget-drafts", json=strange).status_code == 403
    works.propose()
    other = Works(make)
    here = f"/work/contributions/{place}"
    assert one.get(f"{here}/budgets/nothing").status_code == 404
    assert make.signed_in(works.payer()).get(f"{here}/template.xlsx").status_code == 403
    assert other.estate.public_id != place
