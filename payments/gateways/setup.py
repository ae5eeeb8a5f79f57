"""Making the gateways from settings, once, at the start."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from kernel.outbound import upstream
from payments.gateways import registry
from payments.gateways.port import PaymentGateway
from payments.gateways.wechat import Merchant, WeChatGateway


def configure(
    *,
    merchant_id: str,
    app_id: str,
    merchant_key_file: Path | None,
    merchant_serial: str,
    apiv3_key: str,
    public_key_file: Path | None,
    public_key_id: str,
    base_url: str,
    public_base_url: str,
    cities: Mapping[str, tuple[str, ...]],
) -> None:
    """Set this process's gateways: WeChat Pay for the merchant, or none when no merchant key is given (paying then says
    that it has not been opened). Keys are read and parsed here, so a bad one stops the start. Raises ValueError.
    """
    gateways: list[PaymentGateway] = []
    if merchant_id and merchant_key_file is not None:
        merchant = Merchant(
            merchant_id=merchant_id,
            app_id=app_id,
            private_key=_pem(merchant_key_file, "WECHATPAY_MERCHANT_KEY_FILE"),
            certificate_serial=merchant_serial,
            apiv3_key=apiv3_key,
            public_key=_pem(public_key_file, "WECHATPAY_PUBLIC_KEY_FILE"),
            public_key_id=public_key_id,
        )
        gateways.append(WeChatGateway(merchant, base_url=base_url, upstream=upstream("pay")))
    registry.configure(gateways, base_urls={city: _own_url(hosts, public_base_url) for city, hosts in cities.items()})


def _pem(path: Path | None, name: str) -> str:
    if path is None or not path.is_file():
        raise ValueError(f"{name} must name a readable PEM file")
    return path.read_text(encoding="ascii")


def _own_url(hosts: tuple[str, ...], public_base_url: str) -> str:
    """A city is told about its payments at its own host name, for that chooses the city."""
    parts = urlsplit(public_base_url)
    if not hosts:
        return public_base_url.rstrip("/")
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{hosts[0]}{port}"
