"""What may come in and what goes out of budgets and dues."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, Moment, text, whole_number
from payments.rules.apportion import ExemptionBearer, MethodName
from payments.schemas import MOST_FEN

MOST_COSTS = 60
MOST_HOMES = 5_000


def _method() -> fields.String:
    return fields.String(
        required=True, validate=validate.OneOf([one.value for one in MethodName], error="没有这种分摊办法。")
    )


class ApportionPart(Body):
    """A method with its settings; homes by public id or label (3栋2单元501); ``part``: its weight within a mix."""

    method = _method()
    coefficients = fields.Dict(keys=text(3, 1), values=whole_number(0, 100_000))
    by_area = fields.Boolean(truthy={True}, falsy={False})
    homes = fields.List(text(60, 1), validate=validate.Length(1, MOST_HOMES, error="写几户就可以。"))
    from_floor = whole_number(1, 200)
    amounts = fields.Dict(keys=text(60, 1), values=whole_number(0, MOST_FEN))
    part = whole_number(1, 1000)


class ApportionHow(ApportionPart):
    """A method; of a mixed one its parts."""

    parts = fields.List(
        fields.Nested(ApportionPart), validate=validate.Length(2, 6, error="综合分摊要 2 到 6 种办法。")
    )


class BudgetCost(Body):
    """One cost: what, how much, within which building (``3栋``) or unit (``3栋/2``), shared how."""

    name = text(80, 1, required=True)
    amount_fen = whole_number(1, MOST_FEN, required=True)
    scope = text(80, load_default="")
    how = fields.Nested(ApportionHow, required=True)


class BudgetExemption(Body):
    """A dwelling let off, in thousandths of its share, and why."""

    dwelling = text(60, 1, required=True)
    thousandths = whole_number(1, 1000, required=True)
    why = text(100, 2, required=True)


class BudgetProposal(Body):
    """A version of a budget with its apportionment."""

    title = text(120, 2, required=True)
    why = text(200, 2, required=True)
    costs = fields.List(
        fields.Nested(BudgetCost), required=True, validate=validate.Length(1, MOST_COSTS, error="写 1 到 60 项费用。")
    )
    exemptions = fields.List(fields.Nested(BudgetExemption), load_default=list)
    borne_by = fields.String(
        load_default=ExemptionBearer.FUND.value,
        validate=validate.OneOf([one.value for one in ExemptionBearer], error="请选减免的部分由谁承担。"),
    )
    total_fen = whole_number(1, MOST_FEN, required=True)


class BudgetThing(Answer):
    """The version that was made or decided."""

    id = fields.String(required=True)


class ContributionPledge(Body):
    """How much a payer wants to pay of what is open, and which version he looked at."""

    amount_fen = whole_number(1, MOST_FEN, required=True)
    terms_version = text(22, 22, required=True)


class SurplusDeed(Body):
    """Nothing: which dwelling or estate stands in the address."""


class SurplusOut(Answer):
    """How many requests were made."""

    requests = fields.Integer(required=True)


class DueLineOut(Answer):
    """One line of a dwelling's due, with its formula."""

    name = fields.String(required=True)
    amount_fen = fields.Integer(required=True)
    words = fields.String(required=True)
    is_exemption = fields.Boolean(required=True)


class DueChangeOut(Answer):
    """What a version meant beside the one before."""

    version = fields.Integer(required=True)
    why = fields.String(required=True)
    published = Moment(required=True)
    due_fen = fields.Integer(required=True)
    word = fields.String(required=True)
    fen = fields.Integer(required=True)


class DueOut(Answer):
    """A dwelling's contribution: what it bears, what was paid, what is open or too much."""

    version = fields.Integer(required=True, attribute="standing.version")
    due_fen = fields.Integer(required=True, attribute="standing.due_fen")
    paid_fen = fields.Integer(required=True, attribute="standing.paid_fen")
    open_fen = fields.Integer(required=True, attribute="standing.open_fen")
    over_fen = fields.Integer(required=True, attribute="standing.over_fen")
    lines = fields.List(fields.Nested(DueLineOut), required=True)
    changes = fields.List(fields.Nested(DueChangeOut), required=True)
