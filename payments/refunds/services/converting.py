"""Deposits become contributions: proposed by one person, agreed by another, done deposit by deposit by the job.

A transfer in the ledger, never a second payment. Where a household owes less than it gave, the rest goes back by the
same steps as any refund; the two people of the proposal are its two approvers. Who asked for his money back before the
job came to him keeps his place: his deposit is skipped, and so is one whose flat was sold, until he has had his say.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, grants, outbox
from kernel.database import new_public_id, reading, transaction, translating, use_case
from kernel.errors import Conflict, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.money import Fen
from kernel.places.models import Place
from kernel.places.queries import place_by_id, place_by_public_id
from payments import queries as payments
from payments.contributions import queries as contributions
from payments.handovers import queries as handovers
from payments.models import Collection, Deposit
from payments.refunds import queries
from payments.refunds.models import BatchState, ConversionBatch, ConversionLine, DepositRefund, LineState
from payments.refunds.queries import conversions
from payments.refunds.services.approving import release
from payments.refunds.services.asking import MANAGE
from payments.rules import ledger
from payments.rules.alarm import AlarmKind
from payments.rules.deposit import DepositState, moved
from payments.rules.due import Standing, meet
from payments.rules.giving_back import Origin, RequestState, split
from payments.rules.ledger import EntryKind
from payments.services.bookkeeping import enter, settle_by_itself
from payments.two_people import settle

TOPIC = "deposit.convert"


@dataclass(frozen=True)
class Preview:
    """What a proposal would do: how many deposits, what becomes a contribution, what goes back."""

    deposits: int
    amount_fen: Fen
    rest_fen: Fen


def preview(session: Session, collection: Collection, due_fen: Fen | None) -> Preview:
    """What converting a collection's deposits would do now."""
    parts = _parts(session, collection, due_fen)
    return Preview(len(parts), sum(taken for _, taken, _ in parts), sum(rest for _, _, rest in parts))


def _parts(session: Session, collection: Collection, due_fen: Fen | None) -> list[tuple[int, Fen, Fen]]:
    """(deposit, converted, rest) of what would be converted.

    Once shares are published and no sum for all is named, each dwelling's deposits meet its own due; a deposit for
    which nothing is open is left alone.
    """
    held = conversions.convertible(session, collection.id)
    budget = contributions.current_budget(session, collection.id) if due_fen is None else None
    if budget is None:
        return [(deposit, *split(fen, due_fen)) for deposit, fen, _ in held]
    dues = contributions.dues_of(session, budget.id)
    came = contributions.counted(session, collection.id, dues)
    by_dwelling: dict[int, list[tuple[int, Fen]]] = {}
    for deposit, fen, dwelling in held:
        by_dwelling.setdefault(dwelling, []).append((deposit, fen))
    parts: list[tuple[int, Fen, Fen]] = []
    for dwelling, deposits in by_dwelling.items():
        parts += meet(Standing(dues.get(dwelling, 0), came.get(dwelling, 0)).open_fen, deposits)
    return parts


