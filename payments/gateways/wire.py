"""One merchant's wire to WeChat Pay: wechatpayv3's core with our transport and our caution.

The library signs, seals and opens. Added is what it lacks (WECHAT §2.3): the base address, time-outs and the cap on
calls in flight, the ±300 s window, refusal of unknown key serials before the library sees them (it would call out on a
stranger's request), bytes signed exactly as sent.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from wechatpayv3.core import Core
from wechatpayv3.type import RequestType
from wechatpayv3.utils import build_authorization, load_private_key

from kernel.outbound import OutboundFailed, Upstream
from payments.gateways.answers import shaped
from payments.gateways.certificates import Certificates, opened, serial_of
from payments.gateways.port import Patience, Unknown

WINDOW = timedelta(seconds=300)
"""How old, or how far ahead, a signed message may be (WeChat Pay document 4013053420 §2.1)."""

SIGNED = (
    "Wechatpay-Signature",
    "Wechatpay-Timestamp",
    "Wechatpay-Nonce",
    "Wechatpay-Serial",
    "Wechatpay-Signature-Type",
)


@dataclass(frozen=True)
class Merchant:
    """One account holder's merchant account and what it takes to speak for it; all key material as PEM text.

    WeChat Pay's signatures are checked by its public key, by its platform certificates (given, or fetched into
    ``certificates_folder``), or by both side by side while WeChat moves its callbacks over (WECHAT §3.3).
    """

    merchant_id: str
    app_id: str
    private_key: str
    certificate_serial: str
    apiv3_key: str
    public_key: str = ""
    public_key_id: str = ""
    platform_certificates: Sequence[str] = ()
    certificates_folder: Path | None = None


class Wire(Core):
    """The library's core with our transport and our caution. Key objects are parsed once, here."""

    def __init__(
        self,
        merchant: Merchant,
        held: Certificates,
        base_url: str,
        upstream: Upstream,
        patience: Patience,
        now: Callable[[], datetime],
    ):
        super().__init__(
            mchid=merchant.merchant_id,
            cert_serial_no=merchant.certificate_serial,
            private_key=merchant.private_key,
            apiv3_key=merchant.apiv3_key,
            public_key=merchant.public_key or None,
            public_key_id=merchant.public_key_id or None,
        )
        self._gate_way = base_url.rstrip("/")
        self._upstream, self._patience, self._now, self._held = upstream, patience, now, held

    def _init_certificates(self) -> None:
        """Never: making a gateway calls nobody."""

    def _update_certificates(self) -> None:
        """Never: a stranger's request must not make us call out."""

    def knows(self, serial: str) -> bool:
        """Is this one of the keys we were given, or fetched ourselves?"""
        if serial == self._public_key_id:
            return True
        self._certificates = self._held.valid(self._now())
        return serial.upper().lstrip("0") in map(serial_of, self._certificates)

    def renewed_certificates(self) -> list[str]:
        """Fetch WeChat Pay's certificates (PEM). The seal under our own key is their proof the first time, and one of
        them must have signed the answer. ``Unknown`` when that does not hold; ``Rejected`` in public-key mode.
        """
        answer = self._sent("/v3/certificates", RequestType.GET, "")
        told = shaped(answer.status_code, answer.content.decode("utf-8", errors="replace"))
        fresh = opened(told, self._apiv3_key)
        believing = Certificates(fresh).valid(self._now())
        self._certificates = [*self._held.valid(self._now()), *believing]
        if not believing or not self.is_timely(answer.headers, self._now()) or not self._is_signed(answer):
            raise Unknown("the answer's certificates cannot be verified")
        return fresh

    def may_be_signed(self, headers: Mapping[str, str], now: datetime) -> bool:
        """Before any key is used: is the time stamp within the window around ``now``, and the key one we know?"""
        return self.is_timely(headers, now) and self.knows(headers.get("Wechatpay-Serial", ""))

    @staticmethod
    def is_timely(headers: Mapping[str, str], now: datetime) -> bool:
        """Is the time stamp within the window around ``now``?"""
        stamp = headers.get("Wechatpay-Timestamp", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            return False
        return abs(now.timestamp() - int(stamp)) <= WINDOW.total_seconds()

    def request(
        self,
        path: str,
        method: RequestType = RequestType.GET,
        data: Mapping[str, Any] | None = None,
        *unused: object,
        **_unused: object,
    ) -> tuple[int, str]:
        """Send one call; return (HTTP status, body). ``Unknown`` when the outcome is not known."""
        # Serialised once: what is signed is, to the byte, what is sent.
        body = json.dumps(data, ensure_ascii=False, separators=(",", ":")) if data is not None else ""
        answer = self._sent(path, method, body)
        if answer.status_code < 300 and not self._is_believed(answer):
            raise Unknown("the answer's signature cannot be verified")
        return answer.status_code, answer.content.decode("utf-8", errors="replace")

    def download(self, url: str) -> tuple[int, bytes]:
        """Fetch a file the service named; its bytes are not signed, the hash told with the link is its proof."""
        if not url.startswith(self._gate_way + "/"):
            raise Unknown("the link leads elsewhere")
        answer = self._sent(url.removeprefix(self._gate_way), RequestType.GET, "")
        return answer.status_code, answer.content

    def _sent(self, path: str, method: RequestType, body: str) -> requests.Response:
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "gongjian",
            # It selects the key that signs the answer (WECHAT §3.1); with certificates WeChat chooses.
            **({"Wechatpay-Serial": self._public_key_id} if self._public_key_id else {}),
            "Authorization": build_authorization(
                path, method.value, self._mchid, self._cert_serial_no, self._private_key, data=body
            ),
        }
        try:
            with self._upstream.session(self._patience) as session:
                answer = session.request(
                    method.value, self._gate_way + path, data=body.encode() or None, headers=headers
                )
        except OutboundFailed as failed:
            raise Unknown(failed.code) from None
        if answer.status_code >= 500 or answer.status_code == 429:
            raise Unknown(f"HTTP {answer.status_code}")
        if 300 <= answer.status_code < 400:
            raise Unknown(f"HTTP {answer.status_code}")
        return answer

    def _is_believed(self, answer: requests.Response) -> bool:
        headers = {name: answer.headers.get(name, "") for name in SIGNED}
        return self.may_be_signed(headers, self._now()) and self._is_signed(answer)

    def _is_signed(self, answer: requests.Response) -> bool:
        headers = {name: answer.headers.get(name, "") for name in SIGNED}
        try:
            return bool(self._verify_signature(headers, answer.content.decode("utf-8")))
        except Exception:  # the library raises five kinds for a bad answer; each means: not believed
            return False


def public_half(private_key: str) -> str:
    """The public key (PEM) of a private one. Raises ValueError when there is none."""
    pair = load_private_key(private_key)
    if pair is None:
        raise ValueError("the merchant's private key is missing")
    return str(pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii"))
