"""Setting the days, objecting, answering, counting again, the final word."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, idempotency, outbox
from kernel.database import new_public_id, reading, transaction, translating, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, NotAllowed
from kernel.idempotency import Key
from surveys.votes import queries
from surveys.votes.models import Vote
from surveys.votes.results import queries as results
from surveys.votes.results import rules
from surveys.votes.results.models import ResultObjection, ResultPlan, ResultRecount
from surveys.votes.results.rules import Answered, Ruling, Stage
from surveys.votes.rules import periods
from surveys.votes.rules.lifecycle import State
from surveys.votes.secret import queries as secret
from surveys.votes.secret.services import opening
from surveys.votes.services import counting
from surveys.votes.services import reading as shown
from surveys.votes.services.casting import Voter
from surveys.votes.services.preparing import Staff, must_manage
from surveys.votes.services.two_people import had_a_hand
from surveys.votes.words import instant_text


@use_case
def plan(vote_id: str, days: int, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Set how many days the result will be published, while the vote is a draft; its notice says so. Gives the vote.

    Raises NotAllowed, Conflict once the notice is out, Invalid for an odd number.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_update(session, vote_id)
        must_manage(session, by, queries.place_of(session, vote), now)
        if vote.state != State.DRAFT:
            raise Conflict("notice-out", "公告已经发布，结果公示天数不能再改。")
        periods.opening(now, notice_days=days)
        row = results.plan_of(session, vote.id) or ResultPlan(vote_id=vote.id)
        row.publicity_days = days
        session.add(row)
        _record(session, vote, "vote.publicity_set", by.actor, now, {"days": days})
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id


def _objection_context(public_id: str) -> str:
    return f"result.objection:{public_id}"


def text_of(made: ResultObjection) -> str:
    """What an objector wrote. For the objector and for those who answer."""
    return vault().open(made.text_sealed, context=_objection_context(made.public_id))


@use_case
def object_to(vote_id: str, text: str, *, by: Voter, now: datetime, key: Key | None = None) -> str:
    """Object to a preliminary result; gives the objection's public id.

    Raises NotAllowed for who does not stand on the roll (the agent of a proxy does not), Conflict (no result, publicity
    over, one still open).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.announced_vote(session, vote_id)
        lines = shown.my_lines(session, vote, by.account_id)
        mine = [each for each in lines if each.refusal is None and not each.as_agent]
        if not mine:
            raise NotAllowed("not-on-the-roll", "只有名册上的人可以对结果提异议。如果名册有误，请联系社区。")
        # The standing is held: numbers follow each other, and the final word waits for an objection in flight.
        standing = results.standing_for_update(session, vote.id)
        rules.may_object(
            Stage(standing.stage), ends_at=standing.ends_at, now=now, ends_text=instant_text(standing.ends_at)
        )
        public_id, number = new_public_id(), len(results.objections_of(session, vote.id)) + 1
        session.add(
            ResultObjection(
                public_id=public_id,
                vote_id=vote.id,
                number=number,
                account_id=by.account_id,
                roll_line_id=mine[0].line.id,
                text_sealed=vault().seal(text, context=_objection_context(public_id)),
                made_at=now,
            )
        )
        open_already = Conflict("objection-open", "您提的异议还没有答复，请等答复以后再提。")
        with translating({"result_objection_one_open": open_already}):
            session.flush()
        _record(session, vote, "vote.objected", by.actor, now, {"objection": public_id, "number": number})
        outbox.stage(session, "vote.objected", {"vote": vote.public_id, "objection": public_id}, now=now)
        idempotency.remember(session, key, public_id, now=now)
        return public_id


