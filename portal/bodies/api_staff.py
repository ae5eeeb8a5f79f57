"""Staff's API of bodies: who was elected and who that is; form, file, hand over, change offices, end."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, require_grant
from portal.bodies import services
from portal.bodies.rules import Chosen
from portal.bodies.schemas import (
    BodyOrderIn,
    BodyOut,
    ElectedListOut,
    FilingIn,
    JoiningIn,
    LeavingIn,
    MovingUpIn,
    NewBodyIn,
    OfficeIn,
)
from surveys.votes.callers import staff
from surveys.votes.rules.bodies import Office
from surveys.votes.services.preparing import MANAGE

blp = Api(
    "bodies_staff",
    __name__,
    guard=require_grant(MANAGE),
    url_prefix="/api/v1/bodies",
    description="Forming bodies out of elections at the places in one's charge.",
)


def _shown(body_id: str) -> services.BodyView:
    return services.managed_view(reading(), body_id, by=staff(), now=clock.now())


@blp.route("/elected/<string:vote>", methods=["GET"])
@blp.response(200, ElectedListOut)
def elected(vote: str) -> dict[str, Any]:
    """The elected candidates with the persons of the register that bear their names; the look is on record."""
    return {"elected": services.matches(vote, by=staff(), now=clock.now())}


@blp.route("", methods=["POST"])
@blp.arguments(NewBodyIn)
@blp.response(201, BodyOut)
def form(given: dict[str, Any]) -> services.BodyView:
    """Form the body of an election; the former one of its kind ends, the members get their grants for the term."""
    members = [Chosen(**member) for member in given["members"]]
    return _shown(
        services.form(given["vote"], members, years=given["years"], by=staff(), now=clock.now(), key=idempotency_key())
    )


@blp.route("/joinings", methods=["POST"])
@blp.arguments(JoiningIn)
@blp.response(201, BodyOut)
def join(given: dict[str, Any]) -> services.BodyView:
    """Seat those a by-election elected in the body in office, for the rest of its term."""
    members = [Chosen(**member) for member in given["members"]]
    return _shown(services.join(given["vote"], members, by=staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/<string:body_id>/ending", methods=["POST"])
@blp.arguments(BodyOrderIn)
@blp.response(200, BodyOut)
def end(_given: dict[str, Any], body_id: str) -> services.BodyView:
    """End a body before its term; its grants end with it."""
    return _shown(services.end(body_id, by=staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/<string:body_id>/handover/<string:item>", methods=["POST"])
@blp.arguments(BodyOrderIn)
@blp.response(200, BodyOut)
def hand_over(_given: dict[str, Any], body_id: str, item: str) -> services.BodyView:
    """Tick an item of the hand-over list."""
    return _shown(services.hand_over(body_id, item, by=staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/<string:body_id>/filings", methods=["POST"])
@blp.arguments(FilingIn)
@blp.response(201, BodyOut)
def file(given: dict[str, Any], body_id: str) -> services.BodyView:
    """Note that the body, or its change, was put on file: the record's number and day."""
    return _shown(services.file(body_id, **given, by=staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/<string:body_id>/members/<string:candidate>/leaving", methods=["POST"])
@blp.arguments(LeavingIn)
@blp.response(200, BodyOut)
def leave(given: dict[str, Any], body_id: str, candidate: str) -> services.BodyView:
    """A member leaves before the term is over; the grant ends at once."""
    return _shown(services.leave(body_id, candidate, given["why"], by=staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/<string:body_id>/alternates", methods=["POST"])
@blp.arguments(MovingUpIn)
@blp.response(200, BodyOut)
def move_up(given: dict[str, Any], body_id: str) -> services.BodyView:
    """The next alternate by votes takes a free seat for the rest of the term."""
    chosen = Chosen(given["candidate"], given["person"], Office.MEMBER, shown=given["shown"])
    return _shown(
        services.move_up(body_id, chosen, given["declined"], by=staff(), now=clock.now(), key=idempotency_key())
    )


@blp.route("/<string:body_id>/offices", methods=["POST"])
@blp.arguments(OfficeIn)
@blp.response(200, BodyOut)
def appoint(given: dict[str, Any], body_id: str) -> services.BodyView:
    """A sitting member takes another office from now on, as the members chose."""
    candidate, office = given["candidate"], given["office"]
    return _shown(services.appoint(body_id, candidate, office, by=staff(), now=clock.now(), key=idempotency_key()))
