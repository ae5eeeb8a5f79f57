"""WeChat Pay's own keys: the public key of newer merchants, the platform certificates of older ones, or both at once.

A merchant that switches from certificates to the public key sees callbacks move over in seven days, a growing share
signed by the new key; so both kinds must verify side by side. Answers follow the request's ``Wechatpay-Serial``.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from sandbox.clock import china_text
from sandbox.keys import new_private_key
from sandbox.signing import Signer, new_nonce, seal

MODES = ("public_key", "certificate", "both")
LIFE = timedelta(days=5 * 365)


@dataclass(frozen=True)
class Certificate:
    """A platform certificate and the key it certifies."""

    signer: Signer
    pem: bytes
    since: datetime
    until: datetime

    @classmethod
    def issue(cls) -> "Certificate":
        """A fresh self-signed certificate, valid since yesterday by the real clock (clients look at theirs)."""
        key = new_private_key()
        since = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "WeChat sandbox platform certificate")])
        number = x509.random_serial_number() | 1 << 158  # always 40 hex digits
        built = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(number)
            .not_valid_before(since)
            .not_valid_after(since + LIFE)
            .sign(key, SHA256())
        )
        pem = built.public_bytes(serialization.Encoding.PEM)
        return cls(Signer(f"{number:X}", key), pem, since, since + LIFE)


class Platform:
    """Which keys sign what. Certificates are made when first asked for: most merchants never see one."""

    def __init__(self, public: Signer, apiv3_key: bytes) -> None:
        self._public, self._apiv3_key = public, apiv3_key
        self.certificates: list[Certificate] = []
        self.mode = "public_key"
        self.public_key_percent = 50.0

    def use(self, mode: str, public_key_percent: float = 50.0, certificates: int = 1) -> None:
        """Choose the mode; raises ValueError for one that does not exist.

        With "both", ``public_key_percent`` of the callbacks are signed by the public key's pair and the rest by a
        certificate; with several certificates any of them, as in the last days of the older one.
        """
        if mode not in MODES:
            raise ValueError(f"mode is one of {', '.join(MODES)}")
        if not 0 <= public_key_percent <= 100 or not 1 <= certificates <= 4:
            raise ValueError("public_key_percent is 0 to 100, certificates 1 to 4")
        self.mode, self.public_key_percent = mode, public_key_percent
        while mode != "public_key" and len(self.certificates) < certificates:
            self.certificates.append(Certificate.issue())

    def knows(self, serial: str) -> bool:
        """Whether a request may name this key."""
        return any(signer.serial == serial for signer in self._signers())

    def answer_signer(self, serial: str) -> Signer:
        """The key an answer is signed with: the named one, else the mode's own."""
        named = next((signer for signer in self._signers() if signer.serial == serial), None)
        if named:
            return named
        return self._public if self.mode == "public_key" else self.certificates[-1].signer

    def callback_signer(self) -> Signer:
        """The key the next callback is signed with."""
        if self.mode == "public_key":
            return self._public
        if self.mode == "both" and random.uniform(0, 100) < self.public_key_percent:
            return self._public
        return random.choice(self.certificates).signer

    def download(self) -> list[dict[str, Any]]:
        """The ``data`` of ``GET /v3/certificates``: every valid certificate, each sealed like a callback."""
        found = []
        for certificate in self.certificates:
            nonce = new_nonce(12)
            found.append(
                {
                    "serial_no": certificate.signer.serial,
                    "effective_time": china_text(certificate.since),
                    "expire_time": china_text(certificate.until),
                    "encrypt_certificate": {
                        "algorithm": "AEAD_AES_256_GCM",
                        "nonce": nonce,
                        "associated_data": "certificate",
                        "ciphertext": seal(self._apiv3_key, nonce, "certificate", certificate.pem),
                    },
                }
            )
        return found

    def _signers(self) -> list[Signer]:
        if self.mode == "public_key":
            return [self._public]
        held = [certificate.signer for certificate in self.certificates]
        return held if self.mode == "certificate" else [self._public, *held]
