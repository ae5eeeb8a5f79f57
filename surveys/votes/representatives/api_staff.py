"""The street's API of representatives."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, require_grant
from surveys.votes.callers import staff
from surveys.votes.representatives import services
from surveys.votes.representatives.models import OwnerRepresentative
from surveys.votes.representatives.queries import representative_by_public_id
from surveys.votes.representatives.schemas import RepresentativeIn, RepresentativeOrderIn, RepresentativeOut
from surveys.votes.representatives.services import NewRepresentative

blp = Api(
    "vote_representatives",
    __name__,
    guard=require_grant(services.MANAGE),
    url_prefix="/api/v1/representatives",
    description="Who votes for an organisation, a minor or an incapable owner.",
)


def _shown(representative_id: str) -> OwnerRepresentative:
    return representative_by_public_id(reading(), representative_id)


@blp.route("", methods=["POST"])
@blp.arguments(RepresentativeIn)
@blp.response(201, RepresentativeOut)
def enter(body: dict[str, Any]) -> OwnerRepresentative:
    """Enter a representative with his papers; another officer confirms."""
    new = NewRepresentative(**{**body, "evidence": tuple(body["evidence"])})
    return _shown(services.enter(new, by=staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/<string:representative>/confirmation", methods=["POST"])
@blp.arguments(RepresentativeOrderIn)
@blp.response(200, RepresentativeOut)
def confirm(_body: dict[str, Any], representative: str) -> OwnerRepresentative:
    """Say that the papers are in order; not by who entered them."""
    return _shown(services.confirm(representative, by=staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/<string:representative>/end", methods=["POST"])
@blp.arguments(RepresentativeOrderIn)
@blp.response(200, RepresentativeOut)
def end(_body: dict[str, Any], representative: str) -> OwnerRepresentative:
    """End a representation; what was cast stands."""
    return _shown(services.end(representative, by=staff(), now=clock.now(), key=idempotency_key()))
