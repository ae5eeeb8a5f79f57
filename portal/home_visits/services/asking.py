"""What a household does: ask, change, call off. The account must be tied to the dwelling; another's is not found."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from kernel.clock import china_day
from kernel.database import reading, transaction, use_case
from kernel.errors import NotAllowed, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.people.queries import tie_of, ties_of
from kernel.places.models import Dwelling
from kernel.places.queries import dwelling_by_public_id
from kernel.web import Identity
from portal.home_visits import queries, rules
from portal.home_visits.models import HomeVisit, VisitState
from portal.home_visits.rules import Half, Purpose
from portal.home_visits.services import keeping


def own_home(session: Session, who: Identity, dwelling_id: str) -> Dwelling:
    """The dwelling with a public id, if the account is tied to it. Raises NotFound."""
    dwelling = dwelling_by_public_id(session, dwelling_id)
    if tie_of(session, who.account_id, dwelling.id) is None:
        raise NotFound("no-such-dwelling", "没有找到这一户。请重新扫门口的二维码。")
    return dwelling


def standing(who: Identity, dwelling_id: str, *, now: datetime) -> tuple[Dwelling, HomeVisit | None, bool]:
    """One's own dwelling, its open visit or None, and whether one may change it. Raises NotFound."""
    session = reading()
    dwelling = own_home(session, who, dwelling_id)
    visit = keeping.open_visit(session, dwelling.id, china_day(now))
    return dwelling, visit, visit is not None and _may_change(session, who, visit)


def kept_of_mine(who: Identity) -> list[tuple[HomeVisit, Dwelling]]:
    """All that is kept of one's own visits (个人信息保护法 §45), newest first; what is over for a year is gone."""
    session = reading()
    homes = [tie.dwelling_id for tie in ties_of(session, who.account_id)]
    return queries.of_account(session, who.account_id, homes)


@use_case
def ask(
    who: Identity, dwelling_id: str, purpose: Purpose, day: date, half: Half, *, key: Key | None, now: datetime
) -> HomeVisit:
    """Ask a worker to come; audited. Raises NotFound (not one's home), Invalid (the time), Conflict (one is open)."""
    with transaction() as session:
        if done := recall(session, key):
            return queries.visit_by_public_id(session, done)
        dwelling = own_home(session, who, dwelling_id)
        rules.must_be_ahead(day, half, now)
        visit = keeping.put(
            session, dwelling, who.account_id, purpose, day, half, by_worker=False, actor=who.actor, now=now
        )
        remember(session, key, visit.public_id, now=now)
        return visit


@use_case
def change(
    who: Identity, visit_id: str, purpose: Purpose, day: date, half: Half, *, key: Key | None, now: datetime
) -> HomeVisit:
    """Another time or another matter; audited.

    Raises NotFound (another household's), NotAllowed (somebody else of the household asked), Gone (over), Invalid.
    """
    with transaction() as session:
        visit = _mine(session, who, visit_id)
        if recall(session, key):
            return visit
        keeping.must_be_open(visit)
        rules.must_be_ahead(day, half, now)
        visit.purpose, visit.day, visit.half, visit.changed_at = purpose, day, half, now
        visit.account_id, visit.by_worker = who.account_id, False  # from now on it is the household's own wish
        keeping.note(session, visit, "changed", actor=who.actor, now=now)
        remember(session, key, visit.public_id, now=now)
        return visit


@use_case
def cancel(who: Identity, visit_id: str, *, key: Key | None, now: datetime) -> HomeVisit:
    """Call a visit off; audited. Raises NotFound, NotAllowed, Gone as ``change``."""
    with transaction() as session:
        visit = _mine(session, who, visit_id)
        if recall(session, key):
            return visit
        keeping.must_be_open(visit)
        keeping.end(session, visit, VisitState.CANCELLED, actor=who.actor, now=now)
        remember(session, key, visit.public_id, now=now)
        return visit


def _mine(session: Session, who: Identity, visit_id: str) -> HomeVisit:
    visit = queries.visit_for_change(session, visit_id)
    if tie_of(session, who.account_id, visit.dwelling_id) is None:
        raise queries.no_such_visit()
    if not _may_change(session, who, visit):
        raise NotAllowed("not-the-asker", "这次上门是家里另一位约的，请他来改，或者打电话给社区。")
    return visit


def _may_change(session: Session, who: Identity, visit: HomeVisit) -> bool:
    return rules.may_change(
        asker=visit.account_id,
        me=who.account_id,
        by_worker=visit.by_worker,
        asker_lives_here=tie_of(session, visit.account_id, visit.dwelling_id) is not None,
    )
