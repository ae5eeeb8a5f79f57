"""The demo city's requests."""

from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from kernel import clock
from kernel.database import reading
from payments.models import PaymentAlarm
from payments.refunds.batches.models import RefundBatch, RefundBatchLine
from payments.refunds.models import DepositRefund
from payments.services import checking
from portal import demo as demo_city
from portal.demo import Demo, batches, works

NEEDED = {"city:places", "city:dwellings", "people:households", "people:accounts", "payments:deposits"}


def test_two_households_have_asked_and_one_has_its_first_approval(app: Flask, tmp_path: Path) -> None:
    demo = Demo(clock.now(), tmp_path, estates=5, households=12)
    for name in demo_city.STEPS:
        if name.removeprefix("portal.demo.") in NEEDED | {"refunds:requests"}:
            module, _, function = name.partition(":")
            said = getattr(__import__(module, fromlist=[function]), function)(demo)
    assert said == "退还申请：2 笔，一笔已有一人核准"
    assert sorted(reading().scalars(sa.select(DepositRefund.state))) == ["asked", "checked"]
    works.contributions(demo)
    told = batches.batches(demo)
    assert told == "批量退款：2 批，一批等第二人复核，一批 1 笔没有办成；刷卡 2 笔已到账，一个钱箱没有清点"
    states = sorted(reading().scalars(sa.select(RefundBatch.state)))
    assert states == ["decided", "proposed"]
    kinds = set(reading().scalars(sa.select(PaymentAlarm.kind).where(PaymentAlarm.settled_at.is_(None))))
    assert kinds == {"paid_both_ways", "box_not_counted"}
    failed = reading().scalars(sa.select(RefundBatchLine.problem).where(RefundBatchLine.state == "failed")).all()
    assert len(failed) == 1
    assert checking.check().differences == []
