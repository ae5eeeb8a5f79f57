"""Silence counted by adopted rules: both columns on the sheet, the same in the bundle; on both databases."""

from datetime import timedelta

from kernel.database import reading
from surveys.votes import queries, result_sheet, verify
from surveys.votes.bylaws import services as filing
from surveys.votes.delivery import services as delivering
from surveys.votes.services import bundles, counting, preparing
from surveys.votes.services.preparing import Staff
from tests.surveys.votes.bylaws.test_bylaws import drafted, filed
from tests.surveys.votes.delivery.test_services import handed
from tests.surveys.votes.proofs import photographed
from tests.surveys.votes.stories import HOUR, NOW, STREET, Estate, cast, vote_row


def test_the_sheet_prints_what_was_cast_and_what_is_deemed_and_the_bundle_proves_both(
    estate: Estate, worker: Staff
) -> None:
    made = filed(estate, worker)
    filing.confirm(made, by=STREET, now=NOW)
    vote_id = drafted(estate)
    filing.count_silence(vote_id, made, by=STREET, now=NOW)
    preparing.publish(vote_id, by=STREET, now=NOW)
    preparing.open_voting(vote_id, by=STREET, now=NOW)
    # the factory's three flats were delivered and it is silent; 陈, 李 and 钱 agree
    proof = (photographed(estate, worker),)
    delivering.record(vote_id, handed(estate, 3, 4, 5, evidence=proof), by=worker, now=NOW + HOUR)
    for who, door in (("chen", "101"), ("li", "201"), ("qian", "402")):
        cast(vote_id, estate.voter(who), f"1栋1单元{door}", "approve", now=NOW + 2 * HOUR)
    closes = NOW + timedelta(days=9)
    counting.close(vote_id, by=STREET, now=closes)
    counting.publish_result(vote_id, by=STREET, now=closes)

    session = reading()
    result = queries.result_of(session, vote_row(vote_id).id)
    assert result is not None
    (motion,) = result.document["motions"]
    assert (motion["carried_cast"], motion["carried"]) == (False, True), "three of five heads are not two thirds"
    assert motion["deemed"] | {"measures": 0} == {
        "mode": "majority",
        "joins": "approve",
        "lines": 1,
        "heads": 1,
        "area_dm2": 24_000,
        "measures": 0,
    }
    (contrary,) = result.document["counterfactual"]
    assert (contrary["without"], contrary["carried"], contrary["flips"]) == ("deemed", False, True)

    (shown,) = result_sheet.sheet(session, vote_row(vote_id)).motions
    assert shown.heads == ("项目", "已投：人数", "已投：专有部分面积", "含视为：人数", "含视为：专有部分面积")
    assert shown.rows[-1] == ("按这一栏", "未通过", "未通过", "通过", "通过")
    assert any("请法律审查" in line for line in shown.missing)
    for bundle in (
        bundles.public_bundle(vote_id),
        bundles.auditor_bundle(vote_id, by=STREET, reason="抽查", now=closes),
    ):
        assert bundle["deemed"]["lines"] == [3]
        assert verify.verify(bundle).faults == []
