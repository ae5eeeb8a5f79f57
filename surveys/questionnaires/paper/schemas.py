"""What may come in about paper forms, and what goes out."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, Moment, text


class RegisterForm(Body):
    """A paper that came back: from which dwelling, when, its photos (loose proofs)."""

    dwelling = text(22, 22, required=True)
    received_at = fields.AwareDateTime(required=True)
    content_hash = text(
        64, 64, load_default=None, allow_none=True, metadata={"description": "of the wording it was printed with"}
    )
    photos = fields.List(text(22, 22), required=True, validate=validate.Length(1, 12, error="请拍 1 到 12 张照片。"))


class KeyForm(Body):
    """What one person reads off a paper: {question: value}; the questionnaire's own plan checks it."""

    answers = fields.Dict(required=True, validate=validate.Length(max=800, error="题目太多。"))


class DecideForm(Body):
    """Which of the two readings (1 or 2) is right, by question that differs."""

    choices = fields.Dict(
        keys=text(82, 1),
        values=fields.Integer(strict=True, validate=validate.OneOf([1, 2], error="请选第一次或第二次。")),
        required=True,
    )


class VoidForm(Body):
    """Why a paper should be taken off the way."""

    reason = text(300, 2, required=True)


class DecideVoid(Body):
    """Whether a paper somebody wants off the way is void."""

    agree = fields.Boolean(required=True)


class NoWords(Body):
    """Nothing: the deed says all."""


class FormOnItsWay(Answer):
    """A paper of one's dwelling that is being keyed; nulls without one. ``contested``: the household says it handed in
    none, and nobody has looked yet; ``kept``: somebody has, and it goes on."""

    paper = fields.String(dump_default=None)
    received_at = Moment(dump_default=None)
    word = fields.String(dump_default=None)
    contested = fields.Boolean(dump_default=None)
    kept = fields.Boolean(dump_default=None)
    may_contest = fields.Boolean(dump_default=None)


class FormRegistered(Answer):
    """A registered paper."""

    paper = fields.String()


class FormStands(Answer):
    """Where a paper stands now."""

    state = fields.String()
