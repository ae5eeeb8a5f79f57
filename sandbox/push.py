"""Message push: what WeChat posts to an official account's server, in plain or in safe (AES) mode.

The address is proved first as in life (GET with ``echostr``). A message is tried three times, each within five seconds,
until the server answers 200; a passive reply in the answer is opened and kept. Written from WeChat's own description of
the format, and proved by wechatpy as the receiver (``tests/sandbox/test_push.py``).
"""

import base64
import hashlib
import os
import secrets
import struct
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

TRIES = 3
BLOCK = 32
MODES = ("plain", "aes")
KINDS = {
    "genuine": "as WeChat sends it",
    "wrong_signature": "the signature of the query is another's",
    "wrong_msg_signature": "aes: the signature over the ciphertext is another's",
    "stale": "stamped an hour ago",
    "wrong_app": "aes: sealed for another account",
    "changed_body": "aes: the ciphertext was altered after it was signed",
    "plain_in_safe_mode": "aes: the body is in the clear, as a forger sends it who saw one query string",
    "not_xml": "no XML at all",
}


def signature(*parts: str) -> str:
    """SHA-1 (hex) over the sorted parts."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324  (WeChat's own scheme)


def _key(aes_key: str) -> bytes:
    found = base64.b64decode(aes_key + "=")
    if len(found) != 32:
        raise ValueError("aes_key is 43 letters and digits")
    return found


def seal(aes_key: str, app_id: str, text: str) -> str:
    """``Encrypt``: AES-256-CBC over 16 random bytes, the length, the text and the account, padded to 32."""
    key, said = _key(aes_key), text.encode()
    plain = os.urandom(16) + struct.pack(">I", len(said)) + said + app_id.encode()
    fill = BLOCK - len(plain) % BLOCK
    writer = Cipher(AES(key), CBC(key[:16])).encryptor()
    return base64.b64encode(writer.update(plain + bytes([fill]) * fill) + writer.finalize()).decode("ascii")


def unseal(aes_key: str, sealed: str) -> tuple[str, str]:
    """What ``seal`` closed: the text and the account it names. Raises ValueError."""
    key = _key(aes_key)
    reader = Cipher(AES(key), CBC(key[:16])).decryptor()
    plain = reader.update(base64.b64decode(sealed)) + reader.finalize()
    plain = plain[: -plain[-1]]
    (length,) = struct.unpack(">I", plain[16:20])
    return plain[20 : 20 + length].decode(), plain[20 + length :].decode()


@dataclass
class Server:
    """Where the account's messages go. ``verified`` once it has echoed."""

    url: str = ""
    token: str = ""
    aes_key: str = ""
    mode: str = "aes"
    verified: bool = False


@dataclass
class Push:
    """One message or event with its tries."""

    openid: str
    kind: str
    xml: str
    at: str
    tries: list[dict[str, Any]] = field(default_factory=list)
    reply: str = ""

    @property
    def taken(self) -> bool:
        """Whether the server answered 200."""
        return any(one["status"] == 200 for one in self.tries)

    def as_json(self) -> dict[str, Any]:
        """For the control API."""
        told = {"openid": self.openid, "kind": self.kind, "xml": self.xml, "at": self.at}
        return told | {"tries": self.tries, "taken": self.taken, "reply": self.reply}


def message_xml(account: str, openid: str, created: int, fields: Mapping[str, Any]) -> str:
    """The XML of a message; ``fields`` are its own (MsgType, Content, Event, EventKey …)."""
    own = {"ToUserName": account, "FromUserName": openid, "CreateTime": created, **fields}
    if own.get("MsgType") != "event":
        own.setdefault("MsgId", secrets.randbelow(10**18) + 10**18)
    lines = [
        f"<{name}>{value}</{name}>" if isinstance(value, int) else f"<{name}><![CDATA[{_cdata(value)}]]></{name}>"
        for name, value in own.items()
    ]
    return "<xml>" + "".join(lines) + "</xml>"


