"""How far batches are, in words and counts."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import grants
from kernel.money import yuan_text
from kernel.people.queries import names_of
from kernel.people.services import name_of
from kernel.places.models import Place
from kernel.places.queries import place_by_public_id
from payments.cash_desk.queries import persons
from payments.refunds.batches import queries
from payments.refunds.batches.models import RefundBatch
from payments.refunds.batches.queries import LineRow
from payments.refunds.batches.services.planning import ways
from payments.refunds.services.asking import MANAGE
from payments.rules.batch import KIND_WORDS, BatchKind, LineState
from payments.rules.giving_back import BACK, OWED, ROAD_WORDS, RequestState, Road
from payments.rules.two_people import ProposalState


@dataclass(frozen=True)
class FailedRoad:
    """The payments of one road that could not be sent, each with the reason: tried again together."""

    road: Road
    word: str
    lines: list[LineRow]


@dataclass(frozen=True)
class BatchView:
    """One batch with its progress. ``roads``: by which road how many would go, while it waits; ``chosen``: those that
    go by bank though WeChat were open; ``stuck``: WeChat could not, a person makes a transfer of it; ``dropped``: got
    back otherwise.
    """

    id: str
    title: str
    why: str
    total: str
    many: int
    released: int
    back: int
    planned: int
    word: str
    tone: str
    who: str
    proposed_at: datetime | None
    may_decide: bool
    waits: bool
    dropped: int
    stuck: int
    roads: list[tuple[str, int]]
    chosen: list[LineRow]
    failed: list[FailedRoad]


@dataclass(frozen=True)
class EstateBatches:
    """An estate's batches."""

    estate: Place
    batches: list[BatchView]


def estate_batches(session: Session, estate: str, *, person_id: int | None, now: datetime) -> EstateBatches:
    """An estate's batches for who manages its collection. Raises NotFound, NotAllowed."""
    place = place_by_public_id(session, estate)
    grants.require(session, person_id, MANAGE, place, now)
    found = queries.batches_of(session, place.id)
    ids = {one for batch in found for one in (batch.proposed_by, batch.decided_by) if one is not None}
    names = {number: name_of(person) for number, person in persons(session, ids).items()}
    himself = names_of(session, person_id)
    return EstateBatches(place, [_view(session, batch, names, himself, now=now) for batch in found])


def _view(
    session: Session, batch: RefundBatch, names: dict[int, str], himself: AbstractSet[int], *, now: datetime
) -> BatchView:
    waits = batch.state == ProposalState.PROPOSED
    lines = queries.lines_of(session, batch.id, to_tell_only=not waits)
    open_ways = ways(session, [line.deposit_id for line in lines], now=now)
    by_road: dict[Road, list[LineRow]] = {road: [] for road in Road}
    for line in lines:
        by_road[Road.BANK if line.bank_why else open_ways[line.deposit_id].road].append(line)
    broken = {road: [line for line in some if line.state == LineState.FAILED] for road, some in by_road.items()}
    counts, states = queries.counts(session, batch.id), queries.refund_states(session, batch.id)
    many = sum(one[0] for one in counts.values())
    back = sum(states.get(state, 0) for state in BACK)
    owed = sum(states.get(state, 0) for state in OWED)
    failed, planned = (counts.get(state, (0, 0))[0] for state in (LineState.FAILED, LineState.PLANNED))
    if waits:
        word, tone = "待复核", "wait"
    elif failed:
        word, tone = f"{failed} 笔没有办成", "bad"
    elif planned or owed:
        word, tone = "办理中", "todo"
    else:
        word, tone = "全部退到", "ok"
    made, checked = names.get(batch.proposed_by or 0, ""), names.get(batch.decided_by or 0, "")
    return BatchView(
        batch.public_id,
        KIND_WORDS[BatchKind(batch.decision or "")],
        batch.why or "",
        f"{yuan_text(batch.total_fen)} 元",
        many,
        back + owed,
        back,
        planned,
        word,
        tone,
        "，".join(text for text in (f"{made}提出" if made else "", f"{checked}复核" if checked else "") if text),
        batch.proposed_at,
        waits and batch.proposed_by not in himself,
        waits,
        counts.get(LineState.DROPPED, (0, 0))[0],
        states.get(RequestState.FAILED, 0),
        [(ROAD_WORDS[road], len(some)) for road, some in by_road.items() if some and waits],
        [line for line in lines if line.bank_why],
        [FailedRoad(road, ROAD_WORDS[road], some) for road, some in broken.items() if some],
    )
