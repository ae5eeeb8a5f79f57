"""The shapes of elections at the edge."""

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Body, Moment, text, whole_number
from surveys.votes.rules.bodies import SIZES
from surveys.votes.rules.nominations import Contest
from surveys.votes.rules.periods import LONGEST_DAYS
from surveys.votes.schemas import MOST_CANDIDATES, MOST_MOTIONS, this_century

OPAQUE = 22


class SectionIn(Body):
    """A section as drafted."""

    label = text(60, 1, required=True)
    seats = whole_number(1, MOST_CANDIDATES, required=True)
    most = whole_number(1, MOST_CANDIDATES, required=True)
    leader = fields.Boolean(load_default=False)


class NominationCallIn(Body):
    """A call for nominations as drafted by staff."""

    place = text(64, 1, required=True)
    matter = fields.String(
        required=True, validate=ma.validate.OneOf(list(SIZES), error="只能选举自管小组或者业主委员会。")
    )
    title = text(120, 1, required=True)
    intro = text(4000, load_default="")
    sections = fields.List(
        fields.Nested(SectionIn),
        required=True,
        validate=ma.validate.Length(1, MOST_MOTIONS, error="请填 1 到 20 个名额组。"),
    )
    until = Moment(required=True, validate=this_century)
    contest = fields.Enum(Contest, by_value=True, load_default=Contest.MORE)
    spare_num = whole_number(0, 100, load_default=1)
    spare_den = whole_number(1, 100, load_default=5)
    signatures = whole_number(1, 1000, load_default=3)
    alternates_num = whole_number(0, 100, load_default=1)
    alternates_den = whole_number(1, 100, load_default=2)
    list_days = whole_number(0, LONGEST_DAYS, load_default=7)
    notice_days = whole_number(0, LONGEST_DAYS, load_default=7)
    voting_days = whole_number(1, LONGEST_DAYS, load_default=7)
    size_low = whole_number(1, 99, load_default=None, allow_none=True)
    size_high = whole_number(1, 99, load_default=None, allow_none=True)
    size_odd = fields.Boolean(load_default=True)


class SelfNominationIn(Body):
    """Nominating oneself."""

    section = text(OPAQUE, OPAQUE, required=True)
    name = text(40, 1, required=True)
    note = text(200, load_default="")


class RecommendationIn(SelfNominationIn):
    """Recommending somebody by name and door."""

    door = text(60, 1, required=True)


class NomineeOrderIn(Body):
    """An order that needs no words."""


class ConsentIn(Body):
    """The nominee's yes or no."""

    agrees = fields.Boolean(required=True)


class PaperConsentIn(Body):
    """A signed consent with its photo."""

    evidence = fields.List(text(OPAQUE, OPAQUE), required=True, validate=ma.validate.Length(1, 3, error="请拍照。"))


class NomineeCheckIn(Body):
    """The street's check."""

    qualified = fields.Boolean(required=True)
    reason = text(200, load_default="")


class ExtensionIn(Body):
    """A later end of nominations."""

    until = Moment(required=True, validate=this_century)


class LotIn(Body):
    """A lot as drawn; ``order`` first drawn first."""

    order = fields.List(
        text(OPAQUE, OPAQUE), required=True, validate=ma.validate.Length(2, MOST_CANDIDATES, error="请写抽签的先后。")
    )
    method = text(200, 2, required=True)
    drawn_by = text(40, 1, required=True)
    witnesses = fields.List(text(40, 1), required=True, validate=ma.validate.Length(2, 2, error="请写两名见证人。"))
    drawn_at = Moment(required=True, validate=this_century)
    evidence = fields.List(text(OPAQUE, OPAQUE), load_default=list, validate=ma.validate.Length(max=3))


class RecallIn(Body):
    """Who is to be recalled, and why."""

    candidates = fields.List(
        text(OPAQUE, OPAQUE), required=True, validate=ma.validate.Length(1, MOST_CANDIDATES, error="请选择。")
    )
    reason = text(1000, 5, required=True)


class NomineeOut(Answer):
    """A nominee as shown."""

    id = fields.String()
    section = fields.String()
    name = fields.String()
    building = fields.String()
    note = fields.String()
    way = fields.String()
    signatures = fields.Integer()
    supported = fields.Boolean()
    consent = fields.String()
    check = fields.String()
    withdrawn = fields.Boolean()
    stands = fields.Boolean()
    me = fields.Boolean()
    signed = fields.Boolean()


class ElectionSectionOut(Answer):
    """A section of the ballot."""

    id = fields.String(attribute="public_id")
    label = fields.String()
    seats = fields.Integer()
    most = fields.Integer()
    matter = fields.String()


class NominationCallOut(Answer):
    """A call as anyone may see it."""

    id = fields.String(attribute="call.public_id")
    title = fields.String(attribute="call.title")
    place = fields.String(attribute="place.code")
    state = fields.String()
    until = Moment(attribute="call.until")
    listed_until = Moment(attribute="call.listed_until", allow_none=True)
    signatures = fields.Integer(attribute="call.signatures")
    contest = fields.String(attribute="call.contest")
    sections = fields.List(fields.Nested(ElectionSectionOut))
    nominees = fields.List(fields.Nested(NomineeOut))
    vote = fields.Function(lambda view: view.vote.public_id if view.vote else None)


class VoteMadeOut(Answer):
    """A vote that was drafted."""

    id = fields.String()


class RecallPetitionOut(Answer):
    """A petition: numbers, never who signed."""

    id = fields.String(attribute="petition.public_id")
    state = fields.String()
    names = fields.List(fields.String())
    reason = fields.String(attribute="petition.reason")
    signatures = fields.Integer()
    needed = fields.Integer(attribute="petition.needed")
    until = Moment(attribute="petition.until")
    signed = fields.Boolean()
    vote = fields.Function(lambda view: view.vote.public_id if view.vote else None)
