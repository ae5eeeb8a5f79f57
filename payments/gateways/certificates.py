"""WeChat Pay's platform certificates, for merchants who check its signatures by them: several at once, renewed in time.

They come by configuration, by ``renew`` (a job's work: never a stranger's request, WECHAT §6 no. 4), or both. What was
fetched lies in a folder that all processes share; each notices by the folder's time that there is something new.
"""

import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.x509 import Certificate
from wechatpayv3.utils import aes_decrypt, load_certificate

RENEWED_EVERY = timedelta(hours=12)
"""A new certificate can be fetched at least a day before it signs anything (WECHAT §3.3)."""


class Certificates:
    """The certificates of one merchant's WeChat Pay. ``folder`` None: only those given, for ever."""

    def __init__(self, given: Sequence[str] = (), folder: Path | None = None) -> None:
        self._given = [_read(text) for text in given]
        self._folder = folder
        self._seen: tuple[int, list[Certificate]] = (-1, [])

    def valid(self, now: datetime) -> list[Certificate]:
        """Those whose days include ``now``."""
        held = [*self._given, *self._fetched()]
        return [each for each in held if each.not_valid_before_utc <= now <= each.not_valid_after_utc]

    def renewal_is_due(self, now: datetime) -> bool:
        """Whether they are to be fetched: a folder is there, and they are old or none is valid."""
        if self._folder is None:
            return False
        fetched_at = self._folder.stat().st_mtime if self._folder.is_dir() else 0.0
        return not self.valid(now) or now.timestamp() - fetched_at >= RENEWED_EVERY.total_seconds()

    def keep(self, texts: Sequence[str]) -> None:
        """Write down what was fetched (PEM), each whole or not at all, under its serial number."""
        assert self._folder is not None
        self._folder.mkdir(parents=True, exist_ok=True)
        for text in texts:
            target = self._folder / f"{serial_of(_read(text))}.pem"
            with tempfile.NamedTemporaryFile("w", dir=self._folder, delete=False, encoding="ascii") as aside:
                aside.write(text)
            os.replace(aside.name, target)
        os.utime(self._folder)

    def _fetched(self) -> list[Certificate]:
        if self._folder is None or not self._folder.is_dir():
            return []
        changed = self._folder.stat().st_mtime_ns
        if self._seen[0] != changed:
            found = [load_certificate(path.read_text("ascii")) for path in sorted(self._folder.glob("*.pem"))]
            self._seen = (changed, [each for each in found if each is not None])
        return self._seen[1]


def serial_of(certificate: Certificate) -> str:
    """A certificate's serial number as WeChat writes it: upper-case hex without leading zeros."""
    return f"{certificate.serial_number:X}"


def opened(told: Mapping[str, Any], apiv3_key: str) -> list[str]:
    """The certificates (PEM) in an answer of ``GET /v3/certificates``; what is not sealed with our key is left out."""
    listed = told.get("data")
    texts = [_unsealed(each, apiv3_key) for each in listed] if isinstance(listed, list) else []
    return [text for text in texts if text and load_certificate(text) is not None]


def _unsealed(told: Any, apiv3_key: str) -> str | None:
    try:
        sealed = told["encrypt_certificate"]
        text = aes_decrypt(sealed["nonce"], sealed["ciphertext"], sealed["associated_data"], apiv3_key)
    except (KeyError, TypeError, ValueError, AttributeError):  # another shape
        return None
    return str(text) if text else None


def _read(text: str) -> Certificate:
    certificate = load_certificate(text)
    if certificate is None:
        raise ValueError("a WeChat Pay platform certificate cannot be read")
    return certificate
