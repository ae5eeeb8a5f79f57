"""Web authorisation (OAuth 2): the page where a person says who they are, and the calls that follow."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request

from sandbox.clock import Clock
from sandbox.faults import played
from sandbox.personas import Persona

if TYPE_CHECKING:
    from sandbox.world import World

CODE_LIFE = timedelta(minutes=5)
TOKEN_LIFE_S = 7200
REFRESH_LIFE = timedelta(days=30)
SCOPES = ("snsapi_base", "snsapi_userinfo")
# Cookies are shared between the ports of one host, so the name must not meet the product's.
COOKIE, LAST_COOKIE = "sandbox_persona", "sandbox_last"
AS = ("user", "snapshot", "refuse")


@dataclass
class Code:
    """A code as it comes back in the redirect: good once, for five minutes."""

    openid: str
    scope: str
    issued_at: datetime
    snapshot: bool
    used: bool = False


@dataclass(frozen=True)
class Token:
    """An OAuth access token (not the API token of the account)."""

    openid: str
    scope: str
    snapshot: bool
    dies_at: datetime


class WeChatError(Exception):
    """The official account's way of saying no: HTTP 200 and an errcode."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode, self.errmsg = errcode, errmsg

    def answer(self) -> Response:
        """The answer with WeChat's trailing request id."""
        return jsonify(
            errcode=self.errcode, errmsg=f"{self.errmsg}, rid: {secrets.token_hex(4)}-{secrets.token_hex(8)}"
        )


class Grants:
    """Codes and tokens that were given out, and whom the next visitor is taken for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, Token] = {}
        self.refreshers: dict[str, Token] = {}
        self.virtual: set[str] = set()
        self.auto_openid = ""
        self.auto_as = "user"

    def code(self, openid: str, scope: str = "snsapi_base", snapshot: bool = False) -> str:
        """A new code for this person."""
        if snapshot:
            # A snapshot page's visitor gets an openid that belongs to nobody.
            openid = "virtual-" + secrets.token_hex(10)
            self.virtual.add(openid)
        value = "0" + secrets.token_hex(15) + "w"
        self.codes[value] = Code(openid, scope, self._clock.now(), snapshot)
        return value

    def exchange(self, value: str) -> dict[str, Any]:
        """Code for token. Raises WeChatError 40029 (unknown), 40163 (used), 42003 (older than five minutes)."""
        code = self.codes.get(value)
        if code is None:
            raise WeChatError(40029, "invalid code")
        if code.used:
            raise WeChatError(40163, "code been used")
        code.used = True
        if self._clock.now() - code.issued_at > CODE_LIFE:
            raise WeChatError(42003, "code expired")
        return self._tokens(code.openid, code.scope, code.snapshot)

    def refresh(self, value: str) -> dict[str, Any]:
        """A refresh token for a new access token. Raises WeChatError 40030, 42002."""
        token = self.refreshers.get(value)
        if token is None:
            raise WeChatError(40030, "invalid refresh_token")
        if self._clock.now() >= token.dies_at:
            raise WeChatError(42002, "refresh_token expired")
        return self._tokens(token.openid, token.scope, token.snapshot, value)

    def bearer(self, value: str, openid: str) -> Token:
        """The token behind ``value``. Raises WeChatError 40001, 42001, 40003 (another person's openid)."""
        token = self.tokens.get(value)
        if token is None:
            raise WeChatError(40001, "invalid credential, access_token is invalid or not latest")
        if self._clock.now() >= token.dies_at:
            raise WeChatError(42001, "access_token expired")
        if token.openid != openid:
            raise WeChatError(40003, "invalid openid")
        return token

    def _tokens(self, openid: str, scope: str, snapshot: bool, refresher: str = "") -> dict[str, Any]:
        now = self._clock.now()
        access = "o_" + secrets.token_urlsafe(48)
        self.tokens[access] = Token(openid, scope, snapshot, now + timedelta(seconds=TOKEN_LIFE_S))
        if not refresher:
            refresher = "r_" + secrets.token_urlsafe(48)
            self.refreshers[refresher] = Token(openid, scope, snapshot, now + REFRESH_LIFE)
        answer: dict[str, Any] = {
            "access_token": access,
            "expires_in": TOKEN_LIFE_S,
            "refresh_token": refresher,
            "openid": openid,
            "scope": scope,
        }
        if snapshot:
            answer["is_snapshotuser"] = 1
        return answer


def back_to(redirect_uri: str, state: str, code: str = "") -> str:
    """The address WeChat sends the browser to: the given one with code and state added; without a code on refusal."""
    parts = urlsplit(redirect_uri)
    added = "&".join(([f"code={quote(code)}"] if code else []) + [f"state={quote(state, safe='')}"])
    query = f"{parts.query}&{added}" if parts.query else added
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))


