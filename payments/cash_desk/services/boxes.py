"""Counting a collector's box by a second person, and handing counted cash in at the bank."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, clock, evidence, grants
from kernel.database import new_public_id, transaction, use_case
from kernel.errors import Conflict, Invalid, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.money import Fen
from kernel.people.queries import known_as
from payments.cash_desk import queries
from payments.cash_desk.differences import services as differences
from payments.cash_desk.models import CashBanking, CashBox
from payments.cash_desk.rules import CHECK, COUNT_DIFFERS, TAKE, checked_count, must_not_be_collector
from payments.cash_desk.services import overdue
from payments.rules import ledger
from payments.rules.ledger import EntryKind
from payments.services.bookkeeping import enter

SLIP = "cash_slip"
"""The purpose a bank's slip is photographed for."""


def _must(session: Session, collection_id: int, person_id: int | None, action: str, *, now: datetime) -> int:
    estate = queries.estate_of_collection(session, collection_id)
    if person_id is None or not grants.may(session, person_id, action, estate, now):
        raise NotFound("no-such-box", "没有找到这个钱箱。")
    return person_id


def close(
    box: str,
    *,
    counted_fen: Fen,
    why: str | None,
    person_id: int | None,
    actor: str,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Close a collector's box with what another person counted in it. A count that is off goes on record at once: who
    counts is not told the sum, and does not find it out by trying.

    Raises NotFound, NotAllowed for the collector, Conflict (closed before, a void waits, a difference unexplained).
    """
    try:
        return _close(box, counted_fen=counted_fen, why=why, person_id=person_id, actor=actor, now=now, key=key)
    except Conflict as no:
        if no.code == COUNT_DIFFERS:
            _note_miscount(box, counted_fen, actor=actor, now=now)
        raise


@use_case
def _note_miscount(box: str, counted_fen: Fen, *, actor: str, now: datetime) -> None:
    with transaction() as session:
        payload = {"counted_fen": counted_fen}
        audit.record(
            session, actor=actor, action="cash_box.count_differs", subject=f"cash_box:{box}", now=now, payload=payload
        )


@use_case
def _close(
    box: str, *, counted_fen: Fen, why: str | None, person_id: int | None, actor: str, now: datetime, key: Key | None
) -> str:
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found = queries.box_by_public_id(session, box, lock=True)
        who = _must(session, found.collection_id, person_id, CHECK, now=now)
        must_not_be_collector(known_as(session, who, [found.collector_id]), found.collector_id)
        if found.closed_at is not None:
            raise Conflict("box-counted", "这个钱箱已经日结。请刷新页面。")
        if queries.voids_of_box(session, found.id):
            raise Conflict("void-waits", "这个钱箱里有作废申请还没有复核，请先复核再日结。")
        many, entered_fen = queries.entered_of(session, found.id)
        found.why = checked_count(counted_fen, entered_fen, why)
        found.entered_fen, found.counted_fen = entered_fen, counted_fen
        found.closed_by, found.closed_at = who, now
        overdue.settle(session, found, now=now)
        if counted_fen != entered_fen:
            differences.found_in(session, found, entered_fen - counted_fen, now=now)
        audit.record(
            session,
            actor=actor,
            action="cash_box.closed",
            subject=f"cash_box:{found.public_id}",
            now=now,
            payload={
                "day": found.day.isoformat(),
                "receipts": many,
                "entered_fen": entered_fen,
                "counted_fen": counted_fen,
                "why": found.why,
            },
        )
        remember(session, key, box, now=now)
        return box


@use_case
def bank(
    boxes: Sequence[str],
    *,
    slip_no: str,
    photos: Sequence[str],
    person_id: int | None,
    account_id: int,
    actor: str,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Hand counted boxes of one collection in at the bank, with the bank's slip; return the banking's public id.

    In full: nothing is spent from takings. Raises NotFound, Invalid (no photo, not one collection), Conflict (a box not
    counted, or handed in before).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found = queries.locked_boxes(session, boxes)
        if not found or len(found) != len(set(boxes)):
            raise NotFound("no-such-box", "没有找到这个钱箱。")
        collection_id = found[0].collection_id
        if any(one.collection_id != collection_id for one in found):
            raise Invalid("two-collections", "一张回单只能是一个小区的钱，请分开解款。")
        who = _must(session, collection_id, person_id, TAKE, now=now)
        amount_fen = sum(_counted(one) for one in found)
        if amount_fen < 1:
            raise Invalid("nothing-to-bank", "这些钱箱里没有钱，不用解款。")
        made = CashBanking(
            public_id=new_public_id(),
            collection_id=collection_id,
            amount_fen=amount_fen,
            slip_no=slip_no,
            banked_by=who,
            banked_at=now,
        )
        session.add(made)
        session.flush()
        if not photos:
            raise Invalid("no-slip", "请拍下银行回单。", {"evidence": ["请拍下银行回单。"]})
        subject, estate = f"cash_banking:{made.public_id}", queries.estate_of_collection(session, collection_id)
        proofs = evidence.use(session, photos, subject=subject, purpose=SLIP, account_id=account_id, place=estate)
        for one in found:
            one.banking_id = made.id
        enter(
            session,
            collection_id,
            EntryKind.CASH_BANKED,
            made.public_id,
            ledger.cash_banked(amount_fen),
            now=now,
        )
        audit.record(
            session,
            actor=actor,
            action="cash.banked",
            subject=subject,
            now=now,
            payload={
                "amount_fen": amount_fen,
                "boxes": [one.public_id for one in found],
                "slip": slip_no,
                "day": clock.china_day(now).isoformat(),
                "photos": [proof.sha256 for proof in proofs],
            },
        )
        remember(session, key, made.public_id, now=now)
        return made.public_id


def _counted(box: CashBox) -> Fen:
    if box.counted_fen is None:
        raise Conflict("box-not-counted", "还有钱箱没有清点日结，不能解款。")
    if box.banking_id is not None:
        raise Conflict("box-banked", "有一个钱箱已经解款。请刷新页面。")
    return box.counted_fen
