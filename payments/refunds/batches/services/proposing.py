"""Previewing a batch, proposing what the preview showed, agreeing to it or sending it back."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, grants, outbox
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import Conflict, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.money import Fen
from kernel.places.queries import place_by_id, place_by_public_id
from payments import queries as payments
from payments.contributions.queries import locked_collection
from payments.models import Collection
from payments.refunds.batches import queries
from payments.refunds.batches.models import RefundBatch, RefundBatchLine
from payments.refunds.batches.services.planning import kept_of, planned
from payments.refunds.services.asking import MANAGE
from payments.rules.batch import BatchKind, BatchState, LineState
from payments.rules.channel import is_desk
from payments.rules.giving_back import Road, road_for
from payments.two_people import judge, said

TOPIC = "refunds.batch"


@dataclass(frozen=True)
class PreviewLine:
    """One payment of a preview: its door, what goes back of it, by which road."""

    door: str
    amount_fen: Fen
    road: Road


@dataclass(frozen=True)
class Preview:
    """What a batch would send back now: payments, sum, how many by which road, each of them in ``lines``; ``kept``: how
    many deposits stay because their payers said so.
    """

    payments: int
    total_fen: Fen
    by_wechat: int
    by_bank: int
    kept: int
    lines: list[PreviewLine]


def preview(
    session: Session, estate: str, kind: BatchKind, total_fen: Fen | None, *, person_id: int | None, now: datetime
) -> Preview:
    """What a batch of a kind would send back of an estate. Raises NotFound, NotAllowed, Invalid."""
    place = place_by_public_id(session, estate)
    grants.require(session, person_id, MANAGE, place, now)
    collection = payments.collection_there(session, place.id)
    found = planned(session, collection, kind, total_fen, now=now)
    ids = [one.deposit_id for one, _ in found]
    when, doors = queries.paid_when(session, ids), queries.doors_of(session, ids)
    lines = [PreviewLine(doors[one.deposit_id], fen, _road(when.get(one.deposit_id), now=now)) for one, fen in found]
    roads = [line.road for line in lines]
    kept = len(kept_of(session, collection, now=now)) if kind is BatchKind.NOT_LISTED else 0
    total = sum(fen for _, fen in found)
    return Preview(len(found), total, roads.count(Road.WECHAT), roads.count(Road.BANK), kept, lines)


def _road(paid: tuple[str, datetime] | None, *, now: datetime) -> Road:
    return Road.BANK if paid is None else road_for(paid[1], now=now, desk=is_desk(paid[0]))


@use_case
def propose(
    estate: str,
    *,
    kind: BatchKind,
    total_fen: Fen | None,
    seen: tuple[int, Fen],
    why: str,
    person_id: int | None,
    actor: str,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Propose a batch as the preview showed it (``seen``: payments, sum); return its public id.

    Raises NotFound, NotAllowed, Invalid, Conflict (the list changed since, another batch waits, nothing to send back).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        place = place_by_public_id(session, estate)
        grants.require(session, person_id, MANAGE, place, now)
        # Locked before anything is summed: a cap over a sum.
        collection = locked_collection(session, payments.collection_there(session, place.id).id)
        found = planned(session, collection, kind, total_fen, now=now)
        if not found:
            raise Conflict("nothing-to-refund", "没有可以退的钱。已经申请退还的，请单独办理。")
        if seen != (len(found), sum(fen for _, fen in found)):
            raise Conflict("preview-changed", "名单或金额刚刚有变化。请重新算一遍，核对后再提交。")
        made = RefundBatch(
            public_id=new_public_id(),
            collection_id=collection.id,
            total_fen=seen[1],
            state=BatchState.PROPOSED,
            decision=kind,
            why=why,
            proposed_by=person_id,
            proposed_at=now,
        )
        session.add(made)
        with translating({"refund_batch_one_waits": Conflict("batch-waits", "已经有一批退款等待复核，请先复核。")}):
            session.flush()
        session.execute(
            sa.insert(RefundBatchLine),
            [
                {
                    "public_id": new_public_id(),
                    "batch_id": made.id,
                    "deposit_id": one.deposit_id,
                    "amount_fen": fen,
                    "state": LineState.PLANNED,
                }
                for one, fen in found
            ],
        )
        _note(session, made, "refund_batch.proposed", actor=actor, now=now, payments=len(found))
        remember(session, key, made.public_id, now=now)
        return made.public_id


@use_case
def decide(batch: str, *, agree: bool, person_id: int | None, actor: str, now: datetime, key: Key | None = None) -> str:
    """Agree to a batch, whereupon the job releases it one by one, or send it back. NotAllowed for who proposed it."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found = queries.batch_by_public_id(session, batch, lock=True)
        who = must_manage(session, found, person_id, now=now)
        judge(session, found, agree=agree, by=who, now=now, back_to=BatchState.SENT_BACK, what="这批退款")
        if agree:
            outbox.stage(session, TOPIC, {"batch": batch, "again": False}, now=now)
        else:
            session.execute(
                sa.update(RefundBatchLine).where(RefundBatchLine.batch_id == found.id).values(state=LineState.DROPPED)
            )
        session.flush()
        word = "refund_batch.decided" if agree else "refund_batch.sent_back"
        _note(session, found, word, actor=actor, now=now)
        remember(session, key, batch, now=now)
        return batch


@use_case
def try_again(batch: str, *, person_id: int | None, actor: str, now: datetime, key: Key | None = None) -> str:
    """Have the failed payments of a batch tried again. Raises NotFound, Conflict when it was not agreed to."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found = queries.batch_by_public_id(session, batch, lock=True)
        must_manage(session, found, person_id, now=now)
        if found.state != BatchState.DECIDED:
            raise Conflict("batch-not-agreed", "这批退款还没有复核同意。")
        outbox.stage(session, TOPIC, {"batch": batch, "again": True}, now=now)
        _note(session, found, "refund_batch.tried_again", actor=actor, now=now)
        remember(session, key, batch, now=now)
        return batch


def must_manage(session: Session, batch: RefundBatch, person_id: int | None, *, now: datetime) -> int:
    """The person, who manages the batch's collection. Raises NotFound."""
    estate = place_by_id(session, session.get_one(Collection, batch.collection_id).estate_id)
    if person_id is None or not grants.may(session, person_id, MANAGE, estate, now):
        raise NotFound("no-such-batch", "没有找到这批退款。")
    return person_id


def _note(session: Session, batch: RefundBatch, action: str, *, actor: str, now: datetime, **more: object) -> None:
    payload = {**said(batch), "total_fen": batch.total_fen, **more}
    audit.record(
        session, actor=actor, action=action, subject=f"refund_batch:{batch.public_id}", now=now, payload=payload
    )
