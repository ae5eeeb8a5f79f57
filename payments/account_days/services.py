"""Taking an account's snapshot, proposing that it is right, and signing what was read: two people each time."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, clock, grants
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import Conflict, NotFound
from kernel.idempotency import Key, recall, remember
from payments.account_days import queries
from payments.account_days.models import AccountDay
from payments.account_days.rules import SIGNED, Snapshot, must_be_as_read, must_be_signable
from payments.rules.balance import run_of
from payments.rules.bank_line import LineState
from payments.rules.ledger import AccountKind
from payments.rules.two_people import ProposalState
from payments.statements import queries as statements
from payments.statements.models import BankAccount
from payments.street_desk import queries as desk
from payments.two_people import judge, said

MANAGE = "collection.manage"
LOOK = "audit.read"
_WAITING = (LineState.WAITING, LineState.PROPOSED)


def may(session: Session, account: BankAccount, person_id: int | None, action: str, *, now: datetime) -> bool:
    """May the person do this at every estate that gathers into an account? A part of it cannot be signed."""
    theirs = statements.collections_of_account(session, account)
    return bool(theirs) and all(grants.may(session, person_id, action, estate, now) for _, estate in theirs)


def may_see(session: Session, account: BankAccount, person_id: int | None, *, now: datetime) -> bool:
    """Who signs an account may see its days, and who audits all of it."""
    return any(may(session, account, person_id, action, now=now) for action in (MANAGE, LOOK))


def _must_manage(session: Session, account: BankAccount, person_id: int | None, *, now: datetime) -> int:
    if person_id is None or not may(session, account, person_id, MANAGE, now=now):
        raise NotFound("no-such-account", "没有找到这个账户，或者它收的钱不全归您管。")
    return person_id


def snapshot(session: Session, account: BankAccount, *, now: datetime) -> Snapshot | None:
    """How an account stands now; None before its first statement."""
    until = desk.newest_day(session, account.id)
    if until is None:
        return None
    ids = [collection.id for collection, _ in statements.collections_of_account(session, account)]
    held = desk.balances(session, ids)
    at_bank = held.get(AccountKind.AT_BANK, 0)
    position = desk.position(session, account.id, at_bank)
    told = queries.amounts_and_balances(session, account.id)
    run = run_of([(fen, balance) for fen, balance in told if balance is not None])
    counted = run is not None and all(balance is not None for _, balance in told)
    whole = counted and run is not None and run.whole
    return Snapshot(
        until,
        run.opening_fen if run and whole else None,
        run.closing_fen if run and whole else None,
        position.moved,
        at_bank,
        position.other,
        position.waiting,
        queries.paid_out_by_books(session, ids) - queries.paid_out_by_lines(session, account.id),
        position.unreadable,
        queries.waiting_lines(session, account.id, _WAITING),
        counted and not whole,
        held.get(AccountKind.AT_WECHAT, 0),
        held.get(AccountKind.FROM_WECHAT, 0),
        held.get(AccountKind.CASH_ON_HAND, 0),
        held.get(AccountKind.CASH_IN_TRANSIT, 0),
        held.get(AccountKind.AT_POS, 0),
        held.get(AccountKind.BANK_FEES, 0),
        queries.boxes_before(session, ids, clock.china_day(now)),
        held.get(AccountKind.WECHAT_FEES, 0),
    )


def kept(day: AccountDay) -> Snapshot:
    """The figures of a day as they were when it was proposed."""
    told: dict[str, Any] = {**day.figures, "until": date.fromisoformat(day.figures["until"])}
    return Snapshot(**told)


@use_case
def propose(
    account: str, *, seen: str, why: str, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> str:
    """Say that an account stands as was read (``seen``: the figures' mark); return the day's public id.

    A day that is signed is signed once more, as an addition, when lines of it came late. Raises NotFound, Conflict
    (something is left to do, the figures changed, the day is proposed or signed).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found = queries.account_by_public_id(session, account, lock=True)
        who = _must_manage(session, found, person_id, now=now)
        figures = _as_read(session, found, seen, now=now)
        made = AccountDay(
            public_id=new_public_id(),
            account_id=found.id,
            until=figures.until,
            figures={**asdict(figures), "until": figures.until.isoformat()},
            state=ProposalState.PROPOSED,
            amends=_amended(session, found, figures.until),
            decision=SIGNED,
            why=why,
            proposed_by=who,
            proposed_at=now,
        )
        session.add(made)
        taken = Conflict("day-taken", "流水到这一天的账户日结已经有人提了，或已经签过字。请刷新页面。")
        with translating({"account_day_once": taken, "account_day_amended_once": taken}):
            session.flush()
        _note(session, made, "account_day.proposed", actor=actor, now=now)
        remember(session, key, made.public_id, now=now)
        return made.public_id


@use_case
def decide(
    day: str, *, agree: bool, seen: str, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> str:
    """Sign what another person proposed, or send it back. NotAllowed for whoever proposed; Conflict when the account
    does not stand so any more: then it is sent back and proposed anew.
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found, account = queries.day_by_public_id(session, day, lock=True)
        who = _must_manage(session, account, person_id, now=now)
        judge(session, found, agree=agree, by=who, now=now, back_to=ProposalState.SENT_BACK, what="这份账户日结")
        if agree:
            must_be_as_read(kept(found), seen)
            _as_read(session, account, seen, now=now)
        session.flush()
        _note(session, found, "account_day.signed" if agree else "account_day.sent_back", actor=actor, now=now)
        remember(session, key, day, now=now)
        return day


def _amended(session: Session, account: BankAccount, until: date) -> int | None:
    signed = queries.day_until(session, account.id, until)
    if signed is not None and signed.state == ProposalState.DECIDED and queries.late_lines(session, signed):
        return signed.id
    return None


def _as_read(session: Session, account: BankAccount, seen: str, *, now: datetime) -> Snapshot:
    figures = snapshot(session, account, now=now)
    if figures is None:
        raise Conflict("no-statement", "还没有导入过这个账户的银行流水。")
    must_be_signable(figures)
    must_be_as_read(figures, seen)
    return figures


def _note(session: Session, day: AccountDay, action: str, *, actor: str, now: datetime) -> None:
    payload = {**said(day), "until": day.until.isoformat(), "figures": day.figures}
    audit.record(session, actor=actor, action=action, subject=f"account_day:{day.public_id}", now=now, payload=payload)
