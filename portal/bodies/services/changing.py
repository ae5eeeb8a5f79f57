"""A body within its term: a member leaves, the next alternate moves up, another leads, the residents recall."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants, idempotency
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, Invalid, NotFound
from kernel.grants.models import Grant
from kernel.idempotency import Key
from kernel.places.queries import place_by_id
from portal.bodies import queries, rules
from portal.bodies.models import Body, BodyMember
from portal.bodies.rules import Chosen, Left
from portal.bodies.services.forming import add_member, end_now, in_office, kind_of, managed, record
from portal.bodies.services.matching import Elected, matched, people_for
from surveys.votes import queries as votes
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import recalls
from surveys.votes.models import Candidate
from surveys.votes.rules.bodies import Office
from surveys.votes.rules.election import Standing
from surveys.votes.services.preparing import Staff

CLOCK = Staff("clock", None, trusted=True)


@use_case
def leave(body_id: str, candidate_id: str, why: Left, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """A member leaves before the term is over; his grant ends at once. Gives the body's public id.

    Raises NotFound, NotAllowed, Conflict when the body has ended.
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        body = in_office(managed(session, body_id, by, now))
        _leaves(session, body, _member(session, body, candidate_id), why, by=by, now=now)
        idempotency.remember(session, key, body.public_id, now=now)
        return body.public_id


def next_alternates(session: Session, body: Body) -> list[Candidate]:
    """Who may move up, best first: the alternates of the sections in which a seat is free, never members before."""
    members = queries.all_members_of(session, body.id)
    been = {each.candidate_id for each in members}
    candidates = votes.candidates_of(session, body.vote_id)
    gone = {each.candidate_id for each in members if each.left_at is not None}
    result = votes.result_of(session, body.vote_id)
    assert result is not None
    withdrawn = elections.withdrawn_of(session, body.vote_id)
    found: list[Candidate] = []
    for motion, said in zip(votes.motions_of(session, body.vote_id), result.document["motions"], strict=True):
        here = {each.public_id: each for each in candidates.get(motion.id, ())}
        elected = {row["candidate"] for row in said.get("candidates", ()) if row["standing"] == Standing.ELECTED}
        sitting = sum(each.id in been - gone for each in here.values())
        if sitting >= len(elected) or not any(each.id in gone for each in here.values()):
            continue
        found += [
            here[row["candidate"]]
            for row in said["candidates"]
            if row["standing"] == Standing.ALTERNATE
            and here[row["candidate"]].id not in been
            and row["candidate"] not in withdrawn
        ]
    return found


def waiting_alternates(body_id: str, *, by: Staff, now: datetime) -> list[Elected]:
    """The alternates for the free seats with the persons they may be; the look at names is on record first.

    Empty while no seat is free. Raises NotFound, NotAllowed.
    """
    session = reading()
    body = managed(session, body_id, by, now)
    if body.ended_at is not None or not next_alternates(session, body):
        return []
    audit.look(actor=by.actor, what="names", subject=f"body:{body_id}", now=now, payload={"why": "body.move_up"})
    session = reading()
    body = queries.body_by_public_id(session, body_id)
    return matched(session, kind_of(body), place_by_id(session, body.place_id), next_alternates(session, body))