@use_case
def propose(
    estate: str,
    *,
    basis: str,
    due_fen: Fen | None,
    total_fen: Fen,
    person_id: int | None,
    actor: str,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Propose to convert an estate's deposits; return the proposal's public id.

    ``basis``: the plan that lists the estate; ``due_fen``: a household's share, None for its share in the published
    budget, or for all it gave before there is one; ``total_fen``: what the preview said would be converted. Raises
    NotFound, NotAllowed, Conflict (nothing held, preview changed, another proposal waits).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        place = place_by_public_id(session, estate)
        grants.require(session, person_id, MANAGE, place, now)
        collection = payments.collection_there(session, place.id)
        held = _parts(session, collection, due_fen)
        if not held:
            raise Conflict("nothing-held", "本小区现在没有可以转为出资的诚意金。")
        if sum(taken for _, taken, _ in held) != total_fen:
            raise Conflict("preview-changed", "名单或金额刚刚有变化。请刷新页面，核对后再提交。")
        batch = ConversionBatch(
            public_id=new_public_id(),
            collection_id=collection.id,
            state=BatchState.PROPOSED,
            basis=basis,
            due_fen=due_fen,
            made_by=person_id,
            made_at=now,
        )
        session.add(batch)
        with translating({"conversion_batch_one_proposed": _waits()}):
            session.flush()
        session.add_all(
            ConversionLine(
                public_id=new_public_id(),
                batch_id=batch.id,
                deposit_id=deposit,
                amount_fen=taken,
                rest_fen=rest,
                state=LineState.PLANNED,
            )
            for deposit, taken, rest in held
        )
        with translating({"conversion_line_one_open": _waits()}):
            session.flush()
        _note(session, batch, "conversion.proposed", actor=actor, now=now, deposits=len(held), total_fen=total_fen)
        remember(session, key, batch.public_id, now=now)
        return batch.public_id


def _waits() -> Conflict:
    return Conflict("conversion-waits", "本小区已有一份转为出资的方案在等复核。")


@use_case
def decide(batch: str, *, agree: bool, person_id: int | None, actor: str, now: datetime, key: Key | None = None) -> str:
    """Agree to a proposal (the job then does it), or withdraw it. Whoever proposed may only withdraw.

    Raises NotFound, NotAllowed, Conflict when it was decided before.
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found = conversions.batch_by_public_id(session, batch, lock=True)
        if person_id is None or not grants.may(session, person_id, MANAGE, _estate(session, found), now):
            raise NotFound("no-such-conversion", "没有找到这次转为出资的方案。")
        to = BatchState.AGREED if agree else None
        settle(session, found, to=to, by=person_id, now=now, code="conversion-decided", what="这份方案")
        if agree:
            outbox.stage(session, TOPIC, {"batch": found.public_id}, now=now)
        else:
            for line in conversions.planned_lines(session, found.id):
                conversions.locked_line(session, line)[0].state = LineState.DROPPED
        _note(session, found, "conversion.agreed" if agree else "conversion.withdrawn", actor=actor, now=now)
        remember(session, key, batch, now=now)
        return batch


def on_convert(payload: dict[str, Any], *, now: datetime) -> None:
    """Job: do what is left of an agreed proposal, each deposit in a transaction of its own; told twice, done once."""
    session = reading()
    batch = conversions.batch_by_public_id(session, payload["batch"])
    lines = list(conversions.planned_lines(session, batch.id)) if batch.state == BatchState.AGREED else []
    session.close()
    for line in lines:
        convert(line, now=now)


@use_case
def convert(line: str, *, now: datetime) -> LineState:
    """Do one line of an agreed proposal; return what became of it. Repeated, nothing is done twice."""
    with transaction(serializable=True) as session:
        found, deposit = conversions.locked_line(session, line)
        if found.state != LineState.PLANNED:
            return LineState(found.state)
        batch = session.get_one(ConversionBatch, found.batch_id)
        asked = queries.live_request(session, deposit.id)
        whole = found.amount_fen + found.rest_fen == deposit.amount_fen
        gone = deposit.state != DepositState.PAID or asked is not None or handovers.waits(session, deposit.id)
        if gone or not whole or batch.state != BatchState.AGREED:
            found.state = LineState.SKIPPED
            return LineState.SKIPPED
        deposit.state = moved(DepositState(deposit.state), DepositState.CONVERTED)
        found.state, found.done_at = LineState.DONE, now
        session.flush()
        enter(
            session,
            deposit.collection_id,
            EntryKind.CONVERTED,
            found.public_id,
            ledger.converted(found.amount_fen),
            now=now,
        )
        actor = f"conversion:{batch.public_id}"
        if found.rest_fen:
            _send_back(session, batch, found, deposit, actor=actor, now=now)
        settle_by_itself(session, AlarmKind.REFUND_ROAD_ENDS, deposit.public_id, now=now)
        audit.record(
            session,
            actor=actor,
            action="deposit.converted",
            subject=f"deposit:{deposit.public_id}",
            now=now,
            payload={"amount_fen": found.amount_fen, "rest_fen": found.rest_fen},
        )
        return LineState.DONE


def _send_back(
    session: Session, batch: ConversionBatch, line: ConversionLine, deposit: Deposit, *, actor: str, now: datetime
) -> None:
    rest = DepositRefund(
        public_id=new_public_id(),
        deposit_id=deposit.id,
        state=RequestState.CHECKED,
        origin=Origin.CONVERSION,
        amount_fen=line.rest_fen,
        asked_at=now,
        first_by=batch.made_by,
        first_at=batch.made_at,
        second_by=batch.decided_by,
        second_at=batch.decided_at,
    )
    session.add(rest)
    session.flush()
    release(session, rest, deposit, actor=actor, now=now)


def _estate(session: Session, batch: ConversionBatch) -> Place:
    return place_by_id(session, session.get_one(Collection, batch.collection_id).estate_id)


def _note(session: Session, batch: ConversionBatch, action: str, *, actor: str, now: datetime, **more: object) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject=f"conversion:{batch.public_id}",
        now=now,
        payload={"basis": batch.basis, "due_fen": batch.due_fen, **more},
    )
