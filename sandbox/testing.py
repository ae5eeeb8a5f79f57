"""For other projects' tests: a running sandbox, and its control API as plain methods.

with Running() as wechat:
    app = create_app(wechat_base=wechat.url, keys=wechat.keys_dir)
    ...
    wechat.pay("ORDER1")
    wechat.deliver()
"""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import requests

from sandbox import keys
from sandbox.server import Server
from sandbox.settings import Settings


class ControlError(RuntimeError):
    """The sandbox refused a control call; the text says why."""


class Control:
    """The control API of a sandbox at ``url``, wherever it runs."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = requests.Session()
        self._http.trust_env = False

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def get(self, path: str, **params: str) -> Any:
        """GET ``/_sandbox/<path>``; raises ControlError."""
        return self._said(self._http.get(f"{self.url}/_sandbox/{path}", params=params, timeout=120))

    def post(self, path: str, **body: Any) -> Any:
        """POST ``/_sandbox/<path>`` with a JSON body; raises ControlError."""
        return self._said(self._http.post(f"{self.url}/_sandbox/{path}", json=body, timeout=120))

    def _said(self, answer: requests.Response) -> Any:
        said = answer.json()
        if answer.status_code >= 400:
            raise ControlError(f"{answer.status_code} {said.get('error')}")
        return said

    def reset(self) -> None:
        """Forget everything but keys and settings."""
        self.post("reset")

    # People

    def persona(self, openid: str, name: str, **more: Any) -> None:
        """Let somebody in (says, phone, follows)."""
        self.post("personas", openid=openid, name=name, **more)

    def sign_in_as(self, openid: str, manner: str = "user") -> None:
        """Answer every authorise page at once (manner: user, snapshot, refuse); "" asks again."""
        self.post("oauth/auto", openid=openid, **{"as": manner})

    def code(self, openid: str, **more: Any) -> str:
        """An OAuth code as the redirect would carry it."""
        return str(self.post("oauth/code", openid=openid, **more)["code"])

    def texts(self, to: str = "") -> list[dict[str, Any]]:
        """Text messages, newest first: to, text, at."""
        found: list[dict[str, Any]] = self.get("phones.json", to=to)
        return found

    def messages(self, openid: str = "") -> list[dict[str, Any]]:
        """Template and subscription messages, newest first."""
        found: list[dict[str, Any]] = self.get("messages.json", openid=openid)
        return found

    # Money

    def orders(self) -> list[dict[str, Any]]:
        """Every order, newest first."""
        found: list[dict[str, Any]] = self.get("orders")
        return found

    def order(self, out_trade_no: str) -> dict[str, Any]:
        """One order; raises ControlError 404."""
        found: dict[str, Any] = self.get(f"orders/{quote(out_trade_no, safe='')}")
        return found

    def pay(self, out_trade_no: str, openid: str = "") -> dict[str, Any]:
        """Pay an order without the page."""
        found: dict[str, Any] = self.post(f"orders/{quote(out_trade_no, safe='')}/pay", openid=openid)
        return found

    def settle_refund(self, out_refund_no: str, outcome: str = "SUCCESS") -> dict[str, Any]:
        """Settle a refund now."""
        found: dict[str, Any] = self.post(f"refunds/{quote(out_refund_no, safe='')}/settle", outcome=outcome)
        return found

    def money(self, **how: Any) -> dict[str, Any]:
        """refund_settles_s, refund_outcome, balance_fen, older_codes, fee_per_10000, fees_within; withdraw_fen,
        bounce_withdrawal, move.
        """
        found: dict[str, Any] = self.post("money", **how)
        return found

    # Callbacks, faults, time

    def keys(self, mode: str, **how: Any) -> dict[str, Any]:
        """Which keys WeChat Pay signs with: public_key, certificate or both; see the control API's ``keys``."""
        said: dict[str, Any] = self.post("keys", mode=mode, **how)
        return said

    def hold_callbacks(self, hold: bool = True) -> None:
        """Keep callbacks back until ``deliver`` or ``advance``."""
        self.post("callbacks/automatic", on=not hold)

    def deliver(self) -> int:
        """Make every try that is due now and wait for it; returns how many."""
        return int(self.post("callbacks/deliver")["tried"])

    def callbacks(self, number: str = "") -> list[dict[str, Any]]:
        """Callbacks and their tries, newest first."""
        found: list[dict[str, Any]] = self.get("callbacks", number=number)
        return found

    def next_callback(self, how: str = "", **more: Any) -> None:
        """How the next one goes: lost, twice, concurrent, late (seconds=), overtaken, unheard, probe_first, forge_first
        (kind=).
        """
        self.post("callbacks/next", how=how, **more)

    def send_callback(self, number: str, kind: str = "genuine") -> dict[str, Any]:
        """Send one letter now; returns what the receiver said (status, said, accepted, must)."""
        found: dict[str, Any] = self.post("callbacks/send", number=number, kind=kind)
        return found

    def write_callback(self, number: str, kind: str = "genuine") -> tuple[dict[str, str], bytes]:
        """Headers and raw body of a letter, to post to an application that listens on no port."""
        found = self.post("callbacks/write", number=number, kind=kind)
        return found["headers"], found["body"].encode("utf-8", "surrogateescape")

    def kinds(self, must: str = "") -> list[str]:
        """The ways a callback can be written; ``must`` narrows to refuse, keep or accept."""
        return [k["kind"] for k in self.get("callbacks/kinds") if must in ("", k["must"])]

    def push_to(self, url: str, token: str, aes_key: str = "", mode: str = "aes") -> bool:
        """Where message push goes; whether the address proved itself."""
        return bool(self.post("push/server", url=url, token=token, aes_key=aes_key, mode=mode)["verified"])

    def push(self, openid: str, kind: str = "genuine", **fields: Any) -> dict[str, Any]:
        """Push a message or event now; what the server said (tries, taken, reply)."""
        found: dict[str, Any] = self.post("push/send", openid=openid, kind=kind, **fields)
        return found

    def advance(self, seconds: float) -> int:
        """Move the sandbox's clock on, making every try on the way; returns how many."""
        return int(self.post("clock", advance_s=seconds)["tried"])

    def fault(self, on: str, do: str, **more: Any) -> None:
        """The next call of ``on`` goes wrong (times, seconds, accept, status, answer)."""
        self.post("faults", on=on, do=do, **more)

    def calls(self, call: str = "") -> list[dict[str, Any]]:
        """The last calls the sandbox saw, newest first; ``call`` narrows to one name such as pay.jsapi."""
        return [line for line in self.get("calls") if call in ("", line["call"])]


class Running(Control):
    """A sandbox on a free loopback port, in a thread, for as long as the ``with`` block lasts."""

    def __init__(self, keys_dir: Path | None = None, **settings: Any) -> None:
        self.keys_dir = keys_dir or common_keys()
        self.server = Server(Settings(keys_dir=self.keys_dir, port=0, **settings))
        super().__init__(self.server.url)
        self.settings = self.server.world.settings

    @property
    def environment(self) -> dict[str, str]:
        """What a merchant's program has to be told, as ``python -m sandbox.keys --env`` prints it."""
        return keys.environment(self.keys_dir, self.settings)

    def __enter__(self) -> "Running":
        self.server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
        self.server.stop()


@functools.cache
def common_keys() -> Path:
    """One folder of keys for all sandboxes of this process: making RSA keys takes a good part of a second."""
    folder = Path(tempfile.mkdtemp(prefix="sandbox-keys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    keys.make(folder)
    return folder
