"""Objecting to a roll, taking it back, and the street's answer where nothing is changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants, idempotency, outbox
from kernel.database import new_public_id, reading, transaction, translating, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, Invalid, NotFound
from kernel.idempotency import Key
from kernel.places.models import Dwelling, Place
from surveys.votes import queries
from surveys.votes.models import Vote
from surveys.votes.rolls import queries as rolls
from surveys.votes.rolls.models import RollObjection
from surveys.votes.rules import roll_changes as rules
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.roll_changes import ObjectionKind, ObjectionState
from surveys.votes.services.casting import Voter
from surveys.votes.services.preparing import Staff

MANAGE = "roll.manage"
ANSWERED = "roll.objection_answered"
"""{vote, objection, account, dwelling}: somebody's objection has its answer."""

_WAITING = Conflict("objection-waits", "您家对这份名册已经提过异议，正在等答复。要补充，请先撤回再提。")


def must_manage_roll(session: Session, staff: Staff, place: Place, now: datetime) -> None:
    """Raises NotAllowed unless ``staff`` may correct rolls at ``place`` now."""
    if not staff.trusted:
        grants.require(session, staff.person_id, MANAGE, place, now)


def held_by_staff(session: Session, vote_id: str, by: Staff, now: datetime) -> tuple[Vote, Place]:
    """The vote, held for a change of its roll, and where it is; raises NotFound, NotAllowed."""
    vote = queries.vote_for_update(session, vote_id)
    place = queries.place_of(session, vote)
    must_manage_roll(session, by, place, now)
    return vote, place


@use_case
def object_to(
    vote_id: str, dwelling_id: str, kind: ObjectionKind, words: str, *, by: Voter, now: datetime, key: Key | None = None
) -> str:
    """Say what is wrong with a vote's roll for one's own dwelling; gives the objection's public id.

    Raises NotFound (not one's own dwelling, or not of this vote), Conflict (not the time for it, or one waits already).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_share(session, vote_id)
        dwelling = _own(session, vote, dwelling_id, by.account_id)
        rules.may_object(state=State(vote.state), opens_at=vote.opens_at, now=now)
        made = RollObjection(
            public_id=new_public_id(),
            vote_id=vote.id,
            dwelling_id=dwelling.id,
            account_id=by.account_id,
            kind=kind,
            raised_at=now,
        )
        made.words_sealed = vault().seal(words, context=f"roll_objection.words:{made.public_id}")
        with translating({"roll_objection_one_open": _WAITING}):
            session.add(made)
            session.flush()
        _record(session, by.actor, "roll.objected", made, now, {"vote": vote.public_id, "kind": str(kind)})
        idempotency.remember(session, key, made.public_id, now=now)
        return made.public_id


@use_case
def withdraw(vote_id: str, objection_id: str, *, by: Voter, now: datetime, key: Key | None = None) -> str:
    """Take one's own objection back while it waits. Raises NotFound for another's, Conflict when it has its answer."""
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_update(session, vote_id)
        found = rolls.objection_by_public_id(session, vote.id, objection_id)
        if found.account_id != by.account_id:
            raise NotFound("no-such-objection", "没有找到这条异议。")
        end(found, ObjectionState.WITHDRAWN, None, by=by.actor, now=now)
        _record(session, by.actor, "roll.objection_withdrawn", found, now, {"vote": vote.public_id})
        idempotency.remember(session, key, found.public_id, now=now)
        return found.public_id


@use_case
def reject(vote_id: str, objection_id: str, answer: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Answer an objection by which nothing is changed, with the reason. Raises Conflict when it has its answer."""
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote, _ = held_by_staff(session, vote_id, by, now)
        found = rolls.objection_by_public_id(session, vote.id, objection_id)
        settle(session, vote, found, ObjectionState.REJECTED, answer, by=by, now=now)
        idempotency.remember(session, key, found.public_id, now=now)
        return found.public_id


