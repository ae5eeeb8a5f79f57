"""The demo city's counter."""

from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from kernel import clock
from kernel.database import reading
from payments.cash_desk.models import CashBox
from payments.services import checking
from portal import demo as demo_city
from portal.demo import Demo

NEEDED = {"city:places", "city:dwellings", "people:households", "people:accounts", "payments:deposits", "cash:counter"}


def test_one_box_is_counted_and_one_is_open(app: Flask, tmp_path: Path) -> None:
    demo = Demo(clock.now(), tmp_path, estates=5, households=12)
    for name in demo_city.STEPS:
        if name.removeprefix("portal.demo.") in NEEDED:
            module, _, function = name.partition(":")
            said = getattr(__import__(module, fromlist=[function]), function)(demo)
    assert said == "现金：3 笔，一个钱箱已清点、等解款，一个还开着；银行流水一行待处理"
    found = reading().scalars(sa.select(CashBox).order_by(CashBox.opened_at)).all()
    assert [one.counted_fen for one in found] == [80_000, None]
    assert checking.check().differences == []
