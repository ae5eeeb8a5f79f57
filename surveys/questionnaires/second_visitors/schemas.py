"""What may come in about second visitors, and what goes out."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, Moment, text
from surveys.questionnaires.rules.second_visitors import SecondWord


class NameVisitor(Body):
    """The person who came along (public id)."""

    person = text(22, 22, required=True)


class VisitorNamed(Answer):
    """Under which id he is asked."""

    visitor = fields.String()


class SayVisited(Body):
    """Whether one was there."""

    word = fields.String(
        required=True,
        validate=validate.OneOf([SecondWord.CONFIRMED, SecondWord.DECLINED], error="请选去了或没有去。"),
    )


class ConfirmAll(Body):
    """The visits one came along to, under the ids one is asked by."""

    visitors = fields.List(
        text(22, 22), required=True, validate=validate.Length(1, 200, error="请选 1 到 200 次入户。")
    )


class ConfirmHere(ConfirmAll):
    """The same with the second visitor's own app password, typed on the first one's phone."""

    username = text(40, 1, required=True)
    password = text(80, 1, required=True)


class VisitSaid(Answer):
    """The word that stands."""

    word = fields.String()


class VisitsSaid(Answer):
    """How many visits were confirmed."""

    confirmed = fields.Integer()


class WaitingVisit(Answer):
    """A visit that waits for its second visitor's word. ``name``: of the other visitor."""

    visitor = fields.String(attribute="asked")
    title = fields.String()
    label = fields.String()
    estate = fields.String()
    name = fields.String()
    at = Moment()
    until = Moment()


class WaitingVisits(Answer):
    """What waits for my word."""

    visits = fields.List(fields.Nested(WaitingVisit))
