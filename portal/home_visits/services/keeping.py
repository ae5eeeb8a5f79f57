"""What asking and going share: one open visit a home, its end, its line in the audit chain; and the clock's part."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, outbox
from kernel.clock import china_day
from kernel.database import transaction, translating, use_case
from kernel.errors import Conflict, Gone
from kernel.places.models import Dwelling
from kernel.places.queries import dwelling_by_id
from portal.home_visits import queries, rules
from portal.home_visits.models import HomeVisit, VisitState
from portal.home_visits.rules import Half, Purpose

CLOCK = "system:home-visits"
TOPIC = "home_visit.told"
"""Something became of a visit that its household should hear of: put off, done, lapsed."""


def open_visit(session: Session, dwelling_id: int, today: date) -> HomeVisit | None:
    """The dwelling's open visit, or None; one that the clock has yet to end is none."""
    visit = queries.newest(session, dwelling_id)
    return visit if visit and visit.ended_at is None and not rules.is_over(visit.day, today) else None


def put(
    session: Session,
    dwelling: Dwelling,
    account_id: int,
    purpose: Purpose,
    day: date,
    half: Half,
    *,
    by_worker: bool,
    actor: str,
    now: datetime,
) -> HomeVisit:
    """Put a visit down. One that is long overdue ends first. Raises Conflict while another is open."""
    before = queries.open_for_change(session, dwelling.id)
    if before and rules.is_over(before.day, china_day(now)):
        end(session, before, VisitState.LAPSED, actor=CLOCK, now=now)
        session.flush()
    visit = HomeVisit(
        dwelling_id=dwelling.id,
        account_id=account_id,
        by_worker=by_worker,
        purpose=purpose,
        day=day,
        half=half,
        state=VisitState.OPEN,
        tries=0,
        made_at=now,
        changed_at=now,
    )
    open_already = Conflict("visit-open", "这一户已经约好了一次上门。请刷新页面，在那一次上改时间。")
    with translating({"home_visit_one_open": open_already}):
        session.add(visit)
        session.flush()
    note(session, visit, "put_down" if by_worker else "asked", actor=actor, now=now)
    return visit


def must_be_open(visit: HomeVisit) -> None:
    """Raises Gone for a visit that is over."""
    if visit.ended_at is not None:
        raise Gone("visit-over", "这次上门已经办完或取消了。请刷新页面，需要时再约。")


def end(session: Session, visit: HomeVisit, state: VisitState, *, actor: str, now: datetime) -> None:
    """End a locked open visit; audited, and the household hears of what it did not do itself."""
    visit.state, visit.changed_at, visit.ended_at = state, now, now
    note(session, visit, state, actor=actor, now=now)
    if state is not VisitState.CANCELLED:
        tell(session, visit, state, now=now)


def tell(session: Session, visit: HomeVisit, what: str, *, now: datetime) -> None:
    """Have the household told, once for each try: ``what`` is ``missed``, ``done`` or ``lapsed``. Never what for."""
    payload = {
        "visit": visit.public_id,
        "dwelling": dwelling_by_id(session, visit.dwelling_id).public_id,
        "what": what,
        "tries": visit.tries,
        "when": rules.date_text(visit.day) + rules.HALVES[visit.half],
    }
    outbox.stage(session, TOPIC, payload, now=now)


def note(session: Session, visit: HomeVisit, what: str, *, actor: str, now: datetime) -> None:
    """The line in the audit chain: which door and when. Not what for: who sees badly is nobody's business later."""
    audit.record(
        session,
        actor=actor,
        action=f"home_visit.{what}",
        subject=f"dwelling:{dwelling_by_id(session, visit.dwelling_id).public_id}",
        now=now,
        payload={"visit": visit.public_id, "day": visit.day.isoformat(), "half": visit.half, "tries": visit.tries},
    )


@use_case
def lapse(*, now: datetime) -> int:
    """End what nobody saw to for a month after its day, so that the household may ask anew; how many."""
    with transaction() as session:
        found = queries.open_before(session, china_day(now) - rules.KEPT)
        for visit in found:
            end(session, visit, VisitState.LAPSED, actor=CLOCK, now=now)
        return len(found)


@use_case
def forget_old(*, now: datetime) -> int:
    """Drop visits that have been over for a year; how many. The audit chain keeps that they were, not what for."""
    with transaction() as session:
        result = session.execute(sa.delete(HomeVisit).where(HomeVisit.ended_at < now - rules.REMEMBERED))
        return int(result.rowcount)  # type: ignore[attr-defined]
