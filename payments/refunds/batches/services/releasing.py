"""The job that releases an agreed batch: each payment in a transaction of its own, so that a crash loses nothing and
what cannot be done stops nothing else.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import end_reading, new_public_id, reading, transaction, translating, use_case
from kernel.errors import Conflict, DomainError
from payments import queries as payments
from payments.contributions.queries import locked_collection
from payments.contributions.services.contributing import over_by_home
from payments.models import Collection, Deposit
from payments.queries import twins
from payments.refunds import queries as requests
from payments.refunds.batches import queries
from payments.refunds.batches.models import RefundBatch, RefundBatchLine
from payments.refunds.batches.services.planning import kept_of, ways
from payments.refunds.models import DepositRefund
from payments.refunds.services.approving import release
from payments.refunds.services.asking import note
from payments.rollover import queries as rollover
from payments.rules.batch import (
    CONTRIBUTED,
    REASONS,
    BatchKind,
    LineState,
    must_not_be_kept,
    must_still_be_over,
    must_still_be_twice,
)
from payments.rules.deposit import DepositState
from payments.rules.giving_back import (
    Origin,
    RequestState,
    Road,
    must_be_askable,
    must_be_contributed,
    must_not_gain,
)
from payments.rules.two_people import ProposalState

BY = "job:refund_batch"
ASKED = Conflict("already-asked", "这一户已经单独申请退还，请在申请里办理。")


def on_batch(payload: dict[str, Any], *, now: datetime) -> None:
    """Job: release what is still planned of a batch (or, ``again``, what failed, of one ``road`` if that is said).
    Repeated, nothing is done twice.
    """
    session = reading()
    batch = queries.batch_by_public_id(session, payload["batch"])
    lines = queries.next_lines(session, batch.id, failed=payload["again"])
    if road := payload.get("road"):
        lines = [line for line in lines if road_of(session, line, now=now) == road]
    wanted = [line.public_id for line in lines]
    end_reading()
    for line in wanted:
        try:
            _release(line, now=now)
        except DomainError as no:
            _failed(line, no.detail)


def road_of(session: Session, line: RefundBatchLine, *, now: datetime) -> Road:
    """The road a line goes back on: the bank where two chose it, else the one that is open."""
    return Road.BANK if line.bank_why else ways(session, [line.deposit_id], now=now)[line.deposit_id].road


@use_case
def _release(line: str, *, now: datetime) -> None:
    with transaction(serializable=True) as session:
        found, batch = queries.line_of(session, line)
        if found.state not in {LineState.PLANNED, LineState.FAILED} or batch.state != ProposalState.DECIDED:
            return
        surplus = BatchKind(batch.decision or "") in CONTRIBUTED
        if surplus:
            # The parent of the cap over what is not spent; always before the payment.
            locked_collection(session, batch.collection_id)
        deposit = payments.deposit_by_id(session, found.deposit_id, lock=True)
        if surplus and queries.surplus_released_since(session, deposit.id, batch.proposed_at or now):
            _drop(session, batch, found, deposit, now=now)
            return
        request = _request(session, batch, found, deposit, now=now)
        release(session, request, deposit, actor=BY, now=now, bank_why=found.bank_why)
        session.flush()
        found.state, found.problem = LineState.RELEASED, None
        found.request_id, found.done_at = request.id, now


def _request(
    session: Session, batch: RefundBatch, line: RefundBatchLine, deposit: Deposit, *, now: datetime
) -> DepositRefund:
    """The request a line becomes, approved by the two who agreed to the batch. Raises Conflict, NotAllowed."""
    assert batch.proposed_by is not None
    assert batch.decided_by is not None
    kind = BatchKind(batch.decision or "")
    surplus = kind in CONTRIBUTED
    state = DepositState(deposit.state)
    for person in (batch.proposed_by, batch.decided_by):
        must_not_gain(requests.is_own(session, deposit, person))
    if surplus:
        must_be_contributed(state)
        if kind is BatchKind.OVERPAID:
            over = over_by_home(session, session.get_one(Collection, batch.collection_id), deposit.dwelling_id)
            must_still_be_over(line.amount_fen, over.get(deposit.dwelling_id, 0))
    else:
        must_be_askable(state)
    if kind is BatchKind.NOT_LISTED:
        collection = session.get_one(Collection, batch.collection_id)
        kept = deposit.id in kept_of(session, collection, now=now)
        must_not_be_kept(kept, rollover.open_question(session, collection.id) is not None)
    if kind is BatchKind.DUPLICATE:
        doubted = deposit.id in queries.paid_both_ways(session, batch.collection_id)
        must_still_be_twice(doubted and bool(twins.twins_of(session, deposit)))
    if requests.live_request(session, deposit.id) is not None:
        raise ASKED
    made = DepositRefund(
        public_id=new_public_id(),
        deposit_id=deposit.id,
        state=RequestState.CHECKED,
        origin=Origin.SURPLUS if surplus else Origin.STAFF,
        reason=REASONS.get(kind),
        amount_fen=line.amount_fen,
        asked_at=batch.proposed_at or now,
        first_by=batch.proposed_by,
        first_at=batch.proposed_at,
        second_by=batch.decided_by,
        second_at=batch.decided_at,
    )
    session.add(made)
    with translating({"deposit_refund_one_live": ASKED}):
        session.flush()
    note(session, made, deposit, "deposit_refund.asked", actor=BY, now=now, batch=batch.public_id)
    return made


def _drop(session: Session, batch: RefundBatch, line: RefundBatchLine, deposit: Deposit, *, now: datetime) -> None:
    """The payer got surplus back by a request of his own since the batch was proposed: not a second time.

    Only what two approved counts. A request still waiting fails the line, for it may be refused in the batch's favour.
    """
    line.state, line.problem = LineState.DROPPED, None
    audit.record(
        session,
        actor=BY,
        action="refund_batch.line_dropped",
        subject=f"refund_batch:{batch.public_id}",
        now=now,
        payload={"deposit": deposit.public_id, "amount_fen": line.amount_fen, "why": "returned on its own"},
    )


@use_case
def _failed(line: str, why: str) -> None:
    with transaction() as session:
        found, _ = queries.line_of(session, line)
        if found.state in {LineState.PLANNED, LineState.FAILED}:
            found.state, found.problem = LineState.FAILED, why[:200]
