"""Deciding what a line is: one proposes, another agrees, then it has its effect; two again take that back.

Estates may share an account. Whoever decides manages the estates whose money a line is; what is nobody's in particular
is decided by people who manage them all.
"""

import functools
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import Conflict, NotFound
from kernel.idempotency import Key, recall, remember
from payments.cash_desk.services.payers import once_closed, open_codes
from payments.models import PaymentAttempt
from payments.rules.bank_line import OPEN_LINES, LineDecision, LineState
from payments.rules.two_people import ProposalState
from payments.services.collections import must_be_open
from payments.statements import queries
from payments.statements.models import BankAccount, BankLine, LineReversal
from payments.statements.services import effects
from payments.statements.services.effects import MANAGE, Told
from payments.two_people import judge, put_forward, said

SCANNED = Conflict(
    "already-paid",
    "这一户刚刚扫码付成功了一笔，还没有记给他们第二次。请先问清楚：是同一笔钱，退回重提；确实又转了一笔，再点一次同意。",
)


def may_manage(session: Session, account: BankAccount, person_id: int | None, *, now: datetime) -> bool:
    """Does the person manage collections at an estate that gathers into this account? Then he sees its lines."""
    return any(
        grants.may(session, person_id, MANAGE, estate, now)
        for _, estate in queries.collections_of_account(session, account)
    )


def _must_manage(session: Session, account: BankAccount, person_id: int | None, *, now: datetime) -> int:
    if person_id is None or not may_manage(session, account, person_id, now=now):
        raise NotFound("no-such-line", "没有找到这一行流水。")
    return person_id


@use_case
def propose(
    line: str,
    *,
    decision: LineDecision,
    why: str,
    person_id: int | None,
    actor: str,
    now: datetime,
    key: Key | None = None,
    told: Told | None = None,
) -> str:
    """Propose what a line is; ``told``: the households it credits, the cash that arrived with it, a terminal's fee.

    Raises NotFound (also for money of estates he does not manage), Invalid (parts that do not add up, an amount nobody
    could read), Conflict when it does not wait.
    """
    with transaction(serializable=True) as session:
        done = recall(session, key)
        if done:
            return done
        found, account = queries.line_by_public_id(session, line, lock=True)
        who = _must_manage(session, account, person_id, now=now)
        put_forward(
            found, decision=decision, why=why, by=who, now=now, waiting=OPEN_LINES, code="line-settled", what="这一行"
        )
        effects.plan(session, account, found, decision, told or Told(), by=who, now=now)
        effects.must_be_his(session, account, found, who, now=now)
        _note(session, found, "line.proposed", actor=actor, now=now)
        remember(session, key, line, now=now)
        return line


def decide(
    line: str,
    *,
    agree: bool,
    seen: str,
    person_id: int | None,
    actor: str,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Agree to what a line is, whereupon it has its effect, or send it back. The one who proposed cannot: NotAllowed.
    ``seen``: the mark of the proposal that was read. A code still open at a household it credits is closed at the
    gateway first, so that it is not scanned as well.

    Raises NotFound, Conflict when another was proposed meanwhile, or the effect is not possible any more (a household
    paid, also by such a code): then nothing is done. Unavailable while a code is open and WeChat silent.
    """
    wanted = functools.partial(
        _decide, line, agree=agree, seen=seen, person_id=person_id, actor=actor, now=now, key=key
    )
    return once_closed(wanted, now=now, paid=SCANNED)


@use_case
def _decide(
    line: str, *, agree: bool, seen: str, person_id: int | None, actor: str, now: datetime, key: Key | None
) -> str | PaymentAttempt:
    with transaction(serializable=True) as session:
        done = recall(session, key)
        if done:
            return done
        found, account = queries.line_by_public_id(session, line, lock=True)
        who = _must_manage(session, account, person_id, now=now)
        effects.must_be_his(session, account, found, who, now=now)
        # Only for whoever may agree: his agreement is asked again once the code is closed.
        may_agree = agree and found.state == LineState.PROPOSED and found.proposed_by != who
        if may_agree and (code := _open_code(session, found)) is not None:
            return code
        judge(session, found, agree=agree, by=who, now=now, back_to=_anew(found), what="这一行", seen=seen)
        if agree:
            effects.apply(session, found, by=who, actor=actor, now=now)
        else:
            effects.drop(session, found)
        _note(session, found, "line.decided" if agree else "line.sent_back", actor=actor, now=now)
        remember(session, key, line, now=now)
        return line


def _open_code(session: Session, line: BankLine) -> PaymentAttempt | None:
    for home in effects.homes_of(session, line):
        for code in open_codes(session, must_be_open(session, home.estate_id), home):
            return code
    return None


@use_case
def propose_reversal(
    line: str, *, why: str, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> str:
    """Say that a line is not what it was taken for, by people or by itself. Raises NotFound, NotAllowed (his own
    household), Conflict (nobody settled it yet, said before).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found, account = queries.line_by_public_id(session, line, lock=True)
        who = _must_manage(session, account, person_id, now=now)
        _must_be_settled(found)
        effects.must_be_his(session, account, found, who, now=now)
        effects.must_not_be_own(session, found, who)
        made = LineReversal(
            public_id=new_public_id(),
            line_id=found.id,
            state=ProposalState.PROPOSED,
            decision="reverse",
            why=why,
            proposed_by=who,
            proposed_at=now,
        )
        session.add(made)
        with translating({"line_reversal_one_open": Conflict("reversal-waits", "这一行已经有人申请冲销，等待复核。")}):
            session.flush()
        _note(session, found, "line.reversal_proposed", actor=actor, now=now, why=why)
        remember(session, key, made.public_id, now=now)
        return made.public_id


@use_case
def decide_reversal(
    reversal: str, *, agree: bool, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> str:
    """Agree that what a line did is taken back, or send that back. NotAllowed for whoever proposed; Conflict when the
    money has moved on (asked back, converted).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found = queries.reversal_by_public_id(session, reversal)
        line, account = queries.line_by_public_id(
            session, session.get_one(BankLine, found.line_id).public_id, lock=True
        )
        who = _must_manage(session, account, person_id, now=now)
        effects.must_be_his(session, account, line, who, now=now)
        judge(session, found, agree=agree, by=who, now=now, back_to=ProposalState.SENT_BACK, what="这条冲销申请")
        if agree:
            _must_be_settled(line)
            effects.must_not_be_own(session, line, who)
            effects.take_back(session, line, actor=actor, why=found.why or "", now=now)
            line.state, line.decision, line.why, line.matched_with = _anew(line), None, None, None
            line.duplicate_of = None
            line.proposed_by = line.proposed_at = line.decided_by = line.decided_at = None
        session.flush()
        word = "line.reversed" if agree else "line.reversal_sent_back"
        _note(session, line, word, actor=actor, now=now, why=found.why)
        remember(session, key, reversal, now=now)
        return reversal


def _anew(line: BankLine) -> LineState:
    """Where a line is that waits again: what had to be looked at is never matched by itself."""
    return LineState.WAITING if line.problem is None else LineState.REVIEW


def _must_be_settled(line: BankLine) -> None:
    if line.state not in {LineState.MATCHED, LineState.DECIDED}:
        raise Conflict("nothing-decided", "这一行还没有处理，不用冲销。请刷新页面。")


def _note(session: Session, found: BankLine, action: str, *, actor: str, now: datetime, **more: object) -> None:
    payload = {**said(found), "amount_fen": found.amount_fen, **more}
    audit.record(session, actor=actor, action=action, subject=f"bank_line:{found.public_id}", now=now, payload=payload)
