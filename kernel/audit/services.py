"""Recording, sealing, signing and proving."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import current_app
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel.audit import queries, rules
from kernel.audit.models import AuditCheckpoint, AuditEntry, AuditPayload, AuditSeal
from kernel.database import core, current_city, new_public_id, reading, transaction, use_case, violated


def configure(app: Any, signing_key: bytes) -> None:
    """Give the application its checkpoint key (32 bytes, Ed25519)."""
    app.extensions["gongjian.audit_key"] = Ed25519PrivateKey.from_private_bytes(signing_key)


def _key() -> Ed25519PrivateKey:
    key: Ed25519PrivateKey = current_app.extensions["gongjian.audit_key"]
    return key


# Built once: every write of the product passes here, and building a statement costs more than running it.
_ADD_ENTRY = sa.insert(AuditEntry.metadata.tables["audit_entry"]).returning(sa.column("id", sa.BigInteger))
_ADD_PAYLOAD = sa.insert(AuditPayload.metadata.tables["audit_payload"])


class Recorded(NamedTuple):
    """A fact that was added; its ``row_hash`` goes on receipts."""

    row_hash: str


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    subject: str,
    now: datetime,
    payload: dict[str, Any] | None = None,
) -> Recorded:
    """Add a fact in the caller's transaction.

    ``payload`` never holds answers, choices, names or phones: who may read the log is not who may read those.
    """
    salt, document, name = secrets.token_hex(16), payload or {}, new_public_id()
    hashed = rules.payload_hash(salt, document)
    values: dict[str, Any] = {
        "public_id": name,
        "at": now,
        "actor": actor,
        "action": action,
        "subject": subject,
        "payload_hash": hashed,
        "row_hash": rules.row_hash(name, now, actor, action, subject, hashed),
    }
    link = core(session)
    entry_id = link.execute(_ADD_ENTRY, values).scalar_one()
    link.execute(_ADD_PAYLOAD, {"entry_id": entry_id, "salt": salt, "document": document})
    return Recorded(values["row_hash"])


@use_case
def look(*, actor: str, what: str, subject: str, now: datetime, payload: dict[str, Any] | None = None) -> None:
    """Record that somebody looked at personal data (a transaction of its own: looking is the whole use case)."""
    with transaction() as session:
        record(session, actor=actor, action=f"look.{what}", subject=subject, now=now, payload=payload)


def seal_new_entries(*, now: datetime, limit: int = 2000) -> int:
    """The sequencer's step: chain what has no seal yet; how many were sealed (0 when another sequencer was first:
    a position is a primary key, so two at once cannot both succeed).
    """
    try:
        return _seal(now=now, limit=limit)
    except IntegrityError as error:
        if violated(error) not in ("audit_seal_pkey", "audit_seal_entry_id_key"):
            raise
        return 0


@use_case
def _seal(*, now: datetime, limit: int) -> int:
    with transaction() as session:
        waiting = queries.unsealed(session, limit)
        if not waiting:
            return 0
        head = queries.head(session)
        position, before = (head.position, head.chain_hash) if head else (0, rules.GENESIS)
        rows = []
        for entry_id, row_hash in waiting:
            position, before = position + 1, rules.chain_hash(before, row_hash)
            rows.append({"position": position, "entry_id": entry_id, "chain_hash": before, "sealed_at": now})
        session.execute(sa.insert(AuditSeal), rows)
        return len(rows)


@use_case
def checkpoint(*, now: datetime) -> dict[str, Any] | None:
    """Sign the chain's head, keep the statement and give it to be sent out; None when there is nothing new."""
    with transaction() as session:
        head = queries.head(session)
        if head is None or session.get(AuditCheckpoint, head.position) is not None:
            return None
        message = rules.statement(current_city(), head.position, head.chain_hash, now)
        signature = rules.sign(_key(), message)
        session.add(AuditCheckpoint(position=head.position, chain_hash=head.chain_hash, at=now, signature=signature))
        return {
            "city": current_city(),
            "position": head.position,
            "chain_hash": head.chain_hash,
            "at": now.isoformat(),
            "signature": signature,
        }


def sealed_position(session: Session, row_hash: str) -> tuple[int, str] | None:
    """Where a receipt's row stands in the chain: (position, chain hash); None while unsealed (about a second)."""
    seal = queries.position_of(session, row_hash)
    return (seal.position, seal.chain_hash) if seal else None


@dataclass(frozen=True)
class Finding:
    """What ``verify`` found: whether all holds, what was checked, and each fault in words."""

    ok: bool
    sealed: int
    unsealed: int
    head: str
    faults: list[str]


def verify(given: dict[str, Any] | None = None) -> Finding:
    """Prove the whole chain: every hash recomputed, every payload that is still there, every checkpoint's signature.

    ``given``: a checkpoint kept outside (as ``checkpoint`` gave it); a chain that was cut or rewritten does not
    contain it.
    """
    session = reading()
    faults: list[str] = []
    before, position = rules.GENESIS, 0
    public_key = _key().public_key()
    claimed = {point.position: (point.chain_hash, point.at, point.signature) for point in queries.checkpoints(session)}
    if given is not None:
        moment = datetime.fromisoformat(given["at"])
        claimed[int(given["position"])] = (given["chain_hash"], moment, given["signature"])
    for seal, entry, payload in queries.chain(session):
        position += 1
        if seal.position != position:
            faults.append(f"position {position} is missing")
            position = seal.position
        if entry is None:
            faults.append(f"position {position}: the entry is gone")
            continue
        hashed = rules.row_hash(entry.public_id, entry.at, entry.actor, entry.action, entry.subject, entry.payload_hash)
        if hashed != entry.row_hash:
            faults.append(f"position {position}: the entry was changed")
        if payload is not None and rules.payload_hash(payload.salt, payload.document) != entry.payload_hash:
            faults.append(f"position {position}: the payload was changed")
        before = rules.chain_hash(before, hashed)
        if before != seal.chain_hash:
            faults.append(f"position {position}: the chain breaks")
            before = seal.chain_hash
        if position in claimed:
            _check(claimed.pop(position), position, seal.chain_hash, public_key, faults)
    faults.extend(f"checkpoint {point} is not in the chain: it was cut" for point in claimed)
    return Finding(not faults, position, queries.count_unsealed(session), before, faults[:50])


def _check(
    point: tuple[str, datetime, str], position: int, chain_hash: str, public_key: Any, faults: list[str]
) -> None:
    hashed, at, signature = point
    if hashed != chain_hash:
        faults.append(f"checkpoint {position}: the chain was rewritten before it")
    if not rules.signed_by(public_key, rules.statement(current_city(), position, hashed, at), signature):
        faults.append(f"checkpoint {position}: the signature is not ours")
