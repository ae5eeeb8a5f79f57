"""Recalling and remembering keys, in the transaction of the use case they protect."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import core, insert_once, transaction, use_case
from kernel.encryption import vault
from kernel.errors import Invalid
from kernel.idempotency.models import IdempotencyRow

KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Key:
    """A client-made key: whose, which, and the hash of method, path and body it came with."""

    actor: str
    token: str
    request_hash: str

    @property
    def kept_hash(self) -> str:
        """The hash as it is kept, under a secret: some bodies (a ballot) have so few possible values that a plain hash
        would tell which one it was to whoever reads the table.
        """
        return vault().blind_index("request", self.request_hash).hex()


# Built once: every write of the product passes here, and building a statement costs more than running it.
_TABLE = IdempotencyRow.metadata.tables["idempotency"]
_REMEMBER = sa.insert(_TABLE)
_RECALL = sa.select(_TABLE.c.request_hash, _TABLE.c.resource).where(
    _TABLE.c.actor == sa.bindparam("actor"), _TABLE.c.token == sa.bindparam("token")
)


def recall(session: Session, key: Key | None) -> str | None:
    """The resource this key made before, or None. Raises Invalid when it came with another request then."""
    if key is None:
        return None
    row = core(session).execute(_RECALL, {"actor": key.actor, "token": key.token}).one_or_none()
    if row is None:
        return None
    if row.request_hash != key.kept_hash:
        raise Invalid("idempotency-key-reused", "这次提交的内容与上次不同。请刷新页面后重新提交。")
    return row.resource


def remember(session: Session, key: Key | None, resource: str, *, now: datetime) -> None:
    """Keep what the key made. Two at once: the second waits here, is refused by the primary key, and the whole use
    case runs again and recalls (``use_case`` retries on the unique violation of this table).
    """
    if key is not None:
        core(session).execute(_REMEMBER, _row(key, resource, now))


def claim(session: Session, key: Key, resource: str, *, now: datetime) -> str:
    """Both in one, as the first statement of a use case: keep that the key makes ``resource``, or say what it made
    before. A twin waits here for the other's end. Raises Invalid as ``recall`` does.
    """
    link = core(session)
    insert = insert_once(link.dialect.name, _TABLE, _TABLE.c.resource)
    if link.execute(insert, _row(key, resource, now)).one_or_none() is not None:
        return resource
    made = recall(session, key)
    assert made is not None  # keys are kept for thirty days, and a row that is there stays while we look
    return made


def _row(key: Key, resource: str, now: datetime) -> dict[str, Any]:
    return {
        "actor": key.actor,
        "token": key.token,
        "request_hash": key.kept_hash,
        "resource": resource,
        "at": now,
    }


@use_case
def forget_old(*, now: datetime) -> int:
    """Drop keys older than thirty days; how many."""
    with transaction() as session:
        result = session.execute(sa.delete(IdempotencyRow).where(IdempotencyRow.at < now - KEPT))
        return result.rowcount  # type: ignore[attr-defined]
