"""Who paid over the counter without an account finds his payment in his app once he proves who he is."""

from datetime import datetime
from typing import Any

from kernel import audit
from kernel.database import transaction, use_case
from kernel.people import queries as people
from payments import queries as payments
from payments.cash_desk import queries
from payments.cash_desk.services.payers import LEVEL
from payments.rules.deposit import Purpose
from payments.services.deposits import PAYS_HIMSELF


@use_case
def on_tie(payload: dict[str, Any], *, now: datetime) -> None:
    """Job: an account speaks for a dwelling now; what its person paid there without one is his account's from here on.

    Told twice, nothing more happens. A deposit he pledged by himself meanwhile stays beside it untouched.
    """
    with transaction(serializable=True) as session:
        tie = people.tie_by_public_id(session, payload["tie"])
        if tie is None or tie.ended_at is not None or tie.level < LEVEL or tie.relation not in PAYS_HIMSELF:
            return
        for deposit in queries.paid_without_account(session, tie.dwelling_id, tie.person_id):
            own = payments.own_deposit(
                session, collection_id=deposit.collection_id, dwelling_id=tie.dwelling_id, account_id=tie.account_id
            )
            if own is not None and deposit.purpose == Purpose.DEPOSIT:
                continue
            deposit.payer_account_id = tie.account_id
            audit.record(
                session,
                actor="job:adopt",
                action="deposit.adopted",
                subject=f"deposit:{deposit.public_id}",
                now=now,
                payload={"tie": tie.public_id},
            )
            session.flush()