def settle(
    session: Session,
    vote: Vote,
    found: RollObjection,
    state: ObjectionState,
    answer: str,
    *,
    by: Staff,
    now: datetime,
) -> None:
    """Give an objection its answer in the caller's transaction; audited, and the objector is told."""
    end(found, state, answer, by=by.actor, now=now)
    _record(session, by.actor, f"roll.objection_{state}", found, now, {"vote": vote.public_id})
    outbox.stage(session, ANSWERED, {"vote": vote.public_id, "objection": found.public_id}, now=now)


def end(found: RollObjection, state: ObjectionState, answer: str | None, *, by: str, now: datetime) -> None:
    """Close an objection. Raises Conflict when it is closed already."""
    if found.state != ObjectionState.OPEN:
        raise Conflict("objection-answered", "这条异议已经有了结果，不用再办。")
    found.state, found.ended_at, found.ended_by = state, now, by
    if answer is not None:
        found.answer_sealed = vault().seal(answer, context=f"roll_objection.answer:{found.public_id}")


def my_doors(session: Session, vote: Vote, account_id: int) -> list[Dwelling]:
    """The dwellings of this vote that an account speaks for."""
    return list(rolls.doors_of_account(session, account_id, queries.place_of(session, vote)))


def _own(session: Session, vote: Vote, dwelling_id: str, account_id: int) -> Dwelling:
    for dwelling in my_doors(session, vote, account_id):
        if dwelling.public_id == dwelling_id:
            return dwelling
    raise NotFound("no-such-dwelling", "没有找到您家的房屋。请先扫自家门上的二维码登记，再提异议。")


def _record(
    session: Session, actor: str, action: str, found: RollObjection, now: datetime, payload: dict[str, object]
) -> None:
    session.flush()
    audit.record(
        session, actor=actor, action=action, subject=f"roll_objection:{found.public_id}", now=now, payload=payload
    )


@dataclass(frozen=True)
class ObjectionView:
    """An objection with its words and answer, for the objector and for the street."""

    id: str
    door: str
    dwelling: str
    kind: ObjectionKind
    words: str
    state: ObjectionState
    answer: str
    raised_at: datetime
    ended_at: datetime | None


def mine(session: Session, vote: Vote, account_id: int) -> list[ObjectionView]:
    """What an account objected to a vote's roll, newest first."""
    return [_view(found, dwelling) for found, dwelling in rolls.my_objections(session, vote.id, account_id)]


def all_of(vote_id: str, *, by: Staff, now: datetime) -> list[ObjectionView]:
    """All objections to a vote's roll for the street; a look at them is on record. Raises NotFound, NotAllowed."""
    session = reading()
    vote = queries.vote_by_public_id(session, vote_id)
    must_manage_roll(session, by, queries.place_of(session, vote), now)
    found = [_view(objection, dwelling) for objection, dwelling in rolls.objections_of(session, vote.id)]
    if found:
        audit.look(actor=by.actor, what="roll-objections", subject=f"vote:{vote.public_id}", now=now)
    return found


def _view(found: RollObjection, dwelling: Dwelling) -> ObjectionView:
    answer = (
        vault().open(found.answer_sealed, context=f"roll_objection.answer:{found.public_id}")
        if found.answer_sealed
        else ""
    )
    return ObjectionView(
        id=found.public_id,
        door=dwelling.label,
        dwelling=dwelling.public_id,
        kind=ObjectionKind(found.kind),
        words=vault().open(found.words_sealed, context=f"roll_objection.words:{found.public_id}"),
        state=ObjectionState(found.state),
        answer=answer,
        raised_at=found.raised_at,
        ended_at=found.ended_at,
    )


def must_be_reasoned(reason: str) -> str:
    """The reason without blanks around it. Raises Invalid for an empty one: nothing is changed silently."""
    if len(reason.strip()) < 2:
        raise Invalid("reason-missing", "请写明理由，会公开在名册更正记录里。", {"reason": ["请填写理由"]})
    return reason.strip()
