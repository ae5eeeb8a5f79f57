"""What anyone may read: an estate's books, without names, units or doors."""

from typing import Any

from kernel.database import reading
from kernel.places.queries import place_by_public_id
from kernel.web import Api, open_to_all
from payments.schemas import BooksOut, BooksQuery
from payments.services.public_books import books_of

blp = Api(
    "payments_public",
    __name__,
    guard=open_to_all,
    url_prefix="/api/v1",
    description="The public books (公开账目).",
)


@blp.route("/estates/<string:estate>/books", methods=["GET"])
@blp.arguments(BooksQuery, location="query")
@blp.response(200, BooksOut)
def books(query: dict[str, Any], estate: str) -> dict[str, Any]:
    """The public books of an estate as published, newest line first, fifty at a time."""
    session = reading()
    found = books_of(session, place_by_public_id(session, estate), before=query["before"])
    told = found.told
    return {
        "estate": found.estate.name,
        "account_holder": found.collection.account_holder,
        "account_bank": found.collection.account_bank,
        "account_tail": found.collection.account_tail,
        "published_to": found.last.last_day if found.last else None,
        "households": told.standing.households,
        "households_as_of": told.measure.base.as_of if told.measure.base else None,
        "households_on_register": told.measure.on_register,
        "paid_households": told.paid.told,
        "paid_households_is_exact": told.paid.is_exact,
        "paid_fen": told.standing.paid_fen if told.shown else None,
        "average_fen": told.measure.wanted.average_fen,
        "is_met": told.is_met,
        "buildings": found.buildings,
        "rows": found.rows,
        "next": found.next,
    }
