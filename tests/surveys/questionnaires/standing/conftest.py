"""The survey, and words for what counts in it."""

from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from kernel.database import reading
from kernel.people.models import Account, Person
from kernel.places.queries import ancestors, place_by_id
from surveys.questionnaires import queries
from surveys.questionnaires.models import Response, ValidResponse
from surveys.questionnaires.results import queries as counts_of
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.rules.second_visitors import SecondWord, Way
from surveys.questionnaires.rules.standing import Opinion
from surveys.questionnaires.second_visitors.models import SecondVisitor
from surveys.questionnaires.second_visitors.services import answering
from surveys.questionnaires.second_visitors.services.answering import Visitor
from surveys.questionnaires.services import attachments, counting
from surveys.questionnaires.standing import queries as standing
from surveys.questionnaires.standing.services import reviewing, settling
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.conftest import NOW, Survey, drawn, open_survey


@dataclass
class House:
    """One dwelling of a survey with its people."""

    survey: Survey
    number: int = 0

    @property
    def home(self):
        return self.survey.dwellings[self.number]

    @property
    def campaign_id(self) -> int:
        return queries.campaign_by_public_id(reading(), self.survey.campaign).id

    def member(self, level: int = 2, relation: str = "self") -> Account:
        account = self.survey.make.account()
        self.survey.make.tie(account, self.home, level=level, relation=relation)
        return account

    def staff(self, name: str, role: str = "community_worker") -> Account:
        account = self.survey.make.account(name)
        place = self.survey.estate
        if role == "street_officer":
            estate = place_by_id(reading(), place.id)
            place = next(one for one in ancestors(reading(), estate) if one.kind == "street")
        self.survey.make.grant(account, role, place)
        return reading().get_one(Account, account.id)

    def submit(
        self,
        account,
        *,
        replaces="",
        channel=Channel.WECHAT_SELF,
        now=NOW,
        key=None,
        second_visitor="",
        words=None,
        **answers,
    ):
        """``words``: hash of the wording that is answered; an answer of None is left out."""
        sheet = {**FULL, "q38": self.signature(account, channel, now), **answers}
        sheet = {code: value for code, value in sheet.items() if value is not None}
        if channel == Channel.WORKER_VISIT:
            for name in ("q38_visitor_1", "q38_visitor_2"):
                sheet[name] = self.signature(account, channel, now)
        return self.survey.submit(
            account,
            self.home,
            answers=sheet,
            channel=channel,
            person_id=account.person_id,
            replaces=replaces,
            second_visitor=second_visitor,
            content_hash=words,
            now=now,
            **({"key": key} if key else {}),
        )

    def visit(self, worker, second=None, **kwargs):
        """``second``: account of who came along."""
        named = person_of(second) if second is not None else ""
        return self.submit(worker, channel=Channel.WORKER_VISIT, second_visitor=named, **kwargs)

    def word(self, second, response, word="confirmed", now=NOW):
        """The second visitor's own word, about the visit he is asked about."""
        asked = reading().scalar(
            sa.select(SecondVisitor.public_id)
            .join(Response, Response.id == SecondVisitor.response_id)
            .where(Response.public_id == response, SecondVisitor.word.is_(None))
        )
        by = Visitor(second.id, second.person_id, f"account:{second.public_id}")
        key = self.survey.key(second)
        return answering.answer(asked or "nobody", SecondWord(word), by=by, way=Way.OWN_SESSION, key=key, now=now)

    def signature(self, account, channel, now):
        return attachments.attach(
            self.survey.campaign,
            self.home.public_id,
            purpose="signature",
            data=drawn(),
            channel=channel,
            account_id=account.id,
            person_id=account.person_id,
            key=self.survey.key(account),
            now=now,
        )

    def say(self, account, response, opinion="objected", text="不是我们家填的。", now=NOW):
        return reviewing.say(
            self.survey.campaign,
            self.home.public_id,
            response,
            opinion=Opinion(opinion),
            text=text,
            account_id=account.id,
            actor=f"account:{account.public_id}",
            key=self.survey.key(account),
            now=now,
        )

    def history(self, account, now=NOW):
        """The dwelling's sheets as an account of the household meets them, the latest first."""
        asked = queries.asked(reading(), self.survey.campaign, self.home.public_id, account.id)
        return reviewing.history(asked, account_id=account.id, by_worker=False, now=now).versions

    def settle(self, who, chosen, reason="上门问过户主。", now=NOW):
        return settling.settle(
            self.survey.campaign,
            self.home.public_id,
            chosen=chosen,
            reason=reason,
            person_id=who.person_id,
            actor="test",
            key=self.survey.key(who),
            now=now,
        )

    def counts(self) -> tuple[str | None, str | None]:
        """Public ids of the sheets that count: for needs, and (where a row of its own says so) for the owner's."""
        needs = standing.valid_id(reading(), self.campaign_id, self.home.id)
        owners = standing.owner_response_id(reading(), self.campaign_id, self.home.id)
        return _name(needs), _name(owners)

    def counter(self, question: str, cell: str, row: str = "") -> int:
        """A live count after all waiting work is done; checked against a recount."""
        while counting.drain_tally(now=NOW):
            pass
        assert counting.differences(self.campaign_id) == {}
        return counts_of.counters(reading(), self.campaign_id).get((question, row, cell), 0)

    def valid(self) -> int:
        return reading().scalar(sa.select(sa.func.count()).select_from(ValidResponse))


def person_of(account) -> str:
    """Public id of an account's person."""
    return reading().get_one(Person, account.person_id).public_id


def _name(response_id):
    return reading().get_one(Response, response_id).public_id if response_id else None


@pytest.fixture
def house(app, make) -> House:
    return House(open_survey(make))
