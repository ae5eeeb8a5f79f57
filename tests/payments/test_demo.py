"""The demo city's collections."""

from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from kernel import clock
from kernel.database import reading
from kernel.people.models import Account
from kernel.places.queries import dwellings_of_estate, place_by_code
from payments.queries.totals import estate_totals, paid_dwellings
from payments.reconciliation.models import BillDifference, ReconciledDay
from payments.reconciliation.services import deciding
from payments.rules.reconcile import WAITING, Decision
from payments.services import checking
from payments.two_people import mark
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
    assert _signed_by_two() == [True, True]
    assert checking.check().differences == []


def _signed_by_two() -> list[bool]:
    """The two who settle what streets share settle every difference, one proposing and the other agreeing, and sign."""
    session = reading()
    one, two = (
        session.scalars(sa.select(Account.person_id).where(Account.openid == name)).one()
        for name in ("demo-settler", "demo-settler-two")
    )
    waiting = list(session.scalars(sa.select(BillDifference).where(BillDifference.state.in_(WAITING))))
    days = list(session.scalars(sa.select(ReconciledDay.public_id)))
    session.close()
    assert len(waiting) == 4
    for found in waiting:
        decision = Decision.HOLDER if found.theirs_fen == 20_000 else Decision.ACCEPTED
        told = {"decision": decision, "why": "查过", "estate": _estate_of(found), "now": clock.now()}
        deciding.propose(found.public_id, person_id=one, actor="demo-settler", **told)
        session = reading()
        seen = mark(session.get_one(BillDifference, found.id))
        session.close()
        deciding.decide(
            found.public_id, agree=True, seen=seen, person_id=two, actor="demo-settler-two", now=clock.now()
        )
    for day in days:
        deciding.close_day(day, person_id=two, actor="demo-settler-two", now=clock.now())
    session = reading()
    signed = [day.closed_by == two for day in session.scalars(sa.select(ReconciledDay))]
    session.close()
    return signed


def _estate_of(found: BillDifference) -> str:
    session = reading()
    place = place_by_code(session, TAOYUAN)
    session.close()
    return place.public_id if found.theirs_fen == 20_000 else ""
