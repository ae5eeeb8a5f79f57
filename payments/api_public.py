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
    return {
        "estate": found.estate.name,
        "account_holder": found.collection.account_holder,
        "account_bank": found.collection.account_bank,
        "account_tail": found.collection.account_tail,
        "published_to": found.last.last_day if found.last else None,
        "households": found.standing.households,
        "paid_households": found.standing.paid_households,
        "paid_fen": found.standing.paid_fen,
        "average_fen": found.collection.average_fen,
        "is_met": found.standing.is_met(found.collection.average_fen),
        "buildings": found.buildings,
        "rows": found.rows,
        "next": found.next,
    }
