"""What the pages of the counter show: in words, with the names a reader may see and no others."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from kernel import audit, clock, grants
from kernel.errors import Conflict
from kernel.masks import mask_name
from kernel.money import Fen, yuan_text
from kernel.people import queries as people
from kernel.people.queries import names_of
from kernel.people.services import name_of
from kernel.places.models import Dwelling, Place
from kernel.places.queries import dwelling_by_public_id, place_by_id
from payments import queries as payments
from payments import terms
from payments.cash_desk import names, queries
from payments.cash_desk.differences import showing as differences
from payments.cash_desk.differences.showing import DifferenceView
from payments.cash_desk.models import CashBanking, CashBox
from payments.cash_desk.queries import Line
from payments.cash_desk.rules import CHECK
from payments.cash_desk.services.printing import must_see
from payments.cash_desk.services.taking import must_take
from payments.models import Collection
from payments.rules import channel
from payments.rules.deposit import DepositState
from payments.rules.two_people import ProposalState
from payments.services.collections import must_be_open
from payments.terms import Terms

SHOWN_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Taken:
    """A taking as a list shows it: which door, how much, which receipt, how it stands."""

    id: str
    label: str
    amount: str
    way: str
    receipt: str
    at: datetime
    word: str
    tone: str
    void: str
    why: str
    may_void: bool
    may_decide: bool


@dataclass(frozen=True)
class Box:
    """A box as its collector or its counter sees it. ``entered``: "" for whoever counts it blind."""

    id: str
    estate: Place
    day: date
    collector: str
    many: int
    entered: str
    counted: str
    why: str
    word: str
    tone: str
    may_count: bool
    to_bank: bool
    lines: list[Taken]


@dataclass(frozen=True)
class DeskView:
    """A collector's day: his boxes, his card payments, what he handed in and no statement shows."""

    boxes: list[Box]
    cards: list[Taken]
    today_fen: Fen
    today_many: int


def _taken(line: Line, *, himself: AbstractSet[int], counted: bool = False) -> Taken:
    void, is_void = line.void, line.state == DepositState.VOIDED
    waits = void is not None and void.state == ProposalState.PROPOSED
    word, tone = ("已作废", "bad") if is_void else ("待复核作废", "wait") if waits else ("已收", "ok")
    return Taken(
        line.taking.public_id,
        line.label,
        f"{yuan_text(line.taking.amount_fen)} 元",
        channel.word(line.taking.channel),
        line.receipt,
        line.taking.taken_at,
        word,
        tone,
        void.public_id if void is not None and waits else "",
        void.why or "" if void is not None else "",
        not (is_void or waits or counted) and line.state == DepositState.PAID,
        waits and void is not None and himself.isdisjoint((void.proposed_by, line.taking.collector_id)),
    )


def _box(
    session: Session, box: CashBox, estate: Place, names: dict[int, str], *, himself: AbstractSet[int], blind: bool
) -> Box:
    many, entered = queries.entered_of(session, box.id)
    counted = box.closed_at is not None
    if not counted:
        word, tone = "待清点", "todo"
    elif box.banking_id is not None:
        word, tone = "已解款", "ok"
    else:
        word, tone = ("待解款", "todo") if box.counted_fen else ("已日结", "ok")
    return Box(
        box.public_id,
        estate,
        box.day,
        names.get(box.collector_id, ""),
        many,
        "" if blind and not counted else f"{yuan_text(entered)} 元",
        f"{yuan_text(box.counted_fen)} 元" if box.counted_fen is not None else "",
        box.why or "",
        word,
        tone,
        not counted and box.collector_id not in himself,
        counted and box.banking_id is None and bool(box.counted_fen),
        [
            _taken(line, himself=himself, counted=counted)
            for line in queries.lines_of_box(session, box.id)
            if counted or not blind or line.void is not None
        ],
    )