def _cdata(value: Any) -> str:
    return str(value).replace("]]>", "]]]]><![CDATA[>")


class Pushes:
    """The pushes of one official account. Never holds the world's lock while it waits."""

    def __init__(self, app_id: str, stamp: Callable[[], int], patience_s: float) -> None:
        self._app_id, self._stamp, self._patience_s = app_id, stamp, patience_s
        self.account = "gh_" + hashlib.sha256(app_id.encode()).hexdigest()[:12]
        self.server = Server()
        self.sent: deque[Push] = deque(maxlen=500)

    def configure(self, url: str, token: str, aes_key: str, mode: str) -> Server:
        """Prove an address as the account's settings page does; it is kept whether or not it echoed."""
        if mode not in MODES:
            raise ValueError(f"mode is one of {', '.join(MODES)}")
        if mode == "aes":
            _key(aes_key)
        echo, given = secrets.token_hex(8), self._query(token)
        status, said = self._call("GET", url, {**given, "echostr": echo}, b"")
        self.server = Server(url, token, aes_key, mode, status == 200 and said == echo)
        return self.server

    def send(self, push: Push) -> Push:
        """Try a push up to three times; each try is written and signed anew."""
        self.sent.append(push)
        for _ in range(TRIES):
            query, body = self._written(push)
            began = time.monotonic()
            status, said = self._call("POST", self.server.url, query, body)
            took = round((time.monotonic() - began) * 1000)
            push.tries.append({"status": status, "said": said[:500], "took_ms": took})
            if status == 200:
                push.reply = self._opened(said)
                break
        return push

    def _query(self, token: str, age_s: int = 0) -> dict[str, str]:
        stamp, nonce = str(self._stamp() - age_s), str(secrets.randbelow(10**10))
        return {"signature": signature(token, stamp, nonce), "timestamp": stamp, "nonce": nonce}

    def _written(self, push: Push) -> tuple[dict[str, str], bytes]:
        server, kind = self.server, push.kind
        query = self._query(server.token, 3600 if kind == "stale" else 0) | {"openid": push.openid}
        if kind == "wrong_signature":
            query["signature"] = signature("another", query["timestamp"], query["nonce"])
        if kind == "not_xml":
            return query, b"not xml"
        if server.mode == "plain":
            return query, push.xml.encode()
        sealed = seal(server.aes_key, "wxanother000000000" if kind == "wrong_app" else self._app_id, push.xml)
        token = "another" if kind == "wrong_msg_signature" else server.token
        query |= {
            "encrypt_type": "aes",
            "msg_signature": signature(token, query["timestamp"], query["nonce"], sealed),
        }
        if kind == "changed_body":
            sealed = ("B" if sealed[40] == "A" else "A").join([sealed[:40], sealed[41:]])
        if kind == "plain_in_safe_mode":
            return query, push.xml.encode()
        body = f"<xml><ToUserName><![CDATA[{self.account}]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        return query, body.encode()

    def _opened(self, said: str) -> str:
        """The passive reply in an answer, in the clear; "" for none (``success`` or empty)."""
        if said in ("", "success"):
            return ""
        if self.server.mode == "plain" or "<Encrypt>" not in said:
            return said
        inside = said.partition("<Encrypt>")[2].partition("</Encrypt>")[0]
        try:
            return unseal(self.server.aes_key, inside.replace("<![CDATA[", "").replace("]]>", ""))[0]
        except (ValueError, IndexError, struct.error):
            return "(a reply that does not open)"

    def _call(self, method: str, url: str, query: dict[str, str], body: bytes) -> tuple[int | None, str]:
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.request(
                    method,
                    url,
                    params=query,
                    data=body or None,
                    headers={"Content-Type": "text/xml"} if body else {},
                    timeout=self._patience_s,
                    allow_redirects=False,
                )
                return answer.status_code, answer.text[:20_000]
        except (requests.RequestException, OSError) as trouble:
            return None, type(trouble).__name__