def blueprint(world: "World") -> Blueprint:
    """The authorise page and the ``/sns`` calls."""
    blp = Blueprint("oauth", __name__)

    def asked() -> dict[str, str]:
        return {name: request.values.get(name, "") for name in ("appid", "redirect_uri", "scope", "state")}

    def trouble(given: dict[str, str]) -> str:
        if given["appid"] != world.settings.app_id:
            return "AppID 参数错误（10013）：没有这个公众号"
        if not world.may_go(given["redirect_uri"]):
            return "redirect_uri 域名与后台配置不一致（10003）"
        if given["scope"] not in SCOPES:
            return "Scope 参数错误或没有 Scope 权限（10005）"
        if request.values.get("response_type", "code") != "code":
            return "response_type 参数错误（10004）"
        if len(given["state"].encode()) > 128:
            return "state 参数过长（最多 128 字节）"
        return ""

    def leave(given: dict[str, str], openid: str, manner: str) -> Response:
        with world.lock:
            code = "" if manner == "refuse" else world.grants.code(openid, given["scope"], manner == "snapshot")
        answer = make_response(redirect(back_to(given["redirect_uri"], given["state"], code)))
        if manner == "user":
            # The payer's page remembers in whose WeChat this browser is.
            answer.set_cookie(LAST_COOKIE, openid, httponly=True, samesite="Lax")
        return answer

    @blp.get("/connect/oauth2/authorize")
    def authorize() -> Any:
        given = asked()
        wrong = trouble(given)
        if wrong:
            return render_template("trouble.html", title="无法登录", text=wrong), 400
        with world.lock:
            auto, manner = world.grants.auto_openid, world.grants.auto_as
            people = world.personas.all()
        remembered = request.cookies.get(COOKIE, "")
        if auto:
            return leave(given, auto, manner)
        if remembered and given["scope"] == "snsapi_base":
            return leave(given, remembered, "user")
        return render_template("authorize.html", given=given, people=people, remembered=remembered)

    @blp.post("/connect/oauth2/authorize")
    def choose() -> Any:
        given = asked()
        openid, manner = request.form.get("openid", ""), request.form.get("as", "user")
        wrong = trouble(given)
        if wrong or manner not in AS or (manner == "user" and not 1 <= len(openid) <= 64):
            return render_template("trouble.html", title="无法登录", text=wrong or "没有选择身份"), 400
        answer = leave(given, openid, manner)
        if request.form.get("remember") and manner == "user":
            answer.set_cookie(COOKIE, openid, max_age=30 * 86400, httponly=True, samesite="Lax")
        elif request.cookies.get(COOKIE):
            # Somebody else now: the one remembered before must not come back behind their back.
            answer.delete_cookie(COOKIE)
        return answer

    def sns(answer: Response) -> Response:
        # These calls answer JSON under text/plain.
        answer.headers["Content-Type"] = "text/plain"
        return answer

    @blp.get("/sns/oauth2/access_token")
    @played("oauth.access_token", world)
    def access_token() -> Response:
        args = request.args
        try:
            if args.get("appid") != world.settings.app_id:
                raise WeChatError(40013, "invalid appid")
            if args.get("secret") != world.settings.app_secret:
                raise WeChatError(40125, "invalid appsecret")
            if args.get("grant_type") != "authorization_code":
                raise WeChatError(40002, "invalid grant_type")
            if not args.get("code"):
                raise WeChatError(41008, "missing code")
            with world.lock:
                return sns(jsonify(world.grants.exchange(args["code"])))
        except WeChatError as error:
            return sns(error.answer())

    @blp.get("/sns/oauth2/refresh_token")
    @played("oauth.refresh_token", world)
    def refresh_token() -> Response:
        try:
            if request.args.get("appid") != world.settings.app_id:
                raise WeChatError(40013, "invalid appid")
            with world.lock:
                return sns(jsonify(world.grants.refresh(request.args.get("refresh_token", ""))))
        except WeChatError as error:
            return sns(error.answer())

    @blp.get("/sns/auth")
    @played("oauth.auth", world)
    def auth() -> Response:
        try:
            with world.lock:
                world.grants.bearer(request.args.get("access_token", ""), request.args.get("openid", ""))
        except WeChatError as error:
            return sns(error.answer())
        return sns(jsonify(errcode=0, errmsg="ok"))

    @blp.get("/sns/userinfo")
    @played("oauth.userinfo", world)
    def userinfo() -> Response:
        try:
            with world.lock:
                token = world.grants.bearer(request.args.get("access_token", ""), request.args.get("openid", ""))
                persona = world.personas.find(token.openid)
            if token.scope != "snsapi_userinfo":
                raise WeChatError(48001, "api unauthorized")
        except WeChatError as error:
            return sns(error.answer())
        return sns(jsonify(_card(persona, token.snapshot)))

    return blp


def _card(persona: Persona, snapshot: bool) -> dict[str, Any]:
    card: dict[str, Any] = {
        "openid": persona.openid,
        "nickname": "微信用户" if snapshot else persona.name,
        "sex": 0,
        "language": "",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "privilege": [],
    }
    if snapshot:
        card["is_snapshotuser"] = 1
    return card
