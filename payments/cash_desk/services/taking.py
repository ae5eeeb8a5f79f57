"""Taking money: one transaction from the collector's tap to the numbered receipt, the books and the news of it."""

import functools
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, clock, grants, outbox
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import NotAllowed, Unavailable
from kernel.idempotency import Key, recall, remember
from kernel.money import Fen
from kernel.people import queries as people
from kernel.places.models import Place
from kernel.places.queries import dwelling_by_public_id, place_by_id
from payments.cash_desk import names, queries
from payments.cash_desk.models import CashBox, Collector, Taking
from payments.cash_desk.rules import TAKE, must_be_of_today, must_not_pay_himself, series_of, slip_paper
from payments.cash_desk.services.payers import deposit_for, once_closed, open_codes, payer_of
from payments.models import Collection, PaymentAttempt
from payments.rules.channel import Desk
from payments.rules.deposit import Purpose, checked_amount
from payments.services import counter, receipts
from payments.services.collections import must_be_open
from payments.services.paying import DESCRIPTIONS
from payments.services.stages import must_not_exceed

TAKEN_TOPIC = "counter.credited"


@dataclass(frozen=True)
class Card:
    """A card payment's slip: which terminal, which voucher, whose terminal, of which day. No card numbers."""

    terminal_no: str
    voucher_no: str
    bank: str
    day: date


@dataclass(frozen=True)
class Tendered:
    """What is handed over. ``person``: public id of a holder of the dwelling, or ``name`` of somebody else."""

    amount_fen: Fen
    person: str = ""
    name: str = ""
    card: Card | None = None

    @property
    def channel(self) -> Desk:
        """Cash, unless a card was used."""
        return Desk.POS if self.card else Desk.CASH


def take(
    dwelling: str,
    tendered: Tendered,
    *,
    person_id: int | None,
    actor: str,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Enter money taken for a dwelling's deposit; return the taking's public id. Its receipt is numbered, its household
    told. A code still open at the dwelling is closed at the gateway first.

    Raises NotFound, NotAllowed (elsewhere; his own money), Gone, Invalid (amount, payer), Conflict (paid before, by the
    code just now; the same voucher; yesterday's box not counted), Unavailable (a code is open and WeChat silent).
    """
    wanted = functools.partial(_take, dwelling, tendered, person_id=person_id, actor=actor, now=now, key=key)
    return once_closed(wanted, now=now)


@use_case
def _take(
    dwelling: str, tendered: Tendered, *, person_id: int | None, actor: str, now: datetime, key: Key | None
) -> str | PaymentAttempt:
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        home = dwelling_by_public_id(session, dwelling)
        who = must_take(session, place_by_id(session, home.building_id), person_id, now=now)
        collection = must_be_open(session, home.estate_id)
        amount_fen = checked_amount(tendered.amount_fen, largest_fen=collection.largest_fen)
        must_not_exceed(session, collection, home, amount_fen)
        payer = payer_of(session, home, person=tendered.person, name=tendered.name)
        must_not_pay_himself(people.has_to_do_with(session, who, home.id))
        if codes := open_codes(session, collection, home):
            return codes[0]
        box = _todays_box(session, collection, who, now=now) if tendered.channel is Desk.CASH else None
        deposit = deposit_for(session, collection, home, payer, amount_fen=amount_fen, now=now)
        collector = _collector(session, who)
        public_id = new_public_id()
        attempt = counter.credit(
            session,
            deposit,
            tendered.channel,
            _paper(session, public_id, tendered.card, today=clock.china_day(now)),
            actor=actor,
            description=f"{place_by_id(session, home.estate_id).name} {DESCRIPTIONS[Purpose(deposit.purpose)]}",
            paid_at=now,
            now=now,
        )
        session.execute(
            sa.insert(Taking).values(
                public_id=public_id,
                attempt_id=attempt.id,
                deposit_id=deposit.id,
                channel=tendered.channel,
                box_id=box.id if box else None,
                collector_id=who,
                amount_fen=amount_fen,
                payer_sealed=names.seal(payer.name, taking=public_id),
                terminal_no=tendered.card.terminal_no if tendered.card else None,
                voucher_no=tendered.card.voucher_no if tendered.card else None,
                pos_bank=tendered.card.bank if tendered.card else None,
                taken_at=now,
            )
        )
        session.flush()
        receipts.issue_in(session, deposit, now=now, collector=series_of(collector.number) if box else "")
        outbox.stage(session, TAKEN_TOPIC, {"deposit": deposit.public_id}, now=now)
        remember(session, key, public_id, now=now)
        return public_id


def must_take(session: Session, place: Place, person_id: int | None, *, now: datetime) -> int:
    """The person, who may take money at a place. Raises NotAllowed."""
    grants.require(session, person_id, TAKE, place, now)
    if person_id is None:
        raise NotAllowed("not-your-place", "您没有办理这里的权限，或任期已满。如有疑问请联系街道。")
    return person_id


def _paper(session: Session, taking: str, card: Card | None, *, today: date) -> str:
    """What the payment is known by outside: the taking itself for cash, the voucher for a card."""
    if card is None:
        return taking
    paper = slip_paper(card.terminal_no, card.voucher_no, card.day, today=today)
    again = queries.times_voided(session, Desk.POS, paper)
    return f"{paper}/{again + 1}" if again else paper


def _todays_box(session: Session, collection: Collection, collector: int, *, now: datetime) -> CashBox:
    today = clock.china_day(now)
    found = queries.open_box(session, collection.id, collector)
    if found is not None:
        must_be_of_today(found.day, today)
        return found
    made = CashBox(
        public_id=new_public_id(), collection_id=collection.id, collector_id=collector, day=today, opened_at=now
    )
    session.add(made)
    with translating({"cash_box_one_open": Unavailable("database-busy", "系统正忙，没有保存成功。请再点一次。")}):
        session.flush()
    audit.record(
        session,
        actor=f"person:{collector}",
        action="cash_box.opened",
        subject=f"cash_box:{made.public_id}",
        now=now,
        payload={"day": today.isoformat(), "collection": collection.public_id},
    )
    return made


def _collector(session: Session, person_id: int) -> Collector:
    found = queries.collector(session, person_id)
    if found is not None:
        return found
    made = Collector(person_id=person_id, number=queries.last_collector_number(session) + 1)
    session.add(made)
    busy = Unavailable("database-busy", "系统正忙，没有保存成功。请再点一次。")
    with translating({"collector_number_key": busy, "collector_pkey": busy}):
        session.flush()
    return made
