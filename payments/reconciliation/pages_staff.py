"""The pages of reconciliation: the days, and a day with its differences, to work on and to print.

Twice: under /work for who manages collections, under /audit for auditors, who look and decide nothing.
"""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.database import end_reading, reading
from kernel.money import yuan_text
from kernel.web import Pages, files, identity, page, require_grant
from payments.reconciliation import queries
from payments.reconciliation.day_close_pdf import day_close_pdf
from payments.reconciliation.services import deciding, showing
from payments.street_desk import services as street_desk


def _days(base: str) -> Response:
    session, now = reading(), clock.now()
    merchants = {one.merchant_id: one for one in deciding.merchants_of(session, identity().person_id, now=now)}
    rows = [
        (
            f"{base}/{day.public_id}",
            day,
            merchants[day.merchant_id],
            showing.status_word(day.bill_id is not None, day.trouble, waiting, day.closed_at is not None),
        )
        for day, waiting in queries.days_of(session, list(merchants))
    ]
    return page("payments/reconciliation_days.html", rows=rows, merchants=list(merchants.values()), yuan=yuan_text)


def _day(base: str, day_id: str) -> Response:
    view = showing.day_view(reading(), day_id, person_id=identity().person_id, now=clock.now())
    return page(
        "payments/reconciliation_day.html",
        view=view,
        base=base,
        china_text=clock.china_text,
    )


def _day_file(day_id: str) -> Response:
    session = reading()
    view = showing.day_view(session, day_id, person_id=identity().person_id, now=clock.now())
    accounts = street_desk.accounts_of_merchant(session, view.merchant.merchant_id)
    end_reading()
    return files.shown(day_close_pdf(view, accounts), files.PDF, f"day-close-{view.day.isoformat()}.pdf")


def _blueprint(name: str, action: str, base: str) -> Pages:
    made = Pages(name, __name__, guard=require_grant(action), url_prefix=base, template_folder="../templates")
    made.add_url_rule("", "days", lambda: _days(base), methods=["GET"])
    made.add_url_rule("/<day_id>", "day", lambda day_id: _day(base, day_id), methods=["GET"])
    made.add_url_rule("/<day_id>.pdf", "day_file", _day_file, methods=["GET"])
    return made


blp = _blueprint("reconciliation_pages", deciding.MANAGE, "/work/reconciliation")
auditors = _blueprint("reconciliation_audit", deciding.LOOK, "/audit/reconciliation")
