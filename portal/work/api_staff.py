"""JSON for workers at the door."""

from typing import Any

from marshmallow import fields

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_grant
from kernel.web.rate_limits import limiter
from kernel.web.schemas import Answer
from portal.work import services

blp = Api(
    "work_api",
    __name__,
    guard=require_grant("dwelling.contact"),
    url_prefix="/api/v1/work",
    description="For community workers at the door.",
)


class ContactAnswer(Answer):
    """Somebody of the roster."""

    name = fields.String(metadata={"description": "姓名"})
    holding = fields.String(metadata={"description": "业主、共有人、租户、家人或产权单位"})
    phone = fields.String(metadata={"description": "手机号，没有登记时为空"})


class ContactsAnswer(Answer):
    """Who can be reached at a dwelling."""

    people = fields.List(fields.Nested(ContactAnswer))


@blp.route("/dwellings/<dwelling_id>/contact-looks", methods=["POST"])
@limiter.limit("60 per minute")
@blp.response(201, ContactsAnswer)
def look_at_contacts(dwelling_id: str) -> dict[str, Any]:
    """Look at who is on the roster of a dwelling, with phones; the look is written down."""
    people = services.look_at_contacts(dwelling_id, by=identity(), now=clock.now(), key=idempotency_key())
    return {"people": people}
