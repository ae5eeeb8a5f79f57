"""Visits that were asked for in the story's estate: one overdue, one for today, one for tomorrow."""

from datetime import timedelta

from kernel.clock import china_day, china_moment
from kernel.database import reading, transaction, use_case
from kernel.people import services as people
from kernel.places.models import Dwelling
from kernel.places.queries import dwellings_of_estate, place_by_code
from kernel.web.guards import Identity
from portal.demo import Demo
from portal.demo.personas import TAOYUAN
from portal.home_visits.rules import Half, Purpose
from portal.home_visits.services import asking

BY = "system:demo"

WISHES = (
    # label, what for, the day from the seed day on
    ("1栋1单元101", Purpose.SEEING, -1),
    ("1栋1单元301", Purpose.SURVEY, 0),
    ("2栋1单元201", Purpose.MONEY, 1),
)


def home_visits(demo: Demo) -> str:
    """Three households ask the day before, as people would do it."""
    estate = place_by_code(reading(), TAOYUAN)
    homes = {each.label: each for each in dwellings_of_estate(reading(), estate.id)}
    made = 0
    for number, (label, purpose, ahead) in enumerate(WISHES):
        if label not in homes:
            continue
        day = china_day(demo.now) + timedelta(days=ahead)
        asked_at = min(china_moment(day - timedelta(days=1), 9), demo.now)
        asker = _neighbour(f"demo-visit-{number}", homes[label], demo)
        asking.ask(asker, homes[label].public_id, purpose, day, Half.PM, key=None, now=asked_at)
        made += 1
    return f"上门：{made} 户约了工作人员"


@use_case
def _neighbour(openid: str, home: Dwelling, demo: Demo) -> Identity:
    """An account that speaks for a home of the estate."""
    with transaction() as session:
        account = people.make_sure_account(session, openid, now=demo.ago(20))
        people.tie(session, account, home.id, level=1, relation="family", person_id=None, actor=BY, now=demo.ago(20))
        return Identity(account.id, account.public_id, account.person_id)
