"""Any history of one dwelling's sheets: nothing acknowledged is lost, one counts, the counters equal a recount."""

import contextlib
import copy
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from kernel.database import end_reading, reading
from kernel.errors import Conflict, DomainError, Gone, Invalid, NotFound
from surveys.questionnaires import queries
from surveys.questionnaires.corrections import services as corrections
from surveys.questionnaires.drafts import services as drafts
from surveys.questionnaires.models import Response, ValidResponse
from surveys.questionnaires.running import services as running
from surveys.questionnaires.services import campaigns, counting, forms, responses
from surveys.questionnaires.standing import queries as standing
from surveys.questionnaires.standing.models import Dispute
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.conftest import NOW, open_survey
from tests.surveys.questionnaires.mine.test_mine import ALL, withdraw
from tests.surveys.questionnaires.standing.conftest import House

CHOICES = st.sampled_from(["agree", "disagree", "undecided"])
WHO = st.integers(0, 4)


def wordings(survey):
    """The official sheet, and one in which a question has another code."""
    one = queries.version_by_public_id(reading(), survey.version)
    document = copy.deepcopy(one.document)
    document["edition"] = "2"
    for section in document["sections"]:
        for question in section["questions"]:
            question["code"] = {"q35": "q35n"}.get(question["code"], question["code"])
    return one, forms.load(document, actor="test", now=NOW).version


