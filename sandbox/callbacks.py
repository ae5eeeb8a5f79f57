"""The callback driver: tells the merchant what happened, with WeChat Pay's patience and on the sandbox's clock.

A notice waits, is tried, and is tried again by ``RETRY_S`` until the merchant answers 200 or 204 within five seconds.
Every try is sealed and signed anew (a retry three hours later must not look stale). One thread watches the clock; each
try runs in a thread of its own, so a slow merchant delays nobody else.
"""

import random
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import requests

from sandbox.clock import Clock, china_text
from sandbox.ledger import Order, Refund
from sandbox.letters import KINDS, Letter, Post
from sandbox.notices import RETRY_S, Attempt, Notice, Plan
from sandbox.signing import Signer

PATIENCE_S = 5.0
MOST_AT_ONCE = 64


class Callbacks:
    """All notices of one sandbox. Its own state is guarded by ``lock``, which the world shares."""

    def __init__(
        self,
        clock: Clock,
        lock: threading.RLock,
        apiv3_key: bytes,
        signer: Callable[[], Signer],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._clock, self._lock, self._apiv3_key, self._signer = clock, lock, apiv3_key, signer
        self._patience_s = patience_s
        self._wake = threading.Condition(lock)
        self._stopping = False
        self._thread: threading.Thread | None = None
        self.settle: Callable[[], datetime | None] = lambda: None
        self.notices: deque[Notice] = deque(maxlen=2000)
        self.plans: deque[Plan] = deque()
        self.automatic = True
        self.probe_percent = 0
        self._chance = random.Random(7)

    # News ------------------------------------------------------------------------------------------------------------

    def payment(self, order: Order) -> Notice:
        """Tell of a payment."""
        return self._add(
            "payment",
            order.out_trade_no,
            order.notify_url,
            "TRANSACTION.SUCCESS",
            "transaction",
            "支付成功",
            order.trade(),
        )

    def refund(self, refund: Refund) -> Notice | None:
        """Tell of a refund that settled, if the merchant named an address for it."""
        url = refund.asked.get("notify_url")
        if not url:
            return None
        words = {"SUCCESS": "退款成功", "ABNORMAL": "退款异常", "CLOSED": "退款关闭"}
        return self._add(
            "refund",
            refund.out_refund_no,
            url,
            f"REFUND.{refund.status}",
            "refund",
            words[refund.status],
            refund.news(),
        )

    def _add(
        self, of: str, number: str, url: str, event: str, original: str, summary: str, plain: dict[str, Any]
    ) -> Notice:
        now = self._clock.now()
        notice = Notice(str(uuid.uuid4()), of, number, url, event, original, summary, plain, now, now)
        plan = next((p for p in self.plans if p.of in (of, "any")), None)
        if plan:
            self.plans.remove(plan)
            notice.how, notice.kind = plan.how, plan.kind or "genuine"
            if plan.how == "lost":
                notice.state, notice.due = "lost", None
            elif plan.how == "late":
                notice.due = now + timedelta(seconds=plan.seconds)
            elif plan.how == "overtaken":
                # It goes when later news about the same order has arrived.
                notice.due = None
        self.notices.append(notice)
        self._wake.notify_all()
        return notice

    def find(self, notice_id: str) -> Notice | None:
        """The notice of this id."""
        return next((n for n in self.notices if n.notice_id == notice_id), None)

    def sketch(self, order: Order) -> Notice:
        """A notice that claims an unpaid order was paid; it is never sent by itself, only forgeries are made of it."""
        now = self._clock.now()
        claim = replace(order, state="SUCCESS", transaction_id="4200" + "0" * 24, paid_by=order.payer, paid_at=now)
        return Notice(
            str(uuid.uuid4()),
            "payment",
            order.out_trade_no,
            order.notify_url,
            "TRANSACTION.SUCCESS",
            "transaction",
            "支付成功",
            claim.trade(),
            now,
            None,
            state="sketch",
        )

    def letter(self, notice: Notice) -> Letter:
        """A fresh letter with this notice's news, stamped and sealed now."""
        return Letter(
            notice_id=notice.notice_id,
            created=china_text(notice.created),
            event_type=notice.event_type,
            original_type=notice.original_type,
            summary=notice.summary,
            plain=notice.plain,
            signer=self._signer(),
            apiv3_key=self._apiv3_key,
            stamp=self._clock.stamp(),
        )

    def again(self, notice: Notice) -> None:
        """Send it once more from the start, whatever became of it."""
        notice.state, notice.due, notice.tries, notice.how = "waiting", self._clock.now(), 0, ""
        notice.kind = "genuine"
        self._wake.notify_all()

    # Sending ---------------------------------------------------------------------------------------------------------

    def send(self, notice: Notice, kind: str, *, heard: bool = True) -> Attempt:
        """Post one letter of this kind now and wait for the answer; no lock is held while waiting. Not ``heard``: the
        merchant has acted and answers, and the connection is gone before the answer is read.
        """
        with self._lock:
            post = KINDS[kind].write(self.letter(notice))
            at = china_text(self._clock.now())
        attempt = self._post(notice.url, post, at, kind)
        if not heard:
            attempt = replace(attempt, status=None, said="the connection was cut before the answer was read")
        with self._lock:
            notice.attempts.append(attempt)
        return attempt

    def _post(self, url: str, post: Post, at: str, kind: str) -> Attempt:
        started = time.monotonic()
        status: int | None = None
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.post(
                    url,
                    data=post.body,
                    headers=post.headers,
                    timeout=self._patience_s,
                    allow_redirects=False,
                    stream=True,
                )
                # Five seconds for the whole of it, not between two bytes.
                said = answer.raw.read(500, decode_content=True).decode("utf-8", "replace")
                status = answer.status_code if time.monotonic() - started <= self._patience_s else None
                answer.close()
        except (requests.RequestException, OSError) as trouble:
            said = type(trouble).__name__
        return Attempt(at, kind, status, said, round((time.monotonic() - started) * 1000))

    def _deliver(self, notice: Notice) -> None:
        """One due try in this notice's manner, then the next date."""
        first = notice.tries == 0
        if first and notice.how in ("probe_first", "forge_first"):
            self.send(notice, "signtest" if notice.how == "probe_first" else notice.kind)
        elif self._chance.randrange(100) < self.probe_percent:
            self.send(notice, "signtest")
        kind = notice.kind if notice.how == "" else "genuine"
        if first and notice.how == "concurrent":
            other = threading.Thread(target=self.send, args=(notice, kind), daemon=True)
            other.start()
            attempt = self.send(notice, kind)
            other.join()
        else:
            attempt = self.send(notice, kind, heard=not (first and notice.how == "unheard"))
            if first and notice.how == "twice" and attempt.accepted:
                self.send(notice, kind)
        with self._lock:
            notice.in_flight = False
            notice.tries += 1
            if attempt.accepted:
                notice.state, notice.due = "delivered", None
                self._overtake(notice)
            elif notice.tries > len(RETRY_S):
                notice.state, notice.due = "given_up", None
            else:
                notice.due = self._clock.now() + timedelta(seconds=RETRY_S[notice.tries - 1])
            self._wake.notify_all()

    def _overtake(self, notice: Notice) -> None:
        """What was to be overtaken by this news goes now."""
        for other in self.notices:
            if (
                other.how == "overtaken"
                and other.state == "waiting"
                and other is not notice
                and other.plain["out_trade_no"] == notice.plain["out_trade_no"]
            ):
                other.due = other.due or self._clock.now()

    # Time ------------------------------------------------------------------------------------------------------------

    def _take_due(self) -> list[Notice]:
        now = self._clock.now()
        room = MOST_AT_ONCE - sum(n.in_flight for n in self.notices)
        due = [n for n in self.notices if n.due is not None and n.due <= now and not n.in_flight][: max(0, room)]
        for notice in due:
            notice.in_flight = True
        return due

    def deliver_due(self) -> int:
        """Settle and send all that is due now, and wait until it is done; returns how many were tried."""
        tried = 0
        while True:
            with self._lock:
                self.settle()
                due = self._take_due()
            for notice in due:
                self._deliver(notice)
            tried += len(due)
            if not due:
                return tried

    def advance(self, seconds: float) -> int:
        """Move the clock on, stopping at every date on the way so that each try happens at its own moment.

        Returns how many tries were made. The thread that watches the clock is kept out meanwhile.
        """
        with self._lock:
            was, self.automatic = self.automatic, False
            target = self._clock.now() + timedelta(seconds=seconds)
            self._wake.wait_for(lambda: not any(n.in_flight for n in self.notices), timeout=2 * self._patience_s)
        tried = 0
        try:
            while True:
                tried += self.deliver_due()
                with self._lock:
                    upcoming = self._next_date(self.settle())
                    last = upcoming is None or upcoming > target
                    goal = target if upcoming is None or last else upcoming
                    self._clock.advance(max(0.0, (goal - self._clock.now()).total_seconds()))
                if last:
                    return tried
        finally:
            with self._lock:
                self.automatic = was
                self._wake.notify_all()

    def start(self) -> None:
        """Begin to watch the clock."""
        self._thread = threading.Thread(target=self._watch, name="sandbox-callbacks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; tries under way end by themselves within five seconds."""
        with self._lock:
            self._stopping = True
            self._wake.notify_all()
        if self._thread:
            self._thread.join(timeout=self._patience_s + 1)

    def wake(self) -> None:
        """Something changed: look again."""
        with self._lock:
            self._wake.notify_all()

    def _watch(self) -> None:
        while True:
            with self._lock:
                if self._stopping:
                    return
                settles = self.settle()
                due = self._take_due() if self.automatic else []
                if not due:
                    # Whoever finishes, adds news or moves the clock wakes this thread before its time.
                    self._wake.wait(timeout=self._pause(settles))
                    continue
            for notice in due:
                threading.Thread(target=self._deliver, args=(notice,), daemon=True).start()

    def _pause(self, settles: datetime | None) -> float:
        upcoming = self._next_date(settles) if self.automatic else settles
        if upcoming is None:
            return 60.0
        if sum(n.in_flight for n in self.notices) >= MOST_AT_ONCE:
            return 1.0
        return min(60.0, max(0.01, (upcoming - self._clock.now()).total_seconds()))

    def _next_date(self, settles: datetime | None) -> datetime | None:
        dates = [n.due for n in self.notices if n.due is not None and not n.in_flight]
        return min([*dates, *([settles] if settles else [])], default=None)

    def reset(self) -> None:
        """Forget every notice and plan."""
        self.notices.clear()
        self.plans.clear()
        self.automatic, self.probe_percent = True, 0
