"""What became of last year's wishes in the demo city, marks for what was done, and tries at doors of this year's."""

import sqlalchemy as sa

from kernel.clusters import services as clusters
from kernel.database import new_public_id, reading, transaction, use_case
from kernel.idempotency import Key
from kernel.people.models import Account
from kernel.places import queries as places
from portal.demo import Demo
from portal.demo.city import estates_with_dwellings
from portal.demo.personas import TAOYUAN
from surveys.questionnaires import queries as campaigns
from surveys.questionnaires.attempts.models import VisitAttempt
from surveys.questionnaires.models import Campaign, ValidResponse
from surveys.questionnaires.needs import catalogues, services
from surveys.questionnaires.needs.models import EffectMark
from surveys.questionnaires.rules.lifecycle import State
from surveys.questionnaires.rules.needs import Became
from surveys.questionnaires.rules.rates import Outcome
from surveys.questionnaires.sheets.services import refresh, say_known

BY = "demo"
STORY = (
    ("drainage", Became.DONE, "雨污分流工程已完工"),
    ("overhead_lines", Became.DOING, "三线规整正在施工，预计年底完成"),
    ("parking", Became.LISTED, "列入今年方案，划线和充电一起做"),
    ("lift", Became.NOT_LISTED, "要先征得全楼业主同意并定分摊办法，今年继续征求意见"),
    ("clinic", Became.NOT_LISTED, "五百米内已有卫生服务站"),
)
"""(item, what became of it, why) for 桃园北巷; other estates get the first three."""


CLUSTER = "桃园片区"
"""The estates of 桃园北巷's street, planned as one."""


def needs(demo: Demo) -> str:
    """The city's catalogue with 安全类, the story of last year's wishes, a cluster, marks, knocked doors."""
    services.load_catalogue(catalogues.shipped("works-2026"), year=2023, actor=BY, now=demo.ago(400))
    found = campaigns.campaigns(reading())
    last = next(each for each in found if each.state == State.CLOSED)
    current = next(each for each in found if each.state == State.OPEN)
    steps = 0
    for estate, _ in estates_with_dwellings(demo):
        for item, became, reason in STORY if estate.code == TAOYUAN else STORY[:3]:
            _step(demo, last, estate.code, item, became, reason)
            steps += 1
    _join(demo)
    marks = _marks(demo, last)
    tries = _knocked(demo, current)
    return f"需求结果：{steps} 项有结果，{marks} 户打分，{tries} 次敲门没填成"


def _join(demo: Demo) -> None:
    """The estates of 桃园北巷's street with homes are one cluster."""
    session = reading()
    found = [places.place_by_code(session, estate.code) for estate, _ in estates_with_dwellings(demo)]
    street = places.ancestors(session, places.place_by_code(session, TAOYUAN))[-3]
    near = [estate.code for estate in found if places.is_within(estate, street)]
    if len(near) > 1:
        clusters.create(CLUSTER, near, person_id=None, actor=BY, key=None, now=demo.ago(20))


def _step(demo: Demo, campaign: Campaign, estate: str, item: str, became: Became, reason: str) -> None:
    """One item, through being listed where it went further."""
    path = [Became.LISTED] if became in (Became.DOING, Became.DONE) else []
    for number, each in enumerate([*path, became]):
        services.set_step(
            campaign.public_id,
            estate,
            item,
            each,
            reason if each == became else "列入当年方案",
            person_id=None,
            actor=BY,
            key=None,
            now=demo.ago(300 - 100 * number),
        )


@use_case
def _marks(demo: Demo, campaign: Campaign) -> int:
    """Households of 桃园北巷 that answered last year say what they think of the drains."""
    chance = demo.random("effects")
    with transaction() as session:
        estate = places.place_by_code(session, TAOYUAN)
        rows = session.execute(
            sa.select(ValidResponse.dwelling_id).where(ValidResponse.campaign_id == campaign.id)
        ).scalars()
        homes = {home.id: home.label for home in places.dwellings_of_estate(session, estate.id)}
        account = session.scalars(sa.select(Account).where(Account.openid == "demo-resident")).one()
        made = [
            {
                "campaign_id": campaign.id,
                "dwelling_id": dwelling,
                "item": "drainage",
                "estate_id": estate.id,
                "mark": chance.choice((3, 4, 4, 5, 5)),
                "account_id": account.id,
                "at": demo.ago(30),
            }
            for dwelling in rows
            if dwelling in homes and homes[dwelling] != "3栋2单元501" and chance.random() < 0.4
        ]
        if made:
            session.execute(sa.insert(EffectMark), made)
        return len(made)


def _knocked(demo: Demo, campaign: Campaign) -> int:
    """Doors of 桃园北巷 that did not answer this year's questionnaire, and what the worker found there."""
    tries = _tries(demo, campaign)
    session = reading()
    estate = places.place_by_code(session, TAOYUAN)
    homes = places.households(session, estate.id)
    for age, households in (("over_60", homes * 3 // 4), ("over_80", homes // 2)):
        say_known(
            TAOYUAN,
            age,
            households,
            "社区台账",
            person_id=_worker(),
            actor=BY,
            key=Key(BY, new_public_id(), "0" * 64),
            now=demo.now,
        )
    counted = campaigns.answered_by_estate(reading(), campaign.id).get(estate.id, 0)
    refresh(campaign.id, estate.id, responses=counted, now=demo.now)
    return tries


def _worker() -> int | None:
    worker = reading().scalars(sa.select(Account).where(Account.openid == "demo-worker")).one()
    return worker.person_id


@use_case
def _tries(demo: Demo, campaign: Campaign) -> int:
    chance = demo.random("attempts")
    with transaction() as session:
        estate = places.place_by_code(session, TAOYUAN)
        worker = session.scalars(sa.select(Account).where(Account.openid == "demo-worker")).one()
        answered = campaigns.answered_dwellings(session, campaign.id, estate.id)
        rows = [
            {
                "public_id": new_public_id(),
                "campaign_id": campaign.id,
                "dwelling_id": home.id,
                "outcome": chance.choice([Outcome.NOT_HOME, Outcome.NOT_HOME, Outcome.VACANT, Outcome.REFUSED]),
                "account_id": worker.id,
                "at": demo.ago(chance.uniform(1, 15)),
            }
            for home in places.dwellings_of_estate(session, estate.id)
            if home.id not in answered and chance.random() < 0.5
        ]
        if rows:
            session.execute(sa.insert(VisitAttempt), rows)
        return len(rows)
