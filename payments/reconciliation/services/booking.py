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
from payments.rules import ledger
from payments.rules.ledger import EntryKind
from payments.rules.reconcile import BOOKED, Decision, Item, may_be_decided
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


def came_fen(found: BillDifference) -> Fen:
    """What a difference brought to the account at the service, beyond what the books hold."""
    if found.item == Item.OTHER:
        return found.theirs_fen or 0
    return (found.ours_fen or 0) - (found.theirs_fen or 0)


def book(session: Session, found: BillDifference, day: ReconciledDay, *, actor: str, now: datetime) -> None:
    """Do what was decided. The difference is locked. Raises Conflict when no withdrawal, or more than one, may be the
    one that bounced.
    """
    decision = Decision(found.decision or "")
    if decision not in BOOKED:
        return
    if decision is Decision.BOUNCED:
        _bounce(session, found, day, actor=actor, now=now)
        return
    came = came_fen(found)
    if found.collection_id is None or not came:
        raise Conflict("nothing-to-book", "这一条没有可以记的金额。请退回重提。")
    if decision is Decision.CHARGE:
        kind, postings = EntryKind.SERVICE_CHARGE, ledger.service_fee(-came)
    else:
        kind, postings = EntryKind.HOLDER_MOVED, ledger.holder_moved(came)
    enter(session, found.collection_id, kind, found.public_id, postings, now=now)


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
