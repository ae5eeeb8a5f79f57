"""Publishing a period of the books, and proving to a payer that his row is in it."""

import logging
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.database import end_reading, new_public_id, reading, transaction, use_case
from kernel.errors import Conflict, DomainError
from kernel.money import Fen
from kernel.places.models import Place
from kernel.places.queries import place_by_id
from payments import queries as money
from payments.models import Collection
from payments.publications import queries
from payments.publications.models import Publication, PublishedRow, PublishedSum
from payments.publications.queries import Movement
from payments.rules import merkle
from payments.rules.disclosure import Group, Move, let_out, summed
from payments.rules.publication import (
    TELL_OF_TRADES,
    Figures,
    Row,
    RowKind,
    header_text,
    kind_of,
    leaves,
    mark_of,
    periods_due,
    tail,
)

log = logging.getLogger(__name__)


def publish_due(*, now: datetime) -> int:
    """Job: publish every period that is over, of every collection; one failing stops none. Returns how many."""
    session, today, done = reading(), clock.china_day(now), 0
    wanted = []
    for collection, _ in queries.collections_with_estates(session):
        last = queries.last_publication(session, collection.id)
        closed = clock.china_day(collection.closed_at) if collection.closed_at else None
        opened, published_to = clock.china_day(collection.opened_at), last.last_day if last else None
        due = periods_due(opened, closed, published_to, today=today)
        wanted.append((collection.id, due))
    end_reading()
    for collection_id, periods in wanted:
        for first, last_day in periods:
            try:
                publish(collection_id, first, last_day, now=now)
                done += 1
            except DomainError as error:
                log.warning("books of %s not published: %s", first, error.code)
                break
    return done


@use_case
def publish(collection_id: int, first: date, last: date, *, now: datetime) -> str:
    """Publish one period; return its public id. Conflict while a receipt of it waits for its number, or out of turn.

    What would go out with fewer than five households waits for a later period (``payments.rules.disclosure``), with
    what was paid out of it, and is in neither rows nor figures until then.
    """
    with transaction(serializable=True) as session:
        before = queries.last_publication(session, collection_id)
        if before is not None and before.last_day + timedelta(days=1) != first:
            raise Conflict("period-out-of-turn", "这一期已经公示，或前面还有没公示的日子。")
        collection = session.get_one(Collection, collection_id)
        waiting = queries.waiting_movements(session, collection_id, clock.china_moment(last + timedelta(days=1)))
        if any(one.deposit_id is not None and one.receipt_number is None for one in waiting):
            raise Conflict("receipts-wait", "还有收据没有编号，稍后再公示。")
        opening_fen = before.closing_fen if before else 0
        moved, rows = _let_out(waiting, queries.unlisted_homes(session, collection), last, opening_fen)
        figures = _figures(opening_fen, moved)
        number, previous = (before.number + 1, before.root) if before else (1, "")
        estate = place_by_id(session, collection.estate_id)
        header = header_text(estate.name, number, first, last, figures, previous)
        made = Publication(
            public_id=new_public_id(),
            collection_id=collection_id,
            number=number,
            first_day=first,
            last_day=last,
            opening_fen=figures.opening_fen,
            in_by_channel=figures.in_fen,
            again_fen=figures.again_fen,
            refunded_fen=figures.refunded_fen,
            out_fen=figures.out_fen,
            fees_fen=figures.fees_fen,
            cash_fen=figures.cash_fen,
            closing_fen=figures.closing_fen,
            row_count=len(rows),
            header=header,
            previous_root=previous,
            root=merkle.root(leaves(header, [row.text for row in rows])).hex(),
            published_at=now,
        )
        session.add(made)
        session.flush()
        if rows:
            lines = enumerate(zip(moved, rows, strict=True), 1)
            session.execute(sa.insert(PublishedRow), [_values(made.id, place, *both) for place, both in lines])
        # What was given by now, over all that is published: reckoned once, then read as it stands.
        if sums := summed(queries.given_by_label(session, collection_id)):
            session.execute(sa.insert(PublishedSum), [_sum_values(made.id, one) for one in sums])
        audit.record(
            session,
            actor="job:publish",
            action="books.published",
            subject=f"publication:{made.public_id}",
            now=now,
            payload={"number": number, "root": made.root, "rows": len(rows)},
        )
        return made.public_id


def _figures(opening_fen: Fen, moved: Sequence[Movement]) -> Figures:
    came: dict[str, int] = {}
    sums = dict.fromkeys(RowKind, 0)
    for one in moved:
        kind = _kind(one)
        sums[kind] += one.amount_fen
        if kind in {RowKind.IN, RowKind.VOID}:
            came[one.channel or "other"] = came.get(one.channel or "other", 0) + one.amount_fen
    fees = -(sums[RowKind.FEE] + sums[RowKind.HOLDER] + sums[RowKind.MADE_GOOD])
    again, cash = sums[RowKind.AGAIN], sums[RowKind.CASH]
    return Figures(opening_fen, came, again, -sums[RowKind.REFUND], -sums[RowKind.OUT], fees, cash)


