"""Platform certificates, the public key, and both at once, with wechatpayv3 as the merchant."""

import json
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import load_pem_x509_certificate
from wechatpayv3 import core as library

from sandbox.keys import load
from sandbox.testing import Running
from tests.sandbox.support import Merchant, Receiver


@pytest.fixture
def certificate_merchant(
    wechat: Running, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Merchant:
    """wechatpayv3 in certificate mode: its constructor already fetches /v3/certificates."""
    wechat.post("keys", mode="certificate")

    class Core(library.Core):  # type: ignore[misc]
        @property
        def _gate_way(self) -> str:
            return wechat.url

        @_gate_way.setter
        def _gate_way(self, _: str) -> None:
            """The library sets its own address; ours stands."""

    monkeypatch.setattr(library, "Core", Core)
    return Merchant(wechat, receiver.url, public_key=None, public_key_id=None, cert_dir=str(tmp_path))


def test_a_public_key_merchant_has_no_certificates_to_download(merchant: Merchant) -> None:
    status, answer = merchant.lib._core.request("/v3/certificates")
    assert (status, json.loads(answer)["code"]) == (404, "RESOURCE_NOT_EXISTS")


def test_a_certificate_merchant_downloads_opens_and_trusts_them(
    wechat: Running, certificate_merchant: Merchant, tmp_path: Path, receiver: Receiver
) -> None:
    kept = list(tmp_path.glob("*.pem"))
    assert len(kept) == 1
    assert f"{load_pem_x509_certificate(kept[0].read_bytes()).serial_number:X}" == kept[0].stem
    wechat.hold_callbacks()
    assert certificate_merchant.place()[0] == 200
    wechat.pay("ORDER001")
    wechat.deliver()
    told = certificate_merchant.lib.callback(*receiver.got[0])
    assert told["resource"]["out_trade_no"] == "ORDER001"
    assert receiver.got[0][0]["Wechatpay-Serial"] == kept[0].stem


def test_with_two_certificates_both_sign(wechat: Running, certificate_merchant: Merchant, receiver: Receiver) -> None:
    serials = wechat.post("keys", mode="certificate", certificates=2)["certificates"]
    certificate_merchant.place()
    wechat.hold_callbacks()
    wechat.pay("ORDER001")
    seen = {wechat.write_callback("ORDER001")[0]["Wechatpay-Serial"] for _ in range(40)}
    assert seen == set(serials)
    headers, body = wechat.write_callback("ORDER001")
    assert certificate_merchant.lib.callback(headers, body)["resource"]["out_trade_no"] == "ORDER001"


def test_in_the_switching_week_a_share_of_callbacks_is_signed_by_each(wechat: Running, merchant: Merchant) -> None:
    wechat.hold_callbacks()
    merchant.place()
    wechat.pay("ORDER001")
    key_id = load(wechat.keys_dir).public_key_id

    def share(percent: float) -> int:
        wechat.post("keys", mode="both", public_key_percent=percent)
        return sum(wechat.write_callback("ORDER001")[0]["Wechatpay-Serial"] == key_id for _ in range(40))

    assert share(0) == 0
    assert 0 < share(50) < 40
    assert share(100) == 40


def test_in_the_switching_week_answers_still_follow_the_request(wechat: Running, merchant: Merchant) -> None:
    wechat.post("keys", mode="both", public_key_percent=0)
    assert merchant.place()[0] == 200


def test_a_key_of_the_other_mode_is_not_known(wechat: Running, merchant: Merchant) -> None:
    wechat.post("keys", mode="certificate")
    status, answer = merchant.place()
    assert (status, json.loads(answer)["code"]) == (400, "PARAM_ERROR")


def test_what_is_sealed_is_the_certificate_of_the_named_serial(wechat: Running) -> None:
    wechat.post("keys", mode="both", certificates=2)
    keys = load(wechat.keys_dir)
    data = wechat.server.world.platform.download()
    for entry in data:
        sealed = entry["encrypt_certificate"]
        pem = library.aes_decrypt(
            sealed["nonce"], sealed["ciphertext"], sealed["associated_data"], keys.apiv3_key.decode()
        )
        certificate = load_pem_x509_certificate(pem.encode())
        assert f"{certificate.serial_number:X}" == entry["serial_no"]
        assert len(entry["serial_no"]) == 40
        assert certificate.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    assert requests.get(f"{wechat.url}/v3/certificates", timeout=60).status_code in (401, 406)
