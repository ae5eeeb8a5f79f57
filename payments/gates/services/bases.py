"""Laying down what a collection is measured against: proposed by one person, adopted by another."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.clock import china_day
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import Conflict, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.money import Fen
from kernel.places.queries import place_by_id, place_by_public_id
from payments import queries as payments
from payments.contributions.queries import locked_collection
from payments.gates import queries
from payments.gates.models import GateBase, GateState
from payments.queries.totals import building_sums
from payments.rules.gate import checked_base
from payments.two_people import settle

MANAGE = "collection.manage"


@use_case
def propose(
    estate: str,
    *,
    as_of: date,
    households: int,
    average_fen: Fen,
    area_dm2: int | None,
    target_fen: Fen | None,
    share_permille: int | None,
    by_building: Mapping[str, int],
    why: str,
    person_id: int | None,
    actor: str,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Propose what the estate's collection is measured against from a date on; return the base's public id.

    Raises NotFound, NotAllowed, Invalid (a date to come, buildings that do not add up), Conflict (one waits already).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        place = place_by_public_id(session, estate)
        grants.require(session, person_id, MANAGE, place, now)
        collection = locked_collection(session, payments.collection_there(session, place.id).id)
        known = [one.building for one in building_sums(session, collection)]
        checked_base(as_of, households, by_building, known=known, today=china_day(now))
        made = GateBase(
            public_id=new_public_id(),
            collection_id=collection.id,
            state=GateState.PROPOSED,
            as_of=as_of,
            households=households,
            area_dm2=area_dm2,
            average_fen=average_fen,
            target_fen=target_fen,
            share_permille=share_permille,
            by_building=dict(by_building),
            why=why,
            made_by=person_id,
            made_at=now,
        )
        session.add(made)
        with translating({"gate_base_one_proposed": Conflict("base-waits", "已有一次基数调整在等复核。")}):
            session.flush()
        _note(session, made, "gate.base_proposed", actor=actor, now=now)
        remember(session, key, made.public_id, now=now)
        return made.public_id


@use_case
def decide(base: str, *, agree: bool, person_id: int | None, actor: str, now: datetime, key: Key | None = None) -> str:
    """Adopt a proposed base, or withdraw it; whoever made it may only withdraw. Returns its public id.

    Raises NotFound, NotAllowed, Conflict (decided before).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found = queries.base_by_public_id(session, base)
        collection = locked_collection(session, found.collection_id)
        found = queries.base_by_public_id(session, base, lock=True)
        place = place_by_id(session, collection.estate_id)
        if person_id is None or not grants.may(session, person_id, MANAGE, place, now):
            raise NotFound("no-such-base", "没有找到这一次基数。请刷新页面。")
        to = GateState.ADOPTED if agree else None
        settle(session, found, to=to, by=person_id, now=now, code="base-decided", what="这一次基数调整")
        _note(session, found, "gate.base_adopted" if agree else "gate.base_withdrawn", actor=actor, now=now)
        remember(session, key, base, now=now)
        return base


def _note(session: Session, base: GateBase, action: str, *, actor: str, now: datetime) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject=f"gate_base:{base.public_id}",
        now=now,
        payload={
            "as_of": base.as_of.isoformat(),
            "households": base.households,
            "average_fen": base.average_fen,
            "target_fen": base.target_fen,
            "share_permille": base.share_permille,
        },
    )
