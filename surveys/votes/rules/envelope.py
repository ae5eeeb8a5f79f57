"""The inner envelope of a secret ballot: sealed on the phone, opened only where the trustees join the key.

An envelope is ``version (1 byte) ‖ ephemeral P-256 point (65) ‖ nonce (12) ‖ AES-256-GCM of the padded text (n + 16)``.
The AES key is HKDF-SHA-256 of the ECDH secret, bound to vote and ballot text. The text is the JSON
``{"choices": {motion: answer}, "number": "12 digits"}`` padded with blanks to one length for one ballot paper, so no
envelope tells anything by its size. ``static/envelope.js`` makes the same bytes.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kernel.errors import DomainError, Invalid
from surveys.votes.rules import ballot
from surveys.votes.rules.ballot import Answer, Paper
from surveys.votes.rules.catalogue import Form
from surveys.votes.rules.decision import Choice

VERSION = b"\x01"
POINT = 65
NONCE = 12
TAG = 16
HEADER = len(VERSION) + POINT + NONCE
NUMBER = re.compile(r"[0-9]{12}")
NAME = "gongjian-envelope-1"


@dataclass(frozen=True)
class Opened:
    """What was in an envelope: the voter's own number and the answers."""

    number: str
    answers: Mapping[str, Answer]


def read_public_key(text: str) -> bytes:
    """The 65 bytes of an election's public key written in hex. Raises Invalid for anything but a point of P-256."""
    try:
        point = bytes.fromhex("".join(text.split()))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise _bad_key() from error
    if len(point) != POINT:
        raise _bad_key()
    return point


def _bad_key() -> Invalid:
    return Invalid(
        "bad-election-key", "这不是选举公钥。请原样粘贴公钥文件里的 130 个字符。", {"public_key": ["公钥不对"]}
    )


def fingerprint(public_key: bytes) -> str:
    """What the notice prints of a public key: SHA-256 in hex."""
    return hashlib.sha256(public_key).hexdigest()


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as its 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def new_number() -> str:
    """Twelve random digits, as the phone makes them."""
    return f"{secrets.randbelow(10**12):012}"


def number_text(number: str) -> str:
    """A number as people read it: ``1234 5678 9012``."""
    return f"{number[:4]} {number[4:8]} {number[8:]}"


def plain_length(papers: Sequence[Paper]) -> int:
    """Bytes of the padded text of one ballot paper, whatever is chosen."""
    nothing: dict[str, Answer] = {
        paper.motion: Choice.APPROVE if paper.form is Form.QUESTION else frozenset() for paper in papers
    }
    return len(ballot.pack(papers, nothing)) + len('{"choices":,"number":"000000000000"}')


def sealed_length(papers: Sequence[Paper]) -> int:
    """Bytes of every envelope of one ballot paper."""
    return HEADER + plain_length(papers) + TAG


def check_outside(envelope: bytes, papers: Sequence[Paper]) -> None:
    """All the server can see of an envelope: version and size. Raises Invalid."""
    if envelope[:1] != VERSION or len(envelope) != sealed_length(papers):
        raise Invalid("bad-envelope", "选票没有封好。请刷新页面再投一次；还不行请联系社区工作人员用纸质选票。")


def hash_of(envelope: bytes) -> str:
    """SHA-256 (hex) of an envelope: it stands on the receipt, in the audit chain and in the public bundle."""
    return hashlib.sha256(envelope).hexdigest()


def seal(
    public_key: bytes, vote: str, text_hash: str, papers: Sequence[Paper], answers: Mapping[str, Answer], number: str
) -> bytes:
    """An envelope as the phone makes it."""
    plain = {motion: str(a) if isinstance(a, Choice) else sorted(a) for motion, a in answers.items()}
    text = json.dumps({"choices": plain, "number": number}, separators=(",", ":")).encode()
    return seal_text(public_key, vote, text_hash, text.ljust(plain_length(papers)))


def seal_text(public_key: bytes, vote: str, text_hash: str, text: bytes) -> bytes:
    """Seal any bytes; a phone that lies may do so, too."""
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    receiver = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
    nonce = secrets.token_bytes(NONCE)
    key = _key(ephemeral.exchange(ec.ECDH(), receiver), vote, text_hash)
    return VERSION + point_of(ephemeral.public_key()) + nonce + AESGCM(key).encrypt(nonce, text, None)


def unseal(
    private_key: ec.EllipticCurvePrivateKey, vote: str, text_hash: str, papers: Sequence[Paper], envelope: bytes
) -> Opened | None:
    """What is in an envelope; None when it is not a lawful ballot of this paper (counted as invalid)."""
    try:
        check_outside(envelope, papers)
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), envelope[1 : 1 + POINT])
        key = _key(private_key.exchange(ec.ECDH(), sender), vote, text_hash)
        nonce = envelope[1 + POINT : HEADER]
        found = json.loads(AESGCM(key).decrypt(nonce, envelope[HEADER:], None))
        return read_opened(papers, found["number"], found["choices"])
    except (DomainError, InvalidTag, ValueError, KeyError, TypeError, RecursionError):
        return None


def read_opened(papers: Sequence[Paper], number: object, choices: object) -> Opened:
    """A number and choices as they were opened, checked against the ballot paper. Raises Invalid."""
    if not isinstance(number, str) or not NUMBER.fullmatch(number) or not isinstance(choices, dict):
        raise Invalid("bad-opening", "打开的选票里有号码或选项不对。")
    return Opened(number, ballot.check(papers, choices))


def set_hash(envelope_hashes: Sequence[str]) -> str:
    """One hash (hex) for a set of envelopes: of their hashes, sorted, one a line."""
    return hashlib.sha256("".join(f"{each}\n" for each in sorted(envelope_hashes)).encode()).hexdigest()


def _key(shared: bytes, vote: str, text_hash: str) -> bytes:
    info = f"{NAME}\n{vote}\n{text_hash}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=b"", info=info).derive(shared)
