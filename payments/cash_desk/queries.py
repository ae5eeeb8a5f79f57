"""Every select of the counter."""

from collections.abc import Collection as Some
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.people.models import Person
from kernel.places.models import Dwelling, Place
from payments.cash_desk.models import CashBanking, CashBox, Collector, ReceiptPrint, Taking, TakingVoid
from payments.models import Collection, Deposit, PaymentAttempt, PaymentConfirmation, Receipt
from payments.rules.attempt import OPEN
from payments.rules.deposit import DepositState, Purpose
from payments.rules.two_people import ProposalState

LINE_PART = sa.table("line_part", sa.column("taking_id"), sa.column("state"))
"""What lines of bank statements stand for; declared with the statements, which stand on this package."""


def _locking(statement: sa.Select[Any]) -> sa.Select[Any]:
    return for_update(statement).execution_options(populate_existing=True)


# --------------------------------------------------------------------------------------------------------- takings


def taking_by_public_id(session: Session, public_id: str) -> Taking:
    """A taking. Raises NotFound."""
    found = session.scalar(sa.select(Taking).where(Taking.public_id == public_id))
    if found is None:
        raise NotFound("no-such-taking", "没有找到这笔收款。")
    return found


def estate_of_collection(session: Session, collection_id: int) -> Place:
    """The estate a collection is of."""
    return session.scalars(
        sa.select(Place).join(Collection, Collection.estate_id == Place.id).where(Collection.id == collection_id)
    ).one()


def attempt_of(session: Session, taking: Taking) -> PaymentAttempt:
    """The payment a taking is in the books."""
    return session.get_one(PaymentAttempt, taking.attempt_id)


def is_void(session: Session, deposit_id: int) -> bool:
    """Was a deposit taken out of the books again?"""
    return session.scalar(sa.select(Deposit.state).where(Deposit.id == deposit_id)) == DepositState.VOIDED


def held_without_account(session: Session, collection_id: int, dwelling_id: int, person_id: int) -> Deposit | None:
    """The deposit a person without an account has for a dwelling, locked, or None."""
    return session.scalar(
        _locking(
            sa.select(Deposit).where(
                Deposit.collection_id == collection_id,
                Deposit.dwelling_id == dwelling_id,
                Deposit.payer_person_id == person_id,
                Deposit.payer_account_id.is_(None),
                Deposit.state != DepositState.VOIDED,
            )
        )
    )


def open_codes(session: Session, collection_id: int, dwelling_id: int, purpose: Purpose) -> Sequence[PaymentAttempt]:
    """Codes a dwelling was shown for people without an account that may still be scanned and paid, oldest first."""
    return session.scalars(
        sa.select(PaymentAttempt)
        .join(Deposit, Deposit.id == PaymentAttempt.deposit_id)
        .where(
            Deposit.collection_id == collection_id,
            Deposit.dwelling_id == dwelling_id,
            Deposit.purpose == purpose,
            Deposit.payer_account_id.is_(None),
            Deposit.state == DepositState.PLEDGED,
            PaymentAttempt.state.in_(OPEN),
        )
        .order_by(PaymentAttempt.id)
    ).all()


def paid_without_account(session: Session, dwelling_id: int, person_id: int | None) -> Sequence[Deposit]:
    """What a person paid for a dwelling over the counter while no account of his spoke for it, locked."""
    if person_id is None:
        return []
    return session.scalars(
        _locking(
            sa.select(Deposit)
            .where(
                Deposit.dwelling_id == dwelling_id,
                Deposit.payer_person_id == person_id,
                Deposit.payer_account_id.is_(None),
                Deposit.state.not_in((DepositState.PLEDGED, DepositState.VOIDED)),
            )
            .order_by(Deposit.public_id)
        )
    ).all()


def times_voided(session: Session, channel: str, paper: str) -> int:
    """How many payments on a paper (a voucher, a bank line) were taken back: it may then be entered again."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(PaymentConfirmation)
            .join(PaymentAttempt, PaymentAttempt.id == PaymentConfirmation.attempt_id)
            .join(Deposit, Deposit.id == PaymentAttempt.deposit_id)
            .where(
                PaymentConfirmation.channel == channel,
                sa.or_(
                    PaymentConfirmation.transaction_id == paper,
                    PaymentConfirmation.transaction_id.startswith(f"{paper}/", autoescape=True),
                ),
                Deposit.state == DepositState.VOIDED,
            )
        )
        or 0
    )


def is_settled(session: Session, taking_id: int) -> bool:
    """Does a line of the bank's statement stand for a card payment?"""
    part = LINE_PART
    return bool(
        session.scalar(
            sa.select(sa.func.count())
            .select_from(part)
            .where(part.c.taking_id == taking_id, part.c.state.in_(("planned", "done")))
        )
    )


