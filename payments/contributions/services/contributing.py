"""Meeting a due: a payer promises an amount of what is open, and pays it by the very steps a deposit is paid by.

Several people may pay for one dwelling, and one for many; who pays need not be the owner. Two paying the same due at
once are both credited: what is too much is asked back, never lost.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import idempotency
from kernel.database import transaction, use_case
from kernel.errors import Conflict
from kernel.idempotency import Key
from kernel.money import Fen
from kernel.places.models import Dwelling
from kernel.places.queries import dwelling_by_public_id
from payments.contributions import queries
from payments.contributions.models import Budget
from payments.models import Collection
from payments.rules import due
from payments.rules.deposit import Purpose
from payments.services.collections import must_be_open
from payments.services.deposits import Pledged, must_speak_for, once_closed, pledge_in


def contribute(
    dwelling: str,
    *,
    account_id: int,
    actor: str,
    amount_fen: Fen,
    version: str,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Promise (or change the promise of) a payment of what a dwelling bears; return what is to be paid, by public id.

    ``version``: the budget the payer looked at. Raises NotFound, NotAllowed, Gone, Invalid (more than is open),
    Conflict (a newer budget, nothing open), Unavailable (an open attempt whose fate is not known).
    """
    return once_closed(
        lambda: _contribute(
            dwelling,
            account_id=account_id,
            actor=actor,
            amount_fen=amount_fen,
            version=version,
            now=now,
            key=key,
        ),
        now=now,
    )


@use_case
def _contribute(
    dwelling: str, *, account_id: int, actor: str, amount_fen: Fen, version: str, now: datetime, key: Key | None
) -> Pledged:
    with transaction(serializable=True) as session:
        if done := idempotency.recall(session, key):
            return Pledged(done)
        home = dwelling_by_public_id(session, dwelling)
        tie = must_speak_for(session, account_id, home)
        collection = must_be_open(session, home.estate_id)
        budget = must_be_due(session, collection, version)
        due.must_be_open(amount_fen, standing(session, collection, budget, home).open_fen)
        payment, waiting = pledge_in(
            session,
            collection,
            home,
            tie,
            amount_fen=amount_fen,
            actor=actor,
            now=now,
            purpose=Purpose.CONTRIBUTION,
            terms_version=f"budget-{budget.version}",
        )
        if waiting is not None:
            return Pledged(payment.public_id, waiting.public_id)
        idempotency.remember(session, key, payment.public_id, now=now)
        return Pledged(payment.public_id)


def must_be_due(session: Session, collection: Collection, version: str) -> Budget:
    """The published budget, which has to be the one the payer looked at. Raises Conflict."""
    budget = queries.current_budget(session, collection.id)
    if budget is None:
        raise Conflict("nothing-due", "本小区还没有公布分摊方案，现在不用缴出资。")
    if budget.public_id != version:
        raise Conflict("budget-changed", "分摊方案有了新版本，您家应出的金额可能变了。请刷新页面，看过后再缴。")
    return budget


@dataclass(frozen=True)
class Standing(due.Standing):
    """Where a dwelling stands with a version."""

    version: int = 0


def standing(session: Session, collection: Collection, budget: Budget, home: Dwelling) -> Standing:
    """What a dwelling bears, what was contributed for it, what is open or too much."""
    due_fen = queries.due_fen(session, budget.id, home.id)
    paid = queries.counted(session, collection.id, {home.id: due_fen}, dwelling_id=home.id)
    return Standing(due_fen, paid.get(home.id, 0), version=budget.version)


def over_by_home(session: Session, collection: Collection, dwelling_id: int | None = None) -> dict[int, Fen]:
    """Dwelling -> what was contributed beyond its share and not asked back yet; without those where nothing is."""
    budget = queries.current_budget(session, collection.id)
    if budget is None:
        return {}
    dues = queries.dues_of(session, budget.id)
    paid = queries.counted(session, collection.id, dues, dwelling_id=dwelling_id)
    asked = queries.surplus_asked(session, collection.id)
    over = {home: due.Standing(dues.get(home, 0), fen).over_fen - asked.get(home, 0) for home, fen in paid.items()}
    return {home: fen for home, fen in over.items() if fen > 0}
