"""The shapes of votes at the edge."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Body, Moment, text, whole_number
from surveys.votes.rules.periods import LONGEST_DAYS
from surveys.votes.rules.roll import HeadcountMode

MOST_MOTIONS = 20
MOST_CANDIDATES = 60


class Ticked(fields.Field[str | list[str]]):
    """What was ticked for one motion: a choice word, or the ids of the candidates approved."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str | list[str]:
        if isinstance(value, str) and len(value) <= 24:
            return value
        names = isinstance(value, list) and len(value) <= MOST_CANDIDATES
        if names and all(isinstance(name, str) and len(name) <= 24 for name in value):
            return list(value)
        raise ma.ValidationError("请重新勾选这一项。")


def this_century(moment: datetime) -> None:
    """Refuse an instant no vote runs at, and none can be reckoned with (year 1, year 9999)."""
    if not 2020 <= moment.year < 2100:
        raise ma.ValidationError("请填一个真实的日期。")


class CastBallot(Body):
    """A ballot: whose line, for which text, and every motion answered."""

    line_id = text(22, 22, required=True)
    text_hash = text(64, 64, required=True)
    choices = fields.Dict(
        keys=text(22, 22),
        values=Ticked(),
        required=True,
        validate=ma.validate.Length(max=MOST_MOTIONS, error="选票上没有这么多事项。"),
        metadata={"description": "motion id → approve | against | abstain, or the ids of the candidates approved"},
    )


class CandidateIn(Body):
    """A candidate as drafted."""

    name = text(40, 1, required=True)
    note = text(200, load_default="")


class MotionIn(Body):
    """A motion as drafted."""

    matter = text(40, 1, required=True, metadata={"description": "word of the catalogue, e.g. owners.scheme"})
    title = text(200, 1, required=True)
    text = text(4000, load_default="")
    candidates = fields.List(
        fields.Nested(CandidateIn),
        load_default=list,
        validate=ma.validate.Length(max=MOST_CANDIDATES, error=f"候选人最多 {MOST_CANDIDATES} 名。"),
    )
    seats = whole_number(0, MOST_CANDIDATES, load_default=0)
    most = whole_number(0, MOST_CANDIDATES, load_default=0)


class NewVoteIn(Body):
    """A vote as drafted by staff."""

    place = text(64, 1, required=True, metadata={"description": "code of the estate or building"})
    title = text(120, 1, required=True)
    intro = text(4000, load_default="")
    motions = fields.List(
        fields.Nested(MotionIn),
        required=True,
        validate=ma.validate.Length(1, MOST_MOTIONS, error="请填 1 到 20 个事项。"),
    )
    notice_days = whole_number(0, LONGEST_DAYS, load_default=None, allow_none=True)
    voting_days = whole_number(0, LONGEST_DAYS, load_default=None, allow_none=True)
    opens_at = Moment(load_default=None, allow_none=True, validate=this_century)
    closes_at = Moment(load_default=None, allow_none=True, validate=this_century)
    headcount = fields.Enum(HeadcountMode, by_value=True, load_default=None, allow_none=True)
    include_parking = fields.Boolean(load_default=None, allow_none=True)


class VoteOrderIn(Body):
    """An order that needs no words."""


class BallotAuditIn(Body):
    """Why an auditor opens the ballots: a case number or reason, kept in the audit chain."""

    reason = text(200, 2, required=True)


class MotionNeededOut(Answer):
    """The smallest passing numbers of one measure (heads, or area in 0.01 ㎡)."""

    measure = fields.String()
    roll = fields.Integer()
    turnout = fields.Integer(attribute="needed.turnout")
    approval = fields.Integer(attribute="needed.approval")
    approval_of_all = fields.Integer(attribute="full")


class CandidateOut(Answer):
    """A candidate."""

    id = fields.String()
    name = fields.String()
    note = fields.String()
    withdrawn = fields.Boolean()


class MotionOut(Answer):
    """A motion with its rule."""

    id = fields.String()
    title = fields.String()
    text = fields.String()
    form = fields.String(attribute="rule.form")
    rule = fields.String(attribute="rule.version")
    clause = fields.String(attribute="rule.clause")
    rule_text = fields.String(attribute="rule.text")
    seats = fields.Integer()
    most = fields.Integer()
    candidates = fields.List(fields.Nested(CandidateOut))
    needed = fields.List(fields.Nested(MotionNeededOut))


