"""Money taken over the counter is told to its household at once: in the app, or by short message where nobody has it.

Whoever takes the cash cannot keep it quiet: the amount he entered stands on the household's phone before he has left.
"""

import logging
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.clock import china_text
from kernel.database import end_reading, reading, transaction, use_case
from kernel.errors import Unavailable
from kernel.money import yuan_text
from kernel.people import queries as people
from kernel.people.services import phone_of
from kernel.places.queries import dwelling_by_id, place_by_id
from payments import queries as payments
from payments.models import Deposit
from payments.rules import channel
from portal.notices import sms
from portal.notices.models import NoticeKind
from portal.notices.services import write

log = logging.getLogger(__name__)
LEVEL = 2
"""Amounts are shown from this level of a tie on (DESIGN §7)."""
NO_GATE = "sms-not-set-up"


def on_taken(payload: dict[str, Any], *, now: datetime) -> None:
    """Somebody took money for a household: tell everybody who speaks for it, else the phone on the roster."""
    if not _told(payload["deposit"], NoticeKind.MONEY_TAKEN, now=now):
        _by_message(payload["deposit"], "已登记。如果金额不对或您没有缴，请马上告诉街道办事处。")


def on_voided(payload: dict[str, Any], *, now: datetime) -> None:
    """What was entered is void: the household hears it the same way."""
    if not _told(payload["deposit"], NoticeKind.MONEY_VOIDED, now=now):
        _by_message(payload["deposit"], "登记有误，已作废。如果钱没有退给您，请马上告诉街道办事处。")


def on_maybe_twice(payload: dict[str, Any], *, now: datetime) -> None:
    """A household's money came twice by two ways: it is asked whether it was meant so."""
    if not _told(payload["deposit"], NoticeKind.MAYBE_PAID_TWICE, now=now):
        _by_message(payload["deposit"], "之外，同样的金额还收到过一次。如果缴重了，请告诉街道办事处退一笔。")


def _facts(session: Session, deposit: Deposit) -> dict[str, Any]:
    receipt, confirmed = payments.receipt_of(session, deposit.id), payments.first_confirmation(session, deposit.id)
    return {
        "amount_fen": deposit.amount_fen,
        "channel": confirmed.channel if confirmed else "",
        "receipt": receipt.number if receipt else "",
    }


@use_case
def _told(deposit_id: str, kind: NoticeKind, *, now: datetime) -> bool:
    """Write the notices; is there anybody to read them?"""
    with transaction() as session:
        deposit = payments.deposit_by_public_id(session, deposit_id)
        facts = _facts(session, deposit)
        readers = {tie.account_id for tie in people.ties_to(session, deposit.dwelling_id) if tie.level >= LEVEL}
        for account_id in sorted(readers):
            write(session, account_id, deposit.dwelling_id, kind, f"deposit:{deposit_id}", at=now, facts=facts)
        return bool(readers)


def _by_message(deposit_id: str, ending: str) -> None:
    session = reading()
    deposit = payments.deposit_by_public_id(session, deposit_id)
    home, facts = dwelling_by_id(session, deposit.dwelling_id), _facts(session, deposit)
    holders = [person for _, person in people.holdings_of(session, deposit.dwelling_id)]
    # The payer's own phone first, then the owners'.
    holders.sort(key=lambda person: person.id != deposit.payer_person_id)
    phone = next((number for number in (phone_of(person) for person in holders) if number), None)
    estate = place_by_id(session, home.estate_id).name
    end_reading()
    if phone is None:
        log.warning("nobody to tell of money taken", extra={"deposit": deposit_id})
        return
    when = china_text(deposit.paid_at) if deposit.paid_at else ""
    text = (
        f"【共建】{when}，{estate}{home.label}缴的{channel.word(facts['channel'])}"
        f"{yuan_text(deposit.amount_fen)}元（收据{facts['receipt']}）{ending}"
    )
    try:
        sms.send(phone, text)
    except Unavailable as no:
        if no.code != NO_GATE:
            raise
