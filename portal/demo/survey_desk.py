"""What waits on the survey's desks in the demo: cases, papers being keyed, visits of two, a consent taken back.

Everything goes through the services, as people would do it.
"""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from PIL import Image, ImageDraw

from kernel import evidence
from kernel.clock import china_day
from kernel.database import end_reading, reading, transaction, use_case
from kernel.idempotency import Key
from kernel.people import services as people
from kernel.people.models import Account, Person
from kernel.places import queries as places
from kernel.places.models import Dwelling
from portal.demo import Demo
from portal.demo.answers import invented
from portal.demo.personas import PERSONAS, TAOYUAN
from surveys.questionnaires import queries
from surveys.questionnaires.mine import services as mine
from surveys.questionnaires.models import Purpose
from surveys.questionnaires.paper import services as desk
from surveys.questionnaires.paper.services import Staff, voiding
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.rules.second_visitors import SecondWord, Way
from surveys.questionnaires.rules.standing import Opinion
from surveys.questionnaires.second_visitors.services import answering
from surveys.questionnaires.second_visitors.services.answering import Visitor
from surveys.questionnaires.services import attachments, counting, forms, responses
from surveys.questionnaires.services.responses import Receipt, facts_of
from surveys.questionnaires.standing.services import reviewing

HOMES = 9
"""Homes of the demo's own estate that are taken for it."""


def survey_desk(demo: Demo) -> str:
    """One of each thing that waits for somebody."""
    made = _Desk(demo)
    if not made.ready:
        return "问卷待办：0 件"
    made.visits()
    made.cases()
    made.papers()
    while counting.drain_tally(now=demo.now):
        pass
    return "问卷待办：两户要核对，四份纸质表在录，一次入户等第二人确认，一户撤回了一项同意"


