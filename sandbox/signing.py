"""API v3 signatures and seals, written from the published rules and from nothing else.

Request: five lines, each ended by LF: method, path with query as sent, timestamp, nonce, body.
Answer and callback: three lines: timestamp, nonce, body. RSASSA-PKCS1-v1_5 with SHA-256 over both.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

SCHEME = "WECHATPAY2-SHA256-RSA2048"
WINDOW_S = 300
_FIELD = re.compile(r'\s*(\w+)="([^"]*)"\s*')
_NONCE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True)
class Signer:
    """A private key and the name it goes by in ``Wechatpay-Serial``."""

    serial: str
    key: RSAPrivateKey

    def sign(self, message: bytes) -> str:
        """Base64 of the signature over ``message``."""
        return base64.b64encode(self.key.sign(message, PKCS1v15(), SHA256())).decode()


def verify(key: RSAPublicKey, message: bytes, signature: str) -> bool:
    """Whether the base64 ``signature`` is ``key``'s over ``message``; nonsense is simply not."""
    try:
        key.verify(base64.b64decode(signature, validate=True), message, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def new_nonce(length: int = 32) -> str:
    """A random nonce of capital letters and digits."""
    return "".join(secrets.choice(_NONCE_LETTERS) for _ in range(length))


def request_message(method: str, target: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """What a merchant signs for a request; ``target`` is path and query exactly as sent."""
    return f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def answer_message(timestamp: str, nonce: str, body: bytes) -> bytes:
    """What WeChat Pay signs for an answer or a callback."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def pay_message(app_id: str, timestamp: str, nonce: str, package: str) -> bytes:
    """What a merchant signs for the page that calls up the payment (paySign)."""
    return f"{app_id}\n{timestamp}\n{nonce}\n{package}\n".encode()


def signed_headers(signer: Signer, timestamp: int, body: bytes) -> dict[str, str]:
    """The five ``Wechatpay-…`` headers of an answer or a callback."""
    nonce = new_nonce()
    return {
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": signer.serial,
        "Wechatpay-Signature": signer.sign(answer_message(str(timestamp), nonce, body)),
        "Wechatpay-Signature-Type": SCHEME,
        "Wechatpay-Timestamp": str(timestamp),
    }


def seal(key: bytes, nonce: str, associated_data: str, plain: bytes) -> str:
    """Base64 of AES-256-GCM ciphertext and tag; ``nonce`` is 12 ASCII characters."""
    return base64.b64encode(AESGCM(key).encrypt(nonce.encode(), plain, associated_data.encode())).decode()


@dataclass(frozen=True)
class Authorization:
    """The fields of a merchant's Authorization header, not yet believed."""

    mchid: str
    nonce_str: str
    timestamp: str
    serial_no: str
    signature: str

    @classmethod
    def parse(cls, header: str) -> "Authorization":
        """Read the header; raises ValueError when the scheme or a field is not as prescribed."""
        scheme, space, rest = header.partition(" ")
        if scheme != SCHEME or not space:
            raise ValueError("the scheme is not " + SCHEME)
        fields: dict[str, str] = {}
        for part in rest.split(","):
            found = _FIELD.fullmatch(part)
            if not found:
                raise ValueError('a field is not name="value"')
            if found[1] in fields:
                raise ValueError(f"{found[1]} is given twice")
            fields[found[1]] = found[2]
        return cls.from_fields(fields)

    @classmethod
    def from_fields(cls, fields: Mapping[str, str]) -> "Authorization":
        """From name and value pairs; raises ValueError for a missing or empty one."""
        for name in ("mchid", "nonce_str", "timestamp", "serial_no", "signature"):
            if not fields.get(name):
                raise ValueError(f"{name} is missing")
        return cls(fields["mchid"], fields["nonce_str"], fields["timestamp"], fields["serial_no"], fields["signature"])
