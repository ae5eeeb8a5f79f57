"""Everything this sandbox remembers, behind one lock."""

import threading
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Response

from sandbox import keys as key_files
from sandbox.bills import Bills
from sandbox.callbacks import Callbacks
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.journal import Journal
from sandbox.ledger import Ledger
from sandbox.oauth import Grants
from sandbox.official import Account
from sandbox.personas import Personas
from sandbox.phones import Phones
from sandbox.platform import Platform
from sandbox.push import Pushes
from sandbox.settings import Settings
from sandbox.signing import Signer, signed_headers

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class World:
    """One sandbox's state. Take ``lock`` for every look or change; never hold it while waiting or calling out."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.keys = key_files.load(settings.keys_dir)
        self.lock = threading.RLock()
        self.clock = Clock()
        self.personas = Personas(settings.personas_file)
        self._begin()
        self.callbacks = Callbacks(
            self.clock,
            self.lock,
            self.keys.apiv3_key,
            lambda: self.platform.callback_signer(),
            settings.patience_s,
        )
        self.callbacks.settle = self.settle
        self.faults = Faults()
        self.journal = Journal()

    def _begin(self) -> None:
        public = Signer(self.keys.public_key_id, self.keys.platform_private)
        self.platform = Platform(public, self.keys.apiv3_key)
        self.grants = Grants(self.clock)
        self.account = Account(self.clock)
        self.ledger = Ledger(self.clock, self.settings.app_id, self.settings.mchid, self.settings.fee_per_10000)
        self.bills = Bills(self.clock, lambda: self.ledger)
        self.phones = Phones()
        self.pushes = Pushes(self.settings.app_id, self.clock.stamp, self.settings.patience_s)
        self.seen_nonces: dict[str, float] = {}

    def reset(self) -> None:
        """As if just started: only keys and settings stay; the clock goes back to real time."""
        self._begin()
        self.personas.reset()
        self.callbacks.reset()
        self.faults.reset()
        self.journal.reset()
        self.clock.reset()

    def settle(self) -> datetime | None:
        """Settle refunds whose moment has come and tell the merchant; returns when the next one settles."""
        for refund in self.ledger.settle():
            self.callbacks.refund(refund)
        return self.ledger.next_settlement()

    def sign_again(self, answer: Response, late_s: int = 0) -> None:
        """Put fresh signature headers on an answer, stamped ``late_s`` seconds ago."""
        signer = self.platform.answer_signer(answer.headers.get("Wechatpay-Serial", ""))
        for name, value in signed_headers(signer, self.clock.stamp() - late_s, answer.get_data()).items():
            answer.headers[name] = value

    def may_go(self, url: Any) -> bool:
        """Whether people or callbacks may be sent to ``url``: http(s) on loopback or on a configured host."""
        if not isinstance(url, str):
            return False
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and (host in _LOOPBACK or host in self.settings.hosts)
