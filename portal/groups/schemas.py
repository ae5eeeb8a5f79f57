"""The shapes of self-management groups at the edge."""

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Body, Moment, text, whole_number
from portal.groups.rules import Left

MOST_MEMBERS = 60
LONGEST_YEARS = 5


class MemberIn(Body):
    """An elected candidate, who it is, and whether the name may be shown."""

    candidate = text(22, 22, required=True)
    person = text(22, 22, required=True)
    leader = fields.Boolean(load_default=False)
    shown = fields.Boolean(required=True)


class NewGroupIn(Body):
    """A group to be formed."""

    vote = text(22, 22, required=True)
    years = whole_number(1, LONGEST_YEARS, required=True)
    members = fields.List(
        fields.Nested(MemberIn),
        required=True,
        validate=ma.validate.Length(1, MOST_MEMBERS, error="请至少对上一名当选人。"),
    )


class LeavingIn(Body):
    """Why a member leaves before the term is over."""

    why = fields.Enum(Left, by_value=True, required=True)


class MovingUpIn(Body):
    """The next alternate, who that is, and the alternates before him who declined."""

    candidate = text(22, 22, required=True)
    person = text(22, 22, required=True)
    shown = fields.Boolean(load_default=False)
    declined = fields.List(text(22, 22), load_default=list, validate=ma.validate.Length(max=MOST_MEMBERS))


class LeaderIn(Body):
    """Who leads from now on."""

    candidate = text(22, 22, required=True)


class GroupOrderIn(Body):
    """An order that needs no words."""


class GroupMemberOut(Answer):
    """A member; the name as far as the member agreed."""

    candidate = fields.String()
    name = fields.String()
    role = fields.String()


class HandoverItemOut(Answer):
    """A line of the hand-over list."""

    id = fields.String(attribute="public_id")
    title = fields.String()
    done_at = Moment(allow_none=True)


class GroupOut(Answer):
    """A group as anyone may see it."""

    id = fields.String(attribute="group.public_id")
    place = fields.String(attribute="place.code")
    place_name = fields.String(attribute="place.name")
    vote = fields.String(attribute="vote.public_id")
    state = fields.String()
    starts_at = Moment(attribute="group.starts_at")
    ends_at = Moment(attribute="group.ends_at")
    ended_at = Moment(attribute="group.ended_at", allow_none=True)
    members = fields.List(fields.Nested(GroupMemberOut))
    handover = fields.List(fields.Nested(HandoverItemOut))


class GroupsOut(Answer):
    """The groups an estate has had, the newest first."""

    groups = fields.List(fields.Nested(GroupOut))


class MatchOut(Answer):
    """A person of the register with an elected candidate's name."""

    person = fields.String()
    doors = fields.List(fields.String())
    phone = fields.String()


class ElectedOut(Answer):
    """An elected candidate with the persons it may be."""

    candidate = fields.String()
    name = fields.String()
    note = fields.String()
    matches = fields.List(fields.Nested(MatchOut))


class ElectedListOut(Answer):
    """All elected candidates of a vote."""

    elected = fields.List(fields.Nested(ElectedOut))
