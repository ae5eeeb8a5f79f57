"""What the product asks of WeChat's official account, in its own words. No type of the library crosses this line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kernel.errors import Unavailable


@dataclass(frozen=True)
class Visitor:
    """Who came back from WeChat. ``snapshot``: a virtual openid of a preview page, which belongs to nobody."""

    openid: str
    snapshot: bool


@dataclass(frozen=True)
class PageSignature:
    """What ``wx.config`` needs on one page. ``timestamp``: seconds since 1970."""

    app_id: str
    timestamp: int
    nonce: str
    signature: str


class CodeRefused(Exception):
    """WeChat does not take this OAuth code. ``used``: it was good once (a step back, a request sent twice)."""

    def __init__(self, *, used: bool) -> None:
        super().__init__("code refused")
        self.used = used


class OfficialAccount(Protocol):
    """The official account of this deployment."""

    def authorize_url(self, *, state: str, return_url: str) -> str:
        """Where to send a browser to learn silently who it is; it comes back to ``return_url`` with code and state."""

    def visitor(self, code: str) -> Visitor:
        """Who a code stands for. Raises CodeRefused, or Unavailable when WeChat does not answer as it should."""

    def sign_page(self, url: str, *, now: datetime) -> PageSignature:
        """Sign a page's address (without its fragment) for the JS-SDK. Raises Unavailable."""


_account: OfficialAccount | None = None


def configure(account: OfficialAccount | None) -> None:
    """Set this process's official account; the application factory does."""
    global _account
    _account = account


def official_account() -> OfficialAccount:
    """The configured account. Raises Unavailable when this deployment has none yet."""
    if _account is None:
        raise Unavailable("wechat-not-set-up", "这里还没有接通微信登录。请联系社区，可以先填纸质问卷或请工作人员上门。")
    return _account
