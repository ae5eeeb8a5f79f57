"""The pages of accounts' days: how each account stands now, and a day to read, sign and print.

Twice: under /work for who manages the collections, under /audit for auditors, who look and sign nothing.
"""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.database import end_reading, reading
from kernel.web import Pages, files, identity, page, require_grant
from payments.account_days import services, showing
from payments.account_days.pdf import account_day_pdf


def _accounts(base: str) -> Response:
    views = showing.account_views(reading(), identity().person_id, now=clock.now())
    return page("payments/account_days.html", views=views, base=base)


def _day(base: str, day_id: str) -> Response:
    view = showing.day_view(reading(), day_id, person_id=identity().person_id, now=clock.now())
    return page("payments/account_day.html", view=view, base=base, china_text=clock.china_text)


def _day_file(day_id: str) -> Response:
    view = showing.day_view(reading(), day_id, person_id=identity().person_id, now=clock.now())
    end_reading()
    return files.shown(account_day_pdf(view), files.PDF, f"account-day-{view.until.isoformat()}.pdf")


def _blueprint(name: str, action: str, base: str) -> Pages:
    made = Pages(name, __name__, guard=require_grant(action), url_prefix=base, template_folder="../templates")
    made.add_url_rule("", "accounts", lambda: _accounts(base), methods=["GET"])
    made.add_url_rule("/<day_id>", "day", lambda day_id: _day(base, day_id), methods=["GET"])
    made.add_url_rule("/<day_id>.pdf", "day_file", _day_file, methods=["GET"])
    return made


blp = _blueprint("account_days_pages", services.MANAGE, "/work/account-days")
auditors = _blueprint("account_days_audit", services.LOOK, "/audit/account-days")
