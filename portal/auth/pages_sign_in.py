"""Going to WeChat and coming back. The way back is a GET that writes: one of the design's named exceptions, with its
own check (state, cookie, code).
"""

from urllib.parse import urlencode, urlsplit

from flask import Response, current_app, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from kernel import clock
from kernel.errors import Invalid, NotAllowed, Unavailable
from kernel.outbound import OutboundFailed
from kernel.web.blueprints import Pages
from kernel.web.guards import maybe_identity, open_to_all
from kernel.web.rate_limits import limiter
from kernel.web.request import page
from portal.auth import cookies, rules, services
from portal.auth.loader import https
from portal.wechat.port import CodeRefused, official_account

blp = Pages("auth", __name__, guard=open_to_all)

A_WHOLE_ESTATE = "1200 per minute"
"""Counted by address, and behind a mobile carrier's one address stand thousands of phones."""


@blp.route("/signin")
@limiter.limit(A_WHOLE_ESTATE)
def sign_in() -> Response:
    """Send the browser to WeChat, which sends it back silently; ``next`` is where the person wanted to go."""
    next_path = own_page(request.args.get("next"))
    if maybe_identity() is not None:
        return _to(next_path)
    if _real_wechat() and "MicroMessenger" not in request.headers.get("User-Agent", ""):
        return _open_in_wechat()
    return _begin(next_path, attempt=0)


def _real_wechat() -> bool:
    """Whether WeChat itself signs people in: it does so inside its own app only. The sandbox takes any browser."""
    return bool(current_app.extensions["gongjian.config"].production)


def _open_in_wechat() -> Response:
    """The person came with another browser: WeChat's page would only say that it cannot be opened there."""
    return page(
        "message.html",
        heading="请用微信打开",
        text="登录要用手机上的微信：打开微信，点“扫一扫”，对准门口的二维码。",
        tone="wait",
        actions=[("回到首页", "/", "")],
        more=["不用微信也可以：请社区工作者上门代办，或到社区领纸质表。"],
    )


def _begin(next_path: str, *, attempt: int) -> Response:
    account = official_account()
    begun = services.begin(
        next_path=next_path, cookie=cookies.sign_in_cookie(https=https()), attempt=attempt, now=clock.now()
    )
    response = _to(account.authorize_url(state=begun.state, return_url=f"{_base()}/oauth/return"))
    cookies.set_sign_in(response, begun.cookie, https=https())
    return response


@blp.route("/oauth/return")
@limiter.limit(A_WHOLE_ESTATE)
def oauth_return() -> Response:
    """WeChat sends people back here with ``code`` and ``state``; without a code they refused."""
    now = clock.now()
    state = request.args.get("state", "")
    came = services.use_state(state, cookies.sign_in_cookie(https=https()), now=now)
    if not came.good:
        return _again(came)
    code = request.args.get("code", "")
    if not code or len(code) > 128:
        return _not_now(came.next_path)
    try:
        visitor = official_account().visitor(code)
    except CodeRefused:
        return _again(came)
    except OutboundFailed as failure:
        return _in_line(came.next_path) if failure.code == "upstream-busy" else _wechat_down(came.next_path)
    except Unavailable:
        return _wechat_down(came.next_path)
    if visitor.snapshot:
        raise NotAllowed(
            "snapshot-visitor",
            "您现在看到的是微信的预览页面，还不能登录。请点页面下方的“使用完整服务”，再重新打开这一页。",
        )
    token = services.sign_in(
        visitor,
        device=rules.device(request.headers.get("User-Agent", "")),
        replaced_token=cookies.session_token(https=https()),
        now=now,
    )
    response = _to(came.next_path)
    cookies.set_session(response, token, https=https())
    return response


def _again(came: services.Return) -> Response:
    """A used or old state, a used code: the person stepped back, or the request came twice. Start again by ourselves,
    but not for ever; a state of another browser is refused.
    """
    if not came.known:
        raise Invalid("sign-in-not-ours", "这次登录不是从这部手机开始的，或者时间太久了。请重新扫门口的二维码再登录。")
    if maybe_identity() is not None:
        return _to(came.next_path)
    if came.attempt >= rules.MOST_RESTARTS:
        raise Unavailable("sign-in-failed", "登录没有成功。请关掉这一页，过一分钟重新扫门口的二维码。")
    return _begin(came.next_path, attempt=came.attempt + 1)


def _not_now(next_path: str) -> Response:
    """The person said no on WeChat's page: nothing is wrong."""
    return page(
        "message.html",
        heading="还没有登录",
        text="您在微信里没有同意登录。不登录也可以看公开的内容；要填问卷、投票或缴费，请再登录一次。",
        tone="wait",
        actions=[("重新登录", f"/signin?{urlencode({'next': next_path})}", "main")],
        more=["不想用手机登录，可以请社区工作者上门代填，或领纸质问卷。"],
    )


def _in_line(next_path: str) -> Response:
    """Very many sign in this second: wait on this page, which goes on by itself (no script needed)."""
    again = f"/signin?{urlencode({'next': next_path})}"
    response = page(
        "message.html",
        status=503,
        heading="正在排队登录",
        text="这会儿登录的人很多，请稍等两秒，页面会自己继续。",
        tone="wait",
        actions=[("马上再试", again, "main")],
    )
    response.headers["Refresh"] = f"2; url={again}"
    return response


def _wechat_down(next_path: str) -> Response:
    """WeChat does not answer: say what to do, and keep the way back."""
    return page(
        "message.html",
        status=503,
        heading="微信登录暂时不通",
        text="微信服务现在没有回应，所以没能登录。您填过的内容还在手机上，没有丢。",
        tone="bad",
        actions=[("再试一次", f"/signin?{urlencode({'next': next_path})}", "main")],
        more=["过几分钟再试；急用可以请社区工作者上门代办。", "已经登录的手机不受影响。"],
    )


def own_page(text: str | None) -> str:
    """``text`` if it leads to a page of ours that answers GET, else the front page."""
    path = rules.own_path(text)
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        return "/"
    try:
        endpoint, _ = adapter.match(urlsplit(path).path, method="GET")
    except RequestRedirect:
        return "/"
    except HTTPException:
        return "/"
    blueprint = current_app.blueprints.get(endpoint.rpartition(".")[0])
    return path if isinstance(blueprint, Pages) and blueprint is not blp else "/"


def _base() -> str:
    """Our own address as this browser sees it, for WeChat to send it back to: cookies belong to that host.

    A host that no city is served under never gets here; a deployment without host names trusts its setting alone.
    """
    config = current_app.extensions["gongjian.config"]
    if config.production and not any(config.cities.values()):
        return str(config.public_base_url)
    return f"{'https' if config.https else 'http'}://{request.host}"


def _to(address: str) -> Response:
    response: Response = redirect(address)  # type: ignore[assignment]
    response.headers["Cache-Control"] = "no-store"
    return response
