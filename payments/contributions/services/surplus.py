"""Too much came: asked back by whoever paid, or by staff for all of an estate; two people approve, as any refund."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import Conflict
from kernel.idempotency import Key, recall, remember
from kernel.money import Fen
from kernel.places.models import Dwelling
from kernel.places.queries import dwelling_by_id, dwelling_by_public_id, place_by_public_id
from payments import queries as payments
from payments.contributions import queries
from payments.contributions.services.budgeting import MANAGE
from payments.contributions.services.contributing import over_by_home
from payments.models import Collection, Deposit
from payments.refunds import queries as returns
from payments.refunds.models import DepositRefund
from payments.refunds.services.asking import contributed_left
from payments.rules.due import take_back
from payments.rules.giving_back import Origin, RequestState
from payments.services.collections import must_be_open
from payments.services.deposits import must_speak_for


@use_case
def ask(dwelling: str, *, account_id: int, actor: str, now: datetime, key: Key | None = None) -> int:
    """The payer asks back what is too much of what he himself paid; return how many requests that makes.

    Raises NotFound, NotAllowed below level 2, Conflict (nothing too much, or asked before).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return int(done)
        home = dwelling_by_public_id(session, dwelling)
        must_speak_for(session, account_id, home)
        collection = payments.collection_of(session, home.estate_id)
        made = _ask(session, collection, home, account_id=account_id, entered_by=None, actor=actor, now=now)
        if not made:
            raise Conflict("nothing-over", "现在没有多缴的钱，或者已经申请过了。")
        remember(session, key, str(made), now=now)
        return made


@use_case
def ask_for_all(estate: str, *, person_id: int | None, actor: str, now: datetime, key: Key | None = None) -> int:
    """Staff enter a request for everything too much in an estate (a smaller budget, the settlement); return how many.

    Whoever enters them may not be the second to approve. Raises NotFound, NotAllowed, Conflict when nothing is over.
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return int(done)
        place = place_by_public_id(session, estate)
        grants.require(session, person_id, MANAGE, place, now)
        collection = must_be_open(session, place.id)
        made = 0
        for dwelling_id in sorted(queries.contributed(session, collection.id)):
            home = dwelling_by_id(session, dwelling_id)
            made += _ask(session, collection, home, account_id=None, entered_by=person_id, actor=actor, now=now)
        if not made:
            raise Conflict("nothing-over", "现在没有多缴的钱，或者都已经申请过了。")
        remember(session, key, str(made), now=now)
        return made


def _ask(
    session: Session,
    collection: Collection | None,
    home: Dwelling,
    *,
    account_id: int | None,
    entered_by: int | None,
    actor: str,
    now: datetime,
) -> int:
    if collection is None:
        return 0
    # All of the dwelling's payments are locked before anything is summed: a cap over a sum.
    rows = [
        row
        for row in queries.contributing_rows(session, collection.id, home.id)
        if account_id in (None, row.payer_account_id) and returns.live_request(session, row.id) is None
    ]
    by_id = {row.id: row for row in rows}
    parts = [(row.id, contributed_left(session, row)) for row in rows]
    taken = take_back(over_by_home(session, collection, home.id).get(home.id, 0), parts)
    for row_id, fen in taken:
        _open(session, by_id[row_id], fen, entered_by=entered_by, actor=actor, now=now)
    return len(taken)


def _open(
    session: Session, payment: Deposit, amount_fen: Fen, *, entered_by: int | None, actor: str, now: datetime
) -> None:
    request = DepositRefund(
        public_id=new_public_id(),
        deposit_id=payment.id,
        state=RequestState.ASKED,
        origin=Origin.SURPLUS,
        amount_fen=amount_fen,
        asked_at=now,
        entered_by=entered_by,
    )
    session.add(request)
    with translating({"deposit_refund_one_live": Conflict("already-asked", "已经申请过了，不用再申请。")}):
        session.flush()
    audit.record(
        session,
        actor=actor,
        action="deposit_refund.asked",
        subject=f"deposit_refund:{request.public_id}",
        now=now,
        payload={"deposit": payment.public_id, "amount_fen": amount_fen, "state": request.state, "origin": "surplus"},
    )
