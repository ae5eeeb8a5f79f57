"""Bank lines as tests write them, and the two people who decide what they are."""

from datetime import timedelta

import sqlalchemy as sa

from kernel.database import reading
from payments.models import Deposit, PaymentAttempt
from payments.rules.bank_line import LineDecision
from payments.statements.models import BankLine
from payments.statements.services import deciding, importing
from payments.statements.services.effects import Part, Told
from payments.two_people import mark
from tests.payments.cash_desk.conftest import Counter
from tests.payments.world import NOW

HEADS = "交易日期,对方户名,对方账号,收入金额,支出金额,余额,摘要,流水号"
LATER = NOW + timedelta(days=2)
L = LineDecision


def told(counter: Counter, *rows: str) -> list[BankLine]:
    """Import a statement; its lines by serial."""
    importing.import_statement("\n".join([HEADS, *rows]).encode(), tail="0187", actor="test", now=LATER)
    return bank_lines()


def bank_lines() -> list[BankLine]:
    """Every line, by serial and row."""
    session = reading()
    found = list(session.scalars(sa.select(BankLine).order_by(BankLine.serial, BankLine.row)))
    session.close()
    return found


def row(amount: str = "500.00", name: str = "陈秀英", memo: str = "诚意金", serial: str = "A1") -> str:
    return f"2026-06-19,{name},62284800,{amount},,,{memo},{serial}"


def propose(counter: Counter, line: BankLine, decision: LineDecision = L.CREDITED, *, who: str = "one", **more) -> None:
    told = Told(**more)
    deciding.propose(line.public_id, decision=decision, why="看了回单", told=told, now=LATER, **counter.who(who))


def agree(counter: Counter, line: BankLine, who: str = "two", *, yes: bool = True) -> None:
    deciding.decide(line.public_id, agree=yes, seen=mark(again(line)), now=LATER, **counter.who(who))


def credit(counter: Counter, line: BankLine, *parts: Part) -> None:
    propose(counter, line, parts=parts or [Part(counter.homes[0].public_id, line.amount_fen or 0)])
    agree(counter, line)


def again(line: BankLine) -> BankLine:
    session = reading()
    found = session.get_one(BankLine, line.id)
    session.close()
    return found


def bank_deposits() -> list[Deposit]:
    session = reading()
    statement = sa.select(Deposit).join(PaymentAttempt, PaymentAttempt.deposit_id == Deposit.id)
    found = list(session.scalars(statement.where(PaymentAttempt.channel == "bank").order_by(Deposit.amount_fen)))
    session.close()
    return found
