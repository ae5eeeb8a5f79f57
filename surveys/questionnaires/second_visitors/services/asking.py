"""Who may be second visitor, and naming him: steps of use cases, callers hold the transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, outbox
from kernel.database import translating
from kernel.errors import Conflict, Invalid
from kernel.people.models import Person
from kernel.people.queries import are_one, has_to_do_with
from kernel.people.services import name_if_known, name_of
from kernel.places.models import Dwelling, Place
from kernel.places.queries import dwelling_by_id, place_by_id
from surveys.questionnaires import settings
from surveys.questionnaires.models import Response
from surveys.questionnaires.rules import second_visitors as rules
from surveys.questionnaires.second_visitors import queries
from surveys.questionnaires.second_visitors.models import SecondVisitor

NAMED_TOPIC = "visit.second_named"
"""News for somebody who was named as second visitor: {visitor}."""
NOT_OFFERED = Invalid(
    "no-such-visitor", "所选的同去的人现在不能入户这一户。请改选别人。", {"second_visitor": ["请改选别人"]}
)


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be chosen: public id of the person, name (staff and post-holders act in office)."""

    person: str
    name: str


def candidates(session: Session, places: Sequence[Place], *, but: int | None, now: datetime) -> list[Candidate]:
    """Whom a visitor may choose at some places, but himself, by name."""
    found = [
        Candidate(one.public_id, name_of(one)) for one in queries.candidates(session, places, now) if one.id != but
    ]
    return sorted(found, key=lambda one: one.name)


def eligible(session: Session, dwelling: Dwelling, person: str, *, first: int | None, now: datetime) -> Person:
    """The person with a public id, who may be second visitor at a dwelling. Raises Invalid."""
    building = place_by_id(session, dwelling.building_id)
    chosen = next((one for one in queries.candidates(session, [building], now) if one.public_id == person), None)
    if chosen is None:
        raise NOT_OFFERED
    himself = first is not None and are_one(session, first, chosen.id)
    rules.must_be_two(chosen.id if himself else first, chosen.id)
    rules.must_be_a_stranger_to(has_to_do_with(session, chosen.id, dwelling.id))
    return chosen


def ask(session: Session, response: Response, chosen: Person, *, actor: str, now: datetime) -> SecondVisitor:
    """Ask somebody whether he came along, in place of whoever was asked before; audited."""
    before = queries.asked_for_change(session, response.id)
    if before is not None:
        before.word, before.answered_at = rules.SecondWord.TAKEN_BACK, now
        session.flush()
    asked = SecondVisitor(response_id=response.id, person_id=chosen.id, asked_by=response.person_id, asked_at=now)
    session.add(asked)
    busy = Conflict("try-again", "刚刚有人改了同去的人，请刷新页面再看。")
    with translating({"second_visitor_one_asked": busy}):
        session.flush()
    outbox.stage(session, NAMED_TOPIC, {"visitor": asked.public_id}, now=now)
    audit.record(
        session,
        actor=actor,
        action="visit.second_named",
        subject=f"response:{response.public_id}",
        now=now,
        payload={"visitor": asked.public_id, "person": chosen.public_id},
    )
    return asked


def carry_over(session: Session, old: int, new: int) -> None:
    """Let a visit's second visitor stand beside the version that takes its place because a consent was taken back."""
    found = queries.last_of(session, [old]).get(old)
    if found is None or found.word not in (None, rules.SecondWord.CONFIRMED):
        return
    if found.word is None:
        found.response_id = new
    else:
        copied = ("person_id", "asked_by", "asked_at", "word", "way", "answered_at")
        session.add(SecondVisitor(response_id=new, **{name: getattr(found, name) for name in copied}))
    session.flush()


@dataclass(frozen=True)
class Stands:
    """How a visit stands with its second visitor, for a page. ``name``: "" where nobody is named, or it is forgotten;
    ``asked``: public id while his word is waited for, else "". ``until``: when that ends."""

    name: str
    word: str
    confirmed: bool
    asked: str
    until: datetime


def stands(session: Session, response: Response, now: datetime) -> Stands:
    """The same for a visit's sheet."""
    until = rules.due(response.submitted_at, settings.current().second_visitor_days)
    found = queries.last_of(session, [response.id]).get(response.id)
    if found is None:
        return Stands("", "没有第二人", False, "", until)
    confirmed = found.word == rules.SecondWord.CONFIRMED
    waits = found.word is None and now < until
    return Stands(
        name_if_known(session, found.person_id),
        rules.word(found.word, until, now),
        confirmed,
        found.public_id if waits else "",
        until,
    )


@dataclass(frozen=True)
class Shown:
    """A visit's second visitor on its receipt, for a worker. ``open``: there is still time; ``mine``: he who looks made
    the visit, and may name ``candidates``."""

    stands: Stands
    open: bool
    mine: bool
    candidates: list[Candidate]


def shown(session: Session, response: Response, *, person_id: int | None, now: datetime) -> Shown:
    """The same for whoever may see the sheet as a worker."""
    found = stands(session, response, now)
    is_open = not found.confirmed and now < found.until
    mine = person_id is not None and response.person_id == person_id
    offered: list[Candidate] = []
    if is_open and mine:
        building = place_by_id(session, dwelling_by_id(session, response.dwelling_id).building_id)
        offered = candidates(session, [building], but=person_id, now=now)
    return Shown(found, is_open, mine, offered)
