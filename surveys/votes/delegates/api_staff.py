"""The street's API of residents' representatives."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, require_grant
from surveys.votes.callers import staff
from surveys.votes.delegates import services
from surveys.votes.delegates.models import Delegate
from surveys.votes.delegates.queries import delegate_by_public_id
from surveys.votes.delegates.schemas import DelegateEndIn, DelegateIn, DelegateOrderIn, DelegateOut
from surveys.votes.delegates.services import NewDelegate

blp = Api(
    "vote_delegates",
    __name__,
    guard=require_grant(services.MANAGE),
    url_prefix="/api/v1/delegates",
    description="Residents' representatives: who, of which residents' group, for which term.",
)


def _shown(delegate_id: str) -> Delegate:
    return delegate_by_public_id(reading(), delegate_id)


@blp.route("", methods=["POST"])
@blp.arguments(DelegateIn)
@blp.response(201, DelegateOut)
def enter(body: dict[str, Any]) -> Delegate:
    """Enter a representative with the record of the choice; another officer confirms."""
    new = NewDelegate(**{**body, "evidence": tuple(body["evidence"])})
    return _shown(services.enter(new, by=staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/<string:delegate>/confirmation", methods=["POST"])
@blp.arguments(DelegateOrderIn)
@blp.response(200, DelegateOut)
def confirm(_body: dict[str, Any], delegate: str) -> Delegate:
    """Say that the entry is as its record reads; not by who entered it."""
    return _shown(services.confirm(delegate, by=staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/<string:delegate>/end", methods=["POST"])
@blp.arguments(DelegateEndIn)
@blp.response(200, DelegateOut)
def end(body: dict[str, Any], delegate: str) -> Delegate:
    """End an office before its term; a frozen roll and what was cast stand."""
    return _shown(services.end(delegate, body["why"], by=staff(), now=clock.now(), key=idempotency_key()))
