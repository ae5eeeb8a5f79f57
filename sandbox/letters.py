"""A callback on paper: sealed, signed, and, when a test asks for it, forged in one named way.

Each forgery is one function in one table. ``must`` says what a careful receiver does with it:
"refuse" (4xx or 5xx, and nothing is stored as money) or "keep" (it is truly from WeChat Pay, so it is acknowledged,
but it does not match the order: no credit, tell a person).
"""

import copy
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.keys import new_private_key
from sandbox.signing import WINDOW_S, Signer, new_nonce, seal, signed_headers

ALGORITHM = "AEAD_AES_256_GCM"


@dataclass
class Letter:
    """Everything a callback is made of. ``plain`` is what will be sealed; ``stamp`` is Unix seconds."""

    notice_id: str
    created: str
    event_type: str
    original_type: str
    summary: str
    plain: dict[str, Any]
    signer: Signer
    apiv3_key: bytes
    stamp: int
    sealed_as: str = ""
    nonce: str = field(default_factory=lambda: new_nonce(12))

    def envelope(self) -> dict[str, Any]:
        """The body as an object, its resource sealed."""
        plain = json.dumps(self.plain, ensure_ascii=False, separators=(",", ":")).encode()
        return {
            "id": self.notice_id,
            "create_time": self.created,
            "resource_type": "encrypt-resource",
            "event_type": self.event_type,
            "summary": self.summary,
            "resource": {
                "original_type": self.original_type,
                "algorithm": ALGORITHM,
                "ciphertext": seal(self.apiv3_key, self.nonce, self.sealed_as or self.original_type, plain),
                "associated_data": self.original_type,
                "nonce": self.nonce,
            },
        }

    def signed(self, body: bytes) -> "Post":
        """``body`` under this letter's signature."""
        headers = {"Content-Type": "application/json", "Request-ID": new_nonce(), "User-Agent": "Mozilla/4.0"}
        return Post(headers | signed_headers(self.signer, self.stamp, body), body)

    def genuine(self) -> "Post":
        """The letter as it should be."""
        return self.signed(encode(self.envelope()))


@dataclass
class Post:
    """What goes over the wire."""

    headers: dict[str, str]
    body: bytes


def encode(envelope: Any) -> bytes:
    """JSON bytes without spaces, Chinese as it is."""
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Kind:
    """One way to write a letter."""

    name: str
    must: str
    says: str
    write: Callable[[Letter], Post]


KINDS: dict[str, Kind] = {}


def _kind(name: str, must: str, says: str) -> Callable[[Callable[[Letter], Post]], Callable[[Letter], Post]]:
    def register(write: Callable[[Letter], Post]) -> Callable[[Letter], Post]:
        KINDS[name] = Kind(name, must, says, write)
        return write

    return register


@_kind("genuine", "accept", "as it should be")
def _genuine(letter: Letter) -> Post:
    return letter.genuine()


@_kind("wrong_key", "refuse", "signed by a stranger's key under the platform's serial")
def _wrong_key(letter: Letter) -> Post:
    letter.signer = Signer(letter.signer.serial, _stranger())
    return letter.genuine()


@_kind("wrong_body", "refuse", "one word of the body changed after signing")
def _wrong_body(letter: Letter) -> Post:
    post = letter.genuine()
    envelope = json.loads(post.body)
    envelope["summary"] = "支付成功了"
    return Post(post.headers, encode(envelope))


@_kind("reserialised", "refuse", "the same JSON written again with spaces after signing")
def _reserialised(letter: Letter) -> Post:
    post = letter.genuine()
    return Post(post.headers, json.dumps(json.loads(post.body), ensure_ascii=False, indent=1).encode())


@_kind("stale", "refuse", "rightly signed, ten minutes ago")
def _stale(letter: Letter) -> Post:
    letter.stamp -= 2 * WINDOW_S
    return letter.genuine()


@_kind("future", "refuse", "rightly signed, stamped ten minutes from now")
def _future(letter: Letter) -> Post:
    letter.stamp += 2 * WINDOW_S
    return letter.genuine()


@_kind("moved_stamp", "refuse", "an old letter with only its timestamp header made fresh")
def _moved_stamp(letter: Letter) -> Post:
    fresh = letter.stamp
    letter.stamp -= 2 * WINDOW_S
    post = letter.genuine()
    return Post(post.headers | {"Wechatpay-Timestamp": str(fresh)}, post.body)


@_kind("bad_stamp", "refuse", "the timestamp is no number")
def _bad_stamp(letter: Letter) -> Post:
    post = letter.genuine()
    return Post(post.headers | {"Wechatpay-Timestamp": "soon"}, post.body)


@_kind("unknown_serial", "refuse", "a certificate serial nobody knows, with its own valid signature")
def _unknown_serial(letter: Letter) -> Post:
    letter.signer = Signer(secrets.token_hex(20).upper(), _stranger())
    return letter.genuine()


