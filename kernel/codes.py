"""Six-digit codes that go to a phone by short message: making one, its keyed hash, and who can receive it."""

import hmac
import re
import secrets

from kernel.encryption import vault

_MOBILE = re.compile(r"1[3-9][0-9]{9}")


def can_receive(phone: str | None) -> bool:
    """Whether a text message can reach a number: mobiles only."""
    return phone is not None and _MOBILE.fullmatch(phone) is not None


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def code_hash(purpose: str, public_id: str, code: str) -> bytes:
    """What is kept of a code. Keyed: the million possible codes could be hashed in a second without the key."""
    return vault().blind_index(purpose, f"{public_id}:{code}")


def is_the_code(purpose: str, public_id: str, code: str, kept: bytes) -> bool:
    """Whether a typed code is the one whose hash was kept, compared in constant time."""
    return hmac.compare_digest(code_hash(purpose, public_id, code), kept)
