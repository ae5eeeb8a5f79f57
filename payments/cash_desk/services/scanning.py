"""A code on the collector's screen, scanned and paid by whoever stands at the door (WeChat Pay's NATIVE order)."""

import contextlib
import functools
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import grants
from kernel.database import reading, transaction, use_case
from kernel.errors import NotFound, Unavailable
from kernel.idempotency import Key, recall, remember
from kernel.money import Fen
from kernel.people import queries as people
from kernel.places.models import Dwelling, Place
from kernel.places.queries import dwelling_by_id, dwelling_by_public_id, place_by_id
from payments import queries
from payments.cash_desk.rules import TAKE, must_not_pay_himself
from payments.cash_desk.services.payers import deposit_for, known_deposit, once_closed, open_codes, payer_of
from payments.cash_desk.services.taking import must_take
from payments.gateways import registry
from payments.gateways.port import Rejected, Unknown
from payments.models import Deposit, PaymentAttempt
from payments.rules.attempt import OPEN, AttemptState, How
from payments.rules.deposit import checked_amount
from payments.services import healing, paying
from payments.services.collections import must_be_open
from payments.services.deposits import ASK_AGAIN_AFTER
from payments.services.stages import must_not_exceed

NATIVE = paying.Way(How.NATIVE)
NO_CODE = NotFound("no-such-code", "没有找到这个收款码。请回到这一户重新生成。")


def begin(
    dwelling: str,
    *,
    amount_fen: Fen,
    person: str,
    name: str,
    person_id: int | None,
    actor: str,
    now: datetime,
    key: Key | None = None,
) -> paying.Begun:
    """Order a code for a dwelling's deposit of a payer (of the roster, or named); its text in ``url``.

    Other codes of the dwelling, and the payer's open order of another way or amount, are closed at the gateway first.
    Raises NotFound, NotAllowed (elsewhere; his own money), Gone, Invalid (amount, payer), Conflict (paid before),
    Unavailable (WeChat is silent).
    """
    wanted = functools.partial(
        _begin,
        dwelling,
        amount_fen=amount_fen,
        person=person,
        name=name,
        person_id=person_id,
        actor=actor,
        now=now,
        key=key,
    )
    attempt, is_new = once_closed(wanted, now=now)
    return paying.hand_over(attempt, is_new=is_new, now=now)


@use_case
def _begin(
    dwelling: str,
    *,
    amount_fen: Fen,
    person: str,
    name: str,
    person_id: int | None,
    actor: str,
    now: datetime,
    key: Key | None,
) -> tuple[PaymentAttempt, bool] | PaymentAttempt:
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return _attempt(session, done), False
        home = dwelling_by_public_id(session, dwelling)
        who = must_take(session, place_by_id(session, home.building_id), person_id, now=now)
        collection = must_be_open(session, home.estate_id)
        checked_amount(amount_fen, largest_fen=collection.largest_fen)
        must_not_exceed(session, collection, home, amount_fen)
        payer = payer_of(session, home, person=person, name=name)
        must_not_pay_himself(people.has_to_do_with(session, who, home.id))
        known = known_deposit(session, collection, home, payer)
        waiting = queries.open_attempt(session, known.id) if known is not None else None
        others = [code for code in open_codes(session, collection, home) if waiting is None or code.id != waiting.id]
        if others:
            return others[0]
        if waiting is not None and not _is_this(waiting, amount_fen):
            return waiting
        if waiting is not None:
            remember(session, key, waiting.public_id, now=now)
            return waiting, False
        deposit = deposit_for(session, collection, home, payer, amount_fen=amount_fen, now=now)
        attempt = paying.new_attempt(
            session,
            deposit,
            estate=place_by_id(session, home.estate_id),
            gateway=registry.for_new(collection.merchant_id),
            notify_url=registry.notify_url(),
            way=NATIVE,
            now=now,
        )
        paying.record_begun(session, attempt, deposit, actor=actor, now=now)
        remember(session, key, attempt.public_id, now=now)
        return attempt, True


def _is_this(attempt: PaymentAttempt, amount_fen: Fen) -> bool:
    return attempt.how == How.NATIVE and attempt.amount_fen == amount_fen


def _attempt(session: Session, public_id: str) -> PaymentAttempt:
    found = queries.attempt_by_public_id(session, public_id)
    if found is None:
        raise LookupError("an attempt is never deleted")
    return found


@dataclass(frozen=True)
class CodeView:
    """A code to scan, for the collector who shows it. ``paid``: WeChat said so; ``over``: it can no longer be paid."""

    attempt: PaymentAttempt
    deposit: Deposit
    dwelling: Dwelling
    estate: Place

    @property
    def paid(self) -> bool:
        """Whether WeChat has confirmed it."""
        return self.attempt.state == AttemptState.PAID

    @property
    def over(self) -> bool:
        """Whether it was closed unpaid."""
        return AttemptState(self.attempt.state) not in OPEN and not self.paid


def see(attempt: str, *, person_id: int | None, now: datetime, ask: bool = False) -> CodeView:
    """A code and what became of it; ``ask``: of WeChat, when nothing was heard yet (silence changes nothing).

    Raises NotFound (no such code, or not of one's place).
    """
    view = _view(attempt, person_id, now)
    last = view.attempt.asked_at or view.attempt.begun_at
    if ask and AttemptState(view.attempt.state) in OPEN and now - last >= ASK_AGAIN_AFTER:
        with contextlib.suppress(Unknown, Rejected, Unavailable):
            healing.look(attempt, now=now, patience="request")
        view = _view(attempt, person_id, now)
    return view


def _view(attempt: str, person_id: int | None, now: datetime) -> CodeView:
    session = reading()
    session.rollback()
    found = queries.attempt_by_public_id(session, attempt)
    if found is None or found.how != How.NATIVE:
        raise NO_CODE
    deposit = queries.deposit_by_id(session, found.deposit_id)
    dwelling = dwelling_by_id(session, deposit.dwelling_id)
    if not grants.may(session, person_id, TAKE, place_by_id(session, dwelling.building_id), now):
        raise NO_CODE
    view = CodeView(found, deposit, dwelling, place_by_id(session, dwelling.estate_id))
    session.close()
    return view
