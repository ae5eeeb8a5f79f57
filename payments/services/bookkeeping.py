"""Adding to the books and raising alarms, inside the transaction of whoever found the fact."""

import functools
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import core, insert_ignoring, new_public_id
from kernel.money import Fen
from payments import queries
from payments.models import LedgerEntry, LedgerPosting, PaymentAlarm, table_of
from payments.rules import ledger
from payments.rules.alarm import AlarmKind
from payments.rules.ledger import EntryKind, Posting

_ENTER = table_of(LedgerEntry).insert().returning(table_of(LedgerEntry).c.id)


@functools.cache
def _post(lines: int) -> Any:
    """An entry's lines, each into the account of its kind in the collection's books; one statement, whatever fits."""
    columns = ["entry_id", "account_id", "amount_fen"]
    posted = table_of(LedgerPosting).insert().from_select(columns, queries.lines_to_post(lines))
    return posted.execution_options(preserve_rowcount=True)


def enter(
    session: Session,
    collection_id: int,
    kind: EntryKind,
    reference: str,
    postings: Sequence[Posting],
    *,
    now: datetime,
) -> None:
    """Add an entry to a collection's books. A fact entered before is refused by the database."""
    amounts: list[Fen] = [line.amount_fen for line in postings]
    if not ledger.is_balanced(amounts):
        raise ValueError("an entry has to sum to 0")
    entry = {
        "public_id": new_public_id(),
        "collection_id": collection_id,
        "kind": kind,
        "reference": reference,
        "at": now,
    }
    link = core(session)
    entry_id = link.execute(_ENTER, entry).scalar_one()
    values: dict[str, Any] = {"entry": entry_id, "collection": collection_id}
    for n, line in enumerate(postings):
        values |= {f"kind_{n}": line.account, f"fen_{n}": line.amount_fen}
    if link.execute(_post(len(postings)), values).rowcount != len(postings):
        raise ValueError("the collection lacks an account, or two lines are of one")


def raise_alarm(
    session: Session,
    kind: AlarmKind,
    reference: str,
    *,
    now: datetime,
    differs: Sequence[str] = (),
    merchant_id: str | None = None,
) -> None:
    """Put something before a person, once for each thing. ``merchant_id``: whose account it is about, where that is
    all that is known.
    """
    session.execute(
        insert_ignoring(session, PaymentAlarm)
        .values(
            public_id=new_public_id(),
            kind=kind,
            reference=reference[:128],
            differs=list(differs),
            merchant_id=merchant_id[:32] if merchant_id else None,
            raised_at=now,
        )
        .on_conflict_do_nothing(index_elements=["kind", "reference"])
    )


def settle_by_itself(session: Session, kind: AlarmKind, reference: str, *, now: datetime) -> None:
    """What an alarm asked for was done: nobody has to look at it any more."""
    session.execute(
        sa.update(PaymentAlarm)
        .where(PaymentAlarm.kind == kind, PaymentAlarm.reference == reference, PaymentAlarm.settled_at.is_(None))
        .values(settled_at=now)
        .execution_options(synchronize_session=False)
    )
