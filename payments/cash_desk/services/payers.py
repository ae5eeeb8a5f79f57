"""Whose money it is that somebody hands over: a person of the roster, or another, named; and the deposit it becomes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from kernel.database import new_public_id, translating
from kernel.errors import Conflict, Invalid, NotFound, Unavailable
from kernel.money import Fen
from kernel.people import queries as people
from kernel.people.models import Person, Tie
from kernel.people.services import name_of
from kernel.places.models import Dwelling
from payments import queries as payments
from payments.cash_desk import queries
from payments.models import Collection, Deposit, PaymentAttempt
from payments.rules.deposit import DepositState, Purpose
from payments.services import paying
from payments.services.deposits import PAYS_HIMSELF, own_or_new
from payments.services.stages import Stage, stage_of

Made = TypeVar("Made")
LEVEL = 2
MOST_OPEN = 10
CODE_PAID = Conflict(
    "already-paid", "刚才出示的收款码已经付成功了。请刷新页面核对；确实还要另收一笔，请再点一次。多收的钱请当面退还。"
)
PAID = Conflict(
    "already-paid", "这位缴款人已经为这一户缴过诚意金。别的家人也要缴，请选那一位；多收的钱请当面退还，不要登记。"
)


@dataclass(frozen=True)
class Payer:
    """Who pays: ``person`` of the roster, or somebody else with a name. ``tie``: his account that speaks for the
    dwelling, when he has one.
    """

    name: str
    person: Person | None = None
    tie: Tie | None = None


def payer_of(session: Session, dwelling: Dwelling, *, person: str, name: str) -> Payer:
    """The payer as the collector told him: a person's public id, or a name. Raises NotFound, Invalid."""
    if not person:
        if not name.strip():
            raise Invalid("no-payer", "请选缴款人；名单里没有的，请写姓名。", {"payer_name": ["请写缴款人姓名。"]})
        return Payer(name.strip())
    for _, found in people.holdings_of(session, dwelling.id):
        if found.public_id == person:
            return Payer(name_of(found), found, _tie_of(session, dwelling, found))
    raise NotFound("no-such-person", "这一户的名单里没有这个人。请刷新页面后再选。")


def _tie_of(session: Session, dwelling: Dwelling, person: Person) -> Tie | None:
    for tie in people.ties_to(session, dwelling.id):
        if tie.level >= LEVEL and tie.person_id == person.id and tie.relation in PAYS_HIMSELF:
            return tie
    return None


def known_deposit(session: Session, collection: Collection, dwelling: Dwelling, payer: Payer) -> Deposit | None:
    """The deposit this payer has for the dwelling already, locked, or None; somebody only named has none."""
    if payer.tie is not None:
        return payments.own_deposit(
            session,
            collection_id=collection.id,
            dwelling_id=dwelling.id,
            account_id=payer.tie.account_id,
            lock=True,
            purpose=stage_of(session, collection).purpose,
        )
    if payer.person is not None and stage_of(session, collection).purpose is Purpose.DEPOSIT:
        return queries.held_without_account(session, collection.id, dwelling.id, payer.person.id)
    return None


def open_codes(session: Session, collection: Collection, dwelling: Dwelling) -> Sequence[PaymentAttempt]:
    """Codes shown at a dwelling, for whomever has no account, that may still be paid."""
    return queries.open_codes(session, collection.id, dwelling.id, stage_of(session, collection).purpose)


def once_closed(make: Callable[[], Made | PaymentAttempt], *, now: datetime, paid: Conflict = CODE_PAID) -> Made:
    """Do something about a dwelling's money; whatever order it says stands in the way is closed at the gateway first,
    so that a code left on a screen is not scanned after the cash was handed over.

    Raises Conflict (``paid``) when such a code was paid, Unavailable while its fate is not known, and whatever ``make``
    raises.
    """
    for _ in range(MOST_OPEN):
        made = make()
        if not isinstance(made, PaymentAttempt):
            return made
        try:
            paying.end(made, now=now)
        except Conflict:
            raise paid from None
    raise Unavailable("database-busy", "系统正忙，没有保存成功。请过一分钟再试。")


def deposit_for(
    session: Session, collection: Collection, dwelling: Dwelling, payer: Payer, *, amount_fen: Fen, now: datetime
) -> Deposit:
    """The payer's deposit for the dwelling over this amount, locked and pledged; once shares are published, a payment
    of the dwelling's contribution. Conflict when he has paid a deposit before, or nothing is due yet.
    """
    stage = stage_of(session, collection)
    if payer.tie is not None:
        deposit, _ = own_or_new(
            session,
            collection,
            dwelling,
            payer.tie,
            amount_fen=amount_fen,
            now=now,
            purpose=stage.purpose,
            terms=stage.terms_version,
        )
    else:
        deposit = _without_account(session, collection, dwelling, payer, stage, amount_fen=amount_fen, now=now)
    if deposit.state != DepositState.PLEDGED:
        raise PAID
    deposit.amount_fen = amount_fen
    deposit.terms_version, deposit.terms_accepted_at = stage.terms_version, now
    session.flush()
    return deposit


def _without_account(
    session: Session,
    collection: Collection,
    dwelling: Dwelling,
    payer: Payer,
    stage: Stage,
    *,
    amount_fen: Fen,
    now: datetime,
) -> Deposit:
    if payer.person is not None and stage.purpose is Purpose.DEPOSIT:
        known = queries.held_without_account(session, collection.id, dwelling.id, payer.person.id)
        if known is not None:
            return known
    made = Deposit(
        public_id=new_public_id(),
        collection_id=collection.id,
        dwelling_id=dwelling.id,
        payer_account_id=None,
        payer_person_id=payer.person.id if payer.person else None,
        purpose=stage.purpose,
        amount_fen=amount_fen,
        state=DepositState.PLEDGED,
        terms_version=stage.terms_version,
        terms_accepted_at=now,
        pledged_at=now,
    )
    session.add(made)
    # Two collectors at once for one person: the index lets one through, the other is told.
    with translating({"deposit_one_a_person": PAID}):
        session.flush()
    return made
