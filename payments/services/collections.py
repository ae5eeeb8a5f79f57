"""Opening and closing an estate's collection."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import Conflict, Gone
from kernel.money import Fen
from payments import queries, terms
from payments.models import Collection, CollectionMode, LedgerAccount
from payments.rules.gate import AVERAGE_FEN
from payments.rules.ledger import AccountKind


@use_case
def open_collection(
    *,
    estate_id: int,
    mode: CollectionMode,
    account_holder: str,
    account_bank: str,
    account_tail: str,
    merchant_id: str,
    series: str,
    largest_fen: Fen,
    actor: str,
    now: datetime,
    suggested_fen: Fen = AVERAGE_FEN,
    average_fen: Fen = AVERAGE_FEN,
    terms_version: str = terms.CURRENT,
) -> str:
    """Open a collection with its ledger accounts; return its public id. Conflict while another one is open."""
    terms.read(terms_version)
    with transaction(serializable=True) as session:
        with translating({"collection_one_open": Conflict("collection-open", "本小区已经有一次收款在进行。")}):
            made = Collection(
                public_id=new_public_id(),
                estate_id=estate_id,
                mode=mode,
                account_holder=account_holder,
                account_bank=account_bank,
                account_tail=account_tail,
                merchant_id=merchant_id,
                series=series,
                suggested_fen=suggested_fen,
                average_fen=average_fen,
                largest_fen=largest_fen,
                terms_version=terms_version,
                opened_at=now,
            )
            session.add(made)
            session.flush()
        session.execute(
            sa.insert(LedgerAccount), [{"collection_id": made.id, "kind": kind.value} for kind in sorted(AccountKind)]
        )
        audit.record(
            session,
            actor=actor,
            action="collection.opened",
            subject=f"collection:{made.public_id}",
            now=now,
            payload={"mode": mode.value, "suggested_fen": suggested_fen, "terms": terms_version},
        )
        return made.public_id


def must_be_open(session: Session, estate_id: int) -> Collection:
    """The estate's open collection. Raises Gone when it is over, NotFound when there never was one."""
    found = queries.collection_there(session, estate_id)
    if found.closed_at is not None:
        raise Gone("collection-closed", "本小区的诚意金收取已经结束。如有疑问请联系社区。")
    return found
