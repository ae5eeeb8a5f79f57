"""The storage that wechatpy asks for its access token: ours, shared by all workers."""

from typing import Any

from wechatpy.session import SessionStorage

from portal.wechat import services
from portal.wechat.models import CredentialKind
from portal.wechat.services import Fetch


class SharedTokens(SessionStorage):
    """Gives the access token of one official account; never falsy, or wechatpy would put its own memory in place."""

    def __init__(self, app_id: str, fetch: Fetch) -> None:
        self._app_id = app_id
        self._fetch = fetch
        self.refused: str | None = None
        """The token WeChat has just refused: the next ``get`` gives another."""
        self.last: str | None = None

    def get(self, key: str, default: Any = None) -> Any:
        """The token for the one key wechatpy uses here."""
        if key != f"{self._app_id}_access_token":
            return default
        kind = CredentialKind.ACCESS_TOKEN
        self.last = services.credential(self._app_id, kind, self._fetch, not_this=self.refused)
        return self.last

    def set(self, key: str, value: Any, ttl: int | None = None) -> None:
        """Nothing: ``services`` stores what it fetched."""

    def delete(self, key: str) -> None:
        """Nothing: a refused token is replaced, never only deleted."""
