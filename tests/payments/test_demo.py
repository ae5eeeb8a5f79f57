"""The demo city's collections."""

from pathlib import Path

from flask import Flask

from kernel import clock
from kernel.database import reading
from kernel.places.queries import dwellings_of_estate, place_by_code
from payments.queries.totals import estate_totals, paid_dwellings
from payments.services import checking
from portal import demo as demo_city
from portal.demo import Demo
from portal.demo.payments import RATES
from portal.demo.personas import TAOYUAN
from portal.demo.reconciliation import bills

NEEDED = {"city:places", "city:dwellings", "people:households", "people:accounts", "payments:deposits"}


def test_most_households_have_paid_the_storys_own_has_not_and_the_books_hold(app: Flask, tmp_path: Path) -> None:
    demo = Demo(clock.now(), tmp_path, estates=5, households=12)
    for name in demo_city.STEPS:
        if name.removeprefix("portal.demo.") in NEEDED:
            module, _, function = name.partition(":")
            getattr(__import__(module, fromlist=[function]), function)(demo)
    assert checking.check().differences == []
    for code, rate in RATES.items():
        estate = place_by_code(reading(), code)
        totals = estate_totals(reading(), estate.id)
        assert totals.paid_households == totals.households * rate // 100, code
        assert totals.paid_fen > 0
    estate = place_by_code(reading(), TAOYUAN)
    paid = paid_dwellings(reading(), estate.id)
    homes = {home.label: home.id for home in dwellings_of_estate(reading(), estate.id)}
    assert homes["3栋2单元501"] not in paid
    assert len(paid) == estate_totals(reading(), estate.id).paid_households
    assert bills(demo).startswith("微信账单：对了 2 天")
