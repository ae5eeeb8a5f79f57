"""A payer leaves his deposit with the flat he sold: he says so himself, or staff enter it from a paper he signed.

Who bought the flat is told that a deposit stands for it and whose it is; between the two of them they settle who owes
whom what. Whoever does not want to leave it asks it back, as any payer may.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants, outbox
from kernel.database import transaction, translating, use_case
from kernel.errors import Conflict
from kernel.idempotency import Key, recall, remember
from kernel.places.queries import place_by_public_id
from payments import queries as payments
from payments.handovers import queries
from payments.handovers.models import HandoverWord
from payments.models import Deposit
from payments.refunds import queries as returns
from payments.rules.deposit import DepositState, Purpose
from payments.rules.giving_back import must_be_a_deposit, must_be_askable, must_not_gain

MANAGE = "collection.manage"
LEFT_TOPIC = "deposit.left_with_flat"
"""Staff entered it from a paper: its payer is told, for it is one person's word that he signed it."""


@use_case
def leave(deposit: str, *, account_id: int, actor: str, now: datetime, key: Key | None = None) -> str:
    """The payer leaves his deposit with the flat. Raises NotFound, Conflict (not sold, asked back, said before)."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found = payments.deposit_of_payer(session, deposit, account_id, lock=True)
        _leave(session, found, HandoverWord(account_id=account_id), actor=actor, now=now)
        remember(session, key, deposit, now=now)
        return deposit


@use_case
def leave_for(
    estate: str,
    receipt_number: str,
    *,
    paper: str,
    person_id: int | None,
    actor: str,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Staff enter that the payer signed it, with what paper. Raises as ``leave``; NotAllowed for his own money."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        place = place_by_public_id(session, estate)
        grants.require(session, person_id, MANAGE, place, now)
        found = returns.deposit_of_receipt(session, place.id, receipt_number)
        must_not_gain(person_id is not None and returns.is_own(session, found, person_id))
        word = HandoverWord(entered_by=person_id, paper=paper)
        _leave(session, found, word, actor=actor, now=now)
        outbox.stage(session, LEFT_TOPIC, {"deposit": found.public_id}, now=now)
        remember(session, key, found.public_id, now=now)
        return found.public_id


def _leave(session: Session, deposit: Deposit, word: HandoverWord, *, actor: str, now: datetime) -> None:
    must_be_a_deposit(Purpose(deposit.purpose))
    must_be_askable(DepositState(deposit.state))
    if returns.live_request(session, deposit.id) is not None:
        raise Conflict("already-asked", "已经申请退还。想留给这套房，先撤回退还申请。")
    if queries.word_of(session, deposit.id) is not None:
        raise Conflict("already-left", "已经同意留给这套房，不用再办。")
    if not queries.waits(session, deposit.id):
        raise Conflict("not-handed-over", "名册上这套房没有换业主，不用办。请先到社区更新业主信息。")
    word.deposit_id, word.said_at = deposit.id, now
    session.add(word)
    with translating({"handover_word_pkey": Conflict("already-left", "已经同意留给这套房，不用再办。")}):
        session.flush()
    audit.record(
        session,
        actor=actor,
        action="deposit.left_with_flat",
        subject=f"deposit:{deposit.public_id}",
        now=now,
        payload={"paper": word.paper, "amount_fen": deposit.amount_fen},
    )
