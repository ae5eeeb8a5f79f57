"""Sealed columns: names and phones are unreadable without a key that is not in the database or its backup.

An envelope is one algorithm byte, the fingerprint of the key, a nonce and the sealed text (AES-256-GCM). The algorithm
byte leaves room for SM4-GCM when an assessment asks for it. ``context`` (table, column and row) is bound in as
associated data, so an envelope copied to another row does not open. Equal texts give different envelopes; what must be
*found* (a phone) has a blind index beside it: HMAC-SHA-256 under a key of its own, cut to 128 bits.
"""

import base64
import hashlib
import hmac
import os
import unicodedata
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
INDEX_BYTES = 16

_AES_256_GCM = 1
_FINGERPRINT_BYTES = 4
_NONCE_BYTES = 12
_HEAD_BYTES = 1 + _FINGERPRINT_BYTES


class SealBroken(Exception):
    """An envelope that does not open: tampered with, moved to another row, or sealed with a key we no longer have."""


class BadKeys(ValueError):
    """Keys that must stop the start: missing, of the wrong length, trivial, or the same for two purposes."""


def normalise_phone(text: str) -> str:
    """One way of writing a phone number: ``+86 138-1234 1234`` and full-width digits become ``13812341234``."""
    digits = "".join(char for char in unicodedata.normalize("NFKC", text) if char in "0123456789")
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) == len(prefix) + 11:
            return digits.removeprefix(prefix)
    return digits


def normalise_text(text: str) -> str:
    """One way of writing anything else: compatibility forms folded, no white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


_NORMALISERS: dict[str, Callable[[str], str]] = {"phone": normalise_phone}


class Vault:
    """Seals and opens texts, and makes blind indexes.

    ``keys`` and ``index_keys`` are 32 bytes each, the current one first. While a key is being replaced the old one
    stands behind it: new envelopes are made with the first, all of them open. Raises ``BadKeys``.
    """

    def __init__(self, keys: Sequence[bytes], index_keys: Sequence[bytes]) -> None:
        for key in (*keys, *index_keys):
            if len(key) != KEY_BYTES or len(set(key)) < 8:
                raise BadKeys("a key must be 32 random bytes")
        if not keys or not index_keys:
            raise BadKeys("a key is missing")
        if len({*keys, *index_keys}) != len(keys) + len(index_keys):
            raise BadKeys("two keys are the same")
        self._current = _fingerprint(keys[0])
        self._ciphers = {_fingerprint(key): AESGCM(key) for key in keys}
        self._index_keys = tuple(index_keys)

    def seal(self, text: str, *, context: str) -> bytes:
        """``text`` as an envelope that opens only for the same ``context`` (``"table.column:row"``)."""
        head = bytes([_AES_256_GCM]) + self._current
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, text.encode(), head + context.encode())
        return head + nonce + sealed

    def open(self, blob: bytes, *, context: str) -> str:
        """The text in an envelope, or ``SealBroken``, which never says what was inside."""
        blob = bytes(blob)
        head, nonce, sealed = blob[:_HEAD_BYTES], blob[_HEAD_BYTES:][:_NONCE_BYTES], blob[_HEAD_BYTES + _NONCE_BYTES :]
        cipher = self._ciphers.get(head[1:])
        if cipher is None or head[0] != _AES_256_GCM:
            raise SealBroken("no key for this envelope")
        try:
            return cipher.decrypt(nonce, sealed, head + context.encode()).decode()
        except (InvalidTag, ValueError):
            raise SealBroken("the envelope does not open here") from None

    def is_current(self, blob: bytes) -> bool:
        """Is the envelope sealed with the key in use? If not, a rotation job seals it again."""
        return bytes(blob)[1:_HEAD_BYTES] == self._current

    def blind_index(self, kind: str, text: str) -> bytes:
        """16 bytes by which ``text`` can be found. Kinds do not mix: a phone's index says nothing about a name's."""
        return _blind(self._index_keys[0], kind, text)

    def blind_indexes(self, kind: str, text: str) -> list[bytes]:
        """The index under every live key, the current one first: what a search asks for while a key is replaced."""
        return [_blind(key, kind, text) for key in self._index_keys]


def keys_from_text(text: str) -> list[bytes]:
    """Keys as a setting gives them: base64, several separated by commas, the current one first. Raises ``BadKeys``."""
    try:
        return [base64.b64decode(_padded(part.strip()), altchars=b"-_", validate=True) for part in text.split(",")]
    except ValueError:  # binascii.Error is one, and so is what is not ASCII
        raise BadKeys("a key is not base64") from None


def new_key_text() -> str:
    """A fresh random key in the form :func:`keys_from_text` reads."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


_vault: Vault | None = None


def configure(vault_key: str, index_key: str) -> None:
    """Set this process's vault from two settings (:func:`keys_from_text`). Called once, by the app factory."""
    global _vault
    _vault = Vault(keys_from_text(vault_key), keys_from_text(index_key))


def vault() -> Vault:
    """The vault of this process; a ``RuntimeError`` before :func:`configure`."""
    if _vault is None:
        raise RuntimeError("kernel.encryption.configure was not called")
    return _vault


def _padded(text: str) -> str:
    text = text.replace("+", "-").replace("/", "_")
    return text + "=" * (-len(text) % 4)


def _fingerprint(key: bytes) -> bytes:
    return hashlib.sha256(b"gongjian vault key\0" + key).digest()[:_FINGERPRINT_BYTES]


def _blind(key: bytes, kind: str, text: str) -> bytes:
    normal = _NORMALISERS.get(kind, normalise_text)(text)
    return hmac.digest(key, f"{kind}\0{normal}".encode(), hashlib.sha256)[:INDEX_BYTES]
