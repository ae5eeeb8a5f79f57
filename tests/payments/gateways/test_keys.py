"""Which keys a merchant believes WeChat Pay by: its public key, certificates, or both while it changes; renewed."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kernel import clock, outbound
from kernel.outbound import Upstream
from payments.gateways import registry, setup
from payments.gateways.certificates import RENEWED_EVERY, Certificates
from payments.gateways.port import Refused, Unknown
from payments.gateways.setup import MerchantSettings
from payments.gateways.wechat import WeChatGateway
from payments.gateways.wire import Merchant
from payments.services import keys
from sandbox.testing import Running
from tests.contracts.test_payment_gateway import PAYER, an_order


@pytest.fixture
def sandbox() -> Iterator[Running]:
    with Running() as running:
        running.persona(PAYER, "证书测试")
        running.hold_callbacks()
        yield running


def merchant(sandbox: Running, **changes: object) -> Merchant:
    given = sandbox.environment
    made = Merchant(
        merchant_id=given["WECHATPAY_MCHID"],
        app_id=given["WECHAT_APP_ID"],
        private_key=Path(given["WECHATPAY_MERCHANT_KEY_FILE"]).read_text(),
        certificate_serial=given["WECHATPAY_MERCHANT_SERIAL"],
        apiv3_key=given["WECHATPAY_APIV3_KEY"],
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def gateway(sandbox: Running, held: Merchant) -> WeChatGateway:
    return WeChatGateway(held, base_url=sandbox.url, upstream=Upstream("pay", [sandbox.url], cap=8, rest_s=0))


def public_key(sandbox: Running) -> dict[str, str]:
    given = sandbox.environment
    return {
        "public_key": Path(given["WECHATPAY_PUBLIC_KEY_FILE"]).read_text(),
        "public_key_id": given["WECHATPAY_PUBLIC_KEY_ID"],
    }


def letters_read(sandbox: Running, reader: WeChatGateway, trade_no: str, times: int = 12) -> int:
    """How many of so many notices are believed."""
    believed = 0
    for _ in range(times):
        try:
            reader.read(*sandbox.write_callback(trade_no), now=clock.now())
            believed += 1
        except Refused:
            continue
    return believed


def test_a_merchant_of_certificates_fetches_them_first_and_then_pays_and_reads(
    sandbox: Running, tmp_path: Path
) -> None:
    sandbox.keys("certificate")
    mine = gateway(sandbox, merchant(sandbox, certificates_folder=tmp_path / "certificates"))
    order = an_order()
    with pytest.raises(Unknown):
        mine.place(order)
    assert mine.renew_keys(now=clock.now()) == 1
    assert mine.place(order), "the very same order again"
    sandbox.pay(order.trade_no)
    assert letters_read(sandbox, mine, order.trade_no) == 12
    assert mine.renew_keys(now=clock.now()) == 0, "not before it is time"


def test_making_a_gateway_and_reading_a_stranger_calls_nobody(sandbox: Running, tmp_path: Path) -> None:
    sandbox.keys("certificate", certificates=2)
    mine = gateway(sandbox, merchant(sandbox, certificates_folder=tmp_path / "certificates"))
    order = an_order()
    with pytest.raises(Unknown):
        mine.place(order)
    sandbox.pay(order.trade_no)
    before = len(sandbox.calls())
    assert letters_read(sandbox, mine, order.trade_no) == 0
    assert len(sandbox.calls()) == before


def test_a_new_certificate_is_believed_beside_the_old_and_other_processes_notice(
    sandbox: Running, tmp_path: Path
) -> None:
    folder = tmp_path / "certificates"
    sandbox.keys("certificate")
    job, web = (gateway(sandbox, merchant(sandbox, certificates_folder=folder)) for _ in range(2))
    job.renew_keys(now=clock.now())
    order = an_order()
    web.place(order)
    sandbox.pay(order.trade_no)
    sandbox.keys("certificate", certificates=3)
    assert letters_read(sandbox, web, order.trade_no, 24) < 24
    later = folder.stat().st_mtime - RENEWED_EVERY.total_seconds() - 60
    os.utime(folder, (later, later))
    assert job.renew_keys(now=clock.now()) == 3
    assert letters_read(sandbox, web, order.trade_no, 24) == 24


def test_in_the_week_of_the_change_both_kinds_of_keys_are_believed(sandbox: Running, tmp_path: Path) -> None:
    folder = tmp_path / "certificates"
    sandbox.keys("certificate")
    gateway(sandbox, merchant(sandbox, certificates_folder=folder)).renew_keys(now=clock.now())
    texts = tuple(path.read_text() for path in folder.glob("*.pem"))
    sandbox.keys("both", public_key_percent=50)
    both = gateway(sandbox, merchant(sandbox, platform_certificates=texts, **public_key(sandbox)))
    order = an_order()
    both.place(order)
    sandbox.pay(order.trade_no)
    assert letters_read(sandbox, both, order.trade_no, 24) == 24
    only_new = gateway(sandbox, merchant(sandbox, **public_key(sandbox)))
    assert 0 < letters_read(sandbox, only_new, order.trade_no, 40) < 40


def test_certificates_sealed_with_another_key_or_signed_by_another_are_not_kept(
    sandbox: Running, tmp_path: Path
) -> None:
    sandbox.keys("certificate")
    folder = tmp_path / "certificates"
    stranger = gateway(sandbox, merchant(sandbox, certificates_folder=folder, apiv3_key="x" * 32))
    with pytest.raises(Unknown):
        stranger.renew_keys(now=clock.now())
    for fault in ("bad_signature", "unsigned", "stale_signature", "500"):
        sandbox.fault("pay.certificates", fault)
        with pytest.raises(Unknown):
            gateway(sandbox, merchant(sandbox, certificates_folder=folder)).renew_keys(now=clock.now())
    assert not folder.exists()


def test_an_expired_certificate_is_not_believed(sandbox: Running, tmp_path: Path) -> None:
    sandbox.keys("certificate")
    folder = tmp_path / "certificates"
    gateway(sandbox, merchant(sandbox, certificates_folder=folder)).renew_keys(now=clock.now())
    held = Certificates((), folder)
    assert len(held.valid(clock.now())) == 1
    assert held.valid(clock.now() + timedelta(days=365 * 10)) == []
    assert held.renewal_is_due(clock.now() + timedelta(days=365 * 10))


def test_without_any_key_of_wechat_pay_the_start_fails(sandbox: Running) -> None:
    with pytest.raises(ValueError, match="public key or its platform certificates"):
        gateway(sandbox, merchant(sandbox))


@pytest.fixture
def keys_folder(sandbox: Running, tmp_path: Path) -> Path:
    """Two merchants' files beside their settings."""
    given = sandbox.environment
    for name in ("a", "b"):
        shutil.copy(given["WECHATPAY_MERCHANT_KEY_FILE"], tmp_path / f"{name}.pem")
        (tmp_path / f"{name}.txt").write_text(given["WECHATPAY_APIV3_KEY"] + "\n")
    shutil.copy(given["WECHATPAY_PUBLIC_KEY_FILE"], tmp_path / "wx.pem")
    return tmp_path