def _let_out(
    waiting: Sequence[Movement], unlisted: Mapping[str, AbstractSet[int]], last: date, opening_fen: Fen
) -> tuple[list[Movement], list[Row]]:
    """The movements that go out in a period, and their rows."""
    moves = [
        Move(one.dwelling_id, one.building or "", one.amount_fen, clock.china_day(one.at), one.kind in TELL_OF_TRADES)
        for one in waiting
    ]
    labels = let_out(moves, unlisted=unlisted, last=last, opening_fen=opening_fen)
    out = [(one, label) for one, label in zip(waiting, labels, strict=True) if label is not None]
    return [one for one, _ in out], [_row(one, label) for one, label in out]


def _kind(one: Movement) -> RowKind:
    return kind_of(one.kind, one.amount_fen)


def _row(one: Movement, label: str) -> Row:
    number = one.receipt_number or one.voucher_no or ""
    mark = mark_of(number, one.receipt_hash or "", one.reference)
    return Row(_kind(one), label, tail(number), one.amount_fen, clock.china_day(one.at), mark)


def _values(publication_id: int, place: int, one: Movement, row: Row) -> dict[str, object]:
    return {
        "publication_id": publication_id,
        "place": place,
        "entry_id": one.entry_id,
        "deposit_id": one.deposit_id,
        "kind": row.kind,
        "building": row.building,
        "receipt_tail": row.receipt_tail,
        "amount_fen": row.amount_fen,
        "day": row.day,
        "mark": row.mark,
    }


def _sum_values(publication_id: int, one: Group) -> dict[str, object]:
    return {
        "publication_id": publication_id,
        "building": one.building,
        "households": one.paid_households,
        "fen": one.paid_fen,
    }


# ----------------------------------------------------------------------------------------------------------- reading


@dataclass(frozen=True)
class Published:
    """A publication as anybody reads it: ``leaves`` are the hashes the root is over, the header's first."""

    estate: Place
    collection: Collection
    publication: Publication
    rows: list[Row]
    leaves: list[str]

    @property
    def in_fen(self) -> dict[str, int]:
        """What came in by channel."""
        return {str(name): int(fen) for name, fen in self.publication.in_by_channel.items()}

    @property
    def list_text(self) -> str:
        """The list anyone recomputes the root from: a hash and its text a line."""
        texts = [self.publication.header, *(row.text for row in self.rows)]
        lines = [f"{leaf}\t{text}\n" for leaf, text in zip(self.leaves, texts, strict=True)]
        return "".join(lines)


def list_of(session: Session, estate: Place) -> Sequence[Publication]:
    """An estate's publications, newest first; none when nothing was ever collected."""
    collection = money.collection_of(session, estate.id)
    return queries.publications_of(session, collection.id) if collection else []


def published(session: Session, estate: Place, number: int) -> Published:
    """One publication of an estate. Raises NotFound."""
    collection = money.collection_there(session, estate.id)
    return _read(session, estate, collection, queries.publication_of(session, collection.id, number))


def _read(session: Session, estate: Place, collection: Collection, publication: Publication) -> Published:
    rows = [_row_of(row) for row in queries.rows_of(session, publication.id)]
    hashes = [leaf.hex() for leaf in leaves(publication.header, [row.text for row in rows])]
    return Published(estate, collection, publication, rows, hashes)


def _row_of(row: PublishedRow) -> Row:
    return Row(RowKind(row.kind), row.building, row.receipt_tail, row.amount_fen, row.day, row.mark)


@dataclass(frozen=True)
class Inclusion:
    """The proof that a publication holds a payer's row. ``place``: its leaf, counted from 0 for the header."""

    publication: Publication
    row: Row
    place: int
    size: int
    leaf: str
    path: list[str]
    root: str
    holds: bool
    mark_is_yours: bool


def inclusions(session: Session, deposit_id: int) -> list[Inclusion]:
    """Where a deposit's money stands in the published books, each with its proof, checked here as well."""
    receipt = money.receipt_of(session, deposit_id)
    found = []
    for row, publication in queries.rows_of_deposit(session, deposit_id):
        reference = queries.reference_of(session, row.entry_id)
        texts = [_row_of(one).text for one in queries.rows_of(session, publication.id)]
        hashes = leaves(publication.header, texts)
        proof = merkle.path(hashes, row.place)
        leaf = merkle.leaf_hash(_row_of(row).text.encode())
        yours = receipt is not None and row.mark == mark_of(receipt.number, receipt.audit_hash, reference)
        found.append(
            Inclusion(
                publication,
                _row_of(row),
                row.place,
                len(hashes),
                leaf.hex(),
                [one.hex() for one in proof],
                publication.root,
                merkle.holds(leaf, row.place, len(hashes), proof, bytes.fromhex(publication.root)),
                yours,
            )
        )
    return found