def void_by_public_id(session: Session, public_id: str) -> tuple[TakingVoid, Taking]:
    """A proposal to void, locked, and its taking. Raises NotFound."""
    found = session.scalar(_locking(sa.select(TakingVoid).where(TakingVoid.public_id == public_id)))
    if found is None:
        raise NotFound("no-such-void", "没有找到这条作废申请。")
    return found, session.get_one(Taking, found.taking_id)


@dataclass(frozen=True)
class Line:
    """A taking with what a list shows of it."""

    taking: Taking
    label: str
    receipt: str
    state: str
    void: TakingVoid | None


def _lines() -> Any:
    return (
        sa.select(Taking, Dwelling.label, Receipt.number, Deposit.state, TakingVoid)
        .join(Deposit, Deposit.id == Taking.deposit_id)
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .outerjoin(Receipt, Receipt.deposit_id == Deposit.id)
        .outerjoin(TakingVoid, sa.and_(TakingVoid.taking_id == Taking.id, TakingVoid.state != ProposalState.SENT_BACK))
    )


def _as_lines(rows: Any) -> list[Line]:
    return [Line(row[0], row[1], row[2] or "编号中", row[3], row[4]) for row in rows]


def lines_of_box(session: Session, box_id: int) -> list[Line]:
    """What went into a box, in the order of time."""
    return _as_lines(session.execute(_lines().where(Taking.box_id == box_id).order_by(Taking.taken_at)))


def lines_of_collector(session: Session, person_id: int, since: datetime) -> list[Line]:
    """What somebody took since a moment, newest first."""
    return _as_lines(
        session.execute(
            _lines()
            .where(Taking.collector_id == person_id, Taking.taken_at >= since)
            .order_by(Taking.taken_at.desc())
            .limit(200)
        )
    )


def line_of(session: Session, taking: Taking) -> Line:
    """One taking for its page."""
    return _as_lines(session.execute(_lines().where(Taking.id == taking.id)))[0]


def voids_waiting(session: Session, collection_ids: Some[int]) -> list[Line]:
    """Takings somebody wants void, of some collections, oldest first."""
    return _as_lines(
        session.execute(
            _lines()
            .where(Deposit.collection_id.in_(list(collection_ids)), TakingVoid.state == ProposalState.PROPOSED)
            .order_by(TakingVoid.proposed_at)
        )
    )


# ----------------------------------------------------------------------------------------------------------- boxes


def box_by_public_id(session: Session, public_id: str, *, lock: bool = False) -> CashBox:
    """A box. Raises NotFound."""
    statement = sa.select(CashBox).where(CashBox.public_id == public_id)
    found = session.scalar(_locking(statement) if lock else statement)
    if found is None:
        raise NotFound("no-such-box", "没有找到这个钱箱。")
    return found


def open_box(session: Session, collection_id: int, collector_id: int) -> CashBox | None:
    """A collector's box that nobody has counted yet, locked, or None."""
    return session.scalar(
        _locking(
            sa.select(CashBox).where(
                CashBox.collection_id == collection_id,
                CashBox.collector_id == collector_id,
                CashBox.closed_at.is_(None),
            )
        )
    )


def entered_of(session: Session, box_id: int) -> tuple[int, Fen]:
    """(how many receipts, how much) a box should hold: what was taken and is not void."""
    row = session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(Taking.amount_fen), 0))
        .select_from(Taking)
        .join(Deposit, Deposit.id == Taking.deposit_id)
        .where(Taking.box_id == box_id, Deposit.state != DepositState.VOIDED)
    ).one()
    return row[0], int(row[1])


