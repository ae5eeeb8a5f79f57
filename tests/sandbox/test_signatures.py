"""Who may call /v3: each of the rules for a request's signature, broken one at a time."""

import json
import time
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from wechatpayv3.utils import build_authorization, rsa_verify

from sandbox.keys import load
from sandbox.signing import Authorization
from sandbox.testing import Running
from tests.sandbox.support import OPENID, Merchant

PATH = "/v3/pay/transactions/out-trade-no/ORDER001?mchid=1999000001"
JSAPI = "/v3/pay/transactions/jsapi"


class Caller:
    """A merchant that signs by hand, so that one thing at a time can be wrong."""

    def __init__(self, wechat: Running, http: requests.Session) -> None:
        self.wechat, self.http = wechat, http
        told = wechat.environment
        self.key = _private(wechat.keys_dir)
        self.headers = {"Accept": "application/json", "User-Agent": "test", "Content-Type": "application/json"}
        self.fields = {
            "mchid": told["WECHATPAY_MCHID"],
            "nonce_str": f"N{time.monotonic_ns()}",
            "timestamp": str(int(time.time())),
            "serial_no": told["WECHATPAY_MERCHANT_SERIAL"],
        }

    def authorization(self, method: str, signed_path: str, body: bytes = b"") -> str:
        lines = f"{method}\n{signed_path}\n{self.fields['timestamp']}\n{self.fields['nonce_str']}\n".encode()
        signature = b64encode(self.key.sign(lines + body + b"\n", PKCS1v15(), SHA256())).decode()
        fields = {"signature": signature} | self.fields
        return "WECHATPAY2-SHA256-RSA2048 " + ",".join(f'{name}="{value}"' for name, value in fields.items())

    def get(self, path: str = PATH, signed_path: str = "", **headers: str) -> requests.Response:
        given = self.headers | {"Authorization": self.authorization("GET", signed_path or path)} | headers
        return self.http.get(self.wechat.url + path, headers={k: v for k, v in given.items() if v})

    def post(self, path: str, body: bytes, signed_body: bytes | None = None, **headers: str) -> requests.Response:
        signed = body if signed_body is None else signed_body
        given = self.headers | {"Authorization": self.authorization("POST", path, signed)} | headers
        return self.http.post(self.wechat.url + path, data=body, headers=given)


@pytest.fixture
def caller(wechat: Running, http: requests.Session) -> Caller:
    return Caller(wechat, http)


def _sign_error(answer: requests.Response) -> str:
    assert answer.status_code == 401
    assert answer.json()["code"] == "SIGN_ERROR"
    return str(answer.json()["message"])


def test_a_rightly_signed_request_is_let_in(caller: Caller) -> None:
    assert caller.get().json()["code"] == "ORDER_NOT_EXIST"


def test_the_fields_may_come_in_any_order(caller: Caller) -> None:
    caller.fields = dict(reversed(caller.fields.items()))
    assert caller.get().status_code == 404


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer abc",
        "WECHATPAY2-SHA256-RSA2048",
        'WECHATPAY2-SM2-WITH-SM3 mchid="1"',
        'WECHATPAY2-SHA256-RSA2048 mchid="1"',
        "WECHATPAY2-SHA256-RSA2048 mchid=1,nonce_str=2,timestamp=3,serial_no=4,signature=5",
    ],
)
def test_a_header_in_another_form_is_a_sign_error(caller: Caller, header: str) -> None:
    assert "Authorization" in _sign_error(caller.get(Authorization=header))


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_request_more_than_five_minutes_off_is_refused(caller: Caller, minutes: int) -> None:
    caller.fields["timestamp"] = str(int(time.time()) + minutes * 60)
    assert "5分钟" in _sign_error(caller.get())


@pytest.mark.parametrize("minutes", [-4, 4])
def test_a_request_four_minutes_off_is_let_in(caller: Caller, minutes: int) -> None:
    caller.fields["timestamp"] = str(int(time.time()) + minutes * 60)
    assert caller.get().status_code == 404


def test_the_advanced_clock_of_the_story_does_not_make_requests_stale(wechat: Running, caller: Caller) -> None:
    wechat.advance(86400)
    assert caller.get().status_code == 404


