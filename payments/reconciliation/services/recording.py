"""Writing a comparison down: the file as it came, the day's figures, every difference once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import end_reading, insert_ignoring, new_public_id, reading, transaction, use_case
from kernel.errors import Conflict
from kernel.storage import store
from payments.gateways.bill import Bill
from payments.gateways.port import PaymentGateway
from payments.reconciliation import queries
from payments.reconciliation.models import BillDifference, BillFile, BillSource, ReconciledDay
from payments.reconciliation.services.comparing import Account, Compared
from payments.reconciliation.services.undoing import explain_away
from payments.rules.fund_flow import Flow
from payments.rules.reconcile import WAITING, Decision, Difference, DifferenceKind, DifferenceState, Item


@dataclass(frozen=True)
class Outcome:
    """A day after its comparison: ``healed`` were credited on the way, ``waiting`` need a person."""

    public_id: str
    merchant_id: str
    day: date
    rows: int
    matched: int
    healed: int
    explained: int
    waiting: int


def record_day(
    gateway: PaymentGateway,
    bill: Bill,
    account: Account | None,
    source: BillSource,
    found: Compared,
    healed: Sequence[Difference],
    *,
    actor: str,
    now: datetime,
) -> Outcome:
    """Keep the bills and write the day down; told again, nothing is written twice. Conflict for a closed day.
    ``account``: None where its bill could not be had; what was read of it before stays.
    """
    file = _file(gateway, bill, source, now=now)
    flow_file = _file(gateway, account.bill, source, now=now) if account else None
    flow = account.flow if account else None
    return _written(file, flow_file, flow, found, healed, actor=actor, now=now)


def _file(gateway: PaymentGateway, bill: Bill, source: BillSource, *, now: datetime) -> dict[str, object]:
    """A bill's row, its bytes stored first, so that no row ever names a file that is not there."""
    digest = hashlib.sha256(bill.packed).hexdigest()
    session = reading()
    known = queries.bill_known(session, gateway.channel, gateway.merchant_id, bill.day, bill.kind, digest)
    end_reading()
    key = known.storage_key if known else None
    if key is None and bill.packed:
        key = store().put(bill.packed, suffix=".gz")
    return {
        "channel": gateway.channel,
        "merchant_id": gateway.merchant_id,
        "day": bill.day,
        "kind": bill.kind,
        "source": source,
        "sha256": digest,
        "storage_key": key,
        "row_count": bill.rows_told,
        "fetched_at": now,
    }


@use_case
def _written(
    file: dict[str, object],
    flow_file: dict[str, object] | None,
    flow: Flow | None,
    found: Compared,
    healed: Sequence[Difference],
    *,
    actor: str,
    now: datetime,
) -> Outcome:
    with transaction() as session:
        channel, merchant, day = str(file["channel"]), str(file["merchant_id"]), file["day"]
        assert isinstance(day, date)
        row = _day_row(session, channel, merchant, day, now=now)
        if row.closed_at is not None:
            raise Conflict("day-closed", "这一天已经日结签字，不能重新对账。")
        row.bill_id, row.trouble, row.run_at = _bill_row(session, file), None, now
        if flow_file is not None and flow is not None:
            row.flow_bill_id, row.flow = _bill_row(session, flow_file), flow.told()
        for side in ("ours", "theirs"):
            for item, words in ((Item.PAYMENT, ("payments", "paid_fen")), (Item.REFUND, ("refunds", "refunded_fen"))):
                told = found.tally.of(side, item)
                setattr(row, f"{side}_{words[0]}", told.many)
                setattr(row, f"{side}_{words[1]}", told.fen)
            setattr(row, f"{side}_fees_fen", found.tally.of(side, Item.FEE).fen)
        session.flush()
        _write_differences(session, row, found.differences, healed, fees=flow is not None, now=now)
        explained = sum(one.kind is DifferenceKind.OTHER_DAY for one in found.differences)
        waiting = queries.waiting_of(session, row.id)
        audit.record(
            session,
            actor=actor,
            action="reconciliation.compared",
            subject=f"reconciled_day:{row.public_id}",
            now=now,
            payload={"day": day.isoformat(), "rows": file["row_count"], "waiting": waiting, "healed": len(healed)},
        )
        rows = file["row_count"]
        assert isinstance(rows, int)
        return Outcome(row.public_id, merchant, day, rows, found.tally.matched, len(healed), explained, waiting)


def _day_row(session: Session, channel: str, merchant_id: str, day: date, *, now: datetime) -> ReconciledDay:
    session.execute(
        insert_ignoring(session, ReconciledDay)
        .values(
            public_id=new_public_id(),
            channel=channel,
            merchant_id=merchant_id,
            day=day,
            run_at=now,
            **dict.fromkeys(
                (
                    f"{side}_{word}"
                    for side in ("ours", "theirs")
                    for word in ("payments", "paid_fen", "refunds", "refunded_fen")
                ),
                0,
            ),
        )
        .on_conflict_do_nothing(index_elements=["channel", "merchant_id", "day"])
    )
    found = queries.day_of(session, channel, merchant_id, day, lock=True)
    assert found is not None
    return found


