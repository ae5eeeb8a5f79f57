"""JSON for residents about their own ties."""

from marshmallow import fields

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_resident
from kernel.web.schemas import Answer
from portal.home import services

blp = Api(
    "ties",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1/ties",
    description="The dwellings one speaks for.",
)


class EndedTie(Answer):
    """The tie that ended."""

    id = fields.String()


@blp.route("/<tie_id>/end", methods=["POST"])
@blp.response(200, EndedTie)
def end_tie(tie_id: str) -> dict[str, str]:
    """Stop speaking for a dwelling; what was done for it stays."""
    return {"id": services.let_go(identity(), tie_id, key=idempotency_key(), now=clock.now())}