@use_case
def answer(
    vote_id: str,
    objection_id: str,
    ruling: Ruling,
    reasons: str,
    *,
    by: Staff,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Answer an objection with reasons, which everybody may read; gives its public id.

    Raises NotFound, NotAllowed, Conflict (answered already, one's own, final already).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_by_public_id(session, vote_id)
        must_manage(session, by, queries.place_of(session, vote), now)
        results.standing_for_update(session, vote.id)
        made = results.objection(session, vote.id, objection_id)
        rules.must_be_another(is_objector=had_a_hand(session, by, [results.objector(session, made)]))
        if made.answered_at is not None:
            raise Conflict("answered-already", "这条异议已经答复过了。")
        made.ruling, made.answer, made.answered_at, made.answered_by = ruling, reasons, now, by.actor
        _record(
            session,
            vote,
            "vote.objection_answered",
            by.actor,
            now,
            {"objection": made.public_id, "ruling": str(ruling)},
        )
        outbox.stage(session, "vote.objection_answered", {"vote": vote.public_id, "objection": made.public_id}, now=now)
        idempotency.remember(session, key, made.public_id, now=now)
        return made.public_id


def count_again(session: Session, vote: Vote, reason: str, *, by: Staff, now: datetime) -> None:
    """Count a vote again and keep the document beside the ones before, in the caller's transaction, audited.

    A result that differs is published anew for its days, whatever changed it: a roll, a ballot or a lot.
    """
    before = queries.result_of(session, vote.id)
    assert before is not None
    document = (
        opening.recounted(session, vote)
        if secret.key_of(session, vote.id) is not None
        else counting.recounted(session, vote)
    )
    made = ResultRecount(
        vote_id=vote.id,
        number=len(results.recounts_of(session, vote.id)) + 1,
        document=document,
        tally_hash=counting.tally_hash(document),
        reason=reason,
        changed=document != before.document,
        counted_at=now,
        counted_by=by.actor,
    )
    session.add(made)
    if made.changed:
        standing = results.standing_for_update(session, vote.id)
        days = results.publicity_days(session, vote.id)
        ends_at, provisional = periods.opening(now, notice_days=days)
        if ends_at > standing.ends_at:
            standing.ends_at, standing.provisional = ends_at, provisional
    _record(
        session,
        vote,
        "vote.recounted",
        by.actor,
        now,
        {"number": made.number, "tally_hash": made.tally_hash, "changed": made.changed},
    )
    outbox.stage(
        session, "vote.recounted", {"vote": vote.public_id, "number": made.number, "changed": made.changed}, now=now
    )


@use_case
def recount(vote_id: str, reason: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Count again, with the reason; the result that differs is published anew for its days. Gives the vote.

    Both documents are kept. Raises NotAllowed, Conflict (no result, final already, roll changed).
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_update(session, vote_id)
        must_manage(session, by, queries.place_of(session, vote), now)
        standing = results.standing_for_update(session, vote.id)
        if standing.stage == Stage.FINAL:
            raise Conflict("final-already", "结果已经确认为最终结果，不能再重新计票。")
        count_again(session, vote, reason, by=by, now=now)
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id


@use_case
def finalise(vote_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Say that a result is final, after its publicity and with every objection settled. Gives the vote.

    Raises NotAllowed, Conflict naming what is missing.
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_update(session, vote_id)
        must_manage(session, by, queries.place_of(session, vote), now)
        standing = results.standing_for_update(session, vote.id)
        objections = results.objections_of(session, vote.id)
        rules.may_become_final(
            Stage(standing.stage),
            ends_at=standing.ends_at,
            now=now,
            ends_text=instant_text(standing.ends_at),
            open_objections=sum(each.answered_at is None for each in objections),
            answered=[
                Answered(each.answered_at, Ruling(each.ruling))
                for each in objections
                if each.answered_at and each.ruling
            ],
            recounts=[each.counted_at for each in results.recounts_of(session, vote.id)],
        )
        standing.stage, standing.final_at, standing.final_by = Stage.FINAL, now, by.actor
        counted = queries.result_of(session, vote.id)
        assert counted is not None
        _record(session, vote, "vote.final", by.actor, now, {"tally_hash": counted.tally_hash})
        outbox.stage(session, "vote.final", {"vote": vote.public_id}, now=now)
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id


@dataclass(frozen=True)
class ObjectionView:
    """An objection: what everybody may read, and for its maker and staff what was written (else "")."""

    id: str
    number: int
    made_at: datetime
    ruling: Ruling | None
    answer: str
    answered_at: datetime | None
    text: str
    line: int
    mine: bool


@dataclass(frozen=True)
class Standing:
    """Where a result stands, with its objections and recounts. ``takes_objections``: now, from who is on the roll."""

    stage: Stage
    ends_at: datetime
    provisional: bool
    final_at: datetime | None
    takes_objections: bool
    objections: tuple[ObjectionView, ...]
    recounts: tuple[ResultRecount, ...]

    @property
    def open_objections(self) -> int:
        """How many wait for an answer."""
        return sum(each.answered_at is None for each in self.objections)


def standing(
    session: Session, vote: Vote, now: datetime, *, account_id: int | None = None, staff: bool = False
) -> Standing:
    """Where the result of a vote stands. Raises Conflict before it is out."""
    row = results.standing_of(session, vote.id)
    if row is None:
        raise Conflict("no-result-yet", "结果还没有公布。投票截止、计票之后会在这里公布。")
    views = []
    for made in results.objections_of(session, vote.id):
        mine = account_id is not None and made.account_id == account_id
        views.append(
            ObjectionView(
                id=made.public_id,
                number=made.number,
                made_at=made.made_at,
                ruling=Ruling(made.ruling) if made.ruling else None,
                answer=made.answer or "",
                answered_at=made.answered_at,
                text=text_of(made) if mine or staff else "",
                line=results.line_number(session, made) if staff else 0,
                mine=mine,
            )
        )
    return Standing(
        stage=Stage(row.stage),
        ends_at=row.ends_at,
        provisional=row.provisional,
        final_at=row.final_at,
        takes_objections=row.stage == Stage.PRELIMINARY and now < row.ends_at,
        objections=tuple(views),
        recounts=tuple(results.recounts_of(session, vote.id)),
    )


def managed_standing(vote_id: str, *, by: Staff, now: datetime) -> tuple[Vote, Standing]:
    """A result for those in charge, with what the objectors wrote; the look is on record when somebody wrote.

    Raises NotFound, NotAllowed, Conflict before the result.
    """
    session = reading()
    vote = queries.vote_by_public_id(session, vote_id)
    must_manage(session, by, queries.place_of(session, vote), now)
    if results.objections_of(session, vote.id):
        audit.look(actor=by.actor, what="objections", subject=f"vote:{vote.public_id}", now=now)
        session = reading()
        vote = queries.vote_by_public_id(session, vote_id)
    return vote, standing(session, vote, now, staff=True)


def _record(session: Session, vote: Vote, action: str, actor: str, now: datetime, payload: dict[str, Any]) -> None:
    session.flush()
    audit.record(session, actor=actor, action=action, subject=f"vote:{vote.public_id}", now=now, payload=payload)
