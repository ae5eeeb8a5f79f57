"""The shapes of bodies at the edge."""

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Body, Moment, text, whole_number
from portal.bodies.rules import Left
from surveys.votes.rules.bodies import KINDS, Office

MOST_MEMBERS = 60
LONGEST_YEARS = max(kind.longest_years for kind in KINDS.values())


class MemberIn(Body):
    """An elected candidate, who it is, and whether the name may be shown."""

    candidate = text(22, 22, required=True)
    person = text(22, 22, required=True)
    office = fields.Enum(Office, by_value=True, load_default=Office.MEMBER)
    shown = fields.Boolean(required=True)


class NewBodyIn(Body):
    """A body to be formed."""

    vote = text(22, 22, required=True)
    years = whole_number(1, LONGEST_YEARS, required=True)
    members = fields.List(
        fields.Nested(MemberIn),
        required=True,
        validate=ma.validate.Length(1, MOST_MEMBERS, error="请至少对上一名当选人。"),
    )


class JoiningIn(Body):
    """Whom a by-election elected, to sit in the body in office."""

    vote = text(22, 22, required=True)
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


class OfficeIn(Body):
    """Which office a sitting member takes."""

    candidate = text(22, 22, required=True)
    office = fields.Enum(Office, by_value=True, required=True)


class FilingIn(Body):
    """What the street's record of the filing says."""

    number = text(60, 1, required=True)
    filed_on = fields.Date(required=True)


class BodyOrderIn(Body):
    """An order that needs no words."""


class BodyMemberOut(Answer):
    """A member; the name as far as the member agreed."""

    candidate = fields.String()
    name = fields.String()
    office = fields.String()


class FilingOut(Answer):
    """How a body stands with its filing: waiting, late, on_file, changed."""

    state = fields.String()
    until = Moment()
    number = fields.Function(lambda filing: filing.last.number if filing.last else None)
    filed_on = fields.Function(lambda filing: filing.last.filed_on.isoformat() if filing.last else None)


class HandoverItemOut(Answer):
    """A line of the hand-over list."""

    id = fields.String(attribute="public_id")
    title = fields.String()
    done_at = Moment(allow_none=True)


class BodyOut(Answer):
    """A body as anyone may see it."""

    id = fields.String(attribute="body.public_id")
    kind = fields.String(attribute="kind.word")
    title = fields.String(attribute="kind.title")
    place = fields.String(attribute="place.code")
    place_name = fields.String(attribute="place.name")
    vote = fields.String(attribute="vote.public_id")
    state = fields.String()
    starts_at = Moment(attribute="body.starts_at")
    ends_at = Moment(attribute="body.ends_at")
    ended_at = Moment(attribute="body.ended_at", allow_none=True)
    members = fields.List(fields.Nested(BodyMemberOut))
    handover = fields.List(fields.Nested(HandoverItemOut))
    filing = fields.Nested(FilingOut, allow_none=True)
    recall = fields.Boolean(metadata={"description": "signatures for a recall are being collected"})


class BodiesOut(Answer):
    """The bodies an estate has had, the newest first."""

    bodies = fields.List(fields.Nested(BodyOut))


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
