"""WeChat Pay API v3 on the wire: who may call, what is signed, and how a refusal looks. The rules are in ledger.py."""

import json
import secrets
import time
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, request

from sandbox.bills import ACCOUNT_TYPES, BILL_TYPES
from sandbox.faults import played
from sandbox.ledger import Refusal, wrong_parameter
from sandbox.signing import WINDOW_S, Authorization, request_message, verify

if TYPE_CHECKING:
    from sandbox.world import World


def raw_target() -> str:
    """Path and query exactly as the client sent them, escapes and all."""
    for name in ("RAW_URI", "REQUEST_URI"):
        raw = request.environ.get(name)
        if raw:
            parts = urlsplit(raw) if raw.startswith(("http://", "https://")) else None
            if parts:
                return parts.path + (f"?{parts.query}" if parts.query else "")
            return str(raw)
    return str(request.full_path if request.query_string else request.path)


def _sign_error(message: str, issue: str, **more: Any) -> Refusal:
    detail = {"detail": {"issue": issue}, "field": "signature", "location": "authorization"} | more
    return Refusal(401, "SIGN_ERROR", message, detail=detail)


def check_caller(world: "World") -> Authorization:
    """Believe the caller or raise Refusal 401 SIGN_ERROR; a nonce is good once. Takes the lock itself."""
    try:
        given = Authorization.parse(request.headers.get("Authorization", ""))
    except ValueError as wrong:
        message = "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》"
        raise _sign_error(message, str(wrong)) from None
    now = time.time()
    if not given.timestamp.isdigit() or abs(now - int(given.timestamp)) > WINDOW_S:
        raise _sign_error("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟", "timestamp out of range")
    if given.mchid != world.settings.mchid:
        raise _sign_error("商户号不存在或与签名不符", "mchid unknown")
    if given.serial_no.upper() != world.keys.merchant_serial.upper():
        raise _sign_error("商户证书序列号有误。请使用签名私钥匹配的证书序列号", "serial_no unknown")
    body = request.get_data()
    message_bytes = request_message(request.method, raw_target(), given.timestamp, given.nonce_str, body)
    if not verify(world.keys.merchant_public, message_bytes, given.signature):
        raise _sign_error(
            "错误的签名，验签失败",
            "sign not match",
            sign_information={
                "method": request.method,
                "url": raw_target(),
                "sign_message_length": len(message_bytes),
                "truncated_sign_message": message_bytes[:120].decode("utf-8", "replace"),
            },
        )
    with world.lock:
        for old in [nonce for nonce, until in world.seen_nonces.items() if until < now]:
            del world.seen_nonces[old]
        if given.nonce_str in world.seen_nonces:
            raise _sign_error("随机串nonce_str重复", "nonce_str was used before")
        world.seen_nonces[given.nonce_str] = now + 2 * WINDOW_S
    return given


def _check_manners(world: "World") -> None:
    if "application/json" not in request.headers.get("Accept", "") and "*/*" not in request.headers.get("Accept", ""):
        raise Refusal(406, "PARAM_ERROR", "Http头Accept须为application/json")
    if not request.headers.get("User-Agent"):
        raise Refusal(403, "PARAM_ERROR", "Http头缺少User-Agent")
    if request.method == "POST" and request.mimetype != "application/json":
        raise Refusal(415, "PARAM_ERROR", "Http头Content-Type须为application/json")
    serial = request.headers.get("Wechatpay-Serial", "")
    if serial and not world.platform.knows(serial):
        raise Refusal(400, "PARAM_ERROR", "Http头Wechatpay-Serial不是有效的微信支付公钥ID或平台证书序列号")


def _body(world: "World") -> dict[str, Any]:
    try:
        raw = json.loads(request.get_data())
    except ValueError:
        raise Refusal(400, "PARAM_ERROR", "请求体不是合法的JSON") from None
    if not isinstance(raw, dict):
        raise Refusal(400, "PARAM_ERROR", "请求体须为JSON对象")
    if "mchid" in raw and raw["mchid"] != world.settings.mchid:
        raise _sign_error("请求体中的mchid与签名的商户号不一致", "mchid differs")
    return raw


def _notify_url(world: "World", asked: dict[str, Any]) -> None:
    url = asked.get("notify_url")
    if url is None:
        return
    if not world.may_go(url) or urlsplit(url).query or urlsplit(url).fragment:
        raise wrong_parameter("notify_url", "须为本机（或已配置主机）的地址，且不能携带参数", url)


