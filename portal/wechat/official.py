"""The official account through wechatpy 1.8.18, wrapped where it does not hold (WECHAT.md §1.3).

Our base addresses; tokens from the shared row by ``stable_token``; no endless retry; time-outs, cap and breaker of
``kernel.outbound`` on every call; no exception of the library leaves, because they carry requests with the secret in
their address.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatException
from wechatpy.oauth import WeChatOAuth

from kernel.errors import Unavailable
from kernel.outbound import OutboundFailed, upstream
from portal.wechat import services
from portal.wechat.models import CredentialKind
from portal.wechat.port import CodeRefused, PageSignature, Visitor
from portal.wechat.tokens import SharedTokens

R = TypeVar("R")

_TOKEN_REFUSED = {40001, 40014, 42001}
_CODE_USED = {40163}
_CODE_BAD = {40029, 41008, 42003}


@dataclass(frozen=True)
class Settings:
    """Where the account is and who we are there. Bases are without a slash at the end."""

    app_id: str
    secret: str
    api_base: str
    open_base: str

    def __repr__(self) -> str:
        return f"Settings({self.app_id})"


class _Client(WeChatClient):
    """wechatpy's client at our address; the token comes from the shared row."""

    def __init__(self, settings: Settings) -> None:
        self.API_BASE_URL = f"{settings.api_base}/cgi-bin/"
        self._settings = settings
        self.tokens = SharedTokens(settings.app_id, self._stable_token)
        super().__init__(settings.app_id, settings.secret, session=self.tokens, auto_retry=False)
        self._http = upstream("wechat").session()

    def fetch_access_token(self) -> Any:
        """Never by wechatpy itself: its own way has the address built in and invalidates everybody else's token."""
        raise Unavailable("wechat-failed", _DOWN)

    def _stable_token(self) -> tuple[str, int]:
        body = {
            "grant_type": "client_credential",
            "appid": self._settings.app_id,
            "secret": self._settings.secret,
            "force_refresh": False,
        }
        answer = self._http.post(f"{self.API_BASE_URL}stable_token", json=body)
        found = json.loads(answer.content)
        return found["access_token"], int(found["expires_in"])


_DOWN = "微信服务暂时没有响应，请过几分钟再试。其他功能不受影响。"


class WechatpyAccount:
    """``OfficialAccount`` of ``port`` over wechatpy. One a process; a client a call (a session made before a fork is
    a socket shared between processes).
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def authorize_url(self, *, state: str, return_url: str) -> str:
        """The address of WeChat's silent sign-in; computed here, nothing is asked."""
        url: str = self._oauth(return_url, state).authorize_url
        return url

    def visitor(self, code: str) -> Visitor:
        """Exchange a code, once."""
        oauth = self._oauth("", "")

        def exchange() -> Visitor:
            answer = oauth.fetch_access_token(code)
            return Visitor(str(answer["openid"]), snapshot=bool(int(answer.get("is_snapshotuser") or 0)))

        errcode, found = _in_turn(lambda: _asked(exchange))
        if found is not None:
            return found
        if errcode in _CODE_USED or errcode in _CODE_BAD:
            raise CodeRefused(used=errcode in _CODE_USED)
        raise Unavailable("wechat-failed", _DOWN)

    def sign_page(self, url: str, *, now: datetime) -> PageSignature:
        """Sign an address with the shared ticket."""
        client = _Client(self._settings)
        ticket = services.credential(self._settings.app_id, CredentialKind.JSAPI_TICKET, lambda: self._ticket(client))
        nonce, timestamp = secrets.token_hex(8), int(now.timestamp())
        signature: str = client.jsapi.get_jsapi_signature(nonce, ticket, timestamp, url)
        return PageSignature(self._settings.app_id, timestamp, nonce, signature)

    def _ticket(self, client: _Client) -> tuple[str, int]:
        def ask() -> tuple[str, int]:
            answer = client.jsapi.get_ticket()
            return answer["ticket"], int(answer["expires_in"])

        errcode, found = _asked(ask)
        if found is None and errcode in _TOKEN_REFUSED:
            # Renew only if the row still holds the refused one, then ask once more and no further.
            client.tokens.refused = client.tokens.last
            errcode, found = _asked(ask)
        if found is None:
            raise Unavailable("wechat-failed", _DOWN)
        return found

    def _oauth(self, return_url: str, state: str) -> WeChatOAuth:
        oauth = WeChatOAuth(self._settings.app_id, self._settings.secret, return_url, "snsapi_base", state)
        oauth.API_BASE_URL = f"{self._settings.api_base}/"
        oauth.OAUTH_BASE_URL = f"{self._settings.open_base}/connect/"
        oauth._http = upstream("wechat").session()
        return oauth


_waiting = threading.BoundedSemaphore(2)
"""How many threads of a process may stand in line for WeChat; the others go on serving everything else."""

_PAUSES_S = (0.05, 0.1, 0.2, 0.3)


def _in_turn(call: Callable[[], R]) -> R:
    """Run a call; if all slots of the upstream are taken, wait a little for one, but never with many threads at once.

    A quarter of the threads may be at WeChat together. When a whole estate opens a push that is soon reached for some
    tenths of a second, and most callers only need those.
    """
    try:
        return call()
    except OutboundFailed as failure:
        if failure.code != "upstream-busy" or not _waiting.acquire(blocking=False):
            raise
    try:
        for pause_s in _PAUSES_S:
            time.sleep(pause_s)
            try:
                return call()
            except OutboundFailed as failure:
                if failure.code != "upstream-busy":
                    raise
        raise OutboundFailed("upstream-busy", maybe_sent=False)
    finally:
        _waiting.release()


def _asked(call: Callable[[], R]) -> tuple[int | None, R | None]:
    """Run a call of the library: (None, answer), or (errcode or None, None). Its exceptions hold addresses with the
    secret in them, so none is kept, not even as a cause.
    """
    errcode: int | None = None
    try:
        return None, call()
    except WeChatException as error:
        errcode = int(error.errcode) if error.errcode else None
    except (ValueError, KeyError, TypeError, AttributeError):
        pass  # not the answer that was promised
    return errcode, None
