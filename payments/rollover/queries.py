"""Every select over the question whether deposits stay."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.errors import NotFound
from payments.models import Deposit
from payments.rollover.models import RolloverAnswer, RolloverQuestion
from payments.rules.deposit import DepositState, Purpose
from payments.rules.rollover import RolloverChoice


def open_question(session: Session, collection_id: int) -> RolloverQuestion | None:
    """The collection's question that is open, or None."""
    return session.scalar(
        sa.select(RolloverQuestion).where(
            RolloverQuestion.collection_id == collection_id, RolloverQuestion.closed_at.is_(None)
        )
    )


def question_by_public_id(session: Session, public_id: str) -> RolloverQuestion:
    """A question. Raises NotFound."""
    found = session.scalar(sa.select(RolloverQuestion).where(RolloverQuestion.public_id == public_id))
    if found is None:
        raise NotFound("no-such-question", "没有找到这次询问。")
    return found


def answer_of(session: Session, question_id: int, deposit_id: int) -> RolloverAnswer | None:
    """What a payer said about a deposit, or None."""
    return session.get(RolloverAnswer, (question_id, deposit_id))


def kept_for(session: Session, collection_id: int, *, since_year: int) -> set[int]:
    """Deposits whose payers answered the newest question that they stay, for a plan of that year or a later one."""
    newest = session.scalar(
        sa.select(RolloverQuestion)
        .where(RolloverQuestion.collection_id == collection_id)
        .order_by(RolloverQuestion.asked_at.desc())
        .limit(1)
    )
    if newest is None or newest.plan_year < since_year:
        return set()
    return set(
        session.scalars(
            sa.select(RolloverAnswer.deposit_id).where(
                RolloverAnswer.question_id == newest.id, RolloverAnswer.choice == RolloverChoice.KEEP
            )
        )
    )


def held_of(session: Session, collection_id: int) -> int:
    """How many deposits of a collection are held."""
    return (
        session.scalar(
            sa.select(sa.func.count()).where(
                Deposit.collection_id == collection_id,
                Deposit.purpose == Purpose.DEPOSIT,
                Deposit.state == DepositState.PAID,
            )
        )
        or 0
    )


def counts_of(session: Session, question_id: int) -> dict[str, int]:
    """Choice → how many deposits."""
    rows = session.execute(
        sa.select(RolloverAnswer.choice, sa.func.count().label("many"))
        .where(RolloverAnswer.question_id == question_id)
        .group_by(RolloverAnswer.choice)
    )
    return {row.choice: row.many for row in rows}


def unanswered(session: Session, question: RolloverQuestion) -> list[Deposit]:
    """Deposits still held whose payers said nothing."""
    said = sa.exists().where(RolloverAnswer.question_id == question.id, RolloverAnswer.deposit_id == Deposit.id)
    return list(
        session.scalars(
            sa.select(Deposit).where(
                Deposit.collection_id == question.collection_id,
                Deposit.purpose == Purpose.DEPOSIT,
                Deposit.state == DepositState.PAID,
                ~said,
            )
        )
    )
