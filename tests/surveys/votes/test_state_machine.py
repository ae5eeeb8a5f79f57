"""A vote lived through in any order, killed at any point: what was acknowledged is never lost and never counted twice.

The model beside it is a few dictionaries: what was acknowledged, when, by which channel. At the end the stored tally,
a recount from the model, and the separate verifier must say the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from kernel import audit
from kernel.database import reading
from kernel.errors import DomainError
from surveys.votes import queries, verify
from surveys.votes.conflicts import queries as conflicts
from surveys.votes.conflicts import services as questions
from surveys.votes.extensions import services as extensions
from surveys.votes.models import Ballot
from surveys.votes.paper import queries as papers
from surveys.votes.paper import services as desk
from surveys.votes.proxies import services as proxies
from surveys.votes.proxies.services import NewProxy
from surveys.votes.rules.conflicts import Decision
from surveys.votes.rules.proxies import Powers
from surveys.votes.services import bundles, casting, counting
from tests.factories import Factory
from tests.surveys.votes.crashes import AFTER_COMMIT, sent, write_engine
from tests.surveys.votes.paper.stories import Worker, a_worker, paper_row, photo_of
from tests.surveys.votes.secret_stories import Secret, exported, opened_by_trustees, sealed_by_phone, secret_election
from tests.surveys.votes.secret_stories import casting as secretly
from tests.surveys.votes.stories import (
    CLOSES,
    HOUR,
    NOW,
    PUMP,
    STREET,
    Estate,
    an_estate,
    filled,
    line_of,
    opened,
    vote_row,
)

DOORS = {"chen": "101", "li": "201", "factory": "202", "zhao": "401", "qian": "402"}
OWNERS_OF = {"chen": ["chen"], "li": ["li", "wu"], "factory": ["factory"], "zhao": ["zhao"], "qian": ["qian"]}
WEIGHTS = {"chen": 16_000, "li": 8_000, "factory": 24_000, "zhao": 8_000, "qian": 8_000}
CHOICES = ("approve", "against", "abstain")

lines = st.sampled_from(sorted(DOORS))
choices = st.sampled_from(CHOICES)
points = st.one_of(st.just(0), st.integers(1, 14), st.just(AFTER_COMMIT))
"""Where the process dies: nowhere, before a statement, after COMMIT."""

MODEST = settings(
    max_examples=6,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),  # a failure is told as it was found: making it smaller would take minutes
    derandomize=True,
)


@dataclass
class Held:
    """An acknowledged ballot of a line, as the model remembers it."""

    channel: str
    at: datetime
    choice: str


@dataclass
class Line:
    """A line of the roll: its ballots that came in time, and what the street moved."""

    held: list[Held] = field(default_factory=list)
    late: int = 0

    @property
    def counts(self) -> Held | None:
        return min(self.held, key=lambda each: each.at) if self.held else None


class Named(RuleBasedStateMachine):
    """A named vote: phone, paper, proxy, objection, settlement, closing."""

    make: Factory
    estate: Estate
    workers: tuple[Worker, Worker]

    @initialize()
    def begin(self) -> None:
        self.engine = write_engine()
        self.vote_id = opened(self.estate, PUMP)
        self.now = NOW + HOUR
        self.lines = {who: Line() for who in DOORS}
        self.receipts: set[str] = set()
        self.waiting: dict[str, tuple[str, str]] = {}
        self.proxied = False
        self.closed = False
        self.closes_at = CLOSES

    def later(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def line_id(self, line: str) -> str:
        return line_of(self.vote_id, f"1栋1单元{DOORS[line]}")

    def keep(self, line: str, ballot_id: str, choice: str) -> None:
        """An answer with a receipt came back: remember it."""
        ballot = queries.ballot_by_public_id(reading(), ballot_id)
        self.receipts.add(ballot.receipt_no)
        if ballot.standing == "late":
            self.lines[line].late += 1
        else:
            self.lines[line].held.append(Held(ballot.channel, ballot.cast_at, choice))

    def cast(self, who: str, line: str, choice: str, point: int) -> None:
        now, mine = self.later(), self.lines[line]
        text_hash = vote_row(self.vote_id).text_hash or ""
        line_id, answers, voter = self.line_id(line), filled(self.vote_id, choice), self.estate.voter(who)

        def deed(key: Any) -> str:
            return casting.cast(self.vote_id, line_id, answers, text_hash=text_hash, by=voter, now=now, key=key)

        answer = sent(self.engine, point, deed)
        if isinstance(answer, DomainError):
            assert mine.late or mine.counts is not None, (answer.code, line)
            assert answer.code == "already-cast"
        else:
            self.keep(line, answer, choice)

    @rule(line=lines, other=st.booleans(), choice=choices, point=points)
    def by_phone(self, line: str, other: bool, choice: str, point: int) -> None:
        who = OWNERS_OF[line][-1 if other else 0]
        self.cast(who, line, choice, point)

    @precondition(lambda self: not self.closed)
    @rule(line=lines, choice=choices, point=points)
    def paper_comes_back(self, line: str, choice: str, point: int) -> None:
        """A paper is printed and received; it is keyed some other time. A line has one good paper."""
        now, line_id, first = self.later(), self.line_id(line), self.workers[0]
        printed = sent(
            self.engine,
            point,
            lambda key: desk.print_papers(self.vote_id, [line_id], by=first.staff, now=now, key=key),
        )
        if isinstance(printed, DomainError):
            assert printed.code == "has-a-paper"
            return
        serial = serial_of(self.vote_id, line_id)
        photo = photo_of(first, self.estate, at=now)
        back = sent(
            self.engine,
            point,
            lambda key: desk.take_back(
                serial,
                received_at=now,
                photos=[photo],
                account_id=first.account.id,
                by=first.staff,
                now=now,
                key=key,
            ),
        )
        assert back == serial
        self.waiting[serial] = (line, choice)

    @precondition(lambda self: self.waiting)
    @rule(point=points)
    def key_a_paper(self, point: int) -> None:
        """The oldest paper that waits is keyed by two workers."""
        serial = next(iter(self.waiting))
        line, choice = self.waiting.pop(serial)
        self.later()
        for worker in self.workers:
            answer = sent(self.engine, point, self.keying(serial, choice, worker))
            assert answer == serial, answer
        paper = paper_row(serial)
        assert paper.state == "settled"
        self.keep(line, reading().get_one(Ballot, paper.ballot_id).public_id, choice)

    def keying(self, serial: str, choice: str, worker: Worker) -> Callable[[Any], str]:
        return lambda key: desk.key_in(
            serial, filled(self.vote_id, choice), signed=True, by=worker.staff, now=self.now, key=key
        )

    @precondition(lambda self: not self.proxied and not self.closed)
    @rule(choice=choices, point=points)
    def by_proxy(self, choice: str, point: int) -> None:
        """钱 votes for 赵, once two workers stand behind the paper."""
        if self.lines["zhao"].held or self.lines["zhao"].late:
            return
        now = self.later()
        new = NewProxy(
            line=self.line_id("zhao"),
            principal=self.estate.people["zhao"].public_id,
            agent_name="钱",
            agent_phone="13800001005",
            matter="全部",
            powers=Powers.FREE,
            signed_at=NOW,
            valid_until=CLOSES,
        )
        photo = photo_of(self.workers[0], self.estate, "proxy", at=now)
        made = sent(
            self.engine,
            point,
            lambda key: proxies.register(
                self.vote_id,
                new,
                photos=[photo],
                account_id=self.workers[0].account.id,
                by=self.workers[0].staff,
                now=now,
                key=key,
            ),
        )
        assert isinstance(made, str), made
        proxies.confirm(made, good=True, why="", by=self.workers[1].staff, now=now)
        self.proxied = True
        self.cast("qian", "zhao", choice, point)

    @rule(point=points, settled=st.sampled_from([None, Decision.STANDS, Decision.NEITHER]))
    def object_to(self, point: int, settled: Decision | None) -> None:
        """吴 objects to what 李 cast; the street may settle it."""
        mine, now = self.lines["li"], self.later()
        voter = self.estate.voter("wu")
        made = sent(
            self.engine,
            point,
            lambda key: questions.object_to(self.vote_id, self.line_id("li"), "没有商量", by=voter, now=now, key=key),
        )
        if isinstance(made, DomainError):
            return
        assert mine.counts is not None
        if settled is not None:
            done = sent(
                self.engine, point, lambda key: questions.settle(made, settled, "核实", by=STREET, now=now, key=key)
            )
            assert done == made
            if settled is Decision.NEITHER:
                mine.held.clear()  # none of them counts; the line may be used anew

    @precondition(lambda self: not self.closed)
    @rule(point=points)
    def extend(self, point: int) -> None:
        """The street puts the closing off by a day, before it has come."""
        now = self.later()
        answer = sent(
            self.engine,
            point,
            lambda key: extensions.extend(
                self.vote_id, reason="参加的人不够", decided_by="街道", days=1, by=STREET, now=now, key=key
            ),
        )
        assert answer == self.vote_id, answer
        self.closes_at = vote_row(self.vote_id).closes_at or CLOSES

    @precondition(lambda self: not self.closed)
    @rule(point=points)
    def close(self, point: int) -> None:
        self.now = max(self.now, self.closes_at)
        answer = sent(self.engine, point, lambda key: counting.close(self.vote_id, by=STREET, now=self.now, key=key))
        assert answer == self.vote_id
        self.closed = True

    def teardown(self) -> None:
        if not hasattr(self, "vote_id"):
            return
        if not self.closed:
            self.close(0)
        while self.waiting:
            self.key_a_paper(0)
        self.settle_the_undecided()
        counting.publish_result(self.vote_id, by=STREET, now=self.now)
        session = reading()
        vote = vote_row(self.vote_id)
        kept = {ballot.receipt_no for ballot in queries.ballots_of(session, vote.id)}
        assert self.receipts == kept, "every acknowledged ballot is there, and nothing else"
        rows = queries.counted_ballots(session, vote.id)
        assert len({row.RollLine.id for row in rows}) == len(rows), "no line counts twice"
        counts = {who: line.counts for who, line in self.lines.items()}
        result = queries.result_of(session, vote.id)
        assert result is not None
        (motion,) = result.document["motions"]
        for measure in motion["measures"]:
            for choice in CHOICES:
                weights = [
                    WEIGHTS[who] if measure["measure"] == "area" else 1
                    for who, held in counts.items()
                    if held is not None and held.choice == choice
                ]
                assert measure[choice] == sum(weights), (measure["measure"], choice)
        assert verify.verify(bundles.auditor_bundle(self.vote_id, by=STREET, reason="测试", now=self.now)).faults == []
        audit.seal_new_entries(now=self.now)
        assert audit.verify().ok

    def settle_the_undecided(self) -> None:
        vote = vote_row(self.vote_id)
        for each in conflicts.conflicts_of(reading(), vote.id):
            if each.state == "open" and each.kind == "two_channels":
                questions.settle(each.public_id, Decision.STANDS, "先计的一张", by=STREET, now=self.now)


def serial_of(vote_id: str, line_id: str) -> str:
    """The serial of the good paper of a line."""
    session = reading()
    line = queries.line_by_public_id(session, queries.vote_by_public_id(session, vote_id).id, line_id)
    assert line is not None
    return papers.good_papers(session, [line.id])[line.id].serial


class SecretVote(RuleBasedStateMachine):
    """A secret election: envelopes cast and cast again, killed in between; the last acknowledged one counts."""

    estate: Estate
    election: Secret

    @initialize()
    def begin(self) -> None:
        self.engine = write_engine()
        self.election = secret_election(self.estate)
        self.now = NOW + HOUR
        self.last: dict[str, str] = {}
        self.numbers = iter(range(100_000_000_000, 999_999_999_999))

    @rule(
        who=st.sampled_from(["chen", "li", "zhao", "qian"]),
        names=st.sampled_from([["陈建国"], ["陈建国", "赵敏"], []]),
        point=points,
    )
    def cast(self, who: str, names: list[str], point: int) -> None:
        self.now += timedelta(minutes=1)
        now, number = self.now, str(next(self.numbers))
        sealed = sealed_by_phone(self.election, names, number)
        line, voter = line_of(self.election.vote_id, f"1栋1单元{DOORS[who]}"), self.estate.voter(who)
        text_hash = vote_row(self.election.vote_id).text_hash or ""

        def deed(key: Any) -> str:
            return secretly.cast(self.election.vote_id, line, sealed, text_hash=text_hash, by=voter, now=now, key=key)

        answer = sent(self.engine, point, deed)
        assert isinstance(answer, str), answer
        self.last[who] = number

    def teardown(self) -> None:
        if not hasattr(self, "last"):
            return
        if not self.last:
            self.cast("chen", [], 0)
        exported(self.election)
        document = opened_by_trustees(self.election)
        assert [each["number"] for each in document["ballots"]] == sorted(self.last.values())
        assert document["invalid"] == 0


def machine(kind: type[Any], make: Factory) -> Callable[[], Any]:
    """A machine with an estate of its own."""

    def fresh() -> Any:
        made = kind()
        made.estate = an_estate(make)
        made.workers = (a_worker(make, made.estate), a_worker(make, made.estate))
        return made

    return fresh


def test_a_named_vote_in_any_order_killed_at_any_point(app: Flask, make: Factory) -> None:
    run_state_machine_as_test(machine(Named, make), settings=MODEST)


def test_a_secret_vote_in_any_order_killed_at_any_point(app: Flask, make: Factory) -> None:
    run_state_machine_as_test(machine(SecretVote, make), settings=MODEST)