@_kind("unknown_public_key", "refuse", "a PUB_KEY_ID nobody knows, with its own valid signature")
def _unknown_public_key(letter: Letter) -> Post:
    letter.signer = Signer("PUB_KEY_ID_" + "0" * 34, _stranger())
    return letter.genuine()


@_kind("garbage_serial", "refuse", "a serial that is neither hex nor a key id")
def _garbage_serial(letter: Letter) -> Post:
    post = letter.genuine()
    return Post(post.headers | {"Wechatpay-Serial": "not-a-serial"}, post.body)


@_kind("unsigned", "refuse", "no Wechatpay headers at all")
def _unsigned(letter: Letter) -> Post:
    post = letter.genuine()
    return Post({k: v for k, v in post.headers.items() if not k.startswith("Wechatpay-")}, post.body)


@_kind("signtest", "refuse", "WeChat Pay's own probe: a signature beginning WECHATPAY/SIGNTEST/")
def _signtest(letter: Letter) -> Post:
    post = letter.genuine()
    return Post(post.headers | {"Wechatpay-Signature": "WECHATPAY/SIGNTEST/" + "0" * 325}, post.body)


@_kind("truncated", "refuse", "half the body, signed when it was whole")
def _truncated(letter: Letter) -> Post:
    post = letter.genuine()
    return Post(post.headers, post.body[: len(post.body) // 2])


@_kind("empty", "refuse", "no body, rightly signed")
def _empty(letter: Letter) -> Post:
    return letter.signed(b"")


@_kind("not_json", "refuse", "rightly signed, but no JSON")
def _not_json(letter: Letter) -> Post:
    return letter.signed(b"<xml><return_code>SUCCESS</return_code></xml>")


@_kind("not_an_object", "refuse", "rightly signed JSON, but a list")
def _not_an_object(letter: Letter) -> Post:
    return letter.signed(encode([letter.envelope()]))


@_kind("not_utf8", "refuse", "rightly signed bytes that are no UTF-8")
def _not_utf8(letter: Letter) -> Post:
    return letter.signed(b'{"id":"\xff\xfe"}')


@_kind("no_resource", "refuse", "rightly signed, the resource missing")
def _no_resource(letter: Letter) -> Post:
    envelope = letter.envelope()
    del envelope["resource"]
    return letter.signed(encode(envelope))


@_kind("wrong_algorithm", "refuse", "rightly signed, the resource under an algorithm nobody knows")
def _wrong_algorithm(letter: Letter) -> Post:
    envelope = letter.envelope()
    envelope["resource"]["algorithm"] = "AEAD_NONE"
    return letter.signed(encode(envelope))


@_kind("wrong_aad", "refuse", "rightly signed, sealed under another associated_data than it says")
def _wrong_aad(letter: Letter) -> Post:
    letter.sealed_as = "certificate"
    return letter.genuine()


@_kind("wrong_apiv3_key", "refuse", "rightly signed, sealed with another APIv3 key")
def _wrong_apiv3_key(letter: Letter) -> Post:
    letter.apiv3_key = secrets.token_bytes(32)
    return letter.genuine()


@_kind("truncated_ciphertext", "refuse", "rightly signed, the tag cut off the ciphertext")
def _truncated_ciphertext(letter: Letter) -> Post:
    envelope = letter.envelope()
    envelope["resource"]["ciphertext"] = envelope["resource"]["ciphertext"][:-24]
    return letter.signed(encode(envelope))


@_kind("wrong_amount", "keep", "from WeChat Pay, but for one yuan less than was ordered")
def _wrong_amount(letter: Letter) -> Post:
    letter.plain = copy.deepcopy(letter.plain)
    amount = letter.plain["amount"]
    for name in ("total", "payer_total"):
        amount[name] = max(1, amount[name] - 100)
    return letter.genuine()


@_kind("wrong_currency", "keep", "from WeChat Pay, but in another currency")
def _wrong_currency(letter: Letter) -> Post:
    letter.plain = copy.deepcopy(letter.plain)
    letter.plain["amount"]["currency"] = "USD"
    return letter.genuine()


@_kind("wrong_merchant", "keep", "from WeChat Pay, but for another merchant")
def _wrong_merchant(letter: Letter) -> Post:
    letter.plain = letter.plain | {"mchid": "1999999999"}
    return letter.genuine()


@_kind("wrong_app", "keep", "from WeChat Pay, but for another appid")
def _wrong_app(letter: Letter) -> Post:
    letter.plain = letter.plain | {"appid": "wxsandbox999999999"}
    return letter.genuine()


@_kind("unknown_order", "keep", "from WeChat Pay, for a number the merchant never gave")
def _unknown_order(letter: Letter) -> Post:
    letter.plain = letter.plain | {"out_trade_no": "NOBODY" + secrets.token_hex(8).upper()}
    return letter.genuine()


_strangers: list[Any] = []


def _stranger() -> Any:
    """A key that belongs to nobody here, made once: RSA keys are slow to make."""
    if not _strangers:
        _strangers.append(new_private_key())
    return _strangers[0]