class _Desk:
    """The running campaign, homes that have not answered, and those who work there."""

    def __init__(self, demo: Demo) -> None:
        self.demo, self.chance, self.count = demo, demo.random("survey-desk"), 0
        session = reading()
        estate = places.place_by_code(session, TAOYUAN)
        campaign = queries.current_campaign(session, estate, demo.now)
        named = ("demo-worker", "demo-street", "demo-accountant", "demo-leader")
        found = {name: session.scalar(sa.select(Account).where(Account.openid == name)) for name in named}
        self.staff = {name: account for name, account in found.items() if account is not None}
        self.homes: Iterator[Dwelling] = iter(())
        self.ready = campaign is not None and len(self.staff) == len(named)
        if campaign is not None and self.ready:
            self.campaign, self.estate = campaign.public_id, estate
            self.version_id, self.hash = campaign.version_id, queries.content_hash(session, campaign.version_id)
            story = {label for persona in PERSONAS for label in (persona.owns, persona.tied_to)}
            answered = queries.answered_dwellings(session, campaign.id, estate.id)
            homes = [
                home
                for home in places.dwellings_of_estate(session, estate.id)
                if home.id not in answered and home.label not in story
            ]
            self.homes, self.ready = iter(homes), len(homes) >= HOMES
        end_reading()

    def _key(self, by: str) -> Key:
        self.count += 1
        return Key("demo", f"survey-desk-{self.count}-{by}"[:64], "0" * 64)

    def _member(self, home: Dwelling, name: str) -> Account:
        return _member(self.demo, home.id, f"demo-{name}-{home.label}")

    def _answers(self, home: Dwelling, channel: Channel, at: datetime, **changes: Any) -> dict[str, Any]:
        session = reading()
        plan = forms.plan_of(session, self.version_id, self.hash)
        building = places.place_by_id(session, home.building_id)
        facts = facts_of(home.floor, building.facts, self.estate.facts, channel)
        day = china_day(at).isoformat()
        answers = {**invented(plan.form, facts, self.chance, day=day, signature=""), **changes}
        end_reading()
        return {code: value for code, value in answers.items() if value is not None}

    def _submit(self, account: Account, home: Dwelling, *, hours: float, second: str = "", **changes: Any) -> Receipt:
        worker = account.openid == "demo-worker"
        channel = Channel.WORKER_VISIT if worker else Channel.WECHAT_SELF
        at = self.demo.now - timedelta(hours=hours)
        who: dict[str, Any] = {"account_id": account.id, "person_id": account.person_id}
        answers = self._answers(home, channel, at, **changes)
        for code in ("q38", "q38_visitor_1", "q38_visitor_2") if worker else ("q38",):
            answers[code] = attachments.attach(
                self.campaign,
                home.public_id,
                purpose=Purpose.SIGNATURE,
                data=_scribble(self.chance.randrange(30, 170)),
                channel=channel,
                key=self._key("sign"),
                now=at,
                **who,
            )
        return responses.submit(
            self.campaign,
            home.public_id,
            answers=answers,
            channel=channel,
            actor=f"account:{account.public_id}",
            second_visitor=second,
            key=self._key("submit"),
            now=at,
            **who,
        )

    def visits(self) -> None:
        """Two visits by two: one confirmed, one that waits for the second visitor's word."""
        worker, leader = self.staff["demo-worker"], self.staff["demo-leader"]
        second = _person_of(leader)
        done = self._submit(worker, next(self.homes), hours=30, second=second)
        waiting = answering.waiting_for(person_id=leader.person_id, now=self.demo.now)
        end_reading()
        answering.answer(
            waiting[0].asked,
            SecondWord.CONFIRMED,
            by=Visitor(leader.id, leader.person_id, f"account:{leader.public_id}"),
            way=Way.OWN_SESSION,
            key=self._key("confirm"),
            now=self.demo.now - timedelta(hours=29),
        )
        assert done.standing == "counts"
        self._submit(worker, next(self.homes), hours=5, second=second)

    def cases(self) -> None:
        """Two sheets of one home, an objection to a visit's sheet, and a consent that was taken back."""
        home = next(self.homes)
        self._submit(self._member(home, "one"), home, hours=20, q09="agree", q10=None)
        self._submit(self._member(home, "two"), home, hours=19, q09="disagree", q10=["cost"], q10_other=None)
        home = next(self.homes)
        visited = self._submit(self.staff["demo-worker"], home, hours=26)
        objector = self._member(home, "objector")
        reviewing.say(
            self.campaign,
            home.public_id,
            visited.response,
            opinion=Opinion.OBJECTED,
            text="我家没有说不要电梯，请再来问一下。",
            account_id=objector.id,
            actor=f"account:{objector.public_id}",
            key=self._key("say"),
            now=self.demo.now - timedelta(hours=22),
        )
        home = next(self.homes)
        careful = self._member(home, "careful")
        given = {"use": True, "call": True, "photos": True}
        sheet = self._submit(careful, home, hours=18, q37=given)
        mine.withdraw(
            sheet.response,
            "q37",
            "photos",
            account_id=careful.id,
            actor=f"account:{careful.public_id}",
            now=self.demo.now - timedelta(hours=2),
        )

    def papers(self) -> None:
        """Four papers: one registered, one keyed once, one that two read differently, one somebody wants void."""
        one, two = (
            Staff(account.id, account.person_id or 0, f"account:{account.public_id}")
            for account in (self.staff["demo-worker"], self.staff["demo-street"])
        )
        at = self.demo.now - timedelta(hours=4)
        for place in range(4):
            home = next(self.homes)
            paper = desk.register(
                self.campaign,
                home.public_id,
                received_at=at - timedelta(hours=20),
                photos=[self._photo(one)],
                by=one,
                key=self._key("register"),
                now=at,
            )
            answers = self._answers(home, Channel.PAPER_IMPORT, at - timedelta(days=1), q38=None, q09="agree", q10=None)
            if place in (1, 2):
                desk.key_in(paper, answers, by=one, key=self._key("first"), now=at)
            if place == 2:
                other = {**answers, "q09": "undecided", "q06": "lent"}
                desk.key_in(paper, other, by=two, key=self._key("second"), now=at)
            if place == 3:
                voiding.ask(paper, "登记错了户，是隔壁单元的", by=one, now=at)

    def _photo(self, by: Staff) -> str:
        return evidence.keep(
            _scribble(self.chance.randrange(30, 170), size=(600, 800)),
            purpose=desk.PURPOSE,
            place=TAOYUAN,
            account_id=by.account_id,
            person_id=by.person_id,
            key=self._key("photo"),
            now=self.demo.now,
        )


@use_case
def _member(demo: Demo, dwelling_id: int, openid: str) -> Account:
    with transaction() as session:
        account = people.make_sure_account(session, openid, now=demo.ago(10))
        people.tie(
            session,
            account,
            dwelling_id,
            level=2,
            relation="self",
            person_id=None,
            actor="demo",
            now=demo.ago(10),
        )
        return account


def _person_of(account: Account) -> str:
    name = reading().get_one(Person, account.person_id).public_id
    end_reading()
    return name


def _scribble(height: int, size: tuple[int, int] = (420, 200)) -> bytes:
    picture = Image.new("RGB", size, (255, 255, 255))
    ImageDraw.Draw(picture).line(
        [(30, height), (160, 200 - height), (260, height), (390, 60)], fill=(17, 17, 17), width=6
    )
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
