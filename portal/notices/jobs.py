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
from kernel.places.models import Dwelling
from kernel.places.queries import dwelling_by_id, place_by_id
from payments import queries as payments
from payments.cash_desk import queries as desk
from payments.cash_desk.models import Taking
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
    if not _told(payload["taking"], NoticeKind.MONEY_TAKEN, now=now):
        _by_message(payload["taking"], "已登记。如果金额不对或您没有缴，请马上告诉街道办事处。")


def on_voided(payload: dict[str, Any], *, now: datetime) -> None:
    """What was entered is void: the household hears it the same way."""
    if not _told(payload["taking"], NoticeKind.MONEY_VOIDED, now=now):
        _by_message(payload["taking"], "登记有误，已作废。如果钱没有当面退给您，请马上告诉街道办事处。")


@use_case
def _told(taking: str, kind: NoticeKind, *, now: datetime) -> bool:
    """Write the notices; is there anybody to read them?"""
    with transaction() as session:
        found, deposit, _ = _of(session, taking)
        receipt = payments.receipt_of(session, deposit.id)
        facts = {
            "amount_fen": found.amount_fen,
            "channel": found.channel,
            "receipt": receipt.number if receipt else "",
        }
        readers = {tie.account_id for tie in people.ties_to(session, deposit.dwelling_id) if tie.level >= LEVEL}
        for account_id in sorted(readers):
            write(session, account_id, deposit.dwelling_id, kind, f"taking:{taking}", at=now, facts=facts)
        return bool(readers)


def _by_message(taking: str, ending: str) -> None:
    session = reading()
    found, deposit, home = _of(session, taking)
    receipt = payments.receipt_of(session, deposit.id)
    holders = [person for _, person in people.holdings_of(session, deposit.dwelling_id)]
    # The payer's own phone first, then the owners'.
    holders.sort(key=lambda person: person.id != deposit.payer_person_id)
    phone = next((number for number in (phone_of(person) for person in holders) if number), None)
    estate = place_by_id(session, home.estate_id).name
    end_reading()
    if phone is None:
        log.warning("nobody to tell of money taken", extra={"taking": taking})
        return
    text = (
        f"【共建】{china_text(found.taken_at)}，{estate}{home.label}缴的{channel.word(found.channel)}"
        f"{yuan_text(found.amount_fen)}元（收据{receipt.number if receipt else ''}）{ending}"
    )
    try:
        sms.send(phone, text)
    except Unavailable as no:
        if no.code != NO_GATE:
            raise


def _of(session: Session, taking: str) -> tuple[Taking, Deposit, Dwelling]:
    found = desk.taking_by_public_id(session, taking)
    deposit = payments.deposit_by_id(session, found.deposit_id)
    return found, deposit, dwelling_by_id(session, deposit.dwelling_id)
