"""The demo city's requests."""

from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from kernel import clock
from kernel.database import reading
from payments.refunds.models import DepositRefund
from payments.services import checking
from portal import demo as demo_city
from portal.demo import Demo

NEEDED = {"city:places", "city:dwellings", "people:households", "people:accounts", "payments:deposits"}


def test_two_households_have_asked_and_one_has_its_first_approval(app: Flask, tmp_path: Path) -> None:
    demo = Demo(clock.now(), tmp_path, estates=5, households=12)
    for name in demo_city.STEPS:
        if name.removeprefix("portal.demo.") in NEEDED | {"refunds:requests"}:
            module, _, function = name.partition(":")
            said = getattr(__import__(module, fromlist=[function]), function)(demo)
    assert said == "退还申请：2 笔，一笔已有一人核准"
    assert sorted(reading().scalars(sa.select(DepositRefund.state))) == ["asked", "checked"]
    assert checking.check().differences == []
