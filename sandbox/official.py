"""The official account's API: tokens, the JS-SDK ticket, QR codes with a scene, template and subscription messages."""

import secrets
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from sandbox.clock import Clock, china_text
from sandbox.faults import played
from sandbox.oauth import WeChatError

if TYPE_CHECKING:
    from sandbox.world import World

LIFE_S = 7200
GRACE = timedelta(minutes=5)
FORCED_GAP = timedelta(seconds=30)
FORCED_A_DAY = 20
SAME_MESSAGE = timedelta(minutes=10)
MOST_QR_SECONDS = 2592000
# Calls a day, as published for a certified service account.
QUOTAS = {
    "token": 2000,
    "stable_token": 500_000,
    "ticket": 1_000_000,
    "qrcode": 100_000,
    "template": 100_000,
    "subscribe": 100_000,
    "user": 5_000_000,
}


@dataclass
class Issued:
    """A token or a ticket and when it ends."""

    value: str
    dies_at: datetime


@dataclass(frozen=True)
class Sent:
    """A message somebody received."""

    msgid: int
    kind: str
    openid: str
    template_id: str
    url: str
    data: dict[str, Any]
    at: str


class Account:
    """One official account: its tokens, its messages, its counters."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._plain: Issued | None = None
        self._stable: Issued | None = None
        self._all: dict[str, Issued] = {}
        self._ticket: Issued | None = None
        self._forced: deque[datetime] = deque()
        self._client_ids: dict[tuple[str, str], tuple[datetime, int]] = {}
        self.calls: Counter[str] = Counter()
        self.quotas = dict(QUOTAS)
        self.consents: Counter[tuple[str, str]] = Counter()
        self.messages: deque[Sent] = deque(maxlen=1000)
        self.scenes: dict[str, dict[str, Any]] = {}

    def count(self, name: str) -> None:
        """One more call of this name. Raises WeChatError 45009 beyond the day's quota."""
        self.calls[name] += 1
        if self.calls[name] > self.quotas[name]:
            raise WeChatError(45009, "reach max api daily quota limit")

    def token(self) -> Issued:
        """A new token; the one before lives five more minutes at most."""
        now = self._clock.now()
        if self._plain:
            self._plain.dies_at = min(self._plain.dies_at, now + GRACE)
        self._plain = self._new(now)
        return self._plain

    def stable_token(self, force: bool) -> Issued:
        """The same token until five minutes before its end; apart from ``token()``'s. Forced: 45009, 45011."""
        now = self._clock.now()
        if force:
            while self._forced and now - self._forced[0] > timedelta(days=1):
                self._forced.popleft()
            if self._forced and now - self._forced[-1] < FORCED_GAP:
                raise WeChatError(45011, "api minute-quota reach limit, must slower, retry next minute")
            if len(self._forced) >= FORCED_A_DAY:
                raise WeChatError(45009, "reach max api daily quota limit")
            self._forced.append(now)
            if self._stable:
                self._stable.dies_at = now
        elif self._stable and now < self._stable.dies_at - GRACE:
            return self._stable
        self._stable = self._new(now)
        return self._stable

    def check(self, value: str) -> None:
        """Let an API call in. Raises WeChatError 41001, 40001, 42001."""
        if not value:
            raise WeChatError(41001, "access_token missing")
        issued = self._all.get(value)
        if issued is None:
            raise WeChatError(40001, "invalid credential, access_token is invalid or not latest")
        now = self._clock.now()
        if now >= issued.dies_at:
            replaced = issued not in (self._plain, self._stable)
            if replaced:
                raise WeChatError(40001, "invalid credential, access_token is invalid or not latest")
            raise WeChatError(42001, "access_token expired")

    def spoil_tokens(self) -> None:
        """Every token given out so far is worth nothing from now on (somebody reset the secret)."""
        self._all.clear()
        self._plain = self._stable = None

    def ticket(self) -> Issued:
        """The JS-SDK ticket, the same for all until it ends."""
        now = self._clock.now()
        if self._ticket is None or now >= self._ticket.dies_at:
            self._ticket = Issued("sM4AOVdWfPE4DxkXGEs8" + secrets.token_urlsafe(48), now + timedelta(seconds=LIFE_S))
        return self._ticket

    def post(self, kind: str, raw: dict[str, Any]) -> int:
        """Deliver a template or subscription message; the same client_msg_id within ten minutes is the same message."""
        now = self._clock.now()
        openid, client_id = raw["touser"], raw.get("client_msg_id")
        earlier = self._client_ids.get((openid, client_id)) if client_id else None
        if earlier and now - earlier[0] < SAME_MESSAGE:
            return earlier[1]
        msgid = 3_000_000_000_000_000_000 + secrets.randbelow(10**18)
        if client_id:
            self._client_ids[(openid, client_id)] = (now, msgid)
        url = raw.get("url") or raw.get("page") or ""
        self.messages.append(Sent(msgid, kind, openid, raw["template_id"], url, raw["data"], china_text(now)))
        return msgid

    def _new(self, now: datetime) -> Issued:
        issued = Issued("a_" + secrets.token_urlsafe(96), now + timedelta(seconds=LIFE_S))
        self._all[issued.value] = issued
        return issued


