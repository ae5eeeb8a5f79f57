"""The keys a payment service signs with, fetched by the clock before they are needed."""

import logging
from datetime import datetime

from payments.gateways import registry
from payments.gateways.port import Rejected, Unknown

log = logging.getLogger(__name__)


def renew_due(*, now: datetime) -> int:
    """Fetch what is due of every merchant; how many keys. One that cannot be had now is asked for again next time."""
    renewed = 0
    for gateway in registry.gateways():
        try:
            renewed += gateway.renew_keys(now=now)
        except (Unknown, Rejected) as failed:
            log.warning("payment keys not renewed", extra={"merchant": gateway.merchant_id, "code": str(failed)})
    return renewed
