"""Numbering receipts: by the job, one after another, so that crediting never waits on a counter all payers share."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import clock
from kernel.audit import queries as audit_queries
from kernel.database import end_reading, insert_ignoring, new_public_id, reading, transaction, use_case
from kernel.errors import NotFound
from kernel.people.models import Account, Person
from kernel.people.services import name_of
from kernel.places.queries import dwelling_by_id, place_by_id
from payments import queries
from payments.cash_desk import names
from payments.cash_desk import queries as desk
from payments.cash_desk.models import Taking
from payments.gateways import registry
from payments.models import Collection, Deposit, Receipt, ReceiptCounter
from payments.rules import channel
from payments.rules.deposit import RECEIVED, DepositState, Purpose
from payments.rules.publication import tail
from payments.rules.receipt import number_text
from payments.statements import queries as statements
from payments.statements.queries import parts as doings


def on_paid(payload: dict[str, Any], *, now: datetime) -> None:
    """Job: give a paid deposit its receipt; told twice, it stays one. What was void before it got one gets none."""
    session = reading()
    state = queries.deposit_by_public_id(session, payload["deposit"]).state
    end_reading()
    if state != DepositState.VOIDED:
        issue(payload["deposit"], now=now)


@use_case
def issue(deposit_public_id: str, *, now: datetime) -> str:
    """Number the receipt of a paid deposit and return the number; the one given before when there is one.

    Numbers run without a gap per collecting body and China's calendar year: the counter row and the receipt commit
    together or not at all. ``ValueError`` for a deposit that was never paid.
    """
    with transaction(serializable=True) as session:
        deposit = queries.deposit_by_id(session, queries.deposit_by_public_id(session, deposit_public_id).id, lock=True)
        return issue_in(session, deposit, now=now)


def issue_in(session: Session, deposit: Deposit, *, now: datetime, collector: str = "") -> str:
    """Number the receipt of a deposit locked by the caller's transaction; see ``issue``. ``collector``: the series of
    whoever took the cash, else the collecting body's.
    """
    known = queries.receipt_of(session, deposit.id)
    if known is not None:
        return known.number
    confirmed = queries.first_confirmation(session, deposit.id)
    if DepositState(deposit.state) not in RECEIVED or confirmed is None:
        raise ValueError("only what was paid has a receipt")
    series = collector or session.get_one(Collection, deposit.collection_id).series
    year = clock.china_day(now).year
    counted = _next(session, series, year)
    number = number_text(year, counted, collector=collector)
    session.execute(
        sa.insert(Receipt).values(
            public_id=new_public_id(),
            collection_id=deposit.collection_id,
            deposit_id=deposit.id,
            series=series,
            year=year,
            counted=counted,
            number=number,
            amount_fen=deposit.amount_fen,
            issued_at=now,
            audit_hash=confirmed.audit_hash,
        )
    )
    return number


FAMILY = "家人代缴（不是登记的产权人）"
"""Who pays for a household of which he is not an owner, and whose own name nobody proved."""


def _told_name(session: Session, deposit: Deposit, taking: Taking | None) -> str:
    """The name somebody paid under who is on no roster: as the collector or the bank told it, else who he is."""
    if taking is not None:
        return names.payer(taking)
    if line := doings.line_of_deposit(session, deposit.id):
        return statements.name_of_line(line)
    account = session.get(Account, deposit.payer_account_id) if deposit.payer_account_id else None
    person = session.get(Person, account.person_id) if account and account.person_id else None
    return name_of(person) if person else FAMILY if account else ""


def _next(session: Session, series: str, year: int) -> int:
    session.execute(
        insert_ignoring(session, ReceiptCounter)
        .values(series=series, year=year, last=0)
        .on_conflict_do_nothing(index_elements=["series", "year"])
    )
    return session.execute(
        sa.update(ReceiptCounter)
        .where(ReceiptCounter.series == series, ReceiptCounter.year == year)
        .values(last=ReceiptCounter.last + 1)
        .returning(ReceiptCounter.last)
    ).scalar_one()


@dataclass(frozen=True)
class ReceiptView:
    """All a receipt says. ``payer``: full name as on the roster, "" when not known; ``sealed_at`` and ``checkpoint``:
    position in the audit chain and of the first signed checkpoint that includes it, None while it waits;
    ``collector``: who took it over the counter, else ""; ``code``: what the public page of the receipt is asked for.
    """

    number: str
    payer: str
    estate: str
    label: str
    amount_fen: int
    account_holder: str
    paid_at: datetime
    transaction_id: str
    audit_hash: str
    sealed_at: int | None
    checkpoint: int | None
    purpose: Purpose
    channel: str
    collector: str
    code: str


def address(code: str) -> str:
    """Where anybody may check the receipt of a code; "" while the city has no address of its own."""
    base = registry.base_url()
    return f"{base}/r/{code}" if base else ""


@dataclass(frozen=True)
class Checked:
    """What anybody who holds a receipt may read of it: no name, no door. ``word`` and its ``tone``: how it stands."""

    tail: str
    amount_fen: int
    day: date
    estate: str
    building: str
    purpose: Purpose
    way: str
    word: str
    tone: str


_STANDS = {
    DepositState.VOIDED: ("已作废", "bad"),
    DepositState.REFUND_PENDING: ("有效，正在退款", "wait"),
    DepositState.REFUND_FAILED: ("有效，正在退款", "wait"),
    DepositState.REFUNDED: ("已退款", "wait"),
    DepositState.REFUNDED_OFFLINE: ("已退款", "wait"),
}


def checked(session: Session, code: str) -> Checked:
    """The receipt of a code, for anybody. Raises NotFound: then it is none of ours."""
    found = queries.receipt_by_code(session, code)
    if found is None:
        raise NotFound(
            "no-such-receipt", "没有这张收据。请核对网址；如果收据上的码扫不出来，请拿原件到街道办事处核对。"
        )
    receipt, deposit = found
    confirmed = queries.first_confirmation(session, deposit.id)
    dwelling = dwelling_by_id(session, deposit.dwelling_id)
    word, tone = _STANDS.get(DepositState(deposit.state), ("有效", "ok"))
    return Checked(
        tail(receipt.number),
        receipt.amount_fen,
        clock.china_day(receipt.issued_at),
        place_by_id(session, dwelling.estate_id).name,
        place_by_id(session, dwelling.building_id).name,
        Purpose(deposit.purpose),
        channel.word(confirmed.channel) if confirmed else "",
        word,
        tone,
    )


def view(session: Session, deposit: Deposit, *, named: bool) -> ReceiptView | None:
    """The receipt of a payer's own deposit, or None while it is being numbered. ``named``: with the payer's name."""
    receipt = queries.receipt_of(session, deposit.id)
    confirmed = queries.first_confirmation(session, deposit.id)
    if receipt is None or confirmed is None:
        return None
    collection = session.get_one(Collection, deposit.collection_id)
    dwelling = dwelling_by_id(session, deposit.dwelling_id)
    person = session.get(Person, deposit.payer_person_id) if named and deposit.payer_person_id else None
    taking = desk.taking_of_deposit(session, deposit.id)
    payer = (name_of(person) if person else _told_name(session, deposit, taking)) if named else ""
    seal = audit_queries.position_of(session, receipt.audit_hash)
    checkpoint = audit_queries.first_checkpoint_from(session, seal.position) if seal else None
    return ReceiptView(
        receipt.number,
        payer,
        place_by_id(session, dwelling.estate_id).name,
        dwelling.label,
        receipt.amount_fen,
        collection.account_holder,
        confirmed.paid_at,
        confirmed.transaction_id,
        receipt.audit_hash,
        seal.position if seal else None,
        checkpoint.position if checkpoint else None,
        Purpose(deposit.purpose),
        confirmed.channel,
        names.collector(session, taking) if taking else "",
        receipt.public_id,
    )