def blueprint(world: "World") -> Blueprint:
    """The ``/cgi-bin`` calls."""
    blp = Blueprint("official", __name__, url_prefix="/cgi-bin")

    def answering(name: str, view: Callable[[], dict[str, Any]], *, token: bool = True) -> Response:
        try:
            with world.lock:
                if token:
                    world.account.check(request.args.get("access_token", ""))
                world.account.count(name)
                return jsonify(view())
        except WeChatError as error:
            return error.answer()

    def credentials(given: Any) -> None:
        if given.get("grant_type") != "client_credential":
            raise WeChatError(40002, "invalid grant_type")
        if given.get("appid") != world.settings.app_id:
            raise WeChatError(40013, "invalid appid")
        if given.get("secret") != world.settings.app_secret:
            raise WeChatError(40125, "invalid appsecret")

    def issued(token: Issued) -> dict[str, Any]:
        left = (token.dies_at - world.clock.now()).total_seconds()
        return {"access_token": token.value, "expires_in": round(left)}

    def message(openid_follows: bool) -> dict[str, Any]:
        raw = _json()
        openid = raw.get("touser")
        if not isinstance(openid, str) or not openid or openid in world.grants.virtual:
            raise WeChatError(40003, "invalid openid")
        if not isinstance(raw.get("template_id"), str) or not raw["template_id"]:
            raise WeChatError(40037, "invalid template_id")
        data = raw.get("data")
        if not isinstance(data, dict) or not all(isinstance(v, dict) and "value" in v for v in data.values()):
            raise WeChatError(47003, "argument invalid! data.key.value is empty")
        if openid_follows and not world.personas.find(openid).follows:
            raise WeChatError(43004, "require subscribe")
        return raw

    @blp.get("/token")
    @played("official.token", world)
    def token() -> Response:
        def view() -> dict[str, Any]:
            credentials(request.args)
            return issued(world.account.token())

        return answering("token", view, token=False)

    @blp.post("/stable_token")
    @played("official.stable_token", world)
    def stable_token() -> Response:
        def view() -> dict[str, Any]:
            given = _json()
            credentials(given)
            return issued(world.account.stable_token(given.get("force_refresh") is True))

        return answering("stable_token", view, token=False)

    @blp.get("/ticket/getticket")
    @played("official.ticket", world)
    def getticket() -> Response:
        def view() -> dict[str, Any]:
            if request.args.get("type") != "jsapi":
                raise WeChatError(40097, "invalid args")
            ticket = world.account.ticket()
            left = round((ticket.dies_at - world.clock.now()).total_seconds())
            return {"errcode": 0, "errmsg": "ok", "ticket": ticket.value, "expires_in": left}

        return answering("ticket", view)

    @blp.post("/qrcode/create")
    @played("official.qrcode", world)
    def qrcode() -> Response:
        def view() -> dict[str, Any]:
            raw = _json()
            name = raw.get("action_name")
            scene = (raw.get("action_info") or {}).get("scene") or {}
            text = scene.get("scene_str") if name in ("QR_STR_SCENE", "QR_LIMIT_STR_SCENE") else scene.get("scene_id")
            if name not in ("QR_STR_SCENE", "QR_LIMIT_STR_SCENE", "QR_SCENE", "QR_LIMIT_SCENE"):
                raise WeChatError(40053, "invalid action info")
            if name.endswith("STR_SCENE") and not (isinstance(text, str) and 1 <= len(text) <= 64):
                raise WeChatError(40053, "invalid action info")
            if not name.endswith("STR_SCENE") and not (isinstance(text, int) and text > 0):
                raise WeChatError(40053, "invalid action info")
            ticket = "gQ" + secrets.token_urlsafe(60)
            url = "http://weixin.qq.com/q/" + secrets.token_urlsafe(16)
            world.account.scenes[ticket] = {"scene": text, "url": url, "action_name": name}
            answer: dict[str, Any] = {"ticket": ticket, "url": url}
            if "LIMIT" not in name:
                answer["expire_seconds"] = min(int(raw.get("expire_seconds") or 60), MOST_QR_SECONDS)
            return answer

        return answering("qrcode", view)

    @blp.post("/message/template/send")
    @played("official.template", world)
    def template() -> Response:
        def view() -> dict[str, Any]:
            return {"errcode": 0, "errmsg": "ok", "msgid": world.account.post("template", message(True))}

        return answering("template", view)

    @blp.post("/message/subscribe/bizsend")
    @played("official.subscribe", world)
    def bizsend() -> Response:
        def view() -> dict[str, Any]:
            raw = message(False)
            consent = (raw["touser"], raw["template_id"])
            if world.account.consents[consent] < 1:
                raise WeChatError(43101, "user refuse to accept the msg")
            world.account.consents[consent] -= 1
            world.account.post("subscribe", raw)
            return {"errcode": 0, "errmsg": "ok"}

        return answering("subscribe", view)

    @blp.get("/user/info")
    @played("official.user", world)
    def user() -> Response:
        def view() -> dict[str, Any]:
            openid = request.args.get("openid", "")
            if not openid or openid in world.grants.virtual:
                raise WeChatError(40003, "invalid openid")
            return {"subscribe": int(world.personas.find(openid).follows), "openid": openid, "language": "zh_CN"}

        return answering("user", view)

    return blp


def _json() -> dict[str, Any]:
    raw = request.get_json(force=True, silent=True)
    if not isinstance(raw, dict):
        raise WeChatError(47001, "data format error")
    return raw