@use_case
def move_up(
    body_id: str,
    chosen: Chosen,
    declined: Collection[str],
    *,
    by: Staff,
    now: datetime,
    key: Key | None = None,
) -> str:
    """The next alternate by votes takes a free seat for the rest of the term. Gives the body's public id.

    ``declined``: alternates (public ids) before him who do not want the seat; on record. Raises NotFound, NotAllowed,
    Conflict (ended, no free seat), Invalid for anybody but the next one, or another person than the name's.
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        body = in_office(managed(session, body_id, by, now))
        waiting = {each.public_id: each for each in next_alternates(session, body)}
        if not waiting:
            raise Conflict("no-free-seat", "没有空出来的名额，或者没有候补人选了。")
        if rules.next_up(list(waiting), declined) != chosen.candidate:
            raise Invalid(
                "not-the-next", "候补按得票多少依次递补，请选排在最前面的人。", {"candidate": ["不是下一位候补"]}
            )
        estate = place_by_id(session, body.place_id)
        people = {person.public_id: person for person, _ in people_for(session, kind_of(body), estate)}
        candidate = waiting[chosen.candidate]
        add_member(session, body, estate, candidate, people.get(chosen.person), chosen, by=by, now=now)
        recalls.note_seat(session, candidate.id, held=True, now=now)
        payload = {"candidate": chosen.candidate, "declined": sorted(declined)}
        record(session, body, "body.moved_up", by, now, payload)
        idempotency.remember(session, key, body.public_id, now=now)
        return body.public_id


@use_case
def appoint(
    body_id: str, candidate_id: str, office: Office, *, by: Staff, now: datetime, key: Key | None = None
) -> str:
    """A sitting member takes another office, as the members chose; who led before stays a member. Gives the body.

    Raises NotFound, NotAllowed, Conflict (ended, holds it already, nobody would lead), Invalid for a vice too many.
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        body = in_office(managed(session, body_id, by, now))
        chosen, members = _member(session, body, candidate_id), queries.members_of(session, body.id)
        rules.check_change(
            kind_of(body), [Office(each.office) for each in members], was=Office(chosen.office), becomes=office
        )
        if office is Office.LEADER:
            for member in members:
                if member.office == Office.LEADER:
                    _becomes(session, body, member, Office.MEMBER, by=by, now=now)
        _becomes(session, body, chosen, office, by=by, now=now)
        record(session, body, "body.office_changed", by, now, {"candidate": candidate_id, "office": str(office)})
        idempotency.remember(session, key, body.public_id, now=now)
        return body.public_id


@use_case
def recall(vote_id: str, *, now: datetime) -> int:
    """Carry out a recall vote whose result is final: those recalled leave at once, an empty body ends. Gives how many.

    For any other vote nothing happens; told twice, done once.
    """
    with transaction(serializable=True) as session:
        vote = votes.vote_by_public_id(session, vote_id)
        recalled, gone = recalls.recalled(session, vote), 0
        if not recalled:
            return 0
        for body in queries.bodies_with(session, recalled):
            for member in queries.members_of(session, body.id):
                if session.get_one(Candidate, member.candidate_id).public_id in recalled:
                    _leaves(session, body, member, Left.RECALLED, by=CLOCK, now=now)
                    gone += 1
            if not queries.members_of(session, body.id):
                end_now(session, body, by=CLOCK, now=now, why="recalled")
        return gone


def _leaves(session: Session, body: Body, member: BodyMember, why: Left, *, by: Staff, now: datetime) -> None:
    grants.revoke(session, session.get_one(Grant, member.grant_id), by=by.actor, now=now)
    member.left_at, member.left_why = now, why
    recalls.note_seat(session, member.candidate_id, held=False, now=now)
    candidate = session.get_one(Candidate, member.candidate_id).public_id
    record(session, body, "body.member_left", by, now, {"candidate": candidate, "why": str(why)})


def _becomes(session: Session, body: Body, member: BodyMember, office: Office, *, by: Staff, now: datetime) -> None:
    grants.revoke(session, session.get_one(Grant, member.grant_id), by=by.actor, now=now)
    given = grants.give(
        session,
        person_id=member.person_id,
        role=kind_of(body).roles[office],
        place=place_by_id(session, body.place_id),
        now=now,
        granted_by=by.actor,
        ends_at=body.ends_at,
    )
    member.office, member.grant_id = office, given.id
    session.flush()


def _member(session: Session, body: Body, candidate_id: str) -> BodyMember:
    for member in queries.members_of(session, body.id):
        if session.get_one(Candidate, member.candidate_id).public_id == candidate_id:
            return member
    raise NotFound("no-such-member", "没有找到这名成员，或者已经离任。")
