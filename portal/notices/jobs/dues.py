"""What a household bears of the works is told to it alone: when shares are published, and seldom while some is open."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.database import transaction, use_case
from kernel.people import queries as people
from payments import queries as payments
from payments.contributions import queries as budgets
from payments.handovers import queries as handovers
from payments.models import Deposit
from payments.reminders import queries as reminders
from payments.reminders.services import still_open
from payments.rollover import queries as rollovers
from payments.rollover.services import to_tell
from portal.notices.models import NoticeKind
from portal.notices.services import write

LEVEL = 2
"""Amounts are shown from this level of a tie on (DESIGN §7)."""


@use_case
def on_budget_published(payload: dict[str, Any], *, now: datetime) -> None:
    """Shares are published: every household that bears something, or did before, may look at its formula."""
    with transaction() as session:
        budget = budgets.budget_by_public_id(session, payload["budget"])
        bearing = set(budgets.dues_of(session, budget.id)) | set(budgets.contributed(session, budget.collection_id))
        for dwelling_id in sorted(bearing):
            _tell(session, dwelling_id, NoticeKind.BUDGET_PUBLISHED, f"budget:{budget.public_id}", now=now)


@use_case
def on_reminder(payload: dict[str, Any], *, now: datetime) -> None:
    """A household is reminded, unless it has met its share since: then nothing is said."""
    with transaction() as session:
        found = reminders.reminder_by_public_id(session, payload["reminder"])
        if found is not None and still_open(session, found):
            source = f"reminder:{found.public_id}"
            _tell(session, found.dwelling_id, NoticeKind.CONTRIBUTION_REMINDER, source, now=now)


@use_case
def on_rollover_asked(payload: dict[str, Any], *, now: datetime) -> None:
    """Whether deposits stay is asked: each payer is told, and who said nothing once more, when staff ask for it."""
    with transaction() as session:
        question = rollovers.question_by_public_id(session, payload["question"])
        for deposit in to_tell(session, question):
            if deposit.payer_account_id is not None:
                source = f"rollover:{question.public_id}:{payload['round']}:{deposit.id}"
                kind = NoticeKind.ROLLOVER_ASKED
                write(session, deposit.payer_account_id, deposit.dwelling_id, kind, source, at=now)


@use_case
def tell_of_handovers(*, now: datetime) -> int:
    """Job: a flat changed hands while a deposit was held for it. Its payer is asked what becomes of it, and who speaks
    for the flat now is told whose it is; each once. Returns how many deposits wait.
    """
    with transaction() as session:
        found = handovers.to_tell(session)
        for deposit in found:
            source = f"handover:{deposit.public_id}"
            _tell_payer(session, deposit, NoticeKind.FLAT_SOLD, now=now)
            readers = {tie.account_id for tie in people.ties_to(session, deposit.dwelling_id) if tie.level >= LEVEL}
            for account_id in sorted(readers - {deposit.payer_account_id}):
                write(session, account_id, deposit.dwelling_id, NoticeKind.DEPOSIT_OF_BEFORE, source, at=now)
        return len(found)


@use_case
def on_left_with_flat(payload: dict[str, Any], *, now: datetime) -> None:
    """Staff entered from a paper that a payer leaves his deposit with the flat he sold: he is told."""
    with transaction() as session:
        deposit = payments.deposit_by_public_id(session, payload["deposit"])
        _tell_payer(session, deposit, NoticeKind.DEPOSIT_LEFT, now=now)


def _tell_payer(session: Session, deposit: Deposit, kind: NoticeKind, *, now: datetime) -> None:
    """A payer who has an account is led to where he decides: the flat's page is not his any more."""
    if deposit.payer_account_id is not None:
        facts, source = {"page": f"/refund/{deposit.public_id}"}, f"handover:{deposit.public_id}"
        write(session, deposit.payer_account_id, deposit.dwelling_id, kind, source, at=now, facts=facts)


def _tell(session: Session, dwelling_id: int, kind: NoticeKind, source: str, *, now: datetime) -> None:
    readers = {tie.account_id for tie in people.ties_to(session, dwelling_id) if tie.level >= LEVEL}
    for account_id in sorted(readers):
        write(session, account_id, dwelling_id, kind, source, at=now)