def machine(make):
    """The machine over a fresh survey; each run takes the next dwelling, so that runs do not meet."""
    survey = open_survey(make)
    worker, second = House(survey).staff("worker"), House(survey).staff("second")
    officer = House(survey).staff("officer", "street_officer")
    taken = iter(survey.dwellings * 50)
    words = wordings(survey)

    class Sheets(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            end_reading()
            home = next(taken)
            self.house = House(survey, survey.dwellings.index(home))
            self.people = [
                self.house.member(),
                self.house.member(),
                self.house.member(level=1),
                self.house.member(relation="tenant"),
                worker,
            ]
            self.before = set(self._sheets())
            self.known: dict[int, str] = {}
            self.open_in = dict.fromkeys(range(5), self._words())
            self.acknowledged: dict[str, str] = {}
            self.taken_back = False
            self.now = NOW

        def _sheets(self):
            statement = sa.select(Response.public_id).where(Response.dwelling_id == self.house.home.id)
            return list(reading().scalars(statement))

        def _words(self):
            session = reading()
            session.rollback()
            return queries.content_hash(session, queries.campaign_by_public_id(session, survey.campaign).version_id)

        @rule(who=WHO)
        def look(self, who):
            """Somebody opens the page and sees what counts, and what is asked."""
            self.known[who] = self.house.counts()[0] or ""
            self.open_in[who] = self._words()

        @rule()
        def correct_the_wording(self):
            """Whoever has the page open answers in the words he sees."""
            one, other = words
            after = other if self._words() == one.content_hash else one
            corrections.correct(
                survey.campaign,
                version=after.public_id,
                mapping={"questions": {"q35": "q35n"} if after is other else {"q35n": "q35"}},
                reason="错字",
                person_id=None,
                actor="test",
                now=self.now,
            )

        @rule(days=st.integers(1, 9), who=st.integers(0, 3))
        def move_the_end(self, days, who):
            """And who comes at the new end is too late."""
            end = self.now + timedelta(days=days)
            with contextlib.suppress(Invalid):  # it is this already
                running.move_times(
                    survey.campaign, closes_at=end, reason="改时间", person_id=None, actor="test", now=self.now
                )
            with pytest.raises(Gone):
                survey.submit(self.people[who], self.house.home, answers={}, now=end)

        @rule(who=WHO, says=CHOICES)
        def submit(self, who, says):
            self._hand_in(who, says, self.known.get(who, ""))

        @rule(who=WHO, says=CHOICES)
        def correct(self, who, says):
            self.look(who)
            self._hand_in(who, says, self.known[who])

        def _hand_in(self, who, says, seen):
            account = self.people[who]
            self.now += timedelta(minutes=1)
            key = self.house.survey.key(account)
            extra = {"q10": ["cost"]} if says != "agree" else {}
            extra["words"] = self.open_in[who]
            if self.open_in[who] != words[0].content_hash:
                extra |= {"q35": None, "q35n": FULL["q35"]}
            if who == 3:
                extra["q02"] = "tenant"
            if who == 4:
                extra["second"] = second
            send = self.house.visit if who == 4 else self.house.submit
            receipt = send(account, q09=says, replaces=seen, key=key, now=self.now, q37=ALL, **extra)
            again = responses.submit(  # the answer was lost on the way: the same key, the same receipt
                survey.campaign,
                self.house.home.public_id,
                answers={},
                channel="wechat_self",
                account_id=account.id,
                person_id=account.person_id,
                actor="",
                key=key,
                now=self.now,
            )
            assert again.response == receipt.response
            self.acknowledged[receipt.response] = says

        @rule(who=st.integers(0, 3), says=CHOICES)
        def save_a_draft(self, who, says):
            account = self.people[who]
            self.now += timedelta(minutes=1)
            call = {
                "campaign": survey.campaign,
                "dwelling": self.house.home.public_id,
                "account_id": account.id,
                "person_id": account.person_id,
                "now": self.now,
            }
            number = drafts.read(**call).number
            drafts.save(number=number, changes={"q09": says}, channel="", at="", key=survey.key(account), **call)
            assert drafts.read(**call).answers["q09"] == says

        @rule(data=st.data(), who=st.integers(0, 3), opinion=st.sampled_from(["confirmed", "objected"]))
        def say(self, data, who, opinion):
            mine = [name for name in self._sheets() if name not in self.before]
            if mine:
                with contextlib.suppress(Conflict, Gone):
                    said_of = data.draw(st.sampled_from(mine))
                    self.house.say(self.people[who], said_of, opinion, now=self.now)

        @rule(data=st.data(), word=st.sampled_from(["confirmed", "declined"]))
        def the_second_visitor_speaks(self, data, word):
            mine = [name for name in self._sheets() if name not in self.before]
            if mine:
                with contextlib.suppress(Conflict, Gone, NotFound):
                    self.house.word(second, data.draw(st.sampled_from(mine)), word, now=self.now)

        @rule(data=st.data(), who=st.integers(0, 3), item=st.sampled_from(["use", "photos"]))
        def take_a_consent_back(self, data, who, item):
            mine = [name for name in self._sheets() if name not in self.before]
            if mine:
                self.now += timedelta(minutes=1)
                with contextlib.suppress(Conflict, Invalid, NotFound):
                    withdraw(self.people[who], data.draw(st.sampled_from(mine)), item, now=self.now)
                    self.taken_back = True

        @rule(data=st.data())
        def settle(self, data):
            mine = [name for name in self._sheets() if name not in self.before]
            chosen = data.draw(st.sampled_from(["", *mine]))
            with contextlib.suppress(Conflict, Invalid):  # Invalid: its consent was taken back
                self.house.settle(officer, chosen, now=self.now)
                assert self.house.counts()[0] == (chosen or None)

        @rule()
        def count(self):
            counting.drain_tally(now=self.now)

        @precondition(lambda self: self.acknowledged)
        @rule()
        def a_stranger_changes_nothing(self):
            stranger = survey.owner(survey.dwellings[self.house.number - 1])
            with pytest.raises(DomainError):
                self.house.say(stranger, next(iter(self.acknowledged)), now=self.now)

        @invariant()
        def nothing_acknowledged_is_lost(self):
            rows = reading().execute(
                sa.select(Response.public_id, Response.answers).where(Response.dwelling_id == self.house.home.id)
            )
            stored = {row[0]: row[1]["q09"] for row in rows}
            assert {name: stored.get(name) for name in self.acknowledged} == self.acknowledged

        @invariant()
        def at_most_one_counts_and_what_neither_counts_nor_was_replaced_waits(self):
            home, campaign = self.house.home.id, self.house.campaign_id
            where = (ValidResponse.dwelling_id == home, ValidResponse.campaign_id == campaign)
            assert reading().scalar(sa.select(sa.func.count()).select_from(ValidResponse).where(*where)) <= 1
            needs, owners = self.house.counts()
            assert owners is None or owners != needs
            if needs is None and not self.taken_back:
                waiting = reading().scalars(
                    sa.select(Dispute).where(Dispute.dwelling_id == home, Dispute.settled_at.is_(None))
                )
                assert waiting.all() == []
            if owners is not None:
                sheet = queries.response_by_public_id(reading(), owners)
                assert sheet.answers["q02"] != "tenant"

        @invariant()
        def counters_equal_a_recount_when_nothing_waits(self):
            if queries.waiting_to_be_counted(reading()) == 0:
                assert counting.differences(self.house.campaign_id) == {}

        def teardown(self):
            while counting.drain_tally(now=self.now):
                pass
            assert counting.differences(self.house.campaign_id) == {}
            self.nothing_acknowledged_is_lost()

    return Sheets


def test_no_history_of_a_dwellings_sheets_loses_one_or_counts_two(app, make):
    run_state_machine_as_test(
        machine(make),
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            deadline=None,
            database=None,
            phases=(Phase.generate,),  # shrinking runs the whole survey again and again
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_after_closing_no_sheet_comes_in_and_what_waits_can_still_be_settled(house):
    one, other = house.member(), house.member()
    first, second = house.submit(one), house.submit(other)
    campaigns.close_by_hand(house.survey.campaign, person_id=None, actor="test", now=NOW)
    sheet = house.survey.answers
    with pytest.raises(Gone):
        sheet(one, house.home)
    house.settle(house.staff("officer", "street_officer"), second.response)
    assert house.counts()[0] == second.response
    assert standing.versions(reading(), house.campaign_id, house.home.id)[-1].public_id == first.response
