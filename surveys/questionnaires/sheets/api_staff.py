"""Rates of estates, and what the community knows of them."""

from typing import Any

from marshmallow import fields, validate

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_grant
from kernel.web.schemas import Answer, Body, Moment, text, whole_number
from surveys.questionnaires.charts import weighted_row
from surveys.questionnaires.results.audience import RESULTS
from surveys.questionnaires.rules.ages import AGES
from surveys.questionnaires.schemas import ResultsQuery
from surveys.questionnaires.services import results
from surveys.questionnaires.sheets import services

blp = Api(
    "survey_sheets",
    __name__,
    guard=require_grant(RESULTS),
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
    ``agree`` are null for whoever does not work with these households: he has the public figures."""

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
    """An estate's (or all my estates') rates and who is missing; ``made_at``: the moment they are of. Whoever does not
    work with these households is told as ``rules.telling`` says: by five homes, and of no group of 1 to 4."""

    made_at = Moment(allow_none=True)
    rates = fields.Nested(RatesAnswer)
    floors = fields.List(fields.Nested(GroupAnswer))
    tenure = fields.List(fields.Nested(GroupAnswer))
    ages = fields.List(fields.Nested(GroupAnswer))
    doors = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(allow_none=True),
        metadata={"description": "last word at the door; null: too few to tell"},
    )


class WeightAnswer(Answer):
    """A group of homes: so many, of which so many sent a sheet. Each sheet counts for homes / sheets."""

    group = fields.String(attribute="name")
    homes = fields.Integer()
    sheets = fields.Integer()


class WeightedCellAnswer(Answer):
    """An option with its re-weighted share ("41.3%"; of points where the row's are points)."""

    code = fields.String()
    label = fields.String()
    share = fields.String()


class WeightedRowAnswer(Answer):
    """A row as the results have it. ``average``: with its unit; ``satisfied``: of a matrix's row; "": none."""

    label = fields.String()
    cells = fields.List(fields.Nested(WeightedCellAnswer))
    average = fields.String()
    satisfied = fields.String()


class WeightedFigureAnswer(Answer):
    """A question's re-weighted figures."""

    code = fields.String()
    rows = fields.List(fields.Nested(WeightedRowAnswer))


class WeightedAnswer(Answer):
    """What the figures would be if every group of homes had answered as often as it is there. They speak for
    ``covered`` of ``homes``: nobody of the other groups has answered. Nothing of it for whoever does not work with
    these households."""

    made_at = Moment(allow_none=True)
    homes = fields.Integer()
    covered = fields.Integer()
    groups = fields.List(fields.Nested(WeightAnswer))
    figures = fields.List(fields.Nested(WeightedFigureAnswer))


class SayKnown(Body):
    """How many households have somebody of an age (``trait``), and who says so (户籍、社区台账)."""

    trait = fields.String(required=True, validate=validate.OneOf([*AGES], error="没有这一类。"))
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
            **({} if found.knows_homes else {"may_agree": None, "agree": None}),
        },
        "floors": found.floors,
        "tenure": found.tenure,
        "ages": found.ages,
        "doors": found.doors,
    }


@blp.route("/campaigns/<campaign>/weighted-figures", methods=["GET"])
@blp.arguments(ResultsQuery, location="query", as_kwargs=True)
@blp.response(200, WeightedAnswer)
def weighted_figures(campaign: str, estate: str) -> Any:
    """Every figure weighed by floor and registered tenancy, of one of my estates or of all."""
    found = results.staff_results(campaign, estate, person_id=identity().person_id, now=clock.now())
    told = results.weighted(found)
    if told is None:
        return {"made_at": found.taken_at, "homes": 0, "covered": 0, "groups": [], "figures": []}
    weighing = told.weighing
    figures = [
        {"code": figure.code, "rows": [weighted_row(figure, row) for row in figure.rows]} for figure in told.figures
    ]
    return {
        "made_at": found.taken_at,
        "homes": weighing.homes,
        "covered": weighing.covered,
        "groups": weighing.groups,
        "figures": figures,
    }


@blp.route("/estates/<estate>/known-households", methods=["POST"])
@blp.arguments(SayKnown)
@blp.response(201, KnownAnswer)
def say_known(body: dict[str, Any], estate: str) -> Any:
    """Say how many households of an estate have old people or small children, so that it can be told how many of them
    answered."""
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
