"""Moving a campaign's times, asking in more estates, reminding those who have not answered, the list to ring up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from kernel import audit, grants, outbox
from kernel.database import reading, transaction, translating, use_case
from kernel.errors import Conflict, Invalid, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.masks import mask_name
from kernel.people.queries import holdings_by_dwelling
from kernel.people.services import name_of, phone_of
from kernel.places.models import Dwelling, Place, PlaceKind
from kernel.places.queries import place_by_code, places_below
from kernel.places.rules import is_within
from surveys.questionnaires import queries as surveys
from surveys.questionnaires import settings
from surveys.questionnaires.doors.queries import not_answered
from surveys.questionnaires.models import Campaign, CampaignPlace
from surveys.questionnaires.rules import running as rules
from surveys.questionnaires.rules.lifecycle import State
from surveys.questionnaires.rules.standing import must_have_reason
from surveys.questionnaires.running import queries
from surveys.questionnaires.running.models import Reminder
from surveys.questionnaires.services import campaigns

MANAGE = "survey.manage"
CONTACT = "dwelling.contact"
END_MOVED_TOPIC = "survey.end_moved"
"""News for whoever has begun a sheet of an open campaign: {campaign, closes_at}."""
REMIND_TOPIC = "survey.remind"
"""News for the households of an estate that have not answered: {campaign, estate, number}."""


@use_case
def move_times(
    campaign: str,
    *,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    reason: str,
    person_id: int | None,
    actor: str,
    key: Key | None = None,
    now: datetime,
) -> str:
    """Let a coming campaign open and close at other times, an open one end earlier or later, with a reason; audited.

    ``opens_at``, ``closes_at``: None leaves it as it is. Whoever has begun a sheet of an open one is told of the new
    end. Its public id. Raises NotFound, NotAllowed, Conflict (it has opened, or ended), Invalid (in the past, closes
    before it opens, nothing changes; no reason).
    """
    said = must_have_reason(reason)
    with transaction() as session:
        if done := recall(session, key):
            return done
        found = surveys.campaign_for_change(session, campaign)
        if person_id is not None:
            campaigns.must_manage(session, person_id, surveys.estates_of(session, found.id), now)
        was = rules.Times(found.opens_at, found.closes_at)
        new = rules.Times(opens_at or was.opens_at, closes_at or was.closes_at)
        rules.must_be_movable(State(found.state), was, new, now)
        found.opens_at, found.closes_at = new.opens_at, new.closes_at
        campaigns.note(
            session,
            found,
            "times_moved",
            actor=actor,
            now=now,
            opens_at=_text(new.opens_at),
            was={"opens_at": _text(was.opens_at), "closes_at": _text(was.closes_at)},
            reason=said,
        )
        remember(session, key, found.public_id, now=now)
        if found.state == State.OPEN:
            payload = {"campaign": found.public_id, "closes_at": _text(new.closes_at)}
            outbox.stage(session, END_MOVED_TOPIC, payload, now=now)
        return found.public_id


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


@use_case
def add_places(
    campaign: str,
    place_codes: Sequence[str],
    *,
    person_id: int | None,
    actor: str,
    key: Key | None = None,
    now: datetime,
) -> str:
    """Ask in more estates while a campaign runs (or before); what it asks in already stays. Audited. Its public id.

    Raises NotFound, NotAllowed, Conflict (over), Invalid (nothing new).
    """
    with transaction() as session:
        if done := recall(session, key):
            return done
        found = surveys.campaign_for_change(session, campaign)
        rules.must_be_growable(State(found.state))
        held = {estate.id for estate in surveys.estates_of(session, found.id)}
        new = [estate for estate in campaigns.estates_under(session, place_codes) if estate.id not in held]
        if not new:
            raise Invalid("nothing-new", "这些小区都已经在这次问卷里了。", {"places": ["都已经在里面"]})
        if person_id is not None:
            campaigns.must_manage(session, person_id, new, now)
        rows = [{"campaign_id": found.id, "place_id": estate.id, "added_at": now} for estate in new]
        session.execute(sa.insert(CampaignPlace), rows)
        campaigns.note(session, found, "grown", actor=actor, now=now, places=[estate.code for estate in new])
        remember(session, key, found.public_id, now=now)
        return found.public_id


@use_case
def remind(
    campaign: str, estate_code: str, *, person_id: int | None, actor: str, key: Key | None = None, now: datetime
) -> int:
    """Remind the households of an estate that have not answered; the number of the reminder. Audited.

    Who answers before it is delivered is not told any more. Raises NotFound, NotAllowed, Conflict (not open; too soon;
    as many as a deployment allows were sent).
    """
    with transaction() as session:
        if done := recall(session, key):
            return int(done)
        found = surveys.campaign_for_change(session, campaign)
        estate = place_by_code(session, estate_code)
        if estate.id not in {one.id for one in surveys.estates_of(session, found.id)}:
            raise NotFound("not-asked-here", "这次问卷不在这个小区进行。")
        if person_id is not None:
            campaigns.must_manage(session, person_id, [estate], now)
        number = rules.must_be_remindable(
            State(found.state),
            found.closes_at,
            queries.sent(session, found.id, estate.id),
            settings.current().most_reminders,
            now,
        )
        with translating({"survey_reminder_pkey": Conflict("reminder-too-soon", "刚刚已经提醒过了。")}):
            session.add(
                Reminder(
                    campaign_id=found.id,
                    estate_id=estate.id,
                    number=number,
                    sent_at=now,
                    by_person_id=person_id or None,
                )
            )
            session.flush()
        campaigns.note(session, found, "reminded", actor=actor, now=now, estate=estate.code, number=number)
        remember(session, key, str(number), now=now)
        payload = {"campaign": found.public_id, "estate": estate.public_id, "number": number}
        outbox.stage(session, REMIND_TOPIC, payload, now=now)
        return number


@dataclass(frozen=True)
class EstateRun:
    """How an estate stands: ``left`` homes have not answered, ``by_phone`` of them can be reminded."""

    estate: Place
    left: int
    by_phone: int
    reminded: list[datetime]


@dataclass(frozen=True)
class Run:
    """A campaign for whoever manages it."""

    campaign: Campaign
    estates: list[EstateRun]
    most_reminders: int
    more: list[Place]
    """what the person could still ask in: whole areas first, then the estates that are not asked in yet"""


def run_of(campaign: str, *, person_id: int | None, now: datetime) -> Run:
    """The campaign with the estates the person manages. Raises NotFound when there is none."""
    session = reading()
    found = surveys.campaign_by_public_id(session, campaign)
    mine = grants.places_for(session, person_id, MANAGE, now)
    estates = [
        estate
        for estate in surveys.estates_of(session, found.id)
        if any(is_within(estate.path, place.path) for place in mine)
    ]
    if not estates:
        raise surveys.NO_CAMPAIGN
    ids = [estate.id for estate in estates]
    left, sent = queries.reachable(session, found.id, ids), queries.sent_by_estate(session, found.id, ids)
    rows = [EstateRun(estate, *left[estate.id], sent[estate.id]) for estate in estates]
    already = {estate.id for estate in estates}
    more = [place for place in mine if place.kind != PlaceKind.ESTATE]
    more += [estate for estate in places_below(session, mine, PlaceKind.ESTATE) if estate.id not in already]
    return Run(found, rows, settings.current().most_reminders, more)


@dataclass(frozen=True)
class ToCall:
    """A home that has not answered, with whom of the roster one may ring: (masked name, phone)."""

    dwelling: Dwelling
    people: list[tuple[str, str]]


@dataclass(frozen=True)
class CallList:
    """A building's homes to ring up."""

    campaign: Campaign
    estate: Place
    building: Place
    homes: list[ToCall]


def call_list(campaign: str, building: str, *, person_id: int | None, actor: str, now: datetime) -> CallList:
    """Whom to ring in a building: for its worker, the look is written down. Raises NotFound, NotAllowed."""
    session = reading()
    found, estate, place = campaigns.building_asked(session, campaign, building)
    grants.require(session, person_id, CONTACT, place, now)
    homes, dwellings = [], not_answered(session, found.id, place.id)
    holdings = holdings_by_dwelling(session, [dwelling.id for dwelling in dwellings])
    for dwelling in dwellings:
        people = [
            (mask_name(name_of(person)), phone)
            for _, person in holdings[dwelling.id]
            if (phone := phone_of(person)) is not None
        ]
        homes.append(ToCall(dwelling, people))
    audit.look(
        actor=actor, what="call_list", subject=f"place:{place.code}", now=now, payload={"campaign": found.public_id}
    )
    return CallList(found, estate, place, homes)
