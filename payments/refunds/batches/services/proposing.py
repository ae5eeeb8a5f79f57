"""Previewing a batch, proposing what the preview showed, agreeing to it or sending it back."""

from collections.abc import Mapping, Sequence
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
from payments.refunds.batches.services.planning import kept_of, planned, ways
from payments.refunds.services.asking import MANAGE
from payments.rules.batch import BatchKind, LineState
from payments.rules.giving_back import Road, must_be_by_wechat
from payments.rules.two_people import ProposalState
from payments.two_people import judge, said

TOPIC = "refunds.batch"


@dataclass(frozen=True)
class PreviewLine:
    """One payment of a preview: the deposit's public id, its door, what goes back of it, by which road and why."""

    id: str
    door: str
    amount_fen: Fen
    road: Road
    road_why: str


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
    open_ways, doors = ways(session, ids, now=now), queries.doors_of(session, ids)
    lines = [
        PreviewLine(*doors[one.deposit_id], fen, open_ways[one.deposit_id].road, open_ways[one.deposit_id].why)
        for one, fen in found
    ]
    roads = [line.road for line in lines]
    kept = len(kept_of(session, collection, now=now)) if kind is BatchKind.NOT_LISTED else 0
    total = sum(fen for _, fen in found)
    return Preview(len(found), total, roads.count(Road.WECHAT), roads.count(Road.BANK), kept, lines)


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
    by_bank: Mapping[str, str] | None = None,
    key: Key | None = None,
) -> str:
    """Propose a batch as the preview showed it (``seen``: payments, sum); return its public id. ``by_bank``: payments
    (a deposit's public id -> the reason) that go by bank transfer though WeChat were open.

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
        chosen = _chosen(session, [one.deposit_id for one, _ in found], by_bank or {}, now=now)
        made = RefundBatch(
            public_id=new_public_id(),
            collection_id=collection.id,
            total_fen=seen[1],
            state=ProposalState.PROPOSED,
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
                    "bank_why": chosen.get(one.deposit_id),
                }
                for one, fen in found
            ],
        )
        _note(session, made, "refund_batch.proposed", actor=actor, now=now, payments=len(found), by_bank=by_bank or {})
        remember(session, key, made.public_id, now=now)
        return made.public_id


def _chosen(
    session: Session, deposit_ids: Sequence[int], by_bank: Mapping[str, str], *, now: datetime
) -> dict[int, str]:
    """Deposit -> why it goes by bank. Raises Conflict for a payment the batch does not hold, Invalid for one that goes
    by bank anyhow.
    """
    ids = {public_id: deposit_id for deposit_id, (public_id, _) in queries.doors_of(session, deposit_ids).items()}
    if not by_bank.keys() <= ids.keys():
        raise Conflict("preview-changed", "名单或金额刚刚有变化。请重新算一遍，核对后再提交。")
    chosen = {ids[public_id]: why for public_id, why in by_bank.items()}
    for way in ways(session, list(chosen), now=now).values():
        must_be_by_wechat(way.road)
    return chosen


@use_case
def decide(batch: str, *, agree: bool, person_id: int | None, actor: str, now: datetime, key: Key | None = None) -> str:
    """Agree to a batch, whereupon the job releases it one by one, or send it back. NotAllowed for who proposed it."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found = queries.batch_by_public_id(session, batch, lock=True)
        who = must_manage(session, found, person_id, now=now)
        judge(session, found, agree=agree, by=who, now=now, back_to=ProposalState.SENT_BACK, what="这批退款")
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
def try_again(
    batch: str,
    *,
    person_id: int | None,
    actor: str,
    now: datetime,
    road: Road | None = None,
    key: Key | None = None,
) -> str:
    """Have the failed payments of a batch tried again, all or those of one road. Raises NotFound, Conflict when it was
    not agreed to.
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found = queries.batch_by_public_id(session, batch, lock=True)
        must_manage(session, found, person_id, now=now)
        if found.state != ProposalState.DECIDED:
            raise Conflict("batch-not-agreed", "这批退款还没有复核同意。")
        outbox.stage(session, TOPIC, {"batch": batch, "again": True, "road": road}, now=now)
        _note(session, found, "refund_batch.tried_again", actor=actor, now=now, road=road)
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
