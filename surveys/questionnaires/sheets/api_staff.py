"""Rates of estates, and what the community knows of them."""

from typing import Any

from marshmallow import fields, validate

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_grant
from kernel.web.schemas import Answer, Body, Moment, text, whole_number
from surveys.questionnaires.rules.sheet import ELDERS
from surveys.questionnaires.schemas import ResultsQuery
from surveys.questionnaires.services import results
from surveys.questionnaires.sheets import services

blp = Api(
    "survey_sheets",
    __name__,
    guard=require_grant(services.RESULTS),
    url_prefix="/api/v1/staff",
    description="Rates, and who is missing",
)


class PartAnswer(Answer):
    """So many homes with so much area."""

    homes = fields.Integer()
    area_dm2 = fields.Integer(metadata={"description": "0.01 ㎡"})


class RatesAnswer(Answer):
    """入户率 = reached / total; 回收率 = valid / total; 同意率 = agree / total and agree / may_agree, each by homes
    and by area. ``may_agree``: homes whose owner has spoken. ``no_area``: homes without a known area. ``may_agree`` and
    ``agree`` are null, while answers come in, for whoever does not work with these households."""

    total = fields.Nested(PartAnswer)
    reached = fields.Nested(PartAnswer)
    valid = fields.Nested(PartAnswer)
    may_agree = fields.Nested(PartAnswer, allow_none=True)
    agree = fields.Nested(PartAnswer, allow_none=True)
    no_area = fields.Integer()


class GroupAnswer(Answer):
    """Homes of a kind: ``answered`` of ``total``."""

    group = fields.String()
    answered = fields.Integer()
    total = fields.Integer()


class SheetAnswer(Answer):
    """An estate's (or all my estates') rates and who is missing; ``made_at``: the moment they are of."""

    made_at = Moment(allow_none=True)
    rates = fields.Nested(RatesAnswer)
    floors = fields.List(fields.Nested(GroupAnswer))
    tenure = fields.List(fields.Nested(GroupAnswer))
    ages = fields.List(fields.Nested(GroupAnswer))
    doors = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "last word at the door"}
    )


class SayKnown(Body):
    """How many households have somebody over 60, and who says so (户籍、社区台账)."""

    trait = fields.String(required=True, validate=validate.OneOf([ELDERS], error="没有这一类。"))
    households = whole_number(0, 100_000, required=True)
    source = text(200, 2, required=True)


class KnownAnswer(Answer):
    """What was said."""

    trait = fields.String()
    households = fields.Integer()
    source = fields.String()
    at = Moment()


@blp.route("/campaigns/<campaign>/rates", methods=["GET"])
@blp.arguments(ResultsQuery, location="query", as_kwargs=True)
@blp.response(200, SheetAnswer)
def rates(campaign: str, estate: str) -> Any:
    """Rates with their denominators, and who is missing, of one of my estates or of all."""
    found = results.staff_results(campaign, estate, person_id=identity().person_id, now=clock.now())
    assert found.sheet is not None
    told = found.sheet.rates
    return {
        "made_at": found.taken_at,
        "rates": {
            **told.__dict__,
            **({} if found.may_see_agreement else {"may_agree": None, "agree": None}),
        },
        "floors": found.floors,
        "tenure": found.tenure,
        "ages": found.ages,
        "doors": dict(found.sheet.outcomes),
    }


@blp.route("/estates/<estate>/known-households", methods=["POST"])
@blp.arguments(SayKnown)
@blp.response(201, KnownAnswer)
def say_known(body: dict[str, Any], estate: str) -> Any:
    """Say how many households of an estate have old people, so that it can be told how many of them answered."""
    who = identity()
    return services.say_known(
        estate,
        body["trait"],
        body["households"],
        body["source"],
        person_id=who.person_id,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )
