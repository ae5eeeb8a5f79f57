"""The workers' API of written proxies, and the street's list of people who may not be agents."""

from datetime import timedelta
from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.idempotency import Key
from kernel.web import Api, idempotency_key, identity, require_grant
from surveys.votes.callers import staff
from surveys.votes.proxies import queries as proxies
from surveys.votes.proxies import schemas, services
from surveys.votes.proxies.models import WrittenProxy
from surveys.votes.proxies.services import NewProxy
from surveys.votes.services import preparing

blp = Api(
    "votes_proxies",
    __name__,
    guard=require_grant(services.ENTER),
    url_prefix="/api/v1",
    description="Written proxies: registered by one worker, confirmed by another.",
)
manage = Api(
    "votes_barred_agents",
    __name__,
    guard=require_grant(preparing.MANAGE),
    url_prefix="/api/v1",
    description="People who may not be agents.",
)


def _by(key: Key) -> dict[str, Any]:
    return {"by": staff(), "now": clock.now(), "key": key}


@blp.route("/votes/<string:vote>/proxies", methods=["POST"])
@blp.arguments(schemas.NewProxyIn)
@blp.response(201, schemas.ProxyOut)
def register(body: dict[str, Any], vote: str) -> WrittenProxy:
    """Register a proxy with the photo of its paper."""
    photos = body.pop("evidence")
    signed_on, until = body.pop("signed_on"), body.pop("valid_until")
    new = NewProxy(
        **body,
        signed_at=clock.china_moment(signed_on),
        valid_until=clock.china_moment(until + timedelta(days=1)),
    )
    made = services.register(vote, new, photos=photos, account_id=identity().account_id, **_by(idempotency_key()))
    return proxies.proxy_by_public_id(reading(), made)


@blp.route("/proxies/<string:proxy>/confirmation", methods=["POST"])
@blp.arguments(schemas.ProxyDecisionIn)
@blp.response(200, schemas.ProxyOut)
def confirm(body: dict[str, Any], proxy: str) -> WrittenProxy:
    """The second worker's word: good, or not and why."""
    services.confirm(proxy, good=body["good"], why=body["why"], **_by(idempotency_key()))
    return proxies.proxy_by_public_id(reading(), proxy)


@blp.route("/proxies/<string:proxy>/withdrawal", methods=["POST"])
@blp.arguments(schemas.ProxyEndIn)
@blp.response(200, schemas.ProxyOut)
def withdraw(body: dict[str, Any], proxy: str) -> WrittenProxy:
    """Note that the principal withdrew it."""
    services.withdraw(proxy, why=body["why"], **_by(idempotency_key()))
    return proxies.proxy_by_public_id(reading(), proxy)


@manage.route("/votes/<string:vote>/barred-agents", methods=["POST"])
@manage.arguments(schemas.BarredAgentIn)
@manage.response(201, schemas.BarredAgentOut)
def bar(body: dict[str, Any], vote: str) -> dict[str, str]:
    """List somebody who may not be an agent at the vote's place."""
    return {"id": services.bar(vote, body["name"], body["phone"], body["why"], **_by(idempotency_key()))}


@manage.route("/barred-agents/<string:entry>/end", methods=["POST"])
@manage.arguments(schemas.ProxyOrderIn)
@manage.response(200, schemas.BarredAgentOut)
def unbar(_body: dict[str, Any], entry: str) -> dict[str, str]:
    """Take somebody off the list."""
    return {"id": services.unbar(entry, **_by(idempotency_key()))}
