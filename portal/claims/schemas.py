"""What goes in and out about claims."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from kernel.web.schemas import Answer, Body, Moment, text

RELATIONS = ("self", "family", "tenant")


class MakeClaim(Body):
    """A claim: the label's code or the dwelling's id, a name and the last four digits of a number on the roster."""

    door_code = text(40, 1, load_default=None, allow_none=True)
    dwelling = text(22, 22, load_default=None, allow_none=True)
    name = text(40, 1, required=True)
    phone_tail = fields.String(
        required=True, validate=validate.Regexp(r"\A[0-9]{4}\Z", error="请填手机号的最后四位数字。")
    )
    relation = fields.String(load_default="self", validate=validate.OneOf(RELATIONS, error="请选择本人、家人或租户。"))

    @validates_schema
    def one_address(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Exactly one of the two ways to name a dwelling."""
        if (data.get("door_code") is None) == (data.get("dwelling") is None):
            raise ValidationError("请填门牌码。", "door_code")


class NothingMore(Body):
    """A body without fields."""


class CodeTyped(Body):
    """The six digits of the message."""

    code = fields.String(required=True, validate=validate.Regexp(r"\A[0-9]{6}\Z", error="验证码是 6 位数字。"))


class WorkerConfirms(Body):
    """``seen``: papers (证件), household (家里人当面), known (认识); ``mark``: of the claim as the worker saw it."""

    mark = text(16, 16, required=True)
    seen = fields.String(
        load_default="household",
        validate=validate.OneOf(("papers", "household", "known"), error="请选择核对的方式。"),
    )


class WorkerRefuses(Body):
    """Why: stranger (不是这一户的人), papers (证件不符), duplicate (重复登记), other. Audited, hence a choice."""

    reason = fields.String(
        load_default="other",
        validate=validate.OneOf(("stranger", "papers", "duplicate", "other"), error="请选择原因。"),
    )


class WhichClaims(Body):
    """A dwelling's id, or a place's code."""

    dwelling = text(22, 22, load_default=None)
    place = text(64, 1, load_default=None)


class ClaimAnswer(Answer):
    """A claim for its claimant."""

    id = fields.String()
    dwelling = fields.String()
    label = fields.String()
    estate = fields.String()
    relation = fields.String()
    state = fields.String()
    level = fields.Integer()
    tries_left = fields.Integer()
    can_send_code = fields.Boolean()
    text = fields.String()
    made_at = Moment()
    page = fields.String()


class ClaimsAnswer(Answer):
    """One's own claims."""

    claims = fields.List(fields.Nested(ClaimAnswer))


class CodeAskedAnswer(Answer):
    """A code is on its way."""

    expires_at = Moment()
    again_after_s = fields.Integer()
    text = fields.String()


class WorkClaimAnswer(Answer):
    """A claim for the worker."""

    claim = fields.Nested(ClaimAnswer)
    mark = fields.String()
    claimed_name = fields.String()
    matched_name = fields.String(allow_none=True)
    account = fields.String()
    others = fields.Integer()


class WorkClaimsAnswer(Answer):
    """The claims a worker may decide."""

    claims = fields.List(fields.Nested(WorkClaimAnswer))
