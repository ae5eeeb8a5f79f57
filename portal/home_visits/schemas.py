"""What goes in and out about visits."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, text
from portal.home_visits.rules import HALVES, PURPOSES


def _purpose() -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(list(PURPOSES), error="请选要办什么事。"))


def _day() -> fields.Date:
    return fields.Date(required=True, error_messages={"invalid": "请选一个日期。"})


def _half() -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(list(HALVES), error="请选上午或下午。"))


class VisitWish(Body):
    """What for (survey, vote, money, seeing, other), which day, am or pm."""

    purpose = _purpose()
    day = _day()
    half = _half()


class AskVisit(VisitWish):
    """The same for a dwelling."""

    dwelling = text(22, 22, required=True)


class MoveVisit(Body):
    """The day and half a worker tries again."""

    day = _day()
    half = _half()


class NoMoreToSay(Body):
    """A body without fields."""


class HomeVisitAnswer(Answer):
    """A visit. ``state``: open, done, cancelled or lapsed; ``tries``: how often nobody was met."""

    visit = fields.String(attribute="public_id")
    purpose = fields.String()
    day = fields.Date()
    half = fields.String()
    state = fields.String()
    tries = fields.Integer()
    by_worker = fields.Boolean()


class MyVisitsAnswer(Answer):
    """One's own visits, newest first."""

    visits = fields.List(fields.Nested(HomeVisitAnswer), required=True)
