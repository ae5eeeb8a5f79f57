"""The second visitor's own word, and naming another while there is time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, grants, outbox
from kernel.database import reading, transaction, translating, use_case
from kernel.errors import Conflict, Invalid, NotSignedIn
from kernel.idempotency import Key, recall, remember
from kernel.people.services import name_if_known
from kernel.places.queries import dwelling_by_id, place_by_id
from surveys.questionnaires import queries as surveys
from surveys.questionnaires import settings
from surveys.questionnaires.openrosa.services import passwords
from surveys.questionnaires.rules import second_visitors as rules
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.rules.second_visitors import SecondWord, Way
from surveys.questionnaires.second_visitors import queries
from surveys.questionnaires.second_visitors.services import asking
from surveys.questionnaires.services.responses import ASSIST
from surveys.questionnaires.standing.services import superseding

DECLINED_TOPIC = "visit.second_declined"
"""News for who made a visit: whom he named says that he was not there: {visitor}."""
WRONG = Invalid(
    "wrong-app-password", "用户名或应用密码不对，或者已经收回、过期。", {"password": ["不对，或者已经收回、过期"]}
)


@dataclass(frozen=True)
class Visitor:
    """Who asks: his account, person and name in the log."""

    account_id: int
    person_id: int | None
    actor: str


@use_case
def name(response: str, person: str, *, by: Visitor, key: Key, now: datetime) -> str:
    """Name (another) second visitor of a visit one made oneself; who he was asked as.

    Raises NotFound (not one's own visit, or no role there any more), Conflict (confirmed), Gone (too late), Invalid.
    """
    with transaction() as session:
        if done := recall(session, key):
            return done
        found = surveys.response_by_public_id(session, response)
        home = dwelling_by_id(session, found.dwelling_id)
        mine = found.channel == Channel.WORKER_VISIT and found.person_id == by.person_id
        if not mine or not grants.may(session, by.person_id, ASSIST, place_by_id(session, home.building_id), now):
            raise queries.NO_VISIT
        if queries.is_confirmed(session, found.id):
            rules.must_wait(SecondWord.CONFIRMED)
        rules.must_be_in_time(rules.due(found.submitted_at, settings.current().second_visitor_days), now)
        chosen = asking.eligible(session, home, person, first=found.person_id, now=now)
        asked = asking.ask(session, found, chosen, actor=by.actor, now=now)
        remember(session, key, asked.public_id, now=now)
        return asked.public_id


@use_case
def answer(asked: str, word: SecondWord, *, by: Visitor, way: Way, key: Key, now: datetime) -> str:
    """Say that one was there, or was not; the word that stands.

    With it a visit that had to wait beside a weaker sheet may count (``superseding.weigh_again``). Raises NotFound
    (asked somebody else; no role there any more), Conflict (answered; another named), Gone (the days are over).
    """
    with transaction() as session:
        if done := recall(session, key):
            return done
        _say(session, asked, word, by=by, way=way, now=now)
        remember(session, key, word, now=now)
        return word


def _say(session: Session, asked: str, word: SecondWord, *, by: Visitor, way: Way, now: datetime) -> None:
    found, response, home = queries.for_look(session, asked, change=True)
    building = place_by_id(session, home.building_id)
    if found.person_id != by.person_id or by.person_id is None:
        raise queries.NO_VISIT
    if not grants.may(session, by.person_id, queries.ACCOMPANY, building, now):
        raise queries.NO_VISIT
    rules.must_wait(found.word)
    rules.must_be_in_time(rules.due(response.submitted_at, settings.current().second_visitor_days), now)
    found.word, found.way, found.answered_at = word, way, now
    twice = Conflict("second-visitor-confirmed", "这次入户已经确认过了。")
    with translating({"second_visitor_one_confirms": twice}):
        session.flush()
    audit.record(
        session,
        actor=by.actor,
        action=f"visit.second_{word}",
        subject=f"response:{response.public_id}",
        now=now,
        payload={"visitor": found.public_id, "way": way},
    )
    if word == SecondWord.CONFIRMED:
        superseding.weigh_again(session, response, why=superseding.BOTH_CAME, now=now)
    else:
        outbox.stage(session, DECLINED_TOPIC, {"visitor": found.public_id}, now=now)


@use_case
def confirm_all(asked: Sequence[str], *, by: Visitor, way: Way, key: Key, now: datetime) -> int:
    """Say of a day's visits together that one was there: of all, or of none. How many.

    Raises as ``answer``; the whole list is refused when it has changed since it was shown.
    """
    with transaction() as session:
        if done := recall(session, key):
            return int(done)
        # In one order, so that two who say it at once do not wait for each other in a ring.
        for each in sorted(set(asked)):
            _say(session, each, SecondWord.CONFIRMED, by=by, way=way, now=now)
        count = len(set(asked))
        remember(session, key, str(count), now=now)
        return count


def confirm_here(asked: Sequence[str], username: str, password: str, *, first: Visitor, key: Key, now: datetime) -> int:
    """Two had one phone: on the first visitor's the second confirms a day's visits, under his own app password.

    Raises NotFound (not all visits of ``first``'s), Invalid (wrong password), NotAllowed (another's), as ``answer``.
    """
    named = set()
    for each in asked:
        found, response, _ = queries.for_look(reading(), each)
        if response.person_id is None or response.person_id != first.person_id:
            raise queries.NO_VISIT
        named.add(found.person_id)
    try:
        signed = passwords.sign_in(username, password, now=now)
    except NotSignedIn:  # of the two, it is not the first who has to sign in again
        raise WRONG from None
    for person in named:
        rules.must_be_him(person, signed.person_id)
    second = Visitor(signed.account_id, signed.person_id, signed.actor)
    return confirm_all(asked, by=second, way=Way.APP_PASSWORD, key=key, now=now)


@dataclass(frozen=True)
class Waiting:
    """A visit whose second visitor has not answered. ``person_id`` (inner), ``name``: of the other visitor than the one
    who looks."""

    asked: str
    campaign: str
    title: str
    dwelling: str
    label: str
    estate: str
    person_id: int | None
    name: str
    at: datetime
    until: datetime


def _since(now: datetime) -> datetime:
    return now - timedelta(days=settings.current().second_visitor_days)


def waiting_for(*, person_id: int | None, now: datetime) -> list[Waiting]:
    """Visits a person is asked to confirm, the oldest first."""
    if person_id is None:
        return []
    rows = queries.waiting_for(reading(), person_id, _since(now))
    return [_shown(row, row[0].asked_by) for row in rows]


def mine(*, person_id: int | None, now: datetime) -> list[Waiting]:
    """Visits a person made that wait for their second visitor, the oldest first."""
    if person_id is None:
        return []
    rows = queries.asked_by(reading(), person_id, _since(now))
    return [_shown(row, row[0].person_id) for row in rows]


def count_for(person_id: int | None, now: datetime) -> int:
    """How many visits wait for a person's word."""
    return 0 if person_id is None else queries.count_waiting_for(reading(), person_id, _since(now))


def _shown(row: Any, other: int | None) -> Waiting:
    asked, response, campaign, title, dwelling, label, estate = row
    until = rules.due(response.submitted_at, settings.current().second_visitor_days)
    named = name_if_known(reading(), other)
    return Waiting(
        asked.public_id, campaign, title, dwelling, label, estate, other, named, response.submitted_at, until
    )
