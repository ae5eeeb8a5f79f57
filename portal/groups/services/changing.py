"""A group within its term: a member leaves, the next alternate moves up, another leads, the residents recall."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants, idempotency
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, Invalid, NotFound
from kernel.grants.models import Grant
from kernel.idempotency import Key
from kernel.places.models import Place
from kernel.places.queries import place_by_id
from portal.groups import queries, rules
from portal.groups.models import MemberRole, SelfGroup, SelfGroupMember
from portal.groups.rules import Chosen, Left
from portal.groups.services.forming import GRANTED, Elected, add_member, end_now, managed, matched, record
from surveys.votes import queries as votes
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import recalls
from surveys.votes.models import Candidate
from surveys.votes.rules.election import Standing
from surveys.votes.services.preparing import Staff

CLOCK = Staff("clock", None, trusted=True)


@use_case
def leave(group_id: str, candidate_id: str, why: Left, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """A member leaves before the term is over; his grant ends at once. Gives the group's public id.

    Raises NotFound, NotAllowed, Conflict when the group has ended.
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        group = _in_office(managed(session, group_id, by, now))
        _leaves(session, group, _member(session, group, candidate_id), why, by=by, now=now)
        idempotency.remember(session, key, group.public_id, now=now)
        return group.public_id


def next_alternates(session: Session, group: SelfGroup) -> list[Candidate]:
    """Who may move up, best first: the alternates of the sections in which a seat is free, never members before."""
    members = queries.all_members_of(session, group.id)
    been = {each.candidate_id for each in members}
    candidates = votes.candidates_of(session, group.vote_id)
    gone = {each.candidate_id for each in members if each.left_at is not None}
    result = votes.result_of(session, group.vote_id)
    assert result is not None
    withdrawn = elections.withdrawn_of(session, group.vote_id)
    found: list[Candidate] = []
    for motion, said in zip(votes.motions_of(session, group.vote_id), result.document["motions"], strict=True):
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


def waiting_alternates(group_id: str, *, by: Staff, now: datetime) -> list[Elected]:
    """The alternates for the free seats with the persons they may be; the look at names is on record first.

    Empty while no seat is free. Raises NotFound, NotAllowed.
    """
    session = reading()
    group = managed(session, group_id, by, now)
    if group.ended_at is not None or not next_alternates(session, group):
        return []
    audit.look(actor=by.actor, what="names", subject=f"group:{group_id}", now=now, payload={"why": "group.move_up"})
    session = reading()
    group = queries.group_by_public_id(session, group_id)
    return matched(session, place_by_id(session, group.place_id), next_alternates(session, group))


@use_case
def move_up(
    group_id: str,
    chosen: Chosen,
    declined: Collection[str],
    *,
    by: Staff,
    now: datetime,
    key: Key | None = None,
) -> str:
    """The next alternate by votes takes a free seat for the rest of the term. Gives the group's public id.

    ``declined``: alternates (public ids) before him who do not want the seat; on record. Raises NotFound, NotAllowed,
    Conflict (ended, no free seat), Invalid for anybody but the next one, or another person than the name's.
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        group = _in_office(managed(session, group_id, by, now))
        waiting = {each.public_id: each for each in next_alternates(session, group)}
        if not waiting:
            raise Conflict("no-free-seat", "没有空出来的名额，或者没有候补人选了。")
        if rules.next_up(list(waiting), declined) != chosen.candidate:
            raise Invalid(
                "not-the-next", "候补按得票多少依次递补，请选排在最前面的人。", {"candidate": ["不是下一位候补"]}
            )
        estate = place_by_id(session, group.place_id)
        people = {person.public_id: person for person, _ in queries.people_of_estate(session, estate)}
        candidate = waiting[chosen.candidate]
        add_member(session, group, estate, candidate, people.get(chosen.person), chosen, by=by, now=now)
        payload = {"candidate": chosen.candidate, "declined": sorted(declined)}
        record(session, group, "group.moved_up", by, now, payload)
        idempotency.remember(session, key, group.public_id, now=now)
        return group.public_id


@use_case
def appoint(group_id: str, candidate_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Another sitting member leads from now on, as the members chose; who led stays a member. Gives the group.

    Raises NotFound, NotAllowed, Conflict when the group has ended or he leads already.
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        group = _in_office(managed(session, group_id, by, now))
        chosen = _member(session, group, candidate_id)
        if chosen.role == MemberRole.LEADER:
            raise Conflict("leads-already", "这名成员已经是组长。")
        estate = place_by_id(session, group.place_id)
        for member in queries.members_of(session, group.id):
            if member.role == MemberRole.LEADER:
                _becomes(session, group, estate, member, MemberRole.MEMBER, by=by, now=now)
        _becomes(session, group, estate, chosen, MemberRole.LEADER, by=by, now=now)
        record(session, group, "group.leader_appointed", by, now, {"candidate": candidate_id})
        idempotency.remember(session, key, group.public_id, now=now)
        return group.public_id


@use_case
def recall(vote_id: str, *, now: datetime) -> int:
    """Carry out a recall vote whose result is final: those recalled leave at once, an empty group ends. Gives how many.

    For any other vote nothing happens; told twice, done once.
    """
    with transaction(serializable=True) as session:
        vote = votes.vote_by_public_id(session, vote_id)
        recalled, gone = recalls.recalled(session, vote), 0
        if not recalled:
            return 0
        for group in queries.groups_with(session, recalled):
            for member in queries.members_of(session, group.id):
                if session.get_one(Candidate, member.candidate_id).public_id in recalled:
                    _leaves(session, group, member, Left.RECALLED, by=CLOCK, now=now)
                    gone += 1
            if not queries.members_of(session, group.id):
                end_now(session, group, by=CLOCK, now=now, why="recalled")
        return gone


def _leaves(
    session: Session, group: SelfGroup, member: SelfGroupMember, why: Left, *, by: Staff, now: datetime
) -> None:
    grants.revoke(session, session.get_one(Grant, member.grant_id), by=by.actor, now=now)
    member.left_at, member.left_why = now, why
    candidate = session.get_one(Candidate, member.candidate_id).public_id
    record(session, group, "group.member_left", by, now, {"candidate": candidate, "why": str(why)})


def _becomes(
    session: Session,
    group: SelfGroup,
    estate: Place,
    member: SelfGroupMember,
    role: MemberRole,
    *,
    by: Staff,
    now: datetime,
) -> None:
    grants.revoke(session, session.get_one(Grant, member.grant_id), by=by.actor, now=now)
    given = grants.give(
        session,
        person_id=member.person_id,
        role=GRANTED[role],
        place=estate,
        now=now,
        granted_by=by.actor,
        ends_at=group.ends_at,
    )
    member.role, member.grant_id = role, given.id
    session.flush()


def _in_office(group: SelfGroup) -> SelfGroup:
    if group.ended_at is not None:
        raise Conflict("ended-already", "这个自管小组已经结束任期。")
    return group


def _member(session: Session, group: SelfGroup, candidate_id: str) -> SelfGroupMember:
    for member in queries.members_of(session, group.id):
        if session.get_one(Candidate, member.candidate_id).public_id == candidate_id:
            return member
    raise NotFound("no-such-member", "没有找到这名成员，或者已经离任。")
