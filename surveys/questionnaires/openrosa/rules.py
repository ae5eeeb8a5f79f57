"""App passwords: how they look, how long they hold, how they are kept."""

import hashlib
import hmac
import secrets
from datetime import timedelta

MOST = 5
"""Live passwords of one account: a phone and a tablet, and some room to change."""

TERM = timedelta(days=180)
_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
_PEPPER = secrets.token_bytes(32)
_MOST_FITTED = 256
_fitted: dict[bytes, bool] = {}


def new_username() -> str:
    """A name for one password: ten letters and digits that are not mistaken for each other."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))


def spelled(raw: bytes) -> str:
    """16 random bytes as a password people can type: ``abcd-efgh-…``, 24 signs of 30, 117 bits."""
    number, signs = int.from_bytes(raw, "big"), []
    for _ in range(24):
        number, place = divmod(number, len(_ALPHABET))
        signs.append(_ALPHABET[place])
    text = "".join(signs)
    return "-".join(text[at : at + 4] for at in range(0, 24, 4))


def hashed(password: str, salt: bytes) -> bytes:
    """scrypt (RFC 7914) of a password as typed, whatever its case and hyphens. About 16 MB and 40 ms."""
    return hashlib.scrypt(_plain(password).encode(), salt=salt, n=1 << 14, r=8, p=1, maxmem=1 << 26, dklen=32)


def fits(password: str, salt: bytes, expected: bytes) -> bool:
    """Whether a typed password is the one that was hashed. One that fitted is remembered for a while, since a phone
    asks four times to fetch a form; what is remembered cannot be turned back into the password."""
    seen = hmac.digest(_PEPPER, salt + expected + _plain(password).encode(), "sha256")
    if seen in _fitted:
        return True
    if not hmac.compare_digest(hashed(password, salt), expected):
        return False
    if len(_fitted) >= _MOST_FITTED:
        _fitted.clear()
    _fitted[seen] = True
    return True


def _plain(password: str) -> str:
    return password.replace("-", "").replace(" ", "").lower()[:200]
