"""Taking back what two people decided about a difference: two again, by an entry the other way; the day opens again.

And what needs nobody: a fee decided to be a charge that a later bill of the service tells after all. The bill's own
line is entered, what was decided is taken back in the same transaction, so that the books never hold it twice.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import Conflict, Invalid
from kernel.idempotency import Key, recall, remember
from kernel.money import Fen
from payments.reconciliation import queries
from payments.reconciliation.models import BillDifference, DifferenceReversal, ReconciledDay
from payments.reconciliation.queries import reversals
from payments.reconciliation.services.booking import postings_of
from payments.reconciliation.services.deciding import must_decide
from payments.rules import ledger
from payments.rules.ledger import EntryKind
from payments.rules.reconcile import Decision, DifferenceState, ReversalState, came_fen
from payments.services.bookkeeping import enter
from payments.two_people import judge

TOLD_BY = "job:reconcile"
_UNDONE = {
    EntryKind.SERVICE_CHARGE: EntryKind.SERVICE_CHARGE_UNDONE,
    EntryKind.HOLDER_MOVED: EntryKind.HOLDER_UNDONE,
}


@use_case
def propose(
    difference: str, *, why: str, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> str:
    """Say that what was decided about a difference was wrong; return the reversal's public id.

    Raises NotFound, NotAllowed, Invalid (a bounced withdrawal, which its own bill tells), Conflict (nothing was
    decided, said before).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found, day = queries.difference_by_public_id(session, difference, lock=True)
        who = must_decide(session, day, person_id, now=now, number=found.number, signed_too=True)
        _must_be_decided(found)
        made = _reversal(found, ReversalState.PROPOSED, why)
        made.proposed_by, made.proposed_at = who, now
        session.add(made)
        waits = Conflict("reversal-waits", "这一条已经有人申请撤销，等待复核。")
        with translating({"difference_reversal_one_open": waits}):
            session.flush()
        _note(session, made, found, "difference.reversal_proposed", actor=actor, now=now)
        remember(session, key, made.public_id, now=now)
        return made.public_id


@use_case
def decide(
    reversal: str, *, agree: bool, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> str:
    """Agree that a decision is taken back, or send that back. NotAllowed for whoever proposed it; NotFound, Conflict.

    The difference waits again; a day that was signed has to be signed again, and says by whom it was before.
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        made = reversals.reversal_by_public_id(session, reversal)
        found, day = queries.difference_by_public_id(session, reversals.difference_id_of(session, made), lock=True)
        session.refresh(made)
        who = must_decide(session, day, person_id, now=now, number=found.number, signed_too=True)
        judge(session, made, agree=agree, by=who, now=now, back_to=ReversalState.SENT_BACK, what="这条撤销申请")
        if agree:
            _must_be_decided(found)
            _take_back(session, found, made, now=now)
            found.state, found.settled_at = DifferenceState.OPEN, None
            _open_again(session, day, made, actor=actor, now=now)
        session.flush()
        word = "difference.reversed" if agree else "difference.reversal_sent_back"
        _note(session, made, found, word, actor=actor, now=now)
        remember(session, key, reversal, now=now)
        return reversal


def told_after_all(
    session: Session, channel: str, merchant_id: str, numbers: Collection[str], *, now: datetime
) -> None:
    """A fund-flow bill told fees under some numbers, which are entered by the caller: what two people had decided to
    book for them is taken back. What they only proposed is refused to whoever agrees (``booking.book``).
    """
    for found in reversals.booked_by_numbers(session, channel, merchant_id, numbers):
        explain_away(session, found, "后来的资金账单列出了这笔手续费，按账单记一次。", now=now)


def explain_away(session: Session, found: BillDifference, why: str, *, now: datetime) -> None:
    """The bills agree with the books after all: what two people booked about a difference, locked by the caller, is
    taken back by itself.
    """
    for waiting in reversals.waiting_of(session, found.id):  # a later decision is not what it was asked about
        waiting.state = ReversalState.SENT_BACK
        _note(session, waiting, found, "difference.reversal_sent_back", actor=TOLD_BY, now=now)
    made = _reversal(found, ReversalState.TOLD, why)
    made.decided_at = now
    session.add(made)
    session.flush()
    _take_back(session, found, made, now=now)
    found.state, found.settled_at = DifferenceState.EXPLAINED, now
    session.flush()
    _note(session, made, found, "difference.told_after_all", actor=TOLD_BY, now=now)


def _must_be_decided(found: BillDifference) -> None:
    if found.state != DifferenceState.DECIDED:
        raise Conflict("nothing-decided", "这一条还没有处理，不用撤销。请刷新页面。")
    if found.decision == Decision.BOUNCED:
        raise Invalid("bounce-stands", "提现退回已经按账单记回微信账户，不能在这里撤销。请联系管理员核对那笔提现。")


def _reversal(found: BillDifference, state: ReversalState, why: str) -> DifferenceReversal:
    return DifferenceReversal(
        public_id=new_public_id(),
        difference_id=found.id,
        undid=found.decision,
        state=state,
        decision="reverse",
        why=why,
    )


def _take_back(session: Session, found: BillDifference, made: DifferenceReversal, *, now: datetime) -> None:
    """The entry the other way round, under the reversal's name; the difference is as nobody had decided about it."""
    fen: Fen = came_fen(found.item, found.ours_fen, found.theirs_fen)
    booked = postings_of(Decision(found.decision or ""), fen)
    if booked is not None and found.collection_id is not None:
        kind, postings = booked
        enter(session, found.collection_id, _UNDONE[kind], made.public_id, ledger.undone(postings), now=now)
    found.decision = found.why = found.collection_id = None
    found.proposed_by = found.proposed_at = found.decided_by = found.decided_at = None


def _open_again(session: Session, day: ReconciledDay, made: DifferenceReversal, *, actor: str, now: datetime) -> None:
    if day.closed_at is None:
        return
    made.signed_by, made.signed_at = day.closed_by, day.closed_at
    day.closed_at = day.closed_by = None
    audit.record(
        session,
        actor=actor,
        action="reconciliation.reopened",
        subject=f"reconciled_day:{day.public_id}",
        now=now,
        payload={"day": day.day.isoformat(), "reversal": made.public_id},
    )


def _note(
    session: Session, made: DifferenceReversal, found: BillDifference, action: str, *, actor: str, now: datetime
) -> None:
    payload = {"number": found.number, "undid": made.undid, "why": made.why}
    audit.record(
        session, actor=actor, action=action, subject=f"bill_difference:{found.public_id}", now=now, payload=payload
    )
