"""Closing, counting and opening for audit. Choices are opened here and nowhere else."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, grants, idempotency, outbox
from kernel.clock import china_text
from kernel.database import reading, transaction, use_case
from kernel.encryption import vault
from kernel.errors import Conflict
from kernel.idempotency import Key
from surveys.votes import queries
from surveys.votes.bylaws import queries as bylaws
from surveys.votes.models import Ballot, Vote, VoteResult
from surveys.votes.paper import queries as paper
from surveys.votes.results import queries as results
from surveys.votes.results.models import ResultStanding
from surveys.votes.results.rules import PUBLICITY_OVER
from surveys.votes.rolls import queries as rolls
from surveys.votes.rolls.services import building
from surveys.votes.rules import ballot, decision, lifecycle, periods, tally
from surveys.votes.rules.ballot import Answer, Paper
from surveys.votes.rules.binding import Channel
from surveys.votes.rules.deemed import Silent
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.tally import Body, Cast, Mark
from surveys.votes.secret import queries as secret
from surveys.votes.services.keeping import choices_context
from surveys.votes.services.papers import papers_of, sections_of
from surveys.votes.services.preparing import Staff, must_manage

CLOCK = Staff("clock", None, trusted=True)


@use_case
def close(vote_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Close the voting: at its instant, or before it when everyone on the roll has voted. Gives the vote's public id.

    Waits for ballots in flight; what comes after is late. Raises Conflict when it is too early or not open.
    """
    # Not SERIALIZABLE: the turnout must be read after the lock is had, and a snapshot would be older than the last
    # ballots the lock waited for.
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_update(session, vote_id)
        must_manage(session, by, queries.place_of(session, vote), now)
        state = lifecycle.advance(State(vote.state), State.CLOSED)
        assert vote.closes_at is not None
        turnout = queries.turnout_of(session, vote.id)
        lifecycle.may_close(
            closes_at=vote.closes_at,
            now=now,
            not_cast=vote.roll_heads - turnout.heads,
            closes_text=china_text(vote.closes_at),
        )
        vote.state, vote.closed_at = state, now
        session.flush()
        audit.record(
            session,
            actor=by.actor,
            action="vote.closed",
            subject=f"vote:{vote.public_id}",
            now=now,
            payload={"ballots": turnout.lines},
        )
        outbox.stage(session, "vote.closed", {"vote": vote.public_id}, now=now)
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id


def close_if_due(vote_id: str, *, now: datetime) -> bool:
    """Close by the clock; False when somebody was faster or the instant has been moved. Told twice, closes once."""
    try:
        close(vote_id, by=CLOCK, now=now)
    except Conflict:
        return False
    return True


