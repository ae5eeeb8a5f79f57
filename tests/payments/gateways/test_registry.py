"""Which gateway speaks for which merchant, and where each city is told about its payments."""

from pathlib import Path
from typing import Any

import pytest

from kernel import outbound
from kernel.errors import Unavailable
from payments.gateways import registry, setup
from payments.gateways.memory import MemoryGateway
from payments.gateways.setup import MerchantSettings


def configure(*, key_file: Path | None = None, **changes: Any) -> None:
    settings: dict[str, Any] = {
        "merchants_file": None,
        "certificates_folder": Path("nowhere"),
        "base_url": "http://127.0.0.1:9",
        "public_base_url": "https://gj.example.cn",
        "cities": {"shaoguan": ()},
    }
    outbound.configure({"pay": ["http://127.0.0.1:9"]}, threads=4)
    single = MerchantSettings("1900000001", "wx1", key_file, "AB", "k" * 32, public_key_id="PUB_KEY_ID_1")
    setup.configure(single, **{**settings, **changes})


def test_without_keys_paying_says_that_it_is_not_open() -> None:
    configure()
    assert registry.merchants() == []
    with pytest.raises(Unavailable) as refusal:
        registry.for_new("1900000001")
    assert refusal.value.code == "payment-not-configured"


def test_a_key_file_that_is_not_there_stops_the_start_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="WECHATPAY_MERCHANT_KEY_FILE"):
        configure(key_file=tmp_path / "nothing.pem")


def test_each_city_is_told_at_its_own_host_name(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(
        cities={"shaoguan": ("sg.example.cn", "www.sg.example.cn"), "qujiang": ("qj.example.cn",)},
        public_base_url="https://gj.example.cn:8443",
    )
    for city, url in [("shaoguan", "https://sg.example.cn:8443"), ("qujiang", "https://qj.example.cn:8443")]:
        monkeypatch.setattr(registry, "current_city", lambda city=city: city)
        assert registry.notify_url() == f"{url}/payments/wechat/notices"


def test_a_merchant_that_changes_its_channel_keeps_the_old_one_for_old_attempts() -> None:
    old, new = MemoryGateway(), MemoryGateway()
    new.channel = "other"
    registry.configure([old], base_urls={})
    registry.use(new)
    assert registry.for_new(old.merchant_id) is new
    assert registry.of("memory", old.merchant_id) is old
    assert registry.of_channel("memory") == [old]
