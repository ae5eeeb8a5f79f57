"""The pages of the counter: a collector's day and the door he stands at; what the second person has to check."""

from urllib.parse import urlencode

from flask import current_app, redirect
from werkzeug.wrappers import Response

from kernel import audit, clock
from kernel.clock import china_text
from kernel.database import end_reading, reading
from kernel.errors import NotFound
from kernel.money import yuan_text
from kernel.places.queries import dwelling_by_door_code
from kernel.places.rules import read_door_code
from kernel.web import Pages, files, identity, page, require_grant
from kernel.web.qr import qr_svg
from payments import queries as payments
from payments.cash_desk import queries, rules
from payments.cash_desk.services import printing, scanning, showing
from payments.receipt_pdf import receipt_pdf
from payments.services import receipts

cashiers = Pages(
    "cash_desk_pages",
    __name__,
    guard=require_grant(rules.TAKE),
    url_prefix="/work/cash",
    template_folder="../templates",
)
checkers = Pages(
    "cash_desk_checks",
    __name__,
    guard=require_grant(rules.CHECK),
    url_prefix="/work/cash-desk",
    template_folder="../templates",
)


@cashiers.route("")
def desk() -> Response:
    """A collector's day: what he took, what has to be counted, what to hand in at the bank."""
    view = showing.desk_of(reading(), identity().person_id, now=clock.now())
    return page("payments/cash_desk.html", view=view, yuan=yuan_text, china_text=china_text)


@cashiers.route("/h/<code>")
def scanned(code: str) -> Response:
    """Where a scanned or typed door code leads a collector."""
    read = read_door_code(code)
    if read is None:
        raise NotFound("unknown-door-code", "这不是门牌码。门牌码是 10 个数字和字母，请重新扫，或逐个核对。")
    return redirect(f"/work/cash/d/{dwelling_by_door_code(reading(), read).public_id}")


@cashiers.route("/d/<dwelling_id>")
def door(dwelling_id: str) -> Response:
    """One dwelling, to take money at."""
    who, session = identity(), reading()
    now = clock.now()
    view = showing.door(session, dwelling_id, person_id=who.person_id, actor=who.actor, now=now)
    return page("payments/cash_door.html", view=view, today=clock.china_day(now).isoformat(), yuan=yuan_text)


@cashiers.route("/c/<code>")
def code(code: str) -> Response:
    """A code to scan, held out to whoever pays; the page notices by itself when it is paid."""
    view = scanning.see(code, person_id=identity().person_id, now=clock.now())
    url = view.attempt.pay_url or ""
    sandbox = current_app.extensions["gongjian.config"].sandbox_url
    return page(
        "payments/cash_code.html",
        view=view,
        amount=yuan_text(view.attempt.amount_fen),
        code=qr_svg(url, "微信扫一扫付款") if url else "",
        scanner=f"{sandbox}/_sandbox/scan?{urlencode({'code_url': url})}" if sandbox else "",
    )


def _taking(taking_id: str, base: str) -> Response:
    who, now = identity(), clock.now()
    view = showing.taking_view(reading(), taking_id, person_id=who.person_id, now=now)
    end_reading()
    if base != cashiers.url_prefix:
        audit.look(actor=who.actor, what="taking", subject=f"taking:{taking_id}", now=now)
    return page("payments/cash_taking.html", view=view, base=base, china_text=china_text)


def _receipt_file(taking_id: str) -> Response:
    who, now, session = identity(), clock.now(), reading()
    found = queries.taking_by_public_id(session, taking_id)
    deposit = printing.must_see(session, found, who.person_id, now=now)
    showing.taking_view(session, taking_id, person_id=who.person_id, now=now)
    view = receipts.view(session, payments.deposit_by_id(session, deposit.id), named=True)
    end_reading()
    if view is None:
        raise NotFound("no-receipt-yet", "收据还没有开出来，请稍后再打开。")
    audit.look(actor=who.actor, what="receipt", subject=f"taking:{found.public_id}", now=now)
    return files.shown(receipt_pdf(view, receipts.address(view.code)), files.PDF, f"receipt-{view.number}.pdf")


@cashiers.route("/t/<taking_id>")
def taking(taking_id: str) -> Response:
    """One taking: its receipt to show, print, or ask to void."""
    return _taking(taking_id, "/work/cash")


@cashiers.route("/t/<taking_id>.pdf")
def receipt_file(taking_id: str) -> Response:
    """The receipt of a taking as a PDF, for a payer who has no phone; the page that opens it notes each print."""
    return _receipt_file(taking_id)


@checkers.route("/t/<taking_id>")
def checked_taking(taking_id: str) -> Response:
    """One taking for whoever checks it, once its box is counted; every look is on record."""
    return _taking(taking_id, "/work/cash-desk")


@checkers.route("/t/<taking_id>.pdf")
def checked_receipt(taking_id: str) -> Response:
    """Its receipt as a PDF."""
    return _receipt_file(taking_id)


@checkers.route("")
def checks() -> Response:
    """Boxes to count, takings to void, cash on its way to the bank."""
    view = showing.to_check(reading(), identity().person_id, now=clock.now())
    return page("payments/cash_checks.html", view=view, yuan=yuan_text, china_text=china_text)
