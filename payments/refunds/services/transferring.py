"""Back by bank transfer: the payee entered, executed by a cashier with a voucher, confirmed by a second person. Each of
the three is another human being than the one before.

For payments more than a year old and for refunds the service could not make. The payee's name, bank and account are
sealed, shown to the cashier who needs them (each look is logged), and dropped when the money has arrived.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from kernel import audit, grants
from kernel.database import reading, transaction, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, Invalid, NotAllowed
from kernel.idempotency import Key, recall, remember
from kernel.people.queries import are_one
from kernel.places.models import Place
from kernel.places.queries import places_by_id
from payments.refunds import queries
from payments.refunds.models import DepositRefund
from payments.refunds.queries import Line
from payments.refunds.services.approving import must_manage
from payments.refunds.services.asking import note
from payments.refunds.services.following import arrived, arrived_offline
from payments.rules import ledger
from payments.rules.giving_back import RequestState, moved, takes_payee
from payments.rules.ledger import EntryKind
from payments.rules.refund import IntentState
from payments.services.bookkeeping import enter

CASH = "cash.take"


@dataclass(frozen=True)
class Payee:
    """Whose account the money goes to. ``account``: digits only."""

    name: str
    bank: str
    account: str


def checked_account(text: str) -> str:
    """The digits of an account number, written with or without blanks; Invalid for anything else."""
    digits = "".join(text.split()).replace("-", "")
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 32):
        raise Invalid("bad-account", "银行账号应是 8 到 32 位数字。", {"account": ["请填 8 到 32 位数字。"]})
    return digits


@use_case
def enter_payee(
    request: str, payee: Payee, *, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> RequestState:
    """Enter (or correct) where a transfer goes. Raises NotFound, Conflict unless it waits for one."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return RequestState(done)
        found, deposit = queries.locked_request(session, request)
        who = must_manage(session, deposit, person_id, now=now)
        found.state = takes_payee(RequestState(found.state))
        payee = Payee(payee.name.strip(), payee.bank.strip(), checked_account(payee.account))
        found.payee_sealed = vault().seal(json.dumps(asdict(payee), ensure_ascii=False), context=_context(found))
        found.payee_by = who
        note(session, found, deposit, "deposit_refund.payee_entered", actor=actor, now=now)
        remember(session, key, found.state, now=now)
        return RequestState(found.state)


@use_case
def execute(
    request: str, *, voucher_no: str, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> RequestState:
    """The cashier made the transfer, under a voucher's number. Raises NotFound, NotAllowed (entered the payee himself),
    Conflict (no payee yet, somebody else was quicker, the service did it meanwhile).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return RequestState(done)
        found, deposit = queries.locked_request(session, request)
        who = must_manage(session, deposit, person_id, now=now, action=CASH)
        to = moved(RequestState(found.state), RequestState.TRANSFERRED)
        if found.payee_sealed is None:
            raise Conflict("no-payee", "还没有登记收款账户，不能转账。")
        if found.payee_by is not None and are_one(session, who, found.payee_by):
            raise NotAllowed("own-payee", "收款账户是您登记的，要由另一位出纳转账。")
        found.state, found.voucher_no, found.executed_by, found.executed_at = to, voucher_no, who, now
        note(session, found, deposit, "deposit_refund.transferred", actor=actor, now=now, voucher=voucher_no)
        remember(session, key, found.state, now=now)
        return RequestState(found.state)


@use_case
def confirm(
    request: str, *, arrived_there: bool, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> RequestState:
    """A second person saw the transfer on the bank's list, or saw it come back (then the account is entered anew).

    Raises NotFound, NotAllowed for the one who executed it, Conflict when there is none.
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return RequestState(done)
        found, deposit = queries.locked_request(session, request)
        who = must_manage(session, deposit, person_id, now=now)
        transferred = found.executed_by if found.state == RequestState.TRANSFERRED else None
        if transferred is not None and are_one(session, who, transferred):
            raise NotAllowed("own-transfer", "这笔转账是您办的，要由另一位工作人员确认。")
        intent = queries.intent_of(session, found.intent_id)
        if arrived_there:
            found.confirmed_by = who
            arrived_offline(found, deposit, at=now)
            enter(
                session,
                deposit.collection_id,
                EntryKind.REFUND_PAID_OUT,
                found.public_id,
                ledger.refund_paid_out(found.amount_fen),
                now=now,
            )
        elif intent is not None and intent.state == IntentState.DONE:
            # The transfer came back, and the service had done its refund in the meantime: nothing is left to do.
            arrived(found, deposit, at=intent.done_at or now)
        else:
            found.state = moved(RequestState(found.state), RequestState.TO_TRANSFER)
            found.payee_sealed = found.payee_by = None
            found.voucher_no = found.executed_by = found.executed_at = None
        word = "deposit_refund.transfer_confirmed" if arrived_there else "deposit_refund.transfer_returned"
        note(session, found, deposit, word, actor=actor, now=now)
        remember(session, key, found.state, now=now)
        return RequestState(found.state)


@dataclass(frozen=True)
class Due:
    """A transfer to make, as the cashier sees it."""

    line: Line
    estate: Place
    payee: Payee


def due_transfers(*, person_id: int | None, actor: str, now: datetime) -> list[Due]:
    """The transfers a cashier can make now, with their payees; the look is logged for each."""
    session = reading()
    estates = places_by_id(session, queries.estates_collecting(session))
    mine = [estate.id for estate in estates.values() if grants.may(session, person_id, CASH, estate, now)]
    found = [
        Due(line, estates[estate], payee_of(line.request))
        for line, estate in queries.transfers_of_estates(session, mine)
    ]
    session.close()
    if found:
        audit.look(
            actor=actor,
            what="deposit_refund.payees",
            subject="deposit_refund",
            now=now,
            payload={"requests": [one.line.request.public_id for one in found]},
        )
    return found


def payee_of(request: DepositRefund) -> Payee:
    """Open the seal of a request's payee."""
    if request.payee_sealed is None:
        raise LookupError("no payee")
    return Payee(**json.loads(vault().open(request.payee_sealed, context=_context(request))))


def _context(request: DepositRefund) -> str:
    return f"deposit_refund.payee_sealed:{request.public_id}"
