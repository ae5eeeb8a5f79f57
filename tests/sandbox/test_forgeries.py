"""Each forgery is what it says, judged by a careful receiver built from wechatpayv3's parts."""

import binascii
import json
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from wechatpayv3.utils import aes_decrypt, rsa_verify

from sandbox.keys import load
from sandbox.letters import KINDS
from sandbox.testing import Running
from tests.sandbox.support import Merchant, Receiver

_keys = cache(load)


def judge(wechat: Running, headers: Mapping[str, str], body: bytes) -> str:
    """accept, keep (believed, but not ours or not as ordered) or refuse, in the order the documents give."""
    keys = _keys(wechat.keys_dir)
    stamp = headers.get("Wechatpay-Timestamp", "")
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > 300:
        return "refuse"
    if headers.get("Wechatpay-Serial") != keys.public_key_id:
        return "refuse"
    try:
        text, signature = body.decode("utf-8"), headers.get("Wechatpay-Signature", "")
        public = keys.platform_private.public_key()
        if not rsa_verify(stamp, headers.get("Wechatpay-Nonce", ""), text, signature, public):
            return "refuse"
        resource = json.loads(text)["resource"]
        if resource["algorithm"] != "AEAD_AES_256_GCM":
            return "refuse"
        plain = aes_decrypt(
            resource["nonce"], resource["ciphertext"], resource["associated_data"], keys.apiv3_key.decode()
        )
        trade = json.loads(plain)
    except (ValueError, KeyError, TypeError, binascii.Error):
        return "refuse"
    return "accept" if _as_ordered(wechat, trade) else "keep"


def _as_ordered(wechat: Running, trade: dict[str, Any]) -> bool:
    amount = trade["amount"]
    return (trade["mchid"], trade["appid"], trade["out_trade_no"], amount["total"], amount["currency"]) == (
        wechat.settings.mchid,
        wechat.settings.app_id,
        "ORDER001",
        50000,
        "CNY",
    )


@pytest.fixture
def paid(wechat: Running, merchant: Merchant) -> Merchant:
    wechat.hold_callbacks()
    merchant.place()
    wechat.pay("ORDER001")
    return merchant


@pytest.mark.parametrize("kind", KINDS)
def test_a_careful_receiver_does_with_each_kind_what_the_table_says(wechat: Running, paid: Merchant, kind: str) -> None:
    headers, body = wechat.write_callback("ORDER001", kind)
    assert judge(wechat, headers, body) == KINDS[kind].must


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "not_utf8"])
def test_what_is_written_is_what_is_sent(wechat: Running, paid: Merchant, receiver: Receiver, kind: str) -> None:
    receiver.statuses.append(401)
    answer = wechat.send_callback("ORDER001", kind)
    assert (answer["status"], answer["accepted"], answer["must"]) == (401, False, KINDS[kind].must)
    headers, body = receiver.got[0]
    assert judge(wechat, headers, body) == KINDS[kind].must


def test_bytes_that_are_no_text_survive_the_control_api(wechat: Running, paid: Merchant, receiver: Receiver) -> None:
    wechat.send_callback("ORDER001", "not_utf8")
    assert receiver.got[0][1] == wechat.write_callback("ORDER001", "not_utf8")[1]


def test_the_kinds_can_be_listed_by_what_must_be_done(wechat: Running) -> None:
    assert wechat.kinds("accept") == ["genuine"]
    assert "wrong_amount" in wechat.kinds("keep")
    assert len(wechat.kinds("refuse")) >= 20
    assert set(wechat.kinds()) == set(KINDS)
