"""Questionnaires of the demo city: last year's, closed, and one that runs, half answered. Answers are invented."""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from kernel import audit, pictures
from kernel.clock import china_day
from kernel.database import new_public_id, transaction, use_case
from kernel.people.models import Account
from kernel.places import queries as places
from kernel.places.models import Dwelling, Place
from kernel.storage import store
from portal.demo import Demo
from portal.demo.answers import invented
from portal.demo.city import estates_with_dwellings
from portal.demo.personas import PERSONAS, TAOYUAN
from surveys.questionnaires import data, queries
from surveys.questionnaires.models import Attachment, Campaign, Purpose, Response, TallyQueue, ValidResponse
from surveys.questionnaires.publicly.services import release_waiting
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.rules.subjects import Part, Speaks, speaks_as
from surveys.questionnaires.services import campaigns, counting, forms, sealing
from surveys.questionnaires.services.responses import WORKER, facts_of
from surveys.questionnaires.sheets.services import refresh_due

BY = "demo"
RATES = (0.64, 0.91, 0.43, 0.76, 0.55, 0.32, 0.82)
"""Shares of dwellings that have answered this year, estate by estate."""
LAST_YEAR = 0.85
OPENED_AGO, LEFT = 21, 24
WORKER_SHARE = 0.3


def questionnaires(demo: Demo) -> str:
    """The official sheet, a campaign of last year with its results, and one that runs now."""
    estates = [estate.code for estate, _ in estates_with_dwellings(demo)]
    year = china_day(demo.now).year
    loaded = forms.load(data.shipped("estate-renovation-needs"), actor=BY, now=demo.ago(420))
    before = _campaign(demo, loaded.version.public_id, year, estates, demo.ago(410), demo.ago(365))
    made = sum(_answered(demo, Asking(before, LAST_YEAR, 410, 366), code) for code in estates)
    campaigns.close_by_hand(before, person_id=None, actor=BY, now=demo.ago(365))
    current = _campaign(
        demo, loaded.version.public_id, year + 1, estates, demo.ago(OPENED_AGO), demo.now + timedelta(days=LEFT)
    )
    for number, code in enumerate(estates):
        made += _answered(demo, Asking(current, RATES[number % len(RATES)], OPENED_AGO, 0.1, story=True), code)
    made += _elders(demo, estates[-1])
    while counting.drain_tally(now=demo.now):
        pass
    while release_waiting(now=demo.now):
        pass
    refresh_due(now=demo.now)
    parts = len(loaded.version.document["sections"])
    return f"问卷：{parts} 部分 38 题，去年一次、今年一次；一份逐位填写、有英文的老人情况表；{made} 份答卷"


def _elders(demo: Demo, code: str) -> int:
    """A second questionnaire beside the yearly one, in one estate: rows for each old person, in two languages."""
    version = forms.load(data.shipped("elders-at-home"), actor=BY, now=demo.ago(40)).version.public_id
    title, year = "老人和行动不便居民情况表", china_day(demo.now).year
    asked = _campaign(demo, version, year, [code], demo.ago(30), demo.now + timedelta(days=LEFT), title=title)
    return _answered(demo, Asking(asked, 0.5, 30, 0.1), code)


def _campaign(
    demo: Demo,
    version: str,
    year: int,
    estates: list[str],
    opened_at: datetime,
    closes_at: datetime,
    *,
    title: str = "",
) -> str:
    made = campaigns.create(
        version=version,
        title=title or f"{year}年老旧小区改造居民问卷",
        year=year,
        place_codes=estates,
        opens_at=None,
        closes_at=closes_at,
        person_id=None,
        actor=BY,
        now=opened_at,
    )
    campaigns.open_by_hand(made, person_id=None, actor=BY, now=opened_at)
    return made


@dataclass(frozen=True)
class Asking:
    """A campaign to be answered. ``rate``: share of homes; ``since`` and ``until``: days before the seed day."""

    campaign: str
    rate: float
    since: float
    until: float
    story: bool = False
    """This year's: the homes of the story are left for whoever tries the demo."""


def _signature(chance: random.Random) -> bytes:
    """A scribble."""
    picture = Image.new("RGB", (420, 200), (255, 255, 255))
    points = [(30 + 60 * step, 100 + chance.randrange(-70, 70)) for step in range(7)]
    ImageDraw.Draw(picture).line(points, fill=(17, 17, 17), width=6)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return pictures.signature(out.getvalue())


@use_case
def _answered(demo: Demo, asking: Asking, code: str) -> int:
    """The answers of an estate, each checked by the questionnaire's own plan; in bulk, since there may be thousands."""
    chance = demo.random(f"answers:{asking.since}:{code}")
    left_open = {each.tied_to or each.owns for each in PERSONAS[:4]} if asking.story and code == TAOYUAN else set()
    with transaction() as session:
        campaign = queries.campaign_by_public_id(session, asking.campaign)
        estate = places.place_by_code(session, code)
        homes = [
            home
            for home in places.dwellings_of_estate(session, estate.id)
            if chance.random() < asking.rate and home.label not in left_open
        ]
        writer = _Writer(session, demo, campaign, estate, chance)
        for home, account_id in zip(homes, writer.accounts(homes, asking.since), strict=True):
            writer.add(home, account_id, at=demo.ago(chance.uniform(asking.until, asking.since)))
        writer.write(store().put(_signature(chance), suffix=".png"))
        return len(homes)


