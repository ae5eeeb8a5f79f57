"""Importing a statement, and finding in it what left WeChat Pay and what collectors handed in."""

import hashlib
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, clock, grants
from kernel.database import end_reading, insert_ignoring, new_public_id, reading, transaction, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, DomainError, Invalid, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.money import Fen
from payments.cash_desk import queries as desk
from payments.rules.bank_line import LineState
from payments.rules.recognise import LATEST_DAYS, Withdrawal, certain, matches
from payments.rules.statement import Layout, StatementLine, has_same_number, may_be_one, numbered, read_statement
from payments.statements import queries
from payments.statements.models import BankAccount, BankFile, BankLine
from payments.statements.queries import parts as doings
from payments.statements.services import arrivals
from payments.statements.services.deciding import MANAGE
from payments.statements.table import read_table
from payments.withdrawals.models import Withdrawal as Left
from payments.withdrawals.queries import under_way

log = logging.getLogger(__name__)

BY = "job:match_statements"
MAY_BE_HERE = "之前导入的流水里有同一天、同样金额的一行，可能是同一笔。请对照银行流水，确认不是同一笔再处理"


@dataclass(frozen=True)
class Imported:
    """What an import did. ``known``: lines that were here before; ``review``: new ones that could not be read."""

    account: str
    lines: int
    new: int
    known: int
    review: int
    matched: int
    waiting: int