class VoteOut(Answer):
    """A vote as everybody may see it; turnout only, never choices."""

    id = fields.String(attribute="vote.public_id")
    title = fields.String(attribute="vote.title")
    intro = fields.String(attribute="vote.intro")
    place = fields.String(attribute="place.code")
    place_name = fields.String(attribute="place.name")
    state = fields.String()
    electorate = fields.String()
    headcount = fields.String(attribute="vote.headcount")
    include_parking = fields.Boolean(attribute="vote.include_parking")
    notice_days = fields.Integer(attribute="vote.notice_days")
    voting_days = fields.Integer(attribute="vote.voting_days")
    opens_at = Moment(attribute="vote.opens_at")
    closes_at = Moment(attribute="vote.closes_at")
    provisional = fields.Boolean(attribute="vote.provisional")
    text_hash = fields.String(attribute="vote.text_hash")
    roll_hash = fields.String(attribute="vote.roll_hash")
    roll_heads = fields.Integer(attribute="vote.roll_heads")
    roll_area_dm2 = fields.Integer(attribute="vote.roll_area_dm2")
    roll_dwellings = fields.Integer(attribute="vote.roll_dwellings")
    voted_heads = fields.Integer(attribute="turnout.heads")
    voted_area_dm2 = fields.Integer(attribute="turnout.area_dm2")
    small_body = fields.Boolean(attribute="small")
    motions = fields.List(fields.Nested(MotionOut))


class RollLineOut(Answer):
    """A line of the masked roll: doors, head and area; no name, and not whether it was used."""

    number = fields.Integer()
    kind = fields.String()
    heads = fields.Integer()
    area_dm2 = fields.Integer()
    doors = fields.List(fields.String(), attribute="labels")


class VoteRollOut(Answer):
    """The masked roll."""

    roll_hash = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(RollLineOut))


class BallotBoardLineOut(Answer):
    """A receipt on the public board."""

    receipt_no = fields.String()
    audit_hash = fields.String()
    standing = fields.String()


class BallotBoardOut(Answer):
    """The public board: turnout and inclusion, by receipt number."""

    roll_heads = fields.Integer()
    voted_heads = fields.Integer()
    receipts = fields.List(fields.Nested(BallotBoardLineOut))


class VoteResultOut(Answer):
    """A published result: the counted document and its hash."""

    document = fields.Dict()
    tally_hash = fields.String()
    counted_at = Moment()


class MyRollLineOut(Answer):
    """A line the caller is tied to, and whether he may still use it."""

    id = fields.String(attribute="line.public_id")
    number = fields.Integer(attribute="line.value.number")
    kind = fields.String(attribute="line.value.kind")
    heads = fields.Integer(attribute="line.value.heads")
    area_dm2 = fields.Integer(attribute="line.value.area_dm2")
    doors = fields.List(fields.String(), attribute="line.value.labels")
    may_vote = fields.Function(lambda each: each.refusal is None and (each.ballot is None or each.anew))
    refusal = fields.Function(lambda each: each.refusal.code if each.refusal else None)
    used = fields.Function(lambda each: each.ballot is not None)
    mine = fields.Boolean()
    receipt_no = fields.Function(lambda each: each.ballot.receipt_no if each.ballot else None)


class MyRollLinesOut(Answer):
    """The caller's lines of a vote."""

    lines = fields.List(fields.Nested(MyRollLineOut))


class BallotReceiptOut(Answer):
    """What a voter keeps; the chain's place is there about a second after casting."""

    receipt_no = fields.String(attribute="ballot.receipt_no")
    standing = fields.String(attribute="ballot.standing")
    cast_at = Moment(attribute="ballot.cast_at")
    text_hash = fields.String(attribute="ballot.text_hash")
    audit_hash = fields.String(attribute="ballot.audit_hash")
    chain_position = fields.Function(lambda each: each.chain[0] if each.chain else None)
    chain_hash = fields.Function(lambda each: each.chain[1] if each.chain else None)
    doors = fields.List(fields.String(), attribute="line.value.labels")


class OpenedBallotOut(Answer):
    """A ballot opened for an auditor."""

    receipt_no = fields.String()
    line = fields.Integer()
    heads = fields.Integer()
    area_dm2 = fields.Integer()
    choices = fields.Dict()


class BallotAuditOut(Answer):
    """The counted ballots of a vote, opened."""

    ballots = fields.List(fields.Nested(OpenedBallotOut))


class OpeningOut(Answer):
    """One's own ballot opened: its line, its choices and the salt of its public commitment."""

    receipt_no = fields.String()
    line = fields.Integer()
    choices = fields.Dict(keys=fields.String(), values=fields.Raw())
    salt = fields.String()
