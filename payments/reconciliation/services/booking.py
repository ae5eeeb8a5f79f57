"""What a decision about a difference does to the books: a charge of the service, the account holder's own money, a
withdrawal that bounced. Everything else only says how it was settled.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel.errors import Conflict, Invalid
from kernel.money import Fen
from payments.fund_flow.queries import owners
from payments.reconciliation import queries
from payments.reconciliation.models import BillDifference, ReconciledDay
from payments.reconciliation.queries import reversals
from payments.rules import ledger
from payments.rules.ledger import EntryKind, Posting
from payments.rules.reconcile import BOOKED, Decision, came_fen, may_be_decided
from payments.services.bookkeeping import enter
from payments.withdrawals import queries as withdrawals
from payments.withdrawals.services import bounce


def plan(session: Session, found: BillDifference, day: ReconciledDay, decision: Decision, estate: str) -> None:
    """Say whose books a decision will move: the collection the number belongs to, else the only one the merchant has,
    else that of ``estate`` (its public id). Raises Invalid where the decision does not fit, or no estate was chosen.
    """
    if not may_be_decided(found.item, decision):
        raise Invalid("decision-does-not-fit", "这一条不能这样处理。", {"decision": ["请选别的处理方式。"]})
    found.collection_id = None
    if decision in (Decision.CHARGE, Decision.HOLDER):
        found.collection_id = _collection(session, found, day, estate)


def _collection(session: Session, found: BillDifference, day: ReconciledDay, estate: str) -> int:
    own = owners(session, day.channel, day.merchant_id, [found.number]).get(found.number)
    if own is not None:
        return own[1]
    theirs = queries.collections_of_merchant(session, day.merchant_id)
    for collection_id, place in theirs:
        if len(theirs) == 1 or place.public_id == estate:
            return collection_id
    raise Invalid("no-estate", "几个小区合用这个商户号，请选记在哪个小区。", {"estate": ["请选小区。"]})


def postings_of(decision: Decision, came: Fen) -> tuple[EntryKind, tuple[Posting, ...]] | None:
    """The entry a decision makes of what came to the account at the service; None where it makes none."""
    if decision is Decision.CHARGE:
        return EntryKind.SERVICE_CHARGE, ledger.service_fee(-came)
    if decision is Decision.HOLDER:
        return EntryKind.HOLDER_MOVED, ledger.holder_moved(came)
    return None


def book(session: Session, found: BillDifference, day: ReconciledDay, *, actor: str, now: datetime) -> None:
    """Do what was decided. The difference is locked. Raises Conflict when a bill has told the fee by now, or when no
    withdrawal, or more than one, may be the one that bounced.
    """
    decision = Decision(found.decision or "")
    if decision not in BOOKED:
        return
    if decision is Decision.BOUNCED:
        _bounce(session, found, day, actor=actor, now=now)
        return
    came = came_fen(found.item, found.ours_fen, found.theirs_fen)
    if found.collection_id is None or not came:
        raise Conflict("nothing-to-book", "这一条没有可以记的金额。请退回重提。")
    if reversals.is_told(session, day, found):
        raise Conflict("told-meanwhile", "资金账单已经列出了这笔手续费，账上记过一次了。请退回重提，认可差异即可。")
    booked = postings_of(decision, came)
    assert booked is not None
    # Decided again after it was taken back, it is entered under the name of what took it back.
    reference = reversals.last_reversal(session, found.id) or found.public_id
    enter(session, found.collection_id, booked[0], reference, booked[1], now=now)


def _bounce(session: Session, found: BillDifference, day: ReconciledDay, *, actor: str, now: datetime) -> None:
    fen = found.theirs_fen or 0
    open_ = [
        one
        for one in withdrawals.may_have_bounced(session, day.channel, day.merchant_id, fen)
        if fen > 0 and one.day <= day.day
    ]
    if len(open_) != 1:
        many = f"有 {len(open_)} 笔" if open_ else "没有"
        raise Conflict("which-withdrawal", f"{many}未到账的同金额提现，定不下是哪一笔退回。请先在商户平台查清。")
    bounce(session, open_[0], found.number, actor=actor, now=now)
