"""The public books of an estate, as anyone may read them.

All of it stands as it was published last (weekly while money is collected): whoever watches one door turn to paid, and
these books together, finds no row and no sum that moved with it.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from kernel.money import Fen
from kernel.places.models import Place
from payments import queries
from payments.gates.services.telling import Told, told_of
from payments.models import Collection
from payments.publications import queries as published
from payments.publications.models import Publication
from payments.rules.disclosure import WHOLE, Group, shown
from payments.rules.publication import RowKind, place_from

PAGE = 50


@dataclass(frozen=True)
class Line:
    """One published line. ``place``: where it stands (``12-7``); ``amount_fen`` below 0 went out or back."""

    place: str
    kind: RowKind
    receipt_tail: str
    building: str
    amount_fen: Fen
    day: date


@dataclass(frozen=True)
class Books:
    """An estate's collection as published: ``last`` the newest period, or None before the first; ``whole``: what all
    households gave, contributions as well; ``told``: what of it is measured against the average; ``next``: the place to
    read on from, or None.
    """

    estate: Place
    collection: Collection
    last: Publication | None
    told: Told
    whole: Group
    buildings: list[Group]
    rows: list[Line]
    next: str | None


def books_of(session: Session, estate: Place, *, before: str | None = None) -> Books:
    """The estate's public books from below ``before``. NotFound when nothing was ever collected there."""
    collection = queries.collection_there(session, estate.id)
    last = published.last_publication(session, collection.id)
    sums = published.sums_of(session, last.id) if last else []
    found = published.newest_rows(session, collection.id, before=place_from(before), limit=PAGE + 1)
    rows = [
        Line(f"{number}-{row.place}", RowKind(row.kind), row.receipt_tail, row.building, row.amount_fen, row.day)
        for number, row in found[:PAGE]
    ]
    return Books(
        estate,
        collection,
        last,
        told_of(session, estate.id),
        _whole(sums),
        shown([one for one in sums if one.building != WHOLE]),
        rows,
        rows[-1].place if len(found) > PAGE else None,
    )


def _whole(sums: list[Group]) -> Group:
    """All households together; of a period published before that was summed up on its own, its buildings together."""
    found = next((one for one in sums if one.building == WHOLE), None)
    return found or Group(WHOLE, sum(one.paid_households for one in sums), sum(one.paid_fen for one in sums))
