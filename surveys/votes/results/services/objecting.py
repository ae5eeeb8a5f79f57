"""Setting the days of publicity, objecting to a preliminary result, answering."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, evidence, idempotency, outbox
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, NotAllowed
from kernel.idempotency import Key
from surveys.votes import queries
from surveys.votes.models import Vote
from surveys.votes.results import queries as results
from surveys.votes.results import rules
from surveys.votes.results.models import ResultObjection, ResultPlan
from surveys.votes.results.rules import Ruling, Stage
from surveys.votes.rules import periods
from surveys.votes.rules.lifecycle import State
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
        record(session, vote, "vote.publicity_set", by.actor, now, {"days": days})
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id


def _objection_context(public_id: str) -> str:
    return f"result.objection:{public_id}"


def subject_of(public_id: str) -> str:
    """What an objection's photos are bound to."""
    return f"result_objection:{public_id}"


def text_of(made: ResultObjection) -> str:
    """What an objector wrote. For the objector and for those who answer."""
    return vault().open(made.text_sealed, context=_objection_context(made.public_id))


@use_case
def object_to(
    vote_id: str, text: str, *, photos: Sequence[str] = (), by: Voter, now: datetime, key: Key | None = None
) -> str:
    """Object to a preliminary result, with photos if one likes; gives the objection's public id.

    Raises NotAllowed for who does not stand on the roll (the agent of a proxy does not), Conflict (no result, publicity
    over, one still open), Invalid for a photo that cannot be used.
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
        proofs = evidence.use(
            session,
            photos,
            subject=subject_of(public_id),
            purpose="result_objection",
            account_id=by.account_id,
            place=queries.place_of(session, vote),
        )
        said = {"objection": public_id, "number": number, "proofs": [each.sha256 for each in proofs]}
        record(session, vote, "vote.objected", by.actor, now, said)
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
        record(
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


def record(session: Session, vote: Vote, action: str, actor: str, now: datetime, payload: dict[str, Any]) -> None:
    """An audit entry about a vote's result."""
    session.flush()
    audit.record(session, actor=actor, action=action, subject=f"vote:{vote.public_id}", now=now, payload=payload)
