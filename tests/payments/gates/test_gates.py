"""What a collection is measured against: dated, with its reason, by two; each building; and the same as data."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.database import reading, transaction
from kernel.errors import Conflict, Invalid, NotAllowed
from payments.gates.models import GateBase
from payments.gates.services import bases, measuring
from payments.publications.services import publish_due
from tests.factories import Factory
from tests.payments.contributions.conftest import Works
from tests.payments.world import NOW

BASE = {
    "as_of": clock.china_day(NOW),
    "households": 10,
    "average_fen": 50_000,
    "area_dm2": 100_000,
    "target_fen": 600_000,
    "share_permille": 600,
    "by_building": {"1栋": 6, "2栋": 4},
    "why": "两户已经拆除",
}


@pytest.fixture
def works(app, make: Factory) -> Works:
    """Twelve homes in two buildings, six have paid 1,000.00 each, all in the first."""
    found = Works(make)
    for home in found.homes[:6]:
        found.paid(home, 100_000)
    return found


def gate(works: Works) -> measuring.Gate:
    session = reading()
    found = measuring.gate_of(session, works.open_collection())
    session.close()
    return found


def propose(works: Works, **more: object) -> str:
    return bases.propose(works.estate.public_id, **{**BASE, **more}, now=NOW, **works.who("one"))


def test_without_a_base_the_register_counts_and_with_one_what_two_people_laid_down(works: Works) -> None:
    before = gate(works)
    assert (before.measure.base, before.standing.households, before.is_passed) == (None, 12, True)
    assert [one.name for one in before.conditions] == ["average"]
    made = propose(works)
    assert gate(works).measure.base is None, "proposed is not adopted"
    with pytest.raises(Conflict):
        propose(works)
    with pytest.raises(NotAllowed):
        bases.decide(made, agree=True, now=NOW, **works.who("one"))
    bases.decide(made, agree=True, now=NOW, **works.who("two"))
    found = gate(works)
    assert (found.standing.households, found.standing.average_text, found.is_passed) == (10, "600.00", True)
    assert [(one.name, one.is_met) for one in found.conditions] == [
        ("average", True),
        ("target", True),
        ("share", True),
    ]
    assert [(one.building, one.standing.households, one.is_met) for one in found.buildings] == [
        ("1栋", 6, True),
        ("2栋", 4, False),
    ]
    assert "100.0%" in found.conditions[1].reached
    stricter = propose(works, target_fen=600_001, why="概算调整")
    bases.decide(stricter, agree=True, now=NOW + timedelta(hours=1), **works.who("two"))
    assert not gate(works).is_passed, "one fen short"
    with pytest.raises(sa.exc.IntegrityError), transaction() as session:
        session.execute(sa.update(GateBase).values(decided_by=GateBase.made_by))


@pytest.mark.parametrize(
    "change",
    [
        {"as_of": clock.china_day(NOW + timedelta(days=1))},
        {"by_building": {"1栋": 5}},
        {"by_building": {"1栋": 6, "二栋": 4}},
    ],
)
def test_a_date_to_come_and_buildings_that_do_not_add_up_are_refused(works: Works, change: dict) -> None:
    with pytest.raises(Invalid):
        propose(works, **change)


def test_the_street_and_the_community_see_it_as_a_page_and_as_data_and_nobody_else(works: Works, make: Factory) -> None:
    place = works.estate.public_id
    body = {**BASE, "as_of": BASE["as_of"].isoformat()}
    one, two = (make.signed_in(works.officer(name)) for name in ("one", "two"))
    helper, stranger = make.account(), make.signed_in(works.payer(works.homes[7]))
    make.grant(helper, "community_worker", works.estate)
    worker = make.signed_in(helper)
    assert worker.post(f"/api/v1/estates/{place}/gate-bases", json=body).status_code == 403
    assert one.post(f"/api/v1/estates/{place}/gate-bases", json={**body, "average_fen": 0}).status_code == 422
    made = one.post(f"/api/v1/estates/{place}/gate-bases", json=body)
    assert made.status_code == 201, made.text
    assert "复核并采用" in two.get(f"/work/gate/{place}").text
    assert "复核并采用" not in one.get(f"/work/gate/{place}").text
    assert two.post(f"/api/v1/gate-bases/{made.json['id']}/decision", json={"agree": True}).status_code == 200
    page = worker.get(f"/work/gate/{place}")
    for words in ("金额 ÷ 目标", "已缴户数的比例", "600.00", "1栋", "两户已经拆除", "每平方米"):
        assert words in page.text
    assert "调整基数" not in page.text
    data = worker.get(f"/api/v1/estates/{place}/gate").json
    assert (data["as_of"], data["is_passed"], data["paid_fen"]) == (body["as_of"], True, 600_000)
    assert [one["building"] for one in data["buildings"]] == ["1栋", "2栋"]
    for path in (f"/work/gate/{place}", f"/api/v1/estates/{place}/gate"):
        assert stranger.get(path).status_code == 403
    assert f"/work/gate/{place}" in worker.get(f"/work/contributions/{place}").text
    leader = make.account()
    make.grant(leader, "group_leader", works.estate)
    reader = make.signed_in(leader)
    assert "金额 ÷ 目标" not in reader.get(f"/board/{works.estate.code}").text, "not before it is published"
    works.run_jobs(NOW)
    publish_due(now=NOW + timedelta(days=7))
    board = reader.get(f"/board/{works.estate.code}").text
    assert "金额 ÷ 目标" in board
    assert "要 6,000.00 元" in board
    assert "50.0% 以上（5 以上/10 户）" in board, "where four are left, no condition tells how many"
    assert "6/10" not in board
    # one definition of the average, wherever it is shown, with its day and why the register counts otherwise
    said = f"户均 = 合计 ÷ 全部 10 户（{body['as_of']} 的基数）；房屋登记今天是 12 户，不同是因为：两户已经拆除。"
    for path in (f"/work/gate/{place}", f"/books/{place}", f"/board/{works.estate.code}"):
        text = (worker if path.startswith("/work") else reader).get(path).text
        assert said in text, path
        assert "600.00" in text, path
    estate = reader.get(f"/city/estates/{works.estate.code}").text
    assert said in estate
    assert ">600.00<" in estate
    told = reader.get(f"/api/v1/estates/{place}/books").json
    assert (told["households"], told["households_as_of"], told["households_on_register"]) == (10, body["as_of"], 12)
