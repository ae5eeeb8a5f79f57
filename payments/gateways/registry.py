"""Which gateway speaks for which merchant: set once by the application factory, asked by the services.

An attempt keeps its channel and merchant, so that questions about it go to the adapter that made it, also after the
channel for new payments was changed.
"""

from collections.abc import Mapping

from kernel.database import current_city
from kernel.errors import Unavailable
from payments.gateways.port import PaymentGateway

NOTICE_PATH = "/payments/wechat/notices"

_gateways: dict[tuple[str, str], PaymentGateway] = {}
_for_new: dict[str, str] = {}
_base_urls: dict[str, str] = {}


def configure(gateways: list[PaymentGateway], *, base_urls: Mapping[str, str]) -> None:
    """Set this process's gateways; the last one of a merchant takes its new payments. ``base_urls``: city → own URL."""
    _gateways.clear()
    _for_new.clear()
    _base_urls.clear()
    _base_urls.update(base_urls)
    for gateway in gateways:
        use(gateway)


def use(gateway: PaymentGateway) -> None:
    """Add a gateway (a demo's simulator, say); it takes its merchant's new payments from now on."""
    _gateways[gateway.channel, gateway.merchant_id] = gateway
    _for_new[gateway.merchant_id] = gateway.channel


def for_new(merchant_id: str) -> PaymentGateway:
    """The gateway for a merchant's new payments. Raises Unavailable when the merchant has no keys here."""
    return of(_for_new.get(merchant_id, ""), merchant_id)


def of(channel: str, merchant_id: str) -> PaymentGateway:
    """The gateway that made an attempt. Raises Unavailable when its keys are not here."""
    found = _gateways.get((channel, merchant_id))
    if found is None:
        raise Unavailable("payment-not-configured", "微信支付还没有开通，暂时不能在手机上缴款。请联系社区。")
    return found


def base_url() -> str:
    """The current city's own address, without a slash at its end; "" where none is set."""
    return _base_urls.get(current_city(), "")


def merchants() -> list[str]:
    """The merchants whose new payments are taken here."""
    return list(_for_new)


def gateways() -> list[PaymentGateway]:
    """Every gateway of this process."""
    return list(_gateways.values())


def of_channel(channel: str) -> list[PaymentGateway]:
    """Every gateway of a channel: a notice is offered to each until one can open it."""
    return [gateway for (its_channel, _), gateway in _gateways.items() if its_channel == channel]


def notify_url() -> str:
    """Where the service tells this city about its payments: https outside loopback, public, no query string."""
    return _base_urls[current_city()] + NOTICE_PATH