@use_case
def publish_result(vote_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Count the ballots and publish the preliminary result; gives the vote's public id.

    Raises Conflict unless the vote is closed, when the roll is not the one that was frozen, while a returned paper is
    not keyed, or while it is not settled which of two ballots of a line counts.
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_update(session, vote_id)
        must_manage(session, by, queries.place_of(session, vote), now)
        lifecycle.advance(State(vote.state), State.RESULT)
        paper.must_all_be_keyed(session, vote.id)
        undecided = queries.undecided_ballots(session, vote.id)
        if undecided:
            raise Conflict("ballots-undecided", f"有 {undecided} 票手机和纸质同时收到，要先由街道定下计哪一张。")
        publish(session, vote, recounted(session, vote), by=by, now=now)
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id


def publish(session: Session, vote: Vote, document: dict[str, Any], *, by: Staff, now: datetime) -> None:
    """Put a counted document out as the vote's preliminary result, in the caller's transaction; audited by its hash.

    Its publicity begins: objections are taken until it ends (``surveys.votes.results``).
    """
    counted = tally_hash(document)
    session.add(VoteResult(vote_id=vote.id, document=document, tally_hash=counted, counted_at=now, counted_by=by.actor))
    vote.state, vote.resulted_at = State.RESULT, now
    ends_at, provisional = periods.opening(now, notice_days=results.publicity_days(session, vote.id))
    session.add(ResultStanding(vote_id=vote.id, ends_at=ends_at, provisional=provisional))
    session.flush()
    audit.record(
        session,
        actor=by.actor,
        action="vote.result",
        subject=f"vote:{vote.public_id}",
        now=now,
        payload={"tally_hash": counted},
    )
    outbox.stage(session, "vote.result", {"vote": vote.public_id}, now=now)
    outbox.stage(session, PUBLICITY_OVER, {"vote": vote.public_id}, now=now, due_at=ends_at)


def tally_hash(document: dict[str, Any]) -> str:
    """SHA-256 (hex) of a result in its one byte form."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def roll_is_intact(session: Session, vote: Vote) -> bool:
    """Whether the stored roll is still the one that was frozen at opening, with its logged amendments."""
    return building.is_intact(session, vote)


@dataclass(frozen=True)
class OpenedBallot:
    """A ballot as an auditor sees it: its line and what was chosen (motion id → choice word or candidate ids)."""

    receipt_no: str
    line: int
    heads: int
    area_dm2: int
    choices: dict[str, str | list[str]]
    marks: frozenset[str] = frozenset()


def open_for_audit(vote_id: str, *, by: Staff, reason: str, now: datetime) -> list[OpenedBallot]:
    """The counted ballots of a named vote, opened for an auditor once counted; the look is recorded with its reason.

    Raises NotAllowed without vote.audit at the place, Conflict before the result is published: until then the street
    may still settle which ballots count, and nobody is to do that who knows (or is told) what they say.
    """
    session = reading()
    vote = queries.announced_vote(session, vote_id)
    if not by.trusted:
        grants.require(session, by.person_id, "vote.audit", queries.place_of(session, vote), now)
    secret.must_be_named(session, vote.id)
    if vote.state != State.RESULT:
        raise Conflict("still-open", "结果公布之前，任何人都不能查看选票内容。请在计票、公布结果以后再来查。")
    # The look is on record before anything is opened.
    subject = f"vote:{vote.public_id}"
    audit.look(actor=by.actor, what="ballots", subject=subject, now=now, payload={"reason": reason})
    return opened_ballots(reading(), vote)


def opened_ballots(session: Session, vote: Vote) -> list[OpenedBallot]:
    """The counted ballots of a vote with their choices. For the count's own use and for what is derived from it.

    Raises Conflict for a secret vote: nobody here can open its envelopes.
    """
    secret.must_be_named(session, vote.id)
    papers = papers_of(session, vote.id)
    return [
        OpenedBallot(
            receipt_no=cast.receipt_no,
            line=line.number,
            heads=line.heads,
            area_dm2=line.area_dm2,
            choices={
                motion: str(answer) if isinstance(answer, decision.Choice) else sorted(answer)
                for motion, answer in _opened(papers, cast).items()
            },
            marks=frozenset(str(mark) for mark in marks_of(row)),
        )
        for row in queries.counted_ballots(session, vote.id)
        for cast, line, _ in [row]
    ]


def _opened(papers: Sequence[Paper], cast: Ballot) -> dict[str, Answer]:
    return ballot.unpack(papers, vault().open(cast.choices_sealed, context=choices_context(cast.public_id)))


def recounted(session: Session, vote: Vote) -> dict[str, Any]:
    """The result of a named vote, counted from what is stored now. Opens every counted ballot."""
    return document(session, vote, counted_casts(session, vote))


def counted_casts(session: Session, vote: Vote) -> list[Cast]:
    """The counted ballots of a named vote opened for the count, by receipt number, each with what may be said of it."""
    secret.must_be_named(session, vote.id)
    papers = papers_of(session, vote.id)
    return [
        Cast(_opened(papers, row.Ballot), row.RollLine.heads, row.RollLine.area_dm2, marks_of(row))
        for row in queries.counted_ballots(session, vote.id)
    ]


def silence_of(session: Session, vote: Vote) -> Silent | None:
    """Those deemed to have voted by adopted rules; None for a vote that does not count silence (the default)."""
    rule = bylaws.deemed_rule(session, vote)
    if rule is None:
        return None
    lines = [line.value for line in bylaws.deemed_lines(session, vote)]
    return Silent(rule.silence, len(lines), sum(line.heads for line in lines), sum(line.area_dm2 for line in lines))


def marks_of(row: Any) -> frozenset[Mark]:
    """What may be said against a counted ballot (a row of ``queries.counted_ballots``)."""
    held = {
        Mark.PROXY: row.Ballot.by_proxy,
        Mark.PAPER: row.Ballot.channel == Channel.PAPER,
        Mark.HELPED: row.Ballot.helper_id is not None,
        Mark.DISPUTED: row.disputed,
    }
    return frozenset(mark for mark, holds in held.items() if holds)


def document(session: Session, vote: Vote, casts: Sequence[Cast], *, named: bool = True) -> dict[str, Any]:
    """The result as a document of integers, with the counterfactual sheet of a named vote.

    A secret ballot weighs one household. Raises Conflict when the roll is not the one that was frozen.
    """
    if not roll_is_intact(session, vote):
        raise Conflict("roll-changed", "名册与开始投票时冻结的不一致，不能计票。请立即联系审计人员。")
    body = Body(vote.roll_heads, vote.roll_area_dm2)
    sections, silent = sections_of(session, vote.id), silence_of(session, vote)
    made = {
        "vote": vote.public_id,
        "roll_hash": vote.roll_hash,
        "text_hash": vote.text_hash,
        "roll": {
            "heads": vote.roll_heads,
            "area_dm2": vote.roll_area_dm2,
            "dwellings": vote.roll_dwellings,
            "amendments": len(rolls.amendments_of(session, vote.id)),
        },
        "ballots": {"counted": len(casts), "late": queries.late_ballots(session, vote.id)},
        "motions": [tally.judge(section, casts, body, silent) for section in sections],
    }
    if named:
        made["counterfactual"] = [
            each for section in sections for each in tally.counterfactual(section, casts, body, silent)
        ]
    return made
