"""What the payment service says about a refund, carried on to the request it belongs to and to the deposit."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit
from payments.models import Deposit, RefundIntent
from payments.refunds import queries
from payments.refunds.models import DepositRefund
from payments.rules.alarm import AlarmKind
from payments.rules.deposit import DepositState, Purpose, moved
from payments.rules.giving_back import RequestState
from payments.rules.giving_back import moved as request_moved
from payments.rules.refund import IntentState
from payments.services.bookkeeping import raise_alarm


def follow(session: Session, intent: RefundIntent, *, now: datetime) -> None:
    """A refund has come to an end, or cannot go on: move its request and deposit, in the caller's transaction.

    News that comes after a person paid by transfer moves nothing: the money left twice, and somebody has to look.
    """
    found = queries.request_of_intent(session, intent.id)
    if found is None:
        return
    request, deposit = found
    state = RequestState(request.state)
    if intent.state == IntentState.DONE:
        if state in {RequestState.TRANSFERRED, RequestState.REFUNDED_OFFLINE}:
            raise_alarm(session, AlarmKind.REFUNDED_TWICE, intent.refund_no, now=now)
        elif state is not RequestState.REFUNDED:
            arrived(request, deposit, at=intent.done_at or now)
    elif intent.state == IntentState.ABNORMAL and state is RequestState.SENDING:
        request.state = request_moved(state, RequestState.FAILED)
        _move(deposit, DepositState.REFUND_FAILED)
        audit.record(
            session,
            actor="job:refund",
            action="deposit_refund.failed",
            subject=f"deposit_refund:{request.public_id}",
            now=now,
            payload={"deposit": deposit.public_id, "refund_no": intent.refund_no, "amount_fen": request.amount_fen},
        )


def arrived(request: DepositRefund, deposit: Deposit, *, at: datetime) -> None:
    """The service has sent it back: nobody needs the payer's bank card any more."""
    request.state = request_moved(RequestState(request.state), RequestState.REFUNDED)
    request.payee_sealed, request.done_at = None, at
    _move(deposit, DepositState.REFUNDED)


def arrived_offline(request: DepositRefund, deposit: Deposit, *, at: datetime) -> None:
    """The transfer was confirmed."""
    request.state = request_moved(RequestState(request.state), RequestState.REFUNDED_OFFLINE)
    request.payee_sealed, request.done_at = None, at
    _move(deposit, DepositState.REFUNDED_OFFLINE)


def _move(deposit: Deposit, to: DepositState) -> None:
    """The rest of a converted deposit, and what of a contribution was too much, goes back without the deposit leaving
    its state.
    """
    if deposit.purpose == Purpose.DEPOSIT and deposit.state != DepositState.CONVERTED:
        deposit.state = moved(DepositState(deposit.state), to)
