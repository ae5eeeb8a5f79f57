"""Objecting to a ballot of one's own line, doubting who cast one, and settling what a rule cannot decide."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, grants, idempotency, outbox
from kernel.database import new_public_id, reading, transaction, translating, use_case
from kernel.errors import Conflict, NotFound
from kernel.idempotency import Key
from surveys.votes import queries
from surveys.votes.conflicts import queries as conflicts
from surveys.votes.conflicts.models import BallotConflict
from surveys.votes.models import Ballot, CountedBallot, RollLine, Vote
from surveys.votes.proxies import services as written
from surveys.votes.rules import conflicts as rules
from surveys.votes.rules.conflicts import ConflictKind, ConflictState, Decision
from surveys.votes.rules.lifecycle import State
from surveys.votes.secret import queries as secret
from surveys.votes.services import reading as shown
from surveys.votes.services import telling
from surveys.votes.services.casting import Voter
from surveys.votes.services.preparing import Staff, must_manage
from surveys.votes.services.telling import Told
from surveys.votes.services.two_people import must_be_none_of

SETTLED = "ballot.settled"
"""{vote, conflict}: the street decided; those of the line are told."""


@use_case
def object_to(vote_id: str, line_id: str, reason: str, *, by: Voter, now: datetime, key: Key | None = None) -> str:
    """Object, before the deadline, to the ballot somebody else cast for one's line; gives the question's public id.

    The ballot is kept and goes on counting, marked as disputed, until the street settles it. Raises NotFound (not one
    of the line), Conflict (no ballot, one's own, too late, objected already).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_share(session, vote_id)
        secret.must_be_named(session, vote.id)
        mine = next(
            (each for each in shown.my_lines(session, vote, by.account_id) if each.line.public_id == line_id), None
        )
        # An agent votes for the line, but it is not his: its own people object.
        if mine is None or mine.refusal is not None or mine.as_agent:
            raise NotFound("no-such-line", "名册上没有找到您的这一票。")
        rules.may_object(state=State(vote.state), closes_at=vote.closes_at, now=now)
        ballot = conflicts.counted_of_line(session, mine.line.id)
        if ballot is None:
            raise Conflict("nothing-to-object-to", "这一票还没有人投，您可以自己投。")
        if ballot.account_id == by.account_id:
            raise Conflict("own-ballot", "这张票是您自己投的。实名投票不能重投。")
        made = _raise(session, vote, mine.line.id, ballot, ConflictKind.OBJECTION, reason, by.account_id, now=now)
        audit.record(
            session,
            actor=by.actor,
            action="ballot.objected",
            subject=f"conflict:{made.public_id}",
            now=now,
            payload={"vote": vote.public_id, "line": line_id},
        )
        idempotency.remember(session, key, made.public_id, now=now)
        return made.public_id


@use_case
def doubt(
    vote_id: str, receipt_no: str, reason: str, *, account_id: int, by: Staff, now: datetime, key: Key | None = None
) -> str:
    """Staff doubts who cast the ballot that counts for its line; gives the question's public id.

    Raises NotAllowed, NotFound, Conflict (it does not count anyway, result out, doubted already).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_share(session, vote_id)
        must_manage(session, by, queries.place_of(session, vote), now)
        secret.must_be_named(session, vote.id)
        ballot = queries.ballot_by_receipt(session, vote.id, receipt_no)
        if ballot is None:
            raise NotFound("no-such-receipt", "没有找到这张回执。请核对编号。")
        if vote.state == State.RESULT:
            raise Conflict("result-is-out", "结果已经公布，请在公示期内对结果提异议。")
        counted = conflicts.counted_of_line(session, ballot.roll_line_id)
        if counted is None or counted.id != ballot.id:
            raise Conflict("does-not-count", "这张票现在不计票，不用登记疑问。请核对要登记的是不是计票那一张的回执。")
        made = _raise(session, vote, ballot.roll_line_id, ballot, ConflictKind.IDENTITY, reason, account_id, now=now)
        audit.record(
            session,
            actor=by.actor,
            action="ballot.doubted",
            subject=f"conflict:{made.public_id}",
            now=now,
            payload={"vote": vote.public_id},
        )
        idempotency.remember(session, key, made.public_id, now=now)
        return made.public_id


@use_case
def settle(conflict_id: str, decision: Decision, why: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """The street settles a question with its reason: the counted ballot stands, the other counts, or none does.

    A question already decided by the rule may be settled otherwise, on record. Gives its public id. Raises NotFound,
    NotAllowed (who raised it), Conflict (settled, result out, no other ballot, another ballot counts meanwhile).
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        found = conflicts.conflict_by_public_id(session, conflict_id, lock=True)
        vote = queries.vote_for_share(session, session.get_one(Vote, found.vote_id).public_id)
        if not by.trusted and not grants.may(
            session, by.person_id, "vote.manage", queries.place_of(session, vote), now
        ):
            raise conflicts.NO_CONFLICT
        rules.may_settle(state=ConflictState(found.state), result_is_out=vote.state == State.RESULT)
        if found.raised_by is not None and by.person_id is not None:
            # Persons, not accounts: one person may have two.
            must_be_none_of(session, by, conflicts.persons_of(session, found.raised_by))
        if decision is Decision.OTHER and found.other_id is None:
            raise Conflict("no-other-ballot", "这一票没有另一张选票可以改计。")
        _move(session, vote, found, decision, by=by, now=now)
        found.state, found.decision = ConflictState.SETTLED, decision
        found.settled_by, found.settled_at, found.settled_why = by.actor, now, why
        session.flush()
        audit.record(
            session,
            actor=by.actor,
            action="ballot.settled",
            subject=f"conflict:{conflict_id}",
            now=now,
            payload={"vote": vote.public_id, "decision": str(decision), "kind": found.kind, "why": why},
        )
        outbox.stage(session, SETTLED, {"vote": vote.public_id, "conflict": conflict_id}, now=now)
        idempotency.remember(session, key, conflict_id, now=now)
        return conflict_id


def queue(vote_id: str, *, by: Staff, now: datetime) -> list[tuple[BallotConflict, str, list[Ballot]]]:
    """The questions of a vote for its organiser: each with its doors and its ballots, never what was chosen."""
    session = reading()
    vote = queries.announced_vote(session, vote_id)
    must_manage(session, by, queries.place_of(session, vote), now)
    found = conflicts.conflicts_of(session, vote.id)
    doors = {line.id: "、".join(line.value.labels) for line in queries.roll_of(session, vote.id)} if found else {}
    ballots = conflicts.ballots_by_id(
        session, [each for one in found for each in (one.ballot_id, one.other_id) if each]
    )
    return [
        (each, doors[each.roll_line_id], [ballots[one] for one in (each.ballot_id, each.other_id) if one is not None])
        for each in found
    ]


def _raise(
    session: Session,
    vote: Vote,
    line_id: int,
    ballot: Ballot,
    kind: ConflictKind,
    reason: str,
    account_id: int,
    *,
    now: datetime,
) -> BallotConflict:
    made = BallotConflict(
        public_id=new_public_id(),
        vote_id=vote.id,
        roll_line_id=line_id,
        kind=kind,
        state=ConflictState.OPEN,
        ballot_id=ballot.id,
        raised_at=now,
        raised_by=account_id,
        reason=reason,
        settled_why="",
    )
    session.add(made)
    once = Conflict("objected-already", "您已经对这张票提过异议，街道正在处理。")
    with translating({"ballot_conflict_once_a_person": once}):
        session.flush()
    return made


def _move(session: Session, vote: Vote, found: BallotConflict, decision: Decision, *, by: Staff, now: datetime) -> None:
    """Let the line count what was decided. Only ballots that were valid ever count; a proxy whose ballot does not is
    spent.

    Raises Conflict when a ballot counts that is not in question here.
    """
    if decision is Decision.STANDS:
        return
    counted = conflicts.counted_of_line(session, found.roll_line_id)
    if counted is not None and counted.id not in (found.ballot_id, found.other_id):
        raise Conflict(
            "another-counts",
            "这一户现在计的是另一张票，这条疑问说的不是它。请选“计票的那张继续有效”；对那张有疑问，请另外登记。",
        )
    session.execute(
        sa.delete(CountedBallot).where(
            CountedBallot.vote_id == vote.id,
            CountedBallot.roll_line_id == found.roll_line_id,
            CountedBallot.ballot_id.in_([each for each in (found.ballot_id, found.other_id) if each is not None]),
        )
    )
    counts = found.other_id if decision is Decision.OTHER else None
    struck = [each for each in (found.ballot_id, found.other_id) if each is not None and each != counts]
    if decision is Decision.OTHER:
        session.execute(
            sa.insert(CountedBallot).values(vote_id=vote.id, roll_line_id=found.roll_line_id, ballot_id=found.other_id)
        )
    written.strike(session, struck, by=by.actor, now=now)


def people_of(conflict_id: str) -> list[Told]:
    """The accounts of the line a question is about."""
    session = reading()
    found = conflicts.conflict_by_public_id(session, conflict_id)
    return telling.of_line(session, session.get_one(RollLine, found.roll_line_id))
