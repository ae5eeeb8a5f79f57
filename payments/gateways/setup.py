"""Making the gateways from settings, once, at the start.

One merchant comes by single settings; several (each account holder is its own merchant) by a JSON file, a list of

    {"merchant_id": "1900000002", "app_id": "wx…", "merchant_key_file": "a.pem", "merchant_serial": "…",
     "apiv3_key_file": "a.txt", "public_key_file": "wx.pem", "public_key_id": "PUB_KEY_ID_…",
     "certificate_files": ["old.pem", "new.pem"], "fetch_certificates": false}

with paths relative to the file. WeChat Pay is believed by its public key, by certificates listed, by certificates it
lets us fetch (``fetch_certificates``), or by several of these at once while a merchant changes over.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kernel.outbound import upstream
from payments.gateways import registry
from payments.gateways.port import PaymentGateway
from payments.gateways.wechat import WeChatGateway
from payments.gateways.wire import Merchant


@dataclass(frozen=True)
class MerchantSettings:
    """One merchant as the settings tell him; key material by file. Made into a ``Merchant`` at the start."""

    merchant_id: str
    app_id: str
    merchant_key_file: Path | None
    merchant_serial: str
    apiv3_key: str
    public_key_file: Path | None = None
    public_key_id: str = ""
    certificate_files: tuple[Path, ...] = ()
    fetch_certificates: bool = False


def configure(
    single: MerchantSettings,
    *,
    merchants_file: Path | None,
    certificates_folder: Path,
    base_url: str,
    public_base_url: str,
    cities: Mapping[str, tuple[str, ...]],
) -> None:
    """Set this process's gateways: WeChat Pay for each merchant, or none when no merchant has a key (paying then says
    that it has not been opened). Keys are read and parsed here, so a bad one stops the start. Raises ValueError.
    """
    given = [single] if single.merchant_id and single.merchant_key_file is not None else []
    if merchants_file is not None:
        given += read_merchants(merchants_file, app_id=single.app_id)
    ids = [one.merchant_id for one in given]
    if len(set(ids)) != len(ids):
        raise ValueError("WECHATPAY_MERCHANTS_FILE names a merchant twice")
    gateways: list[PaymentGateway] = [
        WeChatGateway(_merchant(one, certificates_folder), base_url=base_url, upstream=upstream("pay")) for one in given
    ]
    registry.configure(gateways, base_urls={city: _own_url(hosts, public_base_url) for city, hosts in cities.items()})


def read_merchants(file: Path, *, app_id: str) -> list[MerchantSettings]:
    """The merchants of a settings file; ``app_id`` is the official account of those that name none.

    Raises ValueError that names the merchant and the word that is missing or unknown.
    """
    try:
        told = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"WECHATPAY_MERCHANTS_FILE: {file.name} is not readable JSON: {error}") from None
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        raise ValueError("WECHATPAY_MERCHANTS_FILE must hold a list of merchants")
    return [_settings(one, file.parent, app_id) for one in told]


_NEEDED = {"merchant_id", "merchant_key_file", "merchant_serial", "apiv3_key_file"}
_KNOWN = _NEEDED | {"app_id", "public_key_file", "public_key_id", "certificate_files", "fetch_certificates"}


def _settings(told: Mapping[str, Any], folder: Path, app_id: str) -> MerchantSettings:
    name = f"WECHATPAY_MERCHANTS_FILE, merchant {told.get('merchant_id', '?')}"
    if missing := sorted(_NEEDED - set(told)):
        raise ValueError(f"{name}: {', '.join(missing)} is missing")
    if strange := sorted(set(told) - _KNOWN):
        raise ValueError(f"{name}: {', '.join(strange)} is not known")
    return MerchantSettings(
        merchant_id=str(told["merchant_id"]),
        app_id=str(told.get("app_id") or app_id),
        merchant_key_file=folder / told["merchant_key_file"],
        merchant_serial=str(told["merchant_serial"]),
        apiv3_key=_text(folder / told["apiv3_key_file"], f"{name}: apiv3_key_file").strip(),
        public_key_file=folder / told["public_key_file"] if told.get("public_key_file") else None,
        public_key_id=str(told.get("public_key_id") or ""),
        certificate_files=tuple(folder / each for each in told.get("certificate_files") or ()),
        fetch_certificates=told.get("fetch_certificates") is True,
    )


def _merchant(given: MerchantSettings, certificates_folder: Path) -> Merchant:
    name = f"merchant {given.merchant_id}"
    return Merchant(
        merchant_id=given.merchant_id,
        app_id=given.app_id,
        private_key=_text(given.merchant_key_file, f"WECHATPAY_MERCHANT_KEY_FILE of {name}"),
        certificate_serial=given.merchant_serial,
        apiv3_key=given.apiv3_key,
        public_key=_text(given.public_key_file, f"WECHATPAY_PUBLIC_KEY_FILE of {name}") if given.public_key_id else "",
        public_key_id=given.public_key_id,
        platform_certificates=tuple(_text(each, f"a certificate of {name}") for each in given.certificate_files),
        certificates_folder=certificates_folder / given.merchant_id if given.fetch_certificates else None,
    )


def _text(path: Path | None, name: str) -> str:
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
