"""The public books as a page: anyone may read them, nobody finds a neighbour in them."""

from flask import render_template, request
from werkzeug.wrappers import Response

from kernel.clock import china_text
from kernel.database import reading
from kernel.money import yuan_text
from kernel.places.queries import place_named
from kernel.web import Pages, open_to_all, page
from kernel.web.kept import kept_a_second
from payments.contributions import queries as contributions
from payments.models import CollectionMode
from payments.publications import services as publications
from payments.receipt_pdf import TITLES
from payments.rules.publication import KIND_WORDS
from payments.services import receipts
from payments.services.public_books import books_of
from payments.spending.showing import spent_shown

blp = Pages("payments_public_pages", __name__, guard=open_to_all, template_folder="templates")


@blp.route("/r/<code>")
def checked_receipt(code: str) -> Response:
    """Whether a receipt is genuine and still good, for whoever scans the code on it."""
    return page("payments/receipt_check.html", found=receipts.checked(reading(), code), titles=TITLES, yuan=yuan_text)


@blp.route("/books/<estate_id>")
@kept_a_second("before")
def books(estate_id: str) -> str:
    """The books of an estate as published, newest line first; ``?before=`` reads on. After a notice in the estate's
    group everybody opens them at once, and all may read the same bytes."""
    session = reading()
    found = books_of(session, place_named(session, estate_id), before=request.args.get("before"))
    budget = contributions.current_budget(session, found.collection.id)
    return render_template(
        "payments/books.html",
        books=found,
        published=publications.list_of(session, found.estate),
        spent=spent_shown(session, found.collection.id, budget),
        china_text=china_text,
        has_budget=budget is not None,
        measured="出资" if found.collection.mode == CollectionMode.ONE_SHOT else "诚意金",
        words=KIND_WORDS,
        yuan=yuan_text,
    )