def test_a_nonce_is_good_once(caller: Caller) -> None:
    caller.get()
    assert "nonce_str" in _sign_error(caller.get())


def test_a_nonce_of_a_refused_request_is_not_spent(caller: Caller) -> None:
    _sign_error(caller.get(signed_path="/v3/elsewhere"))
    assert caller.get().status_code == 404


@pytest.mark.parametrize(
    ("field", "value"), [("serial_no", "0" * 40), ("mchid", "1900000000"), ("signature", "bm90IG1pbmU=")]
)
def test_a_wrong_serial_merchant_or_signature_is_refused(caller: Caller, field: str, value: str) -> None:
    caller.fields[field] = value
    _sign_error(caller.get())


def test_the_query_is_part_of_what_is_signed(caller: Caller) -> None:
    answer = caller.get(signed_path=PATH.partition("?")[0])
    _sign_error(answer)
    assert answer.json()["detail"]["sign_information"]["url"] == PATH


def test_escapes_are_signed_exactly_as_sent(caller: Caller) -> None:
    path = "/v3/pay/transactions/out-trade-no/ORDER%7C001?mchid=1999000001"
    assert caller.get(path).status_code == 404
    caller.fields["nonce_str"] += "x"
    _sign_error(caller.get(path, signed_path=path.replace("%7C", "|")))


def test_the_body_is_signed_to_the_byte(caller: Caller) -> None:
    body = json.dumps({"mchid": "1999000001"}).encode()
    _sign_error(caller.post("/v3/pay/transactions/out-trade-no/ORDER001/close", body + b" ", body))


def test_the_body_must_name_the_merchant_who_signed(caller: Caller) -> None:
    body = json.dumps({"mchid": "1900000000"}).encode()
    _sign_error(caller.post("/v3/pay/transactions/out-trade-no/ORDER001/close", body))


@pytest.mark.parametrize(
    ("header", "status"),
    [({"Accept": "text/html"}, 406), ({"Wechatpay-Serial": "PUB_KEY_ID_0000"}, 400)],
)
def test_headers_have_to_be_as_prescribed(caller: Caller, header: dict[str, str], status: int) -> None:
    assert caller.get(**header).status_code == status


def test_a_body_of_another_type_is_refused(caller: Caller) -> None:
    assert caller.post(JSAPI, b"{}", **{"Content-Type": "text/plain"}).status_code == 415


@pytest.mark.parametrize("body", [b"", b"not json", b"[]"])
def test_a_body_that_is_no_object_is_a_parameter_error(caller: Caller, body: bytes) -> None:
    answer = caller.post(JSAPI, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")


def test_every_answer_is_signed_and_numbered_even_a_refusal(wechat: Running, caller: Caller) -> None:
    answer = caller.get()
    public = load(wechat.keys_dir).platform_private.public_key()
    headers = answer.headers
    assert answer.status_code == 404
    assert headers["Wechatpay-Serial"] == wechat.environment["WECHATPAY_PUBLIC_KEY_ID"]
    assert headers["Wechatpay-Signature-Type"] == "WECHATPAY2-SHA256-RSA2048"
    assert abs(int(headers["Wechatpay-Timestamp"]) - time.time()) < 60
    assert rsa_verify(
        headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"], answer.text, headers["Wechatpay-Signature"], public
    )
    assert headers["Request-ID"].endswith("-268512771")


def test_the_librarys_own_header_is_read(wechat: Running) -> None:
    key = load(wechat.keys_dir)
    header = build_authorization(
        "/v3/x", "GET", "1999000001", key.merchant_serial, _private(wechat.keys_dir), nonce_str="NN"
    )
    assert (Authorization.parse(header).mchid, Authorization.parse(header).nonce_str) == ("1999000001", "NN")


def test_a_path_that_does_not_exist_answers_in_json(wechat: Running, http: requests.Session) -> None:
    answer = http.get(f"{wechat.url}/v3/nothing/here")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_the_library_believes_our_answers_and_we_its_requests(merchant: Merchant) -> None:
    status, answer = merchant.place(payer={"openid": OPENID})
    assert (status, list(json.loads(answer))) == (200, ["prepay_id"])


@cache
def _private(keys_dir: Path) -> Any:
    return serialization.load_pem_private_key((keys_dir / "merchant_key.pem").read_bytes(), None)
