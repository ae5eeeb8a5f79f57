"""The principal's API: withdraw a proxy before it is used."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, identity, require_resident
from surveys.votes.proxies import queries as proxies
from surveys.votes.proxies import services
from surveys.votes.proxies.models import WrittenProxy
from surveys.votes.proxies.schemas import ProxyOrderIn, ProxyOut

blp = Api(
    "votes_proxies_resident",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1/my-proxies",
    description="One's own written proxies.",
)


@blp.route("/<string:proxy>/withdrawal", methods=["POST"])
@blp.arguments(ProxyOrderIn)
@blp.response(200, ProxyOut)
def withdraw(_body: dict[str, Any], proxy: str) -> WrittenProxy:
    """Withdraw one's own proxy; 409 once it was used."""
    who = identity()
    services.withdraw_own(proxy, account_id=who.account_id, actor=who.actor, now=clock.now(), key=idempotency_key())
    return proxies.proxy_by_public_id(reading(), proxy)
