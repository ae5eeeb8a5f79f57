"""The public figures for programs, with numerators and denominators, so that anyone can compute them again."""

from typing import Any

from marshmallow import fields

from kernel.database import reading
from kernel.errors import NotFound
from kernel.web import Api, open_to_all
from kernel.web.kept import kept_a_second
from kernel.web.schemas import Body
from portal.dashboards.schemas import IndicatorsOut, RecordsOut
from portal.dashboards.services import city

blp = Api("api_city", __name__, guard=open_to_all, url_prefix="/api/v1/city", description="公开数据")


class QuarterQuery(Body):
    """Which frozen quarter; the newest when left out."""

    quarter = fields.String(metadata={"example": "2023Q3"})


class RecordsQuery(QuarterQuery):
    """Which list of records, of which district."""

    set = fields.String(required=True, metadata={"example": "started"})
    district = fields.String(metadata={"example": "440205"})


def _view(query: dict[str, Any]) -> city.QuarterView:
    period = query.get("quarter") or city.newest_period(reading())
    if period is None:
        raise NotFound("quarter-not-frozen", "还没有公布的季度数据。")
    return city.quarter_view(period)


@blp.route("/indicators", methods=["GET"])
@kept_a_second("quarter")
@blp.arguments(QuarterQuery, location="query")
@blp.response(200, IndicatorsOut)
def indicators(query: dict[str, Any]) -> dict[str, Any]:
    """Every indicator with formula, numerator and denominator (records, or fen), for the city and each district."""
    view = _view(query)
    return {
        "quarter": str(view.quarter),
        "version": view.version,
        "frozen_at": view.frozen_at,
        "plan_year": view.plan_year,
        "indicators": [_told(figure.indicator, figure.measure) for figure in view.figures],
        "entered": view.entered,
        "districts": [
            {
                "code": line.code,
                "name": line.name,
                "indicators": [_told(city.indicator_of(key), line.figures[key]) for key in city.SHOWN],
                "ranks": line.ranks,
            }
            for line in view.districts
        ],
    }


@blp.route("/records", methods=["GET"])
@kept_a_second("quarter", "set", "district")
@blp.arguments(RecordsQuery, location="query")
@blp.response(200, RecordsOut)
def records(query: dict[str, Any]) -> dict[str, Any]:
    """A list of plan records as they stood at the end of the quarter."""
    view = _view(query)
    found = city.records_behind(view, query["set"], query.get("district"))
    return {
        "quarter": str(view.quarter),
        "set": found.set_key,
        "name": found.name,
        "count": len(found.records),
        "records": found.records,
    }


def _told(indicator: city.Indicator, measure: city.Measure) -> dict[str, Any]:
    return {
        "key": indicator.key,
        "name": indicator.name,
        "formula": indicator.formula,
        "numerator": measure.numerator,
        "denominator": measure.denominator,
        "numerator_set": indicator.numerator_set,
        "denominator_set": indicator.denominator_set,
        "text": measure.text,
    }