def caller(world: "World") -> Callable[..., Callable[..., Any]]:
    """``call(name)`` makes a view of a signed call: check the caller, do the work under the lock, sign the answer.

    With ``signed=False`` a file goes out as it is (bills are not signed); refusals are.
    """

    def call(name: str, *, signed: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
        def decorate(view: Callable[..., Any]) -> Callable[..., Response]:
            @played(f"pay.{name}", world)
            @wraps(view)
            def run(**arguments: Any) -> Response:
                inner = 0
                try:
                    _check_manners(world)
                    check_caller(world)
                    with world.lock:
                        answer = view(**arguments)
                    if not signed:
                        return Response(answer, 200, content_type="application/octet-stream")
                    response = _answer(200, answer) if answer is not None else Response(b"", 204)
                except Refusal as refusal:
                    inner = refusal.inner
                    g.note = f"{refusal.code}: {refusal.message}" + (f" ({refusal.hint})" if refusal.hint else "")
                    body = {"code": refusal.code, "message": refusal.message}
                    response = _answer(refusal.status, body | ({"detail": refusal.detail} if refusal.detail else {}))
                response.headers["Request-ID"] = f"08{secrets.token_hex(12).upper()}-{inner}"
                response.headers["Wechatpay-Serial"] = request.headers.get("Wechatpay-Serial", "")
                world.sign_again(response)
                return response

            return run

        return decorate

    return call


def blueprint(world: "World") -> Blueprint:
    """The ``/v3`` calls."""
    blp = Blueprint("pay", __name__, url_prefix="/v3")

    call = caller(world)

    def place(trade_type: str, link: Callable[[], str] | None = None) -> str:
        asked = _body(world)
        _notify_url(world, asked)
        openid = (asked.get("payer") or {}).get("openid") if isinstance(asked.get("payer"), dict) else None
        if trade_type == "JSAPI" and openid in world.grants.virtual:
            raise Refusal(400, "PARAM_ERROR", "appid和openid不匹配")
        return world.ledger.place(trade_type, asked, link).value

    @blp.post("/pay/transactions/jsapi")
    @call("jsapi")
    def jsapi() -> dict[str, Any]:
        return {"prepay_id": place("JSAPI")}

    @blp.post("/pay/transactions/native")
    @call("native")
    def native() -> dict[str, Any]:
        return {"code_url": place("NATIVE", lambda: "weixin://wxpay/bizpayurl?pr=" + secrets.token_urlsafe(9))}

    @blp.post("/pay/transactions/h5")
    @call("h5")
    def h5() -> dict[str, Any]:
        return {"h5_url": f"{request.host_url}_sandbox/h5?prepay_id={place('MWEB', lambda: secrets.token_urlsafe(18))}"}

    def own_merchant() -> None:
        if not request.args.get("mchid"):
            raise Refusal(400, "PARAM_ERROR", "参数错误：mchid 必填")
        if request.args["mchid"] != world.settings.mchid:
            raise _sign_error("查询参数中的mchid与签名的商户号不一致", "mchid differs")

    @blp.get("/pay/transactions/out-trade-no/<out_trade_no>")
    @call("query")
    def query(out_trade_no: str) -> dict[str, Any]:
        own_merchant()
        return world.ledger.find(out_trade_no).trade()

    @blp.get("/pay/transactions/id/<transaction_id>")
    @call("query")
    def query_id(transaction_id: str) -> dict[str, Any]:
        own_merchant()
        return world.ledger.find_transaction(transaction_id).trade()

    @blp.post("/pay/transactions/out-trade-no/<out_trade_no>/close")
    @call("close")
    def close(out_trade_no: str) -> None:
        if "mchid" not in _body(world):
            raise wrong_parameter("mchid", "必填")
        world.ledger.close(out_trade_no)

    @blp.post("/refund/domestic/refunds")
    @call("refund")
    def refund() -> dict[str, Any]:
        asked = _body(world)
        _notify_url(world, asked)
        world.settle()
        accepted = world.ledger.refund(asked)
        world.callbacks.wake()
        return accepted.answer()

    @blp.get("/refund/domestic/refunds/<out_refund_no>")
    @call("query_refund")
    def query_refund(out_refund_no: str) -> dict[str, Any]:
        world.settle()
        return world.ledger.find_refund(out_refund_no).answer()

    @blp.get("/certificates")
    @call("certificates")
    def certificates() -> dict[str, Any]:
        if world.platform.mode == "public_key":
            raise Refusal(404, "RESOURCE_NOT_EXISTS", "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥")
        return {"data": world.platform.download()}

    def bill(kind: str, which: str, known: tuple[str, ...]) -> dict[str, Any]:
        asked = request.args.get(which, known[0])
        packing = request.args.get("tar_type", "")
        if asked not in known:
            raise Refusal(400, "PARAM_ERROR", f"参数错误：{which} 须为 {'、'.join(known)} 之一")
        if packing not in ("", "GZIP"):
            raise Refusal(400, "PARAM_ERROR", "参数错误：tar_type 只支持 GZIP")
        try:
            day = date.fromisoformat(request.args.get("bill_date", ""))
        except ValueError:
            raise Refusal(400, "PARAM_ERROR", "参数错误：bill_date 格式须为 YYYY-MM-DD") from None
        world.settle()
        token, digest = world.bills.offer(kind, day, asked, zipped=bool(packing))
        url = f"{request.host_url}v3/billdownload/file?token={token}"
        return {"hash_type": "SHA1", "hash_value": digest, "download_url": url}

    @blp.get("/bill/tradebill")
    @call("tradebill")
    def tradebill() -> dict[str, Any]:
        return bill("tradebill", "bill_type", BILL_TYPES)

    @blp.get("/bill/fundflowbill")
    @call("fundflowbill")
    def fundflowbill() -> dict[str, Any]:
        return bill("fundflowbill", "account_type", ACCOUNT_TYPES)

    @blp.get("/billdownload/file")
    @call("download", signed=False)
    def download() -> bytes:
        return world.bills.fetch(request.args.get("token", ""))

    return blp


def _answer(status: int, body: dict[str, Any]) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, content_type="application/json; charset=utf-8")
