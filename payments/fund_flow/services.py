"""Entering what a fund-flow bill tells of fees: each line once, whoever reads the bill and how often.

Fees are entered together, one entry a collection for some hundreds of lines, so that the books do not double; which
line stands in which entry is kept, and proved by the check of the books.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import insert_ignoring, new_public_id, transaction, use_case
from kernel.money import Fen
from payments.fund_flow import queries
from payments.fund_flow.models import ServiceFee
from payments.gateways.bill import Bill
from payments.gateways.port import PaymentGateway
from payments.reconciliation.services.undoing import told_after_all
from payments.rules import ledger
from payments.rules.bill import BadBill
from payments.rules.fund_flow import Flow, FlowLine, Move
from payments.rules.ledger import EntryKind
from payments.services.bookkeeping import enter

BY = "job:reconcile"
TOGETHER = 500
"""Lines entered in one transaction."""
MOST_UNKNOWN = 1_000
_ONCE = ("channel", "merchant_id", "service_no", "flow_no", "at", "balance_fen")


def read_and_enter(gateway: PaymentGateway, bill: Bill, *, now: datetime) -> tuple[Flow, list[FlowLine]]:
    """Sum up a fund-flow bill and enter its fees; return the sums, and the lines a person has to look at: of kinds
    nobody told us of, and fees of trades that are not ours. Raises BadBill when nearly all of them are such.
    """
    flow, unknown = Flow(), list[FlowLine]()
    for lines in _some(bill.lines()):
        for line in lines:
            flow.add(line)
        unknown += [line for line in lines if line.move is Move.OTHER]
        unknown += _entered(gateway, bill.day, [line for line in lines if line.fee_fen], now=now)
        if len(unknown) > MOST_UNKNOWN:
            raise BadBill("资金账单里几乎没有一行认得，多半是别的商户号的账单")
    return flow, unknown


def _some(lines: Iterable[FlowLine]) -> Iterator[list[FlowLine]]:
    source = iter(lines)
    while some := list(itertools.islice(source, TOGETHER)):
        yield some


@use_case
def _entered(gateway: PaymentGateway, day: date, lines: Sequence[FlowLine], *, now: datetime) -> list[FlowLine]:
    """Enter some lines' fees; return the lines that are about nothing of ours."""
    if not lines:
        return []
    # As a decision that books such a fee by hand: neither misses the other.
    with transaction(serializable=True) as session:
        told = {number for line in lines for number in (line.voucher, line.service_no, line.flow_no) if number}
        known = queries.owners(session, gateway.channel, gateway.merchant_id, told)
        bookings: dict[tuple[int, bool], str] = {}
        rows, strange = [], []
        for line in lines:
            owner = known.get(line.voucher) or known.get(line.service_no) or known.get(line.flow_no)
            if owner is None:
                strange.append(line)
                continue
            number, collection_id = owner
            booking = bookings.setdefault((collection_id, line.fee_fen > 0), new_public_id())
            rows.append(
                {
                    "channel": gateway.channel,
                    "merchant_id": gateway.merchant_id,
                    "day": day,
                    "service_no": line.service_no,
                    "flow_no": line.flow_no,
                    "at": line.at,
                    "balance_fen": line.balance_fen,
                    "amount_fen": line.fee_fen,
                    "number": number,
                    "collection_id": collection_id,
                    "booking": booking,
                }
            )
        if rows:
            _enter_new(session, gateway, day, rows, now=now)
        return strange


def _enter_new(
    session: Session, gateway: PaymentGateway, day: date, rows: list[dict[str, object]], *, now: datetime
) -> None:
    insert = insert_ignoring(session, ServiceFee).values(rows).on_conflict_do_nothing(index_elements=list(_ONCE))
    names = (ServiceFee.number, ServiceFee.flow_no, ServiceFee.service_no)
    fresh = session.execute(
        insert.returning(ServiceFee.collection_id, ServiceFee.booking, ServiceFee.amount_fen, *names)
    ).all()
    sums: Counter[tuple[int, str]] = Counter()
    for collection_id, booking, fen, *_ in fresh:
        sums[collection_id, booking] += fen
    if fresh:
        numbers = {number for _, _, _, *known in fresh for number in known if number}
        told_after_all(session, gateway.channel, gateway.merchant_id, numbers, now=now)
    for (collection_id, booking), fen in sorted(sums.items()):
        kind = EntryKind.SERVICE_FEE if fen > 0 else EntryKind.SERVICE_FEE_BACK
        enter(session, collection_id, kind, booking, ledger.service_fee(fen), now=now)
        _note(session, booking, day, fen, now=now)


def _note(session: Session, booking: str, day: date, fen: Fen, *, now: datetime) -> None:
    audit.record(
        session,
        actor=BY,
        action="service_fee.entered",
        subject=f"service_fee:{booking}",
        now=now,
        payload={"day": day.isoformat(), "amount_fen": fen},
    )