def desk_of(session: Session, person_id: int | None, *, now: datetime) -> DeskView:
    """What somebody took lately and what of it is still in his hands."""
    if person_id is None:
        return DeskView([], [], 0, 0)
    himself, today = names_of(session, person_id), clock.china_day(now)
    boxes = queries.boxes_of_collector(session, person_id, since=today - SHOWN_FOR)
    recent = queries.lines_of_collector(session, person_id, clock.china_moment(today - SHOWN_FOR))
    of_today = [
        line for line in recent if clock.china_day(line.taking.taken_at) == today and line.state != DepositState.VOIDED
    ]
    return DeskView(
        [_box(session, box, estate, {}, himself=himself, blind=False) for box, estate in boxes],
        [_taken(line, himself=himself) for line in recent if line.taking.box_id is None],
        sum(line.taking.amount_fen for line in of_today),
        len(of_today),
    )


@dataclass(frozen=True)
class CheckView:
    """What a second person has to do: boxes to count, takings to void, cash on its way to the bank, differences."""

    boxes: list[Box]
    voids: list[Taken]
    bankings: list[tuple[CashBanking, str]]
    differences: list[DifferenceView]


def to_check(session: Session, person_id: int | None, *, now: datetime) -> CheckView:
    """The boxes, voids and bankings of the collections somebody manages."""
    himself, places = names_of(session, person_id), grants.places_for(session, person_id, CHECK, now)
    found = queries.collections_below(session, places)
    estates = {collection.id: estate for collection, estate in found}
    boxes = queries.boxes_to_check(session, estates)
    known = queries.persons(session, {box.collector_id for box, _ in boxes})
    names = {number: name_of(person) for number, person in known.items()}
    return CheckView(
        [_box(session, box, estate, names, himself=himself, blind=True) for box, estate in boxes],
        [_taken(line, himself=himself) for line in queries.voids_waiting(session, estates)],
        [(one, estates[one.collection_id].name) for one in queries.bankings_waiting(session, estates)],
        differences.views(session, estates, himself),
    )


@dataclass(frozen=True)
class DoorView:
    """One dwelling for its collector: who may pay, what came in already, what the terms say."""

    dwelling: Dwelling
    estate: Place
    collection: Collection
    payers: list[tuple[str, str]]
    already: int
    terms: Terms
    box_waits: str


def door(session: Session, dwelling_id: str, *, person_id: int | None, actor: str, now: datetime) -> DoorView:
    """A dwelling to take money at; names masked, the look on record. Raises NotFound, NotAllowed, Gone."""
    found = dwelling_by_public_id(session, dwelling_id)
    who = must_take(session, place_by_id(session, found.building_id), person_id, now=now)
    collection = must_be_open(session, found.estate_id)
    waits = [
        box
        for box, _ in queries.boxes_of_collector(session, who, since=clock.china_day(now))
        if box.closed_at is None and box.collection_id == collection.id and box.day != clock.china_day(now)
    ]
    holders = people.holdings_of(session, found.id)
    view = DoorView(
        found,
        place_by_id(session, found.estate_id),
        collection,
        [(person.public_id, mask_name(name_of(person))) for _, person in holders],
        payments.received_of_dwelling(session, found.id),
        terms.read(collection.terms_version),
        f"{waits[0].day.month}月{waits[0].day.day}日" if waits else "",
    )
    audit.look(actor=actor, what="cash_desk.payers", subject=f"dwelling:{found.public_id}", now=now)
    return view


@dataclass(frozen=True)
class TakingView:
    """One taking for whoever took or checks it, with what its receipt says."""

    taken: Taken
    payer: str
    deposit: str
    prints: int
    printable: bool


def taking_view(session: Session, taking: str, *, person_id: int | None, now: datetime) -> TakingView:
    """A taking to look at and to print. Raises NotFound; Conflict for another's while its box is not counted."""
    found = queries.taking_by_public_id(session, taking)
    deposit = must_see(session, found, person_id, now=now)
    receipt = payments.receipt_of(session, deposit.id)
    box = session.get(CashBox, found.box_id) if found.box_id else None
    counted = box is not None and box.closed_at is not None
    line = _taken(queries.line_of(session, found), himself=names_of(session, person_id), counted=counted)
    waits = line.void != "" or line.tone == "bad"
    if box is not None and box.closed_at is None and box.collector_id != person_id and not waits:
        # Whoever may have to count it does not learn the sum beforehand.
        raise Conflict("box-not-counted", "这张收据的钱箱还没有清点。先清点日结，再看单张收据。")
    prints = queries.prints_of(session, receipt.id) if receipt else 0
    return TakingView(line, mask_name(names.payer(found)), deposit.public_id, prints, receipt is not None)