class _Writer:
    """Gathers the rows of an estate's responses and inserts them together."""

    def __init__(self, session: Session, demo: Demo, campaign: Campaign, estate: Place, chance: random.Random) -> None:
        self.session, self.demo, self.campaign, self.estate, self.chance = session, demo, campaign, estate, chance
        content_hash = queries.content_hash(session, campaign.version_id)
        self.plan = forms.plan_of(session, campaign.version_id, content_hash)
        self.worker = session.scalar(sa.select(Account).where(Account.openid == "demo-worker"))
        self.buildings: dict[int, Place] = {}
        self.responses: list[dict[str, Any]] = []
        self.files: list[dict[str, Any]] = []
        self.parts: dict[str, Part] = {}

    def accounts(self, homes: Sequence[Dwelling], since: float) -> list[int]:
        """An account for each home, made on first need."""
        names = [f"demo-home-{self.estate.code}-{home.label}" for home in homes]
        known = set(self.session.scalars(sa.select(Account.openid).where(Account.openid.in_(names))))
        fresh = [
            {"public_id": new_public_id(), "openid": name, "created_at": self.demo.ago(since)}
            for name in names
            if name not in known
        ]
        if fresh:
            self.session.execute(sa.insert(Account), fresh)
        ids = self.session.execute(sa.select(Account.openid, Account.id).where(Account.openid.in_(names)))
        by_name = {row[0]: row[1] for row in ids}
        return [by_name[name] for name in names]

    def add(self, home: Dwelling, account_id: int, *, at: datetime) -> None:
        """One household's answers, on the phone or with the worker at the door."""
        if home.building_id not in self.buildings:
            self.buildings[home.building_id] = places.place_by_id(self.session, home.building_id)
        visited = self.worker is not None and self.chance.random() < WORKER_SHARE
        channel = Channel.WORKER_VISIT if visited else Channel.WECHAT_SELF
        who = self.worker.id if self.worker is not None and visited else account_id
        facts = facts_of(home.floor, self.buildings[home.building_id].facts, self.estate.facts, channel)
        name, day = new_public_id(), china_day(at)
        answers = invented(self.plan.form, facts, self.chance, day=day.isoformat(), signature=new_public_id()[:21])
        checked = self.plan.check(answers, facts, today=day)
        entry = audit.record(
            self.session,
            actor=BY,
            action="response.submitted",
            subject=f"response:{name}",
            now=at,
            payload={"campaign": self.campaign.public_id, "dwelling": home.public_id, "channel": channel},
        )
        self.responses.append(
            {
                "public_id": name,
                "campaign_id": self.campaign.id,
                "version_id": self.campaign.version_id,
                "dwelling_id": home.id,
                "estate_id": self.estate.id,
                "channel": channel,
                "relation": WORKER if visited else "self",
                "account_id": who,
                "submitted_at": at,
                "answers": checked.answers,
                "private_sealed": sealing.seal(name, checked.private),
                "receipt": entry.row_hash,
            }
        )
        speaks = speaks_as(self.plan.form.document, WORKER if visited else "self", checked.answers)
        self.parts[name] = Part.ALL if speaks == Speaks.OWNER else Part.NEEDS
        for file in checked.files:
            self.files.append({"public_id": file, "response": name, "account_id": who, "created_at": at})

    def write(self, signature_key: str) -> None:
        """Insert everything; the estate's signatures share one picture."""
        if not self.responses:
            return
        self.session.execute(sa.insert(Response), self.responses)
        rows = self.session.execute(
            sa.select(Response.public_id, Response.id, Response.dwelling_id).where(
                Response.campaign_id == self.campaign.id, Response.estate_id == self.estate.id
            )
        ).all()
        ids = {row[0]: (row[1], row[2]) for row in rows}
        self.session.execute(
            sa.insert(ValidResponse),
            [{"campaign_id": self.campaign.id, "dwelling_id": row[2], "response_id": row[1]} for row in rows],
        )
        self.session.execute(
            sa.insert(TallyQueue), [{"response_id": row[1], "sign": 1, "part": self.parts[row[0]]} for row in rows]
        )
        if not self.files:
            return
        self.session.execute(
            sa.insert(Attachment),
            [
                {
                    "public_id": file["public_id"],
                    "campaign_id": self.campaign.id,
                    "dwelling_id": ids[file["response"]][1],
                    "account_id": file["account_id"],
                    "purpose": Purpose.SIGNATURE,
                    "storage_key": signature_key,
                    "mimetype": "image/png",
                    "size_bytes": 1,
                    "created_at": file["created_at"],
                    "response_id": ids[file["response"]][0],
                }
                for file in self.files
            ],
        )
