"""The public books of an estate, as anyone may read them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from kernel import clock
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.places.models import Place
from payments import queries
from payments.models import Collection
from payments.queries import EstateTotals
from payments.rules.books import Group, place_from, shown, tail

PAGE = 50


@dataclass(frozen=True)
class Line:
    """One published line. ``place``: where it stands."""

    place: str
    receipt_tail: str
    building: str
    amount_fen: Fen
    day: date
    void: bool


@dataclass(frozen=True)
class Books:
    """What is published of an estate's collection; ``next``: the place to read on from, or None."""

    estate: Place
    collection: Collection
    totals: EstateTotals
    buildings: list[Group]
    rows: list[Line]
    next: str | None


def books_of(session: Session, estate: Place, *, before: str | None = None) -> Books:
    """The estate's public books from below ``before``. NotFound when nothing was ever collected there."""
    collection = queries.collection_of(session, estate.id)
    if collection is None:
        raise NotFound("no-collection", "本小区还没有开始收诚意金，所以还没有账目。")
    found = queries.book_rows(session, collection.id, before=place_from(before), limit=PAGE + 1)
    rows = [
        Line(
            row.number,
            tail(row.number),
            row.building,
            row.amount_fen,
            clock.china_day(row.issued_at),
            row.void,
        )
        for row in found[:PAGE]
    ]
    sums = [
        Group(one.building, one.paid_households, one.paid_fen) for one in queries.building_sums(session, collection)
    ]
    return Books(
        estate,
        collection,
        queries.estate_totals(session, estate.id),
        shown(sums),
        rows,
        rows[-1].place if len(found) > PAGE else None,
    )