def _bill_row(session: Session, file: dict[str, Any]) -> int:
    session.execute(
        insert_ignoring(session, BillFile)
        .values(public_id=new_public_id(), **file)
        .on_conflict_do_nothing(index_elements=["channel", "merchant_id", "day", "kind", "sha256"])
    )
    kept = queries.bill_known(session, *(file[each] for each in ("channel", "merchant_id", "day", "kind", "sha256")))
    assert kept is not None
    return kept.id


def _write_differences(
    session: Session,
    row: ReconciledDay,
    differences: Sequence[Difference],
    healed: Sequence[Difference],
    *,
    fees: bool,
    now: datetime,
) -> None:
    """``fees``: were the day's fees compared as well?"""
    known = {(one.item, one.number, one.kind, one.nth): one for one in queries.differences_of(session, row.id)}
    elsewhere = queries.seen_on_other_days(
        session, row.id, [one.number for one in differences if one.kind is DifferenceKind.MISSING_THERE]
    )
    wanted = [(one, _state_of(one, elsewhere)) for one in differences]
    wanted += [(one, DifferenceState.HEALED) for one in healed]
    seen = set()
    for one, state in wanted:
        key = (one.item, one.number, one.kind.value, one.nth)
        seen.add(key)
        found = known.get(key)
        if found is None:
            session.add(_difference_row(row.id, one, state, now=now))
        else:
            _found_again(found, one, state, now=now)
    for found in (one for key, one in known.items() if key not in seen):
        if found.state in WAITING:
            found.state, found.settled_at = DifferenceState.EXPLAINED, now
        elif fees and found.item == Item.FEE and _is_booked(session, found):
            explain_away(session, found, "再对账时，两边的手续费已经一致。", now=now)
    moved = [one.number for one in differences if one.kind is DifferenceKind.OTHER_DAY]
    for found in queries.missing_there(session, row.merchant_id, moved):
        found.state, found.settled_at = DifferenceState.EXPLAINED, now
    session.flush()


def _found_again(found: BillDifference, one: Difference, state: DifferenceState, *, now: datetime) -> None:
    if found.state == DifferenceState.EXPLAINED and state is DifferenceState.OPEN:
        # It came back: somebody has to look after all.
        found.state, found.settled_at = state, None
    elif found.state == DifferenceState.OPEN and state is not DifferenceState.OPEN:
        found.state, found.settled_at = state, now
    if found.state in WAITING and (found.ours_fen, found.theirs_fen) != (one.ours_fen, one.theirs_fen):
        # Nobody agrees to other figures than were proposed.
        found.ours_fen, found.theirs_fen, found.state = one.ours_fen, one.theirs_fen, DifferenceState.OPEN


def _is_booked(session: Session, found: BillDifference) -> bool:
    """Did two people book a difference as a charge, and has no bill told it meanwhile? Locked, if so it seems."""
    if found.state != DifferenceState.DECIDED or found.decision != Decision.CHARGE:
        return False  # what was only proposed is not in the books
    session.refresh(found, with_for_update=True)
    return found.state == DifferenceState.DECIDED and found.decision == Decision.CHARGE


def _state_of(one: Difference, elsewhere: set[str]) -> DifferenceState:
    if one.kind is DifferenceKind.OTHER_DAY:
        return DifferenceState.EXPLAINED
    if one.kind is DifferenceKind.MISSING_THERE and one.number in elsewhere:
        return DifferenceState.EXPLAINED
    return DifferenceState.OPEN


def _difference_row(day_id: int, one: Difference, state: DifferenceState, *, now: datetime) -> BillDifference:
    return BillDifference(
        public_id=new_public_id(),
        day_id=day_id,
        item=one.item,
        number=one.number,
        kind=one.kind,
        nth=one.nth,
        ours_fen=one.ours_fen,
        theirs_fen=one.theirs_fen,
        ours_says=one.ours_says[:64],
        theirs_says=one.theirs_says[:64],
        state=state,
        found_at=now,
        settled_at=None if state is DifferenceState.OPEN else now,
    )


@use_case
def keep_trouble(gateway: PaymentGateway, day: date, detail: str, *, now: datetime) -> None:
    """Write down why a day could not be compared; its figures stay those of the last comparison."""
    with transaction() as session:
        row = _day_row(session, gateway.channel, gateway.merchant_id, day, now=now)
        if row.closed_at is None:
            row.trouble, row.run_at = detail[:200], now
