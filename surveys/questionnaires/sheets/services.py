"""Looking at an estate's answers by the clock, and giving what was kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.database import end_reading, insert_ignoring, reading, transaction, use_case
from kernel.errors import Invalid
from kernel.idempotency import Key, recall, remember
from kernel.places.models import PlaceKind
from kernel.places.queries import households as homes_of
from kernel.places.queries import place_by_code
from surveys.questionnaires.corrections.reading import AsAsked
from surveys.questionnaires.results.audience import RESULTS
from surveys.questionnaires.rules import sheet as rules
from surveys.questionnaires.rules.lifecycle import State
from surveys.questionnaires.rules.sheet import Answered, Door, Sheet
from surveys.questionnaires.rules.telling import NOTHING_YET, next_told
from surveys.questionnaires.sheets import queries
from surveys.questionnaires.sheets.models import EstateSheet, KnownGroup
from surveys.questionnaires.standing.queries import owners_sheets_by_dwelling
from surveys.questionnaires.standing.reading import counts_whole, whole

TOLD = "told"
"""Where a kept document holds what is told of it."""
FEWEST_NEW = 5
ONE_IN = 20
"""A sheet is made anew after so many more answers as a twentieth of those it holds: all looks together then cost a
constant for each answer, however many there are."""
OLDEST = timedelta(hours=1)


def is_due(row: Any, now: datetime) -> bool:
    """Whether an estate's sheet should be made anew (``queries.standing`` rows)."""
    if row.made_at is None or (row.state == State.CLOSED and row.made_at < row.closed_at):
        return True
    grown = abs(row.counted - row.responses)
    if row.state == State.CLOSED:
        return grown > 0
    return grown >= max(FEWEST_NEW, row.responses // ONE_IN) or now - row.made_at >= OLDEST


def refresh_due(*, now: datetime) -> int:
    """Make the sheets that are out of date; how many. A timer's work; twice does it twice, with the same end."""
    due = [row for row in queries.standing(reading()) if is_due(row, now)]
    for row in due:
        refresh(row.campaign_id, row.estate_id, responses=row.counted, now=now)
    return len(due)


def refresh(campaign_id: int, estate_id: int, *, responses: int, now: datetime) -> None:
    """Look at every home of an estate and keep what was found. ``responses``: how many are counted by now."""
    end_reading()
    made = look(reading(), campaign_id, estate_id)
    _keep(campaign_id, estate_id, made, responses=responses, now=now)


def look(session: Session, campaign_id: int, estate_id: int) -> Sheet:
    """An estate's sheet as of now. Costs a look at every home: for jobs and tests."""
    tried, asked = queries.outcomes(session, campaign_id, estate_id), AsAsked(session)
    owners = owners_sheets_by_dwelling(session, campaign_id, estate_id)
    return rules.sheet(
        Door(
            row.floor,
            bool(row.let),
            row.area_dm2,
            tuple(tried.get(row.id, ())),
            None if row.version_id is None else _answered(asked, campaign_id, row, owners.get(row.id)),
        )
        for row in queries.doors(session, campaign_id, estate_id)
    )


def _answered(asked: AsAsked, campaign_id: int, row: Any, owners: Any) -> Answered:
    form, answers = whole(asked, campaign_id, row, owners)
    return Answered(
        form,
        row.channel,
        row.relation,
        answers,
        owners_too=counts_whole(asked, row, None),
        owner_apart=owners is not None,
    )


@use_case
def _keep(campaign_id: int, estate_id: int, made: Sheet, *, responses: int, now: datetime) -> None:
    with transaction() as session:
        before = queries.sheet_for_change(session, campaign_id, estate_id)
        told = next_told(_told(before) if before is not None else NOTHING_YET, made)
        values: dict[str, Any] = {"campaign_id": campaign_id, "estate_id": estate_id}
        values |= {"made_at": now, "responses": responses, "homes": made.rates.total.homes}
        values |= {"document": {**rules.written(made), TOLD: rules.written(told)}}
        queries.put(session, values, insert_ignoring(session, EstateSheet), made_at=now)


def kept(session: Session, campaign_id: int, estate_ids: Sequence[int]) -> tuple[Sheet, datetime | None]:
    """The kept figures of some estates together, and the age of the oldest; (an empty sheet, None) before the first."""
    found = queries.sheets(session, campaign_id, estate_ids)
    moment = min((each.made_at for each in found), default=None)
    return rules.added(rules.read(each.document) for each in found), moment


def told(session: Session, campaign_id: int, estate_ids: Sequence[int]) -> tuple[list[Sheet], datetime | None]:
    """What is told of some estates, one by one, to whoever does not work with their households (``rules.telling``), and
    when the oldest was looked at."""
    found = queries.sheets(session, campaign_id, estate_ids)
    return [_told(each) for each in found], min((each.made_at for each in found), default=None)


def _told(kept: EstateSheet) -> Sheet:
    if TOLD in kept.document:
        return rules.read(kept.document[TOLD])
    return next_told(NOTHING_YET, rules.read(kept.document))  # kept before anything was told apart


@dataclass(frozen=True)
class Reported:
    """So many ``households`` of some estates have somebody of an age, as their communities say; ``sources``: where each
    knows it from, and when it said so."""

    households: int
    sources: list[tuple[str, datetime]]


def reports_of(session: Session, estate_ids: Sequence[int]) -> dict[str, Reported]:
    """What communities report of some estates together: age → homes; only what every one of them has reported."""
    found: dict[str, list[KnownGroup]] = {}
    for each in queries.reported(session, estate_ids):
        found.setdefault(each.trait, []).append(each)
    return {
        age: Reported(sum(each.households for each in said), [(each.source, each.at) for each in said])
        for age, said in found.items()
        if len(said) == len(estate_ids)
    }


@use_case
def say_known(
    estate_code: str,
    trait: str,
    households: int,
    source: str,
    *,
    person_id: int | None,
    actor: str,
    key: Key,
    now: datetime,
) -> KnownGroup:
    """Staff say how many households of an estate are of a kind the roster does not tell, and from where; audited.

    Raises NotFound, NotAllowed, Invalid (more than there are).
    """
    with transaction() as session:
        estate = place_by_code(session, estate_code)
        grants.require(session, person_id, RESULTS, estate, now)
        if recall(session, key):
            return next(each for each in queries.reported(session, [estate.id]) if each.trait == trait)
        if estate.kind != PlaceKind.ESTATE or households > homes_of(session, estate.id):
            raise Invalid("more-than-all", "比小区的总户数还多，请核对。", {"households": ["比总户数还多"]})
        known = KnownGroup(
            estate_id=estate.id, trait=trait, households=households, source=source, entered_by=actor, at=now
        )
        session.add(known)
        session.flush()
        remember(session, key, estate.public_id, now=now)
        audit.record(
            session,
            actor=actor,
            action="known_group.entered",
            subject=f"place:{estate.code}",
            now=now,
            payload={"trait": trait, "households": households, "source": source},
        )
        return known
