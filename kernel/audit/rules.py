"""How entries are hashed, chained and signed. Pure: values in, values out."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

GENESIS = "0" * 64


def canonical(document: Any) -> bytes:
    """The one byte form of a JSON document: sorted keys, no spaces, UTF-8."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def payload_hash(salt: str, document: dict[str, Any]) -> str:
    """SHA-256 of the salted payload, in hex."""
    return hashlib.sha256(salt.encode() + b"\n" + canonical(document)).hexdigest()


def row_hash(public_id: str, at: datetime, actor: str, action: str, subject: str, hashed_payload: str) -> str:
    """SHA-256 over an entry's heading and its payload's hash, in hex."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(canonical([public_id, moment, actor, action, subject, hashed_payload])).hexdigest()


def chain_hash(before: str, hashed_row: str) -> str:
    """SHA-256 of the chain so far and the next entry, in hex."""
    return hashlib.sha256(f"{before}\n{hashed_row}".encode()).hexdigest()


def statement(city: str, position: int, hashed_chain: str, at: datetime) -> bytes:
    """What a checkpoint signs."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return canonical(["gongjian-checkpoint-1", city, position, hashed_chain, moment])


def sign(key: Ed25519PrivateKey, message: bytes) -> str:
    """An Ed25519 signature in base64."""
    return base64.b64encode(key.sign(message)).decode()


def signed_by(key: Ed25519PublicKey, message: bytes, signature: str) -> bool:
    """Whether a signature is the key's over the message."""
    try:
        key.verify(base64.b64decode(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True
