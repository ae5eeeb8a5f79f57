"""Taking back what was entered wrongly: one says so and why, another agrees, the entry is reversed."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants, outbox
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import Conflict, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.people.queries import known_as
from payments import queries as payments
from payments.cash_desk import queries
from payments.cash_desk.models import CashBox, Taking, TakingVoid
from payments.cash_desk.rules import CHECK, TAKE, must_not_be_counted, must_not_be_settled, must_not_have_taken
from payments.refunds import queries as returns
from payments.rules.giving_back import must_not_gain
from payments.rules.two_people import ProposalState
from payments.services import counter
from payments.two_people import judge, said

VOIDED_TOPIC = "counter.voided"
_WAITS = Conflict("void-waits", "这笔收款已经有人申请作废，请等另一位工作人员复核。")


def _may(session: Session, taking: Taking, person_id: int | None, actions: tuple[str, ...], *, now: datetime) -> int:
    deposit = payments.deposit_by_id(session, taking.deposit_id)
    estate = queries.estate_of_collection(session, deposit.collection_id)
    if person_id is None or not any(grants.may(session, person_id, action, estate, now) for action in actions):
        raise NotFound("no-such-taking", "没有找到这笔收款。")
    return person_id


def _must_not_gain(session: Session, taking: Taking, person_id: int) -> None:
    must_not_gain(returns.is_own(session, payments.deposit_by_id(session, taking.deposit_id), person_id))


def _must_not_be_counted(session: Session, taking: Taking) -> None:
    if taking.box_id is None:
        must_not_be_settled(queries.is_settled(session, taking.id))
    else:
        box = queries.box_by_public_id(session, session.get_one(CashBox, taking.box_id).public_id, lock=True)
        must_not_be_counted(box.closed_at is not None)


@use_case
def propose(taking: str, *, why: str, person_id: int | None, actor: str, now: datetime, key: Key | None = None) -> str:
    """Say that a taking was entered wrongly. Raises NotFound, Conflict (counted, said before, moved on)."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found = queries.taking_by_public_id(session, taking)
        who = _may(session, found, person_id, (TAKE, CHECK), now=now)
        _must_not_gain(session, found, who)
        _must_not_be_counted(session, found)
        if queries.is_void(session, found.deposit_id):
            raise Conflict("already-void", "这张收据已经作废。")
        made = TakingVoid(
            public_id=new_public_id(),
            taking_id=found.id,
            state=ProposalState.PROPOSED,
            decision="void",
            why=why,
            proposed_by=who,
            proposed_at=now,
        )
        session.add(made)
        with translating({"taking_void_one": _WAITS}):
            session.flush()
        _note(session, made, found, "taking.void_proposed", actor=actor, now=now)
        remember(session, key, made.public_id, now=now)
        return made.public_id


@use_case
def decide(void: str, *, agree: bool, person_id: int | None, actor: str, now: datetime, key: Key | None = None) -> str:
    """Agree that a taking is void, or send it back. NotAllowed for whoever proposed, or took
    the money himself and would agree; Conflict when counted since."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found, taking = queries.void_by_public_id(session, void)
        who = _may(session, taking, person_id, (CHECK,), now=now)
        _must_not_gain(session, taking, who)
        if agree:
            must_not_have_taken(known_as(session, who, [taking.collector_id]), taking.collector_id)
        judge(session, found, agree=agree, by=who, now=now, back_to=ProposalState.SENT_BACK, what="这条作废申请")
        if agree:
            _must_not_be_counted(session, taking)
            deposit = payments.deposit_by_id(session, taking.deposit_id, lock=True)
            attempt = queries.attempt_of(session, taking)
            counter.reverse(session, deposit, attempt, actor=actor, why=found.why or "", now=now)
            outbox.stage(session, VOIDED_TOPIC, {"deposit": deposit.public_id}, now=now)
        session.flush()
        _note(session, found, taking, "taking.voided" if agree else "taking.void_sent_back", actor=actor, now=now)
        remember(session, key, void, now=now)
        return void


def _note(session: Session, void: TakingVoid, taking: Taking, action: str, *, actor: str, now: datetime) -> None:
    payload = {**said(void), "amount_fen": taking.amount_fen, "channel": taking.channel}
    audit.record(session, actor=actor, action=action, subject=f"taking:{taking.public_id}", now=now, payload=payload)
