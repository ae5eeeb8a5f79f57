"""Staff's API of groups: who was elected and who that is, form, end, hand over."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, identity, require_grant
from portal.groups import services
from portal.groups.rules import Chosen
from portal.groups.schemas import (
    ElectedListOut,
    GroupOrderIn,
    GroupOut,
    LeaderIn,
    LeavingIn,
    MovingUpIn,
    NewGroupIn,
)
from surveys.votes.services.preparing import MANAGE, Staff

blp = Api(
    "groups_staff",
    __name__,
    guard=require_grant(MANAGE),
    url_prefix="/api/v1/groups",
    description="Forming self-management groups out of elections at the places in one's charge.",
)


def _staff() -> Staff:
    who = identity()
    return Staff(who.actor, who.person_id)


def _shown(group_id: str) -> services.GroupView:
    return services.managed_view(reading(), group_id, by=_staff(), now=clock.now())


@blp.route("/elected/<string:vote>", methods=["GET"])
@blp.response(200, ElectedListOut)
def elected(vote: str) -> dict[str, Any]:
    """The elected candidates with the persons of the register that bear their names; the look is on record."""
    return {"elected": services.matches(vote, by=_staff(), now=clock.now())}


@blp.route("", methods=["POST"])
@blp.arguments(NewGroupIn)
@blp.response(201, GroupOut)
def form(body: dict[str, Any]) -> services.GroupView:
    """Form the group of an election; the former body ends, the members get their grants for the term."""
    members = [Chosen(**member) for member in body["members"]]
    return _shown(
        services.form(body["vote"], members, years=body["years"], by=_staff(), now=clock.now(), key=idempotency_key())
    )


@blp.route("/<string:group>/ending", methods=["POST"])
@blp.arguments(GroupOrderIn)
@blp.response(200, GroupOut)
def end(_body: dict[str, Any], group: str) -> services.GroupView:
    """End a group before its term; its grants end with it."""
    return _shown(services.end(group, by=_staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/<string:group>/handover/<string:item>", methods=["POST"])
@blp.arguments(GroupOrderIn)
@blp.response(200, GroupOut)
def hand_over(_body: dict[str, Any], group: str, item: str) -> services.GroupView:
    """Tick an item of the hand-over list."""
    return _shown(services.hand_over(group, item, by=_staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/<string:group>/members/<string:candidate>/leaving", methods=["POST"])
@blp.arguments(LeavingIn)
@blp.response(200, GroupOut)
def leave(body: dict[str, Any], group: str, candidate: str) -> services.GroupView:
    """A member leaves before the term is over; the grant ends at once."""
    services.leave(group, candidate, body["why"], by=_staff(), now=clock.now(), key=idempotency_key())
    return _shown(group)


@blp.route("/<string:group>/alternates", methods=["POST"])
@blp.arguments(MovingUpIn)
@blp.response(200, GroupOut)
def move_up(body: dict[str, Any], group: str) -> services.GroupView:
    """The next alternate by votes takes a free seat for the rest of the term."""
    chosen = Chosen(body["candidate"], body["person"], leader=False, shown=body["shown"])
    services.move_up(group, chosen, body["declined"], by=_staff(), now=clock.now(), key=idempotency_key())
    return _shown(group)


@blp.route("/<string:group>/leader", methods=["POST"])
@blp.arguments(LeaderIn)
@blp.response(200, GroupOut)
def appoint(body: dict[str, Any], group: str) -> services.GroupView:
    """Another sitting member leads from now on, as the members chose."""
    services.appoint(group, body["candidate"], by=_staff(), now=clock.now(), key=idempotency_key())
    return _shown(group)
