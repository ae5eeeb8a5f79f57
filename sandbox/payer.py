"""The payer's side: the page WeChat would lay over the merchant's, and what the payer then does."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, redirect, render_template, request, url_for

from sandbox.ledger import Order, Refusal
from sandbox.oauth import COOKIE, LAST_COOKIE
from sandbox.signing import pay_message, verify

if TYPE_CHECKING:
    from sandbox.world import World

FIELDS = ("appId", "timeStamp", "nonceStr", "package", "signType", "paySign", "back")
# What the payer does: (is money moved, what the merchant's page hears)
DEEDS = {"pay": (True, "ok"), "cancel": (False, "cancel"), "pay_silently": (True, "fail"), "lie": (False, "ok")}


def check_parameters(world: "World", given: dict[str, str]) -> Order:
    """The order these parameters call up; raises Refusal with a sentence for the payer and the programmer."""
    for name in ("appId", "timeStamp", "nonceStr", "package", "signType", "paySign"):
        if not given[name]:
            raise Refusal(400, "PARAM_ERROR", f"调用支付JSAPI缺少参数：{name}")
    if given["appId"] != world.settings.app_id:
        raise Refusal(400, "PARAM_ERROR", "appId 与本公众号不一致")
    if given["signType"] != "RSA":
        raise Refusal(400, "PARAM_ERROR", "signType 须为 RSA")
    if not given["timeStamp"].isdigit():
        raise Refusal(400, "PARAM_ERROR", "timeStamp 须为十进制秒数的字符串")
    package = given["package"]
    if not package.startswith("prepay_id="):
        raise Refusal(400, "PARAM_ERROR", "package 须为 prepay_id=…")
    message = pay_message(given["appId"], given["timeStamp"], given["nonceStr"], package)
    if not verify(world.keys.merchant_public, message, given["paySign"]):
        raise Refusal(400, "SIGN_ERROR", "支付验证签名失败（paySign 不是商户私钥对这些参数的签名）")
    order = world.ledger.payable(package.removeprefix("prepay_id="))
    if order.trade_type != "JSAPI":
        raise Refusal(400, "PARAM_ERROR", "这个预支付单不是 JSAPI 下单得到的")
    return order


def with_outcome(back: str, outcome: str) -> str:
    """``back`` with ``wcpay=<outcome>`` added: ok, cancel or fail, as WeixinJSBridge would have told the page."""
    parts = urlsplit(back)
    query = f"{parts.query}&wcpay={outcome}" if parts.query else f"wcpay={outcome}"
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))


def blueprint(world: "World") -> Blueprint:
    """The payer's pages."""
    blp = Blueprint("payer", __name__, url_prefix="/_sandbox")

    def visiting() -> str:
        """In whose WeChat this browser is, as far as it is known."""
        return request.cookies.get(COOKIE) or request.cookies.get(LAST_COOKIE, "")

    def refused(refusal: Refusal, back: str) -> Any:
        home = with_outcome(back, "fail") if world.may_go(back) else ""
        return render_template("trouble.html", title="无法支付", text=refusal.message, back=home), 400

    def check_back(back: str) -> None:
        if back and not world.may_go(back):
            raise Refusal(400, "PARAM_ERROR", "back 不是本机（或已配置主机）的地址")

    @blp.get("/pay")
    def pay() -> Any:
        given = {name: request.args.get(name, "") for name in FIELDS}
        try:
            check_back(given["back"])
            with world.lock:
                order = check_parameters(world, given)
                payer = world.personas.find(order.payer)
                visitor = visiting()
                other = world.personas.find(visitor) if visitor and visitor != order.payer else None
        except Refusal as refusal:
            return refused(refusal, given["back"])
        return render_template("pay.html", given=given, order=order, payer=payer, other=other, people=[])

    @blp.post("/pay")
    def decide() -> Any:
        given = {name: request.form.get(name, "") for name in FIELDS}
        deed = request.form.get("deed", "")
        try:
            check_back(given["back"])
            if deed == "become":
                return change_over(given)
            if deed not in DEEDS:
                raise Refusal(400, "PARAM_ERROR", "没有选择支付或取消")
            moved, outcome = DEEDS[deed]
            with world.lock:
                order = check_parameters(world, given)
                visitor = visiting()
                if moved and visitor and visitor != order.payer:
                    raise Refusal(400, "PARAM_ERROR", "下单账号与支付账号不一致，请核实后再支付")
                if moved:
                    settle_payment(world, order, order.payer)
        except Refusal as refusal:
            return refused(refusal, given["back"])
        if given["back"]:
            return redirect(with_outcome(given["back"], outcome), 303)
        return render_template("paid.html", order=order, outcome=outcome)

    def change_over(given: dict[str, str]) -> Any:
        """This browser is now in the payer's own WeChat."""
        with world.lock:
            order = check_parameters(world, given)
        # 303 back to the same page, so that reloading asks nothing twice.
        answer = redirect(f"{url_for('payer.pay')}?{urlencode(given)}", 303)
        for name in (COOKIE, LAST_COOKIE):
            answer.set_cookie(name, order.payer, httponly=True, samesite="Lax")
        return answer

    def by_handle(value: str, back: str, title: str) -> Any:
        try:
            check_back(back)
            with world.lock:
                order = world.ledger.payable(value)
                people = world.personas.all()
        except Refusal as refusal:
            return refused(refusal, back)
        given = {"handle": value, "back": back}
        return render_template("pay.html", given=given, order=order, payer=None, other=None, people=people, title=title)

    @blp.get("/h5")
    def h5() -> Any:
        """Where ``h5_url`` leads; ``redirect_url`` is where the payer goes afterwards."""
        return by_handle(request.args.get("prepay_id", ""), request.args.get("redirect_url", ""), "H5 支付")

    @blp.get("/scan")
    def scan() -> Any:
        """Stands for the phone's scanner: ``code_url`` is what the native QR code holds."""
        value = request.args.get("code_url", "")
        return by_handle(value, "", "扫码支付") if value else render_template("scan.html")

    @blp.post("/handle")
    def decide_by_handle() -> Any:
        """Pay or leave an H5 or native order."""
        back, deed = request.form.get("back", ""), request.form.get("deed", "")
        try:
            check_back(back)
            with world.lock:
                order = world.ledger.payable(request.form.get("handle", ""))
                if deed == "pay":
                    settle_payment(world, order, request.form.get("openid") or world.personas.all()[0].openid)
        except Refusal as refusal:
            return refused(refusal, back)
        return redirect(back, 303) if back else render_template("paid.html", order=order, outcome=DEEDS[deed][1])

    @blp.get("/become")
    def become() -> Any:
        """Make this browser's silent sign-ins be ``openid``; without one, ask again. Goes on to ``next`` or home."""
        openid, onward = request.args.get("openid", ""), request.args.get("next", "/")
        if onward != "/" and not world.may_go(onward):
            return render_template("trouble.html", title="无法切换", text="next 不是本机（或已配置主机）的地址"), 400
        answer = redirect(onward)
        for name in (COOKIE, LAST_COOKIE):
            if openid:
                answer.set_cookie(name, openid, max_age=30 * 86400, httponly=True, samesite="Lax")
            else:
                answer.delete_cookie(name)
        return answer

    @blp.get("/phones")
    def phones() -> Any:
        """Every phone and the messages on it, newest first."""
        with world.lock:
            by_phone = world.phones.by_phone(request.args.get("to", ""))
            names = {p.phone: p.name for p in world.personas.all() if p.phone}
        return render_template("phones.html", by_phone=by_phone, names=names, to=request.args.get("to", ""))

    @blp.get("/messages")
    def messages() -> Any:
        """Template and subscription messages, newest first."""
        with world.lock:
            sent = list(reversed(world.account.messages))
            names = {p.openid: p.name for p in world.personas.all()}
        return render_template("messages.html", sent=sent, names=names)

    return blp


def settle_payment(world: "World", order: Order, openid: str) -> None:
    """Pay an order and tell the merchant. The caller holds the lock. Raises Refusal when it cannot be paid."""
    world.ledger.pay(order, openid)
    world.callbacks.payment(order)
