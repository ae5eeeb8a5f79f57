"""The public pages of the city: no sign-in, no names, every figure open to the records behind it."""

from collections.abc import Callable
from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.database import current_city, reading
from kernel.money import yuan_text
from kernel.web import Pages, open_to_all, page
from kernel.web.kept import kept_a_second, versioned_bytes
from kernel.web.svg import Bar, bars
from portal.dashboards import queries
from portal.dashboards.services import city, public

blp = Pages("city", __name__, guard=open_to_all, url_prefix="/city", template_folder="templates")


@blp.route("")
@kept_a_second()
def front() -> str:
    """The newest frozen quarter, the years before, what is being collected now, and the way to each estate.

    After a push thousands open it at once, and they may all read the same bytes.
    """
    session, now = reading(), clock.now()
    period = city.newest_period(session)
    view = city.quarter_view(period) if period else None
    return render_template(
        "dashboards/city.html",
        city=queries.city_name(session),
        view=view,
        others=[quarter for quarter in city.periods(session) if str(quarter) != period],
        charts=_charts(view) if view else [],
        years=city.years_view(session, view.plan_year if view else clock.china_day(now).year),
        stories=city.drive_stories(session),
        running=public.in_progress(session, now),
        districts=public.district_choices(session),
        within_a_month=city.paid_within_a_month,
        yuan=_whole_yuan,
        china_text=china_text,
    )


@blp.route("/quarters/<period>")
def quarter(period: str) -> Response:
    """One frozen quarter, kept as bytes by its version."""
    view = city.quarter_view(period)
    return _kept(
        f"quarter:{view.key}",
        lambda: render_template(
            "dashboards/quarter.html",
            city=queries.city_name(reading()),
            view=view,
            charts=_charts(view),
            china_text=china_text,
        ),
    )


@blp.route("/quarters/<period>/figures/<key>")
def figure(period: str, key: str) -> Response:
    """An indicator: its formula, its two numbers, the ranking, and the lists both numbers are made of."""
    indicator, view = city.indicator_of(key), city.quarter_view(period)
    return _kept(
        f"figure:{view.key}:{key}",
        lambda: render_template(
            "dashboards/figure.html",
            view=view,
            indicator=indicator,
            measure=indicator.measure(view.facts),
            numerator=city.records_behind(view, indicator.numerator_set),
            denominator=city.records_behind(view, indicator.denominator_set),
            lines=city.ranked(view.districts, key) if key in city.RANKED else [],
        ),
    )


@blp.route("/quarters/<period>/records/<set_key>")
def records(period: str, set_key: str) -> Response:
    """The records a number is made of; ``?district=`` for one district's."""
    view, district = city.quarter_view(period), request.args.get("district")
    found = city.records_behind(view, set_key, district)
    return _kept(
        f"records:{view.key}:{set_key}:{district or ''}",
        lambda: render_template("dashboards/records.html", view=view, found=found),
    )


@blp.route("/districts/<code>")
@kept_a_second()
def district(code: str) -> Response:
    """A district: its figures of the newest quarter and all its estates by year and stage."""
    session, now = reading(), clock.now()
    estates = public.district_estates(session, code, now)
    period = city.newest_period(session)
    view = city.quarter_view(period) if period else None
    line = next((each for each in view.districts if each.code == code), None) if view else None
    return page("dashboards/district.html", estates=estates, view=view, line=line, indicators=_shown())


@blp.route("/estates/<code>")
@kept_a_second()
def estate(code: str) -> Response:
    """One estate: the plans it was or is in, its money by source, how far its collection is."""
    return page("dashboards/estate.html", view=public.estate_view(reading(), code, clock.now()))


def _kept(key: str, render: Callable[[], str]) -> Response:
    return versioned_bytes(f"city:{current_city()}:{key}", render)


def _shown() -> list[Any]:
    return [city.indicator_of(key) for key in city.SHOWN]


def _charts(view: city.QuarterView) -> list[tuple[str, str, Any]]:
    """(key, name, bars) of the ranked indicators; a full bar is 100 %, or the best rate where that is more."""
    charts = []
    for key in city.RANKED:
        indicator, lines = city.indicator_of(key), city.ranked(view.districts, key)
        rates = [line.figures[key].exact or 0 for line in lines]
        longest = max([*rates, 1])
        rows = [
            Bar(f"{line.ranks[key] or '—'} {line.name}", rate / longest, line.figures[key].text)
            for line, rate in zip(lines, rates, strict=True)
        ]
        charts.append((key, indicator.name, bars(f"各县（市、区）{indicator.name}", rows)))
    return charts


def _whole_yuan(fen: int) -> str:
    return yuan_text(fen).removesuffix(".00")