def import_by(
    data: bytes, *, tail: str, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> Imported:
    """Import a statement for somebody who manages collections there. Raises NotFound for an account elsewhere."""
    session = reading()
    mine = any(grants.may(session, person_id, MANAGE, estate, now) for estate in queries.estates_of_tail(session, tail))
    end_reading()
    if not mine:
        raise NotFound("no-such-account", f"没有尾号 {tail} 的收款账户，或者它不归您管。")
    return import_statement(data, tail=tail, actor=actor, now=now, key=key)


def import_statement(
    data: bytes, *, tail: str, layout: Layout | None = None, actor: str, now: datetime, key: Key | None = None
) -> Imported:
    """Import a statement of the account that ends in ``tail``. ``layout``: where its columns are; else as remembered
    for the account, else guessed. The same file, or one that overlaps, adds only what is new.

    Raises NotFound for an account no collection uses, Conflict when two do, Invalid for a file that cannot be read.
    """
    holder, bank = _account_of(tail)
    session = reading()
    known = queries.account_named(session, holder, bank, tail)
    remembered = known.layout if known else None
    end_reading()
    table = read_table(data)
    try:
        read = read_statement(table, layout=layout or remembered)
    except Invalid:
        # A bank changes its headings now and then: what was remembered is only a help, what was told is not.
        if layout or not remembered:
            raise
        read = read_statement(table)
    digest = hashlib.sha256(data).hexdigest()
    account_id, many = _kept((holder, bank, tail), digest, read.lines, read.layout, actor=actor, now=now, key=key)
    matched = _match(account_id, now=now)
    return _told(account_id, len(read.lines), many, matched)


def _account_of(tail: str) -> tuple[str, str]:
    session = reading()
    found = {(one.account_holder, one.account_bank) for one in queries.collections_of_tail(session, tail)}
    end_reading()
    if not found:
        raise NotFound("no-such-account", f"没有尾号 {tail} 的收款账户。")
    if len(found) > 1:
        raise Conflict("account-not-clear", f"有几个账户尾号都是 {tail}，请先把收款账户登记清楚。")
    return found.pop()


@use_case
def _kept(
    named: tuple[str, str, str],
    digest: str,
    lines: Sequence[StatementLine],
    layout: Layout,
    *,
    actor: str,
    now: datetime,
    key: Key | None,
) -> tuple[int, int]:
    with transaction() as session:
        account = _account(session, named, now=now)
        done = recall(session, key)
        if done or queries.file_known(session, account.id, digest) is not None:
            if not done:
                remember(session, key, account.public_id, now=now)
            return account.id, 0
        remember(session, key, account.public_id, now=now)
        account.layout = dict(layout)
        marks = [
            vault().blind_index(f"bank_line:{account.public_id}", f"{identity}\x1e{nth}").hex()
            for identity, nth in numbered(lines)
        ]
        here = queries.known_fingerprints(session, account.id, marks)
        fresh = [(line, mark) for line, mark in zip(lines, marks, strict=True) if mark not in here]
        fresh = _doubted(session, account.id, fresh)
        file = BankFile(
            public_id=new_public_id(),
            account_id=account.id,
            sha256=digest,
            line_count=len(lines),
            new_count=len(fresh),
            imported_by=actor,
            imported_at=now,
        )
        session.add(file)
        session.flush()
        if fresh:
            session.execute(sa.insert(BankLine), [_values(account.id, file.id, line, mark) for line, mark in fresh])
        audit.record(
            session,
            actor=actor,
            action="statement.imported",
            subject=f"bank_file:{file.public_id}",
            now=now,
            payload={"account": account.public_id, "lines": len(lines), "new": len(fresh), "sha256": digest},
        )
        return account.id, len(fresh)


def _doubted(
    session: Session, account_id: int, fresh: Sequence[tuple[StatementLine, str]]
) -> list[tuple[StatementLine, str]]:
    """New lines, without those another file has told already by the bank's number; those that may be such a payment,
    told in other columns, stop in review.
    """
    here: dict[tuple[date | None, Fen | None], list[StatementLine]] = {}
    for kept in queries.lines_of_days(session, account_id, {line.day for line, _ in fresh if line.day is not None}):
        here.setdefault((kept.day, kept.amount_fen), []).append(opened(kept))
    times, found = Counter(line.serial for line, _ in fresh), []
    for line, mark in fresh:
        # What is told in the very same words was counted: it is another one.
        alike = [
            kept
            for kept in here.get((line.day, line.amount_fen), [])
            if kept.identity != line.identity and may_be_one(line, kept)
        ]
        if times[line.serial] == 1 and any(has_same_number(line, kept) for kept in alike):
            continue
        found.append((replace(line, problem=line.problem or MAY_BE_HERE) if alike else line, mark))
    return found


def _account(session: Session, named: tuple[str, str, str], *, now: datetime) -> BankAccount:
    holder, bank, tail = named
    session.execute(
        insert_ignoring(session, BankAccount)
        .values(public_id=new_public_id(), holder=holder, bank=bank, tail=tail, created_at=now)
        .on_conflict_do_nothing(index_elements=["bank", "tail", "holder"])
    )
    # The account is the lock of its imports: two at once are one after the other.
    found = queries.account_named(session, holder, bank, tail, lock=True)
    assert found is not None
    return found


def _values(account_id: int, file_id: int, line: StatementLine, mark: str) -> dict[str, object]:
    public_id = new_public_id()
    return {
        "public_id": public_id,
        "account_id": account_id,
        "file_id": file_id,
        "row": line.row,
        "fingerprint": mark,
        "day": line.day,
        "amount_fen": line.amount_fen,
        "balance_fen": line.balance_fen,
        "name_sealed": vault().seal(line.name, context=f"bank_line.name:{public_id}"),
        "memo_sealed": vault().seal(line.memo, context=f"bank_line.memo:{public_id}"),
        "account_tail": line.account_tail,
        "serial": line.serial,
        "problem": line.problem[:200] or None,
        "state": LineState.REVIEW if line.problem else LineState.WAITING,
    }


def opened(line: BankLine) -> StatementLine:
    """A kept line with its seals opened."""
    name = vault().open(line.name_sealed, context=f"bank_line.name:{line.public_id}")
    memo = vault().open(line.memo_sealed, context=f"bank_line.memo:{line.public_id}")
    return StatementLine(
        line.row,
        line.day,
        line.amount_fen,
        name,
        line.account_tail,
        memo,
        line.serial,
        line.balance_fen,
        line.problem or "",
    )


# ---------------------------------------------------------------------------------------------------------- matching


def match_all(*, now: datetime) -> int:
    """Job: look again for what left WeChat Pay among the lines that wait. One account failing stops
    none. Returns how many were found.
    """
    session = reading()
    accounts = [account.id for account in queries.accounts(session)]
    end_reading()
    found = 0
    for account_id in accounts:
        try:
            found += _match(account_id, now=now)
        except DomainError as error:
            log.warning("lines of account %s not looked at: %s", account_id, error.code)
    return found


@use_case
def _match(account_id: int, *, now: datetime) -> int:
    with transaction() as session:
        account = session.get_one(BankAccount, account_id)
        account = _account(session, (account.holder, account.bank, account.tail), now=now)
        waiting = {line.public_id: line for line in queries.waiting_lines(session, account_id)}
        read = {public_id: opened(line) for public_id, line in waiting.items() if (line.amount_fen or 0) > 0}
        again = doings.once_undone(session, account_id)
        read = {public_id: line for public_id, line in read.items() if waiting[public_id].id not in again}
        gone = {one.number: one for one in _withdrawals(session, account, read)}
        kept = [Withdrawal(one.number, one.day, one.amount_fen) for one in gone.values()]
        found = matches(read, kept)
        for public_id, number in found.items():
            _show(session, waiting[public_id], number, withdrawal_id=gone[number].id, now=now)
        left = {public_id: line for public_id, line in read.items() if public_id not in found}
        return len(found) + _arrivals(session, account, left, waiting, now=now)


def _arrivals(
    session: Session,
    account: BankAccount,
    read: Mapping[str, StatementLine],
    waiting: Mapping[str, BankLine],
    *,
    now: datetime,
) -> int:
    """Cash our collectors handed in, found by amount and day where there is no doubt which line is which; not what
    somebody says another line shows.
    """
    mine = [collection.id for collection, _ in queries.collections_of_account(session, account)]
    bankings = desk.bankings_waiting(session, mine)
    gone = [Withdrawal(one.public_id, clock.china_day(one.banked_at), one.amount_fen) for one in bankings]
    ids = {one.public_id: one.id for one in bankings}
    said = doings.bankings_proposed(session, ids.values())
    found = {public_id: number for public_id, number in certain(read, gone).items() if ids[number] not in said}
    for public_id, number in found.items():
        _show(session, waiting[public_id], number, banking_id=ids[number], now=now)
    return len(found)


def _show(
    session: Session,
    line: BankLine,
    number: str,
    *,
    now: datetime,
    withdrawal_id: int | None = None,
    banking_id: int | None = None,
) -> None:
    """A line shows our own money beyond doubt: entered at once, by itself."""
    part = arrivals.part_of(line, 1, line.amount_fen or 0, withdrawal_id=withdrawal_id, banking_id=banking_id)
    session.add(part)
    session.flush()
    arrivals.do(session, line, [part], now=now)
    line.state, line.matched_with = LineState.MATCHED, number
    audit.record(
        session,
        actor=BY,
        action="line.matched",
        subject=f"bank_line:{line.public_id}",
        now=now,
        payload={"with": number, "amount_fen": line.amount_fen},
    )


def _withdrawals(session: Session, account: BankAccount, lines: Mapping[str, StatementLine]) -> Sequence[Left]:
    days = [line.day for line in lines.values() if line.day is not None]
    if not days:
        return []
    merchants = {collection.merchant_id for collection, _ in queries.collections_of_account(session, account)}
    return under_way(session, merchants, min(days) - timedelta(days=LATEST_DAYS), max(days))


def _told(account_id: int, lines: int, new: int, matched: int) -> Imported:
    session = reading()
    account, counts = session.get_one(BankAccount, account_id), queries.counts(session, account_id)
    end_reading()
    review, waiting = counts.get(LineState.REVIEW, (0, 0))[0], counts.get(LineState.WAITING, (0, 0))[0]
    return Imported(account.public_id, lines, new, lines - new, review, matched, waiting)
