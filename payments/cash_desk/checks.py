"""The selects that prove the counter's books: each finds what does not hold; and what its facts make of accounts."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from payments.cash_desk.differences.models import CashDifference
from payments.cash_desk.differences.rules import DifferenceState
from payments.cash_desk.models import CashBanking, CashBox, Taking
from payments.models import Collection, Deposit, LedgerAccount, LedgerEntry, LedgerPosting, PaymentAttempt
from payments.models import PaymentConfirmation as Confirmation
from payments.rules.bank_line import WORKS, LineState, PartState
from payments.rules.channel import Desk
from payments.rules.deposit import DepositState
from payments.rules.ledger import COSTS, AccountKind, EntryKind
from payments.statements.models import BankLine, LinePart

Row = Any
Fact = tuple[Any, AccountKind, int]

_HELD = {Desk.CASH: AccountKind.CASH_ON_HAND, Desk.POS: AccountKind.AT_POS, Desk.BANK: AccountKind.AT_BANK}


def facts() -> list[Fact]:
    """(sum by collection, account, sign): money of the counter that came and was not voided, boxes counted and banked,
    cash and card payments that arrived at the bank, and what it took for that.
    """
    came = (
        sa.select(Collection.public_id, sa.func.sum(Confirmation.amount_fen))
        .join(PaymentAttempt, PaymentAttempt.id == Confirmation.attempt_id)
        .join(Deposit, Deposit.id == PaymentAttempt.deposit_id)
        .join(Collection, Collection.id == Deposit.collection_id)
        .where(Deposit.state != DepositState.VOIDED)
    )
    missing = (
        sa.select(Collection.public_id, sa.func.sum(CashBox.entered_fen - CashBox.counted_fen))
        .join(Collection, Collection.id == CashBox.collection_id)
        .where(CashBox.closed_at.is_not(None))
    )
    banked = sa.select(Collection.public_id, sa.func.sum(CashBanking.amount_fen)).join(
        Collection, Collection.id == CashBanking.collection_id
    )
    arrived = banked.where(CashBanking.line_id.is_not(None))
    settled, kept = (
        sa.select(Collection.public_id, sa.func.sum(fen))
        .join(Taking, Taking.id == LinePart.taking_id)
        .join(Deposit, Deposit.id == Taking.deposit_id)
        .join(Collection, Collection.id == Deposit.collection_id)
        .where(LinePart.state == PartState.DONE)
        for fen in (LinePart.amount_fen, LinePart.fee_fen)
    )
    fees_and_settled = (
        sa.select(Collection.public_id, sa.func.sum(LinePart.amount_fen))
        .join(Collection, Collection.id == LinePart.collection_id)
        .where(LinePart.state == PartState.DONE)
    )
    fees = fees_and_settled.where(LinePart.settles.is_(None))
    decided = (
        sa.select(Collection.public_id, sa.func.sum(CashDifference.missing_fen))
        .join(CashBox, CashBox.id == CashDifference.box_id)
        .join(Collection, Collection.id == CashBox.collection_id)
        .where(CashDifference.state == DifferenceState.DECIDED)
    )
    settled_costs = {kind: fees_and_settled.where(LinePart.settles == kind) for kind in (*COSTS, AccountKind.CASH_OVER)}
    return [
        *((came.where(Confirmation.channel == channel), account, 1) for channel, account in _HELD.items()),
        (missing, AccountKind.CASH_DIFFERENCES, 1),
        (missing, AccountKind.CASH_ON_HAND, -1),
        (banked, AccountKind.CASH_ON_HAND, -1),
        (banked, AccountKind.CASH_IN_TRANSIT, 1),
        (arrived, AccountKind.CASH_IN_TRANSIT, -1),
        (arrived, AccountKind.AT_BANK, 1),
        (settled, AccountKind.AT_POS, -1),
        (settled, AccountKind.AT_BANK, 1),
        (kept, AccountKind.AT_BANK, -1),
        (kept, AccountKind.BANK_FEES, 1),
        (fees, AccountKind.AT_BANK, -1),
        (fees, AccountKind.BANK_FEES, 1),
        (decided, AccountKind.CASH_DIFFERENCES, -1),
        (decided.where(CashDifference.missing_fen > 0), AccountKind.CASH_SHORT, 1),
        (decided.where(CashDifference.missing_fen < 0), AccountKind.CASH_OVER, 1),
        *((settled_costs[kind], kind, -1) for kind in COSTS),
        *((settled_costs[kind], AccountKind.AT_BANK, 1) for kind in COSTS),
        (settled_costs[AccountKind.CASH_OVER], AccountKind.CASH_OVER, 1),
        (settled_costs[AccountKind.CASH_OVER], AccountKind.AT_BANK, -1),
    ]


def _entered(kind: EntryKind, account: AccountKind) -> sa.Subquery:
    return (
        sa.select(LedgerEntry.reference, sa.func.sum(LedgerPosting.amount_fen).label("fen"))
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerEntry.kind == kind, LedgerAccount.kind == account)
        .group_by(LedgerEntry.reference)
        .subquery()
    )


def takings_apart(session: Session) -> Sequence[Row]:
    """(public_id, amount) of takings that are not the payment they stand for, and (trade_no, amount) of cash or card
    payments nobody took.
    """
    odd = (
        sa.select(Taking.public_id, Taking.amount_fen)
        .join(PaymentAttempt, PaymentAttempt.id == Taking.attempt_id)
        .outerjoin(Confirmation, Confirmation.attempt_id == PaymentAttempt.id)
        .where(
            sa.or_(
                Confirmation.id.is_(None),
                Confirmation.amount_fen != Taking.amount_fen,
                Confirmation.channel != Taking.channel,
                PaymentAttempt.deposit_id != Taking.deposit_id,
            )
        )
    )
    lost = (
        sa.select(PaymentAttempt.trade_no, PaymentAttempt.amount_fen)
        .outerjoin(Taking, Taking.attempt_id == PaymentAttempt.id)
        .where(PaymentAttempt.channel.in_((Desk.CASH, Desk.POS)), Taking.id.is_(None))
    )
    return [*session.execute(odd), *session.execute(lost)]


def boxes_apart(session: Session) -> Sequence[Row]:
    """(public_id, entered, counted) of counted boxes that do not say what was taken into them, or whose difference is
    entered otherwise.
    """
    taken = (
        sa.select(Taking.box_id, sa.func.sum(Taking.amount_fen).label("fen"))
        .join(Deposit, Deposit.id == Taking.deposit_id)
        .where(Deposit.state != DepositState.VOIDED)
        .group_by(Taking.box_id)
        .subquery()
    )
    entered = _entered(EntryKind.CASH_DIFFERENCE, AccountKind.CASH_DIFFERENCES)
    return session.execute(
        sa.select(CashBox.public_id, CashBox.entered_fen.label("entered"), CashBox.counted_fen.label("counted"))
        .outerjoin(taken, taken.c.box_id == CashBox.id)
        .outerjoin(entered, entered.c.reference == CashBox.public_id)
        .where(
            CashBox.closed_at.is_not(None),
            sa.or_(
                CashBox.entered_fen != sa.func.coalesce(taken.c.fen, 0),
                sa.func.coalesce(entered.c.fen, 0) != CashBox.entered_fen - CashBox.counted_fen,
            ),
        )
    ).all()


def differences_apart(session: Session) -> Sequence[Row]:
    """(public_id of the box, missing) of counted boxes whose difference waits for nobody, or is another than counted;
    and of decided differences that are not entered so.
    """
    entered = _entered(EntryKind.CASH_DIFFERENCE_DECIDED, AccountKind.CASH_DIFFERENCES)
    missing = CashBox.entered_fen - CashBox.counted_fen
    decided = sa.case((CashDifference.state == DifferenceState.DECIDED, -CashDifference.missing_fen), else_=0)
    return session.execute(
        sa.select(CashBox.public_id, missing.label("missing"))
        .outerjoin(CashDifference, CashDifference.box_id == CashBox.id)
        .outerjoin(entered, entered.c.reference == CashDifference.public_id)
        .where(
            CashBox.closed_at.is_not(None),
            sa.or_(
                sa.func.coalesce(CashDifference.missing_fen, 0) != missing,
                sa.func.coalesce(entered.c.fen, 0) != sa.func.coalesce(decided, 0),
            ),
        )
    ).all()


def bankings_apart(session: Session) -> Sequence[Row]:
    """(public_id, amount) of cash handed in that is not what its boxes held, or not entered so."""
    held = (
        sa.select(CashBox.banking_id, sa.func.sum(CashBox.counted_fen).label("fen"))
        .group_by(CashBox.banking_id)
        .subquery()
    )
    out = _entered(EntryKind.CASH_BANKED, AccountKind.CASH_IN_TRANSIT)
    entered = _entered(EntryKind.CASH_ARRIVED, AccountKind.AT_BANK)
    # An arrival is entered under the name of the line's part that shows it; one taken back is another part.
    came = (
        sa.select(LinePart.banking_id, sa.func.sum(entered.c.fen).label("fen"))
        .join(entered, entered.c.reference == LinePart.public_id)
        .where(LinePart.state == PartState.DONE)
        .group_by(LinePart.banking_id)
        .subquery()
    )
    amount = CashBanking.amount_fen
    return session.execute(
        sa.select(CashBanking.public_id, amount.label("amount"))
        .outerjoin(held, held.c.banking_id == CashBanking.id)
        .outerjoin(out, out.c.reference == CashBanking.public_id)
        .outerjoin(came, came.c.banking_id == CashBanking.id)
        .where(
            sa.or_(
                sa.func.coalesce(held.c.fen, 0) != amount,
                sa.func.coalesce(out.c.fen, 0) != amount,
                sa.func.coalesce(came.c.fen, 0) != sa.case((CashBanking.line_id.is_not(None), amount), else_=0),
            )
        )
    ).all()


def voids_apart(session: Session) -> Sequence[Row]:
    """(public_id, amount) of deposits that are void and not reversed with their amount, or reversed and not void."""
    reversed_ = (
        sa.select(PaymentAttempt.deposit_id, sa.func.count().label("many"))
        .join(LedgerEntry, LedgerEntry.reference == PaymentAttempt.trade_no)
        .where(LedgerEntry.kind == EntryKind.PAYMENT_VOIDED)
        .group_by(PaymentAttempt.deposit_id)
        .subquery()
    )
    many = sa.func.coalesce(reversed_.c.many, 0)
    return session.execute(
        sa.select(Deposit.public_id, Deposit.amount_fen)
        .outerjoin(reversed_, reversed_.c.deposit_id == Deposit.id)
        .where(sa.case((Deposit.state == DepositState.VOIDED, 1), else_=0) != many)
    ).all()


def lines_apart(session: Session) -> Sequence[Row]:
    """(public_id, amount) of bank lines decided to have an effect whose effects are not exactly their amount, and
    (trade_no, amount) of bank transfers credited without a line.
    """
    done = (
        sa.select(
            LinePart.line_id,
            sa.func.sum(
                sa.case(
                    (LinePart.settles.in_(COSTS), LinePart.amount_fen),
                    (LinePart.collection_id.is_not(None), -LinePart.amount_fen),
                    else_=LinePart.amount_fen - LinePart.fee_fen,
                )
            ).label("fen"),
        )
        .where(LinePart.state == PartState.DONE)
        .group_by(LinePart.line_id)
        .subquery()
    )
    works = BankLine.decision.in_(WORKS)
    odd = (
        sa.select(BankLine.public_id, sa.func.coalesce(BankLine.amount_fen, 0))
        .outerjoin(done, done.c.line_id == BankLine.id)
        .where(
            sa.or_(
                sa.and_(
                    BankLine.state == LineState.DECIDED,
                    works,
                    sa.func.coalesce(done.c.fen, 0) != BankLine.amount_fen,
                ),
                sa.and_(BankLine.state.not_in((LineState.DECIDED, LineState.MATCHED)), done.c.fen.is_not(None)),
            )
        )
    )
    lost = (
        sa.select(PaymentAttempt.trade_no, PaymentAttempt.amount_fen)
        .outerjoin(LinePart, LinePart.deposit_id == PaymentAttempt.deposit_id)
        .where(PaymentAttempt.channel == Desk.BANK, LinePart.id.is_(None))
    )
    return [*session.execute(odd), *session.execute(lost)]
