"""Our reading of the protocol against examples WeChat Pay itself published.

The vectors are those of its Go SDK (wechatpay-apiv3/wechatpay-go, utils/aes_test.go and core/notify/notify_test.go): a
sealed text, and a whole callback with its headers, its key and its plain text. AES-GCM is deterministic, so what the
sandbox writes must equal theirs to the letter, and their signature must fit our bytes.
"""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from sandbox.keys import new_private_key
from sandbox.letters import Letter, encode
from sandbox.signing import Signer, answer_message, pay_message, request_message, seal, verify

MODULUS = """
d9509377dd5f9d49fbdd7cbd0cbbedfd5eb64d5c514c412cb5575e45a6770779
5e3b4a65744f34ea65cee11c1d1d76a01d0e2f19e64dd32aa6fbeac3b062be53
7007ee47a3c83da95ec84d3fd0aae58c1ba6d88b1ad8dcaaec381cdc494143a6
0de25fdaf83a6f29acf51522a62ab84b36c92aa245954a5bb883c3a52a56cf5d
0f626c8235e0c65142bae44e61d81f37e2ec65d7334b6100ab91d0736fca14c7
061e3f96b60cdc668cbe65b0930bec31abe739ec7af9e8a864704e6f5fc4219f
cbcc2eb3b8702b3e9c96ddd686699d6bb50075bd5cd3c8444055516c5d78011e
f7c5b9ddf0dd286c25893c26f3302b6469279fe05744120117262c34540253f3
"""
CIPHERTEXT = (
    "YDS3lKPaC4Y52Gf3uhft5qUBlIa8b428AWTtTauHQfQrRw+X1WpiuHIDy0vo1Vd6VEq67aVyqPdDYMkRVSDaZL3iZttevRMOoPKMifozg6XPWjIZ"
    "umks/GpT48lI4NizyeaqLBokNebthah3o1H76qSlO9NkDjp9bzmKLEYYH9TEklFUpsvPqOTOcgSLgh21YJXYR7dEBXFgRLiNIKRgO5JdXh1hccRU"
    "AlyVWxE54PXpnQ=="
)
SIGNATURE = (
    "tJHIiIS9eB2hAYstmAmbbD3ZE5LiIm/Ug5tuL4fC0YOFRWIHV39UFIZXC0e9Wl6lBu6sKvkqDkzpqzBsVHyXFlbYZTOQrVdG4b6LfTnK4mikv9++"
    "ixJMd3vTf2yCqvBkh98zs3Ds5zsYQakzbcwhmw4fMJs4nPLws28H0UW9FjDR//rxELLwXvV1VEA1IBLX70xptjL8hrfUjEE8kkry6yNJTHZRU8CA"
    "c7qHli2Ng1V1qb9ARbK8A3ThmFmPQvRGrapI/jS2laKKgYUmfdEdkNO6B2Cke5e8VTxY406ArAmQ90GAihDwIcb16TQMnzCMBoutnwZKNiKRACrF"
    "mtxw2Q=="
)


@pytest.fixture
def published_key() -> RSAPublicKey:
    return RSAPublicNumbers(65537, int(MODULUS.replace("\n", ""), 16)).public_key()


@pytest.fixture
def published_letter() -> Letter:
    return Letter(
        notice_id="3119dfba-e649-5eec-ab1e-3412bc4d2e17",
        created="2021-06-24T16:37:26+08:00",
        event_type="PAYSCORE.USER_OPEN_SERVICE",
        original_type="payscore",
        summary="签约成功",
        plain={
            "mchid": "1234567890",
            "appid": "054aa7d7a2a54ab5898df65bd96f001c",
            "create_time": "2020-06-30T12:12:00+08:00",
            "out_contract_code": "21640bdbd08e473e828f3206a2741c6e",
        },
        signer=Signer("D7CE59D1F522D701", new_private_key()),
        apiv3_key=b"testMchAPIv3Key0",
        stamp=1624523846,
        nonce="Kj7QIyUiYx1q",
    )


def test_a_sealed_text_is_theirs_to_the_letter() -> None:
    sealed = seal(b"testAPIv3Key0000", "wCq51qZv4Yfg", "Dl56FrqWQJF1t9LtC3vEUsniZKvbqdR8", b"Hello World")
    assert sealed == "FsdXzxryWfKwvLJKf8LG/ToRPTRh8RN9wROC"


def test_a_sealed_callback_is_theirs_to_the_letter(published_letter: Letter) -> None:
    assert published_letter.envelope()["resource"]["ciphertext"] == CIPHERTEXT


def test_their_signature_fits_the_bytes_we_would_send(published_letter: Letter, published_key: RSAPublicKey) -> None:
    body = encode(published_letter.envelope())
    message = answer_message("1624523846", "EcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBz", body)
    assert verify(published_key, message, SIGNATURE)
    assert not verify(published_key, message + b"\n", SIGNATURE)
    assert not verify(published_key, message, SIGNATURE[:-4] + "AA==")


def test_the_lines_that_are_signed_each_end_in_a_line_feed() -> None:
    assert request_message("GET", "/v3/x?a=1", "1", "n", b"") == b"GET\n/v3/x?a=1\n1\nn\n\n"
    assert answer_message("1", "n", b"") == b"1\nn\n\n"
    assert pay_message("wx1", "1", "n", "prepay_id=x") == b"wx1\n1\nn\nprepay_id=x\n"


def test_a_signature_is_base64_of_256_bytes() -> None:
    assert len(base64.b64decode(Signer("", new_private_key()).sign(b"x"))) == 256