def told(number: str, letter: str, **changes: object) -> dict[str, object]:
    made: dict[str, object] = {
        "merchant_id": number,
        "merchant_key_file": f"{letter}.pem",
        "merchant_serial": "A" * 40,
        "apiv3_key_file": f"{letter}.txt",
        "public_key_file": "wx.pem",
        "public_key_id": "PUB_KEY_ID_1",
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def configured(folder: Path, *merchants: dict[str, object]) -> None:
    outbound.configure({"pay": ["http://127.0.0.1:9"]}, threads=4)
    (folder / "merchants.json").write_text(json.dumps(merchants))
    setup.configure(
        MerchantSettings("", "wxdefault", None, "", ""),
        merchants_file=folder / "merchants.json",
        certificates_folder=folder / "wechatpay",
        base_url="http://127.0.0.1:9",
        public_base_url="http://127.0.0.1:8000",
        cities={"shaoguan": ()},
    )


def test_each_account_holder_is_a_merchant_of_its_own(keys_folder: Path) -> None:
    configured(keys_folder, told("1900000002", "a"), told("1900000003", "b", app_id="wxother"))
    assert registry.merchants() == ["1900000002", "1900000003"]
    assert [registry.for_new(number).app_id for number in registry.merchants()] == ["wxdefault", "wxother"]
    assert keys.renew_due(now=clock.now()) == 0, "a merchant of the public key fetches nothing"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"apiv3_key_file": None}, "merchant 1900000002: apiv3_key_file is missing"),
        ({"merchant_key_file": "nowhere.pem"}, "MERCHANT_KEY_FILE of merchant 1900000002"),
        ({"public_key_file": "nowhere.pem"}, "PUBLIC_KEY_FILE of merchant 1900000002"),
        ({"certificate_files": ["a.txt"]}, "certificate cannot be read"),
        ({"mchid": "1"}, "mchid is not known"),
        ({"public_key_id": None}, "public key or its platform certificates"),
    ],
)
def test_a_merchant_with_something_missing_stops_the_start_by_name(
    keys_folder: Path, changes: dict[str, object], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        configured(keys_folder, told("1900000002", "a", **changes))


def test_a_merchant_named_twice_or_a_file_that_is_no_list_stops_the_start(keys_folder: Path) -> None:
    with pytest.raises(ValueError, match="twice"):
        configured(keys_folder, told("1900000002", "a"), told("1900000002", "b"))
    (keys_folder / "merchants.json").write_text("{")
    with pytest.raises(ValueError, match="not readable JSON"):
        setup.read_merchants(keys_folder / "merchants.json", app_id="wx")
    (keys_folder / "merchants.json").write_text("{}")
    with pytest.raises(ValueError, match="list of merchants"):
        setup.read_merchants(keys_folder / "merchants.json", app_id="wx")


def test_keys_that_cannot_be_had_now_are_asked_for_again_next_time(sandbox: Running, tmp_path: Path) -> None:
    sandbox.keys("certificate")
    mine = gateway(sandbox, merchant(sandbox, certificates_folder=tmp_path / "certificates"))
    registry.configure([mine], base_urls={})
    sandbox.fault("pay.certificates", "500")
    assert keys.renew_due(now=clock.now()) == 0
    assert keys.renew_due(now=clock.now()) == 1
