"""Every call that leaves the machine passes here: WeChat being slow or dead stops paying, nothing else.

Time-outs are not isolation: with a silent upstream, threads wait in spite of three-second time-outs and other pages
wait with them. So each upstream has a cap on threads in flight (at most a quarter of the server's threads), a breaker
that rests after repeated failures, an allowlist of hosts, and no redirects. Errors of the ``requests`` library carry
whole URLs with ``secret=`` in them; none leaves this module.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import NewConnectionError

from kernel.errors import Unavailable

Patience = Literal["request", "job"]
TIMEOUTS_S: Mapping[str, tuple[float, float]] = {"request": (1, 3), "job": (3, 10)}
"""(connect, read) seconds: a person waits, or a job does."""

_FAILURES_TO_REST = 5
_REST_S = 10.0
_JOB_QUEUE_S = 5.0
_OUT_OF_ORDER = "微信服务暂时没有响应，请过几分钟再试。其他功能不受影响。"


class OutboundFailed(Unavailable):
    """An upstream did not answer as it should.

    ``maybe_sent`` is False when the call certainly never reached it (cap, breaker, no connection); True when it may
    have been accepted there although we saw no answer: then ask, never just send again with a new number.
    """

    def __init__(self, code: str, *, maybe_sent: bool) -> None:
        super().__init__(code, _OUT_OF_ORDER)
        self.maybe_sent = maybe_sent


class HostNotAllowed(Exception):
    """A program tried to call a host that is not in the configuration: a mistake or an attack, never a user's fault."""


class Upstream:
    """One system we call, with its own cap and breaker, shared by all threads of this process.

    ``bases``: the URLs it may be called at (scheme, host and port count). ``cap``: threads in flight.
    """

    def __init__(self, name: str, bases: list[str], *, cap: int, rest_s: float = _REST_S) -> None:
        self.name = name
        self._allowed = frozenset(_origin(base) for base in bases)
        self._slots = threading.BoundedSemaphore(cap)
        self._lock = threading.Lock()
        self._failures = 0
        self._rests_until = 0.0
        self._rest_s = rest_s
        self._held = threading.local()

    @contextmanager
    def guard(self, patience: Patience = "request") -> Iterator[None]:
        """Hold a slot of this upstream round a call, also round an SDK's. Held twice by one thread it counts once.

        Raises ``OutboundFailed`` when the cap is reached (a job first waits a little), while the breaker rests, and in
        place of every transport error. Other exceptions pass and count as an answer.
        """
        if getattr(self._held, "yes", False):
            with _scrubbing():
                yield
            return
        self._enter(patience)
        self._held.yes, self._held.failed = True, False
        try:
            with _scrubbing():
                yield
        except OutboundFailed as error:
            self._note(failed=error.code != "upstream-refused")
            raise
        except Exception:
            self._note(failed=self._held.failed)
            raise
        else:
            self._note(failed=self._held.failed)
        finally:
            self._held.yes = False
            self._slots.release()

    def session(self, patience: Patience = "request") -> requests.Session:
        """A new ``requests.Session`` for code or an SDK that takes one: allowlist, time-outs, no redirects, guarded."""
        return _GuardedSession(self, patience)

    def allows(self, url: str) -> bool:
        """May ``url`` be called through this upstream?"""
        return _origin(url) in self._allowed

    def note_server_error(self) -> None:
        """Tell the breaker that the call now held answered with a 5xx."""
        self._held.failed = True

    def _enter(self, patience: Patience) -> None:
        with self._lock:
            resting = self._failures >= _FAILURES_TO_REST
            if resting and time.monotonic() < self._rests_until:
                raise OutboundFailed("upstream-resting", maybe_sent=False)
            if resting:
                # One caller tries; the others keep resting until it has come back.
                self._rests_until = time.monotonic() + self._rest_s
        taken = self._slots.acquire(timeout=_JOB_QUEUE_S) if patience == "job" else self._slots.acquire(blocking=False)
        if not taken:
            raise OutboundFailed("upstream-busy", maybe_sent=False)

    def _note(self, *, failed: bool) -> None:
        with self._lock:
            if not failed:
                self._failures = 0
                return
            self._failures += 1
            if self._failures >= _FAILURES_TO_REST:
                self._rests_until = time.monotonic() + self._rest_s


class _GuardedSession(requests.Session):
    def __init__(self, upstream_: Upstream, patience: Patience) -> None:
        super().__init__()
        self._upstream = upstream_
        self._patience: Patience = patience
        self.trust_env = False  # no proxy, no .netrc from the environment: only what the configuration names

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """As in requests; time-outs and redirects are ours whatever the caller says."""
        address = url.decode() if isinstance(url, bytes) else url
        if not self._upstream.allows(address):
            raise HostNotAllowed(f"{self._upstream.name}: host not in the configuration")
        kwargs["timeout"] = TIMEOUTS_S[self._patience]
        kwargs["allow_redirects"] = False
        with self._upstream.guard(self._patience):
            answer = super().request(method, url, *args, **kwargs)
            if answer.status_code >= 500:
                self._upstream.note_server_error()
        return answer


_upstreams: dict[str, Upstream] = {}


def configure(bases: Mapping[str, list[str]], *, threads: int) -> None:
    """Set this process's upstreams: name -> base URLs from the configuration. Called once, by the app factory.

    ``threads``: how many requests (or jobs) this process works on at once; an upstream gets at most a quarter of them,
    and at least one.
    """
    _upstreams.clear()
    _upstreams.update({name: Upstream(name, list(urls), cap=max(1, threads // 4)) for name, urls in bases.items()})


def upstream(name: str) -> Upstream:
    """The upstream of that name; a ``RuntimeError`` when it was not configured."""
    try:
        return _upstreams[name]
    except KeyError:
        raise RuntimeError(f"no upstream named {name} was configured") from None


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or "\\" in url:
        raise HostNotAllowed("not an address we call")
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


@contextmanager
def _scrubbing() -> Iterator[None]:
    try:
        yield
    except OSError as error:  # every error of requests, sockets and TLS
        failure = _scrubbed(error)
        # Python keeps the original as context: empty it, so that no error reporter finds the URL there.
        error.args, error.__cause__, error.__context__ = (type(error).__name__,), None, None
        if isinstance(error, requests.RequestException):
            error.request = error.response = None
        raise failure from None


def _scrubbed(error: OSError) -> OutboundFailed:
    if isinstance(error, requests.HTTPError) and error.response is not None and error.response.status_code < 500:
        return OutboundFailed("upstream-refused", maybe_sent=True)
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, requests.ConnectTimeout | ConnectionRefusedError) or isinstance(reason, NewConnectionError):
        return OutboundFailed("upstream-unreachable", maybe_sent=False)
    if isinstance(error, requests.Timeout | TimeoutError):
        return OutboundFailed("upstream-silent", maybe_sent=True)
    return OutboundFailed("upstream-failed", maybe_sent=True)