def voids_of_box(session: Session, box_id: int) -> int:
    """How many proposals to void wait in a box."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(TakingVoid)
            .join(Taking, Taking.id == TakingVoid.taking_id)
            .where(Taking.box_id == box_id, TakingVoid.state == ProposalState.PROPOSED)
        )
        or 0
    )


def boxes_of_collector(session: Session, person_id: int, *, since: date) -> Sequence[tuple[CashBox, Place]]:
    """A collector's boxes: those not counted or not banked, and those since a day; newest first."""
    rows = session.execute(
        sa.select(CashBox, Place)
        .join(Collection, Collection.id == CashBox.collection_id)
        .join(Place, Place.id == Collection.estate_id)
        .where(
            CashBox.collector_id == person_id,
            sa.or_(
                CashBox.day >= since,
                CashBox.closed_at.is_(None),
                sa.and_(CashBox.banking_id.is_(None), CashBox.counted_fen > 0),
            ),
        )
        .order_by(CashBox.opened_at.desc())
    )
    return [(row[0], row[1]) for row in rows]


def boxes_to_check(session: Session, collection_ids: Some[int]) -> Sequence[tuple[CashBox, Place]]:
    """Boxes of some collections that were not counted or not banked, oldest first."""
    rows = session.execute(
        sa.select(CashBox, Place)
        .join(Collection, Collection.id == CashBox.collection_id)
        .join(Place, Place.id == Collection.estate_id)
        .where(
            CashBox.collection_id.in_(list(collection_ids)),
            sa.or_(CashBox.closed_at.is_(None), sa.and_(CashBox.banking_id.is_(None), CashBox.counted_fen > 0)),
        )
        .order_by(CashBox.opened_at)
    )
    return [(row[0], row[1]) for row in rows]


def overdue_boxes(session: Session, today: date) -> list[str]:
    """Boxes of days before today that nobody has counted, by public id."""
    return list(
        session.scalars(
            sa.select(CashBox.public_id)
            .where(CashBox.closed_at.is_(None), CashBox.day < today)
            .order_by(CashBox.opened_at)
        )
    )


def locked_boxes(session: Session, public_ids: Sequence[str]) -> list[CashBox]:
    """Some boxes, locked in a fixed order."""
    return list(
        session.scalars(
            _locking(sa.select(CashBox).where(CashBox.public_id.in_(public_ids)).order_by(CashBox.public_id))
        )
    )


def bankings_waiting(session: Session, collection_ids: Some[int]) -> Sequence[CashBanking]:
    """Cash handed in that no statement shows yet, oldest first."""
    return session.scalars(
        sa.select(CashBanking)
        .where(CashBanking.collection_id.in_(list(collection_ids)), CashBanking.line_id.is_(None))
        .order_by(CashBanking.banked_at)
    ).all()


# ---------------------------------------------------------------------------------------------- people and collections


def collector(session: Session, person_id: int) -> Collector | None:
    """A collector's number, or None before the first money he takes."""
    return session.get(Collector, person_id)


def last_collector_number(session: Session) -> int:
    """The highest number given."""
    return session.scalar(sa.select(sa.func.coalesce(sa.func.max(Collector.number), 0))) or 0


def persons(session: Session, ids: Some[int]) -> dict[int, Person]:
    """Some people by their inner ids."""
    found = session.scalars(sa.select(Person).where(Person.id.in_(list(ids))))
    return {person.id: person for person in found}


def collections_below(session: Session, places: Sequence[Place]) -> Sequence[tuple[Collection, Place]]:
    """Every collection at or below some places, with its estate."""
    if not places:
        return []
    within = sa.or_(*(Place.path.startswith(place.path, autoescape=True) for place in places))
    rows = session.execute(
        sa.select(Collection, Place)
        .join(Place, Place.id == Collection.estate_id)
        .where(within)
        .order_by(Place.code, Collection.opened_at)
    )
    return [(row[0], row[1]) for row in rows]


def prints_of(session: Session, receipt_id: int) -> int:
    """How often a receipt was printed by staff."""
    return (
        session.scalar(
            sa.select(sa.func.count()).select_from(ReceiptPrint).where(ReceiptPrint.receipt_id == receipt_id)
        )
        or 0
    )


def taking_of_deposit(session: Session, deposit_id: int) -> Taking | None:
    """The taking that paid a deposit, or None for what came another way."""
    return session.scalar(sa.select(Taking).where(Taking.deposit_id == deposit_id))
