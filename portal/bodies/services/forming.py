"""Forming a body out of an election, and ending it; a member's account learns that it is one."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, grants, idempotency
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import Conflict, Invalid
from kernel.idempotency import Key
from kernel.people.models import Person
from kernel.people.queries import tie_by_public_id
from kernel.people.services import name_of
from kernel.places.models import Place
from kernel.places.queries import place_by_id
from portal.bodies import queries, rules
from portal.bodies.models import Body, BodyHandover, BodyMember
from portal.bodies.rules import Chosen
from portal.bodies.services.matching import elected_candidates, elected_leader, estate_of, people_for
from surveys.votes import queries as votes
from surveys.votes.elections.services import recalls
from surveys.votes.models import Candidate, Vote
from surveys.votes.rules.bodies import KINDS, BodyKind
from surveys.votes.services.preparing import Staff, must_manage

NO_PERSON = "请从名册里选出本人"


@use_case
def form(vote_id: str, chosen: list[Chosen], *, years: int, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Form the body of an election's result for a term of years; gives its public id.

    The former body of its kind ends with its grants; the members get theirs for the term. Raises NotAllowed, Conflict
    (no result, formed already), Invalid (not elected, twice, no leader, a person of another estate or another name).
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = votes.vote_for_update(session, vote_id)
        estate, kind = estate_of(session, vote), recalls.kind_of(session, vote)
        must_manage(session, by, estate, now)
        elected = {each.public_id: each for each in elected_candidates(session, vote, kind)}
        rules.check_members(kind, elected, chosen, leader=elected_leader(session, vote, kind))
        rules.check_term(kind, years)
        _must_be_new(session, vote, kind)
        people = {person.public_id: person for person, _ in people_for(session, kind, estate)}
        former = queries.not_ended(session, estate.id, kind)
        if former is not None and former.vote_id != vote.id:
            end_now(session, former, by=by, now=now, why="replaced")
        body = _new(session, kind, estate, vote, years, by=by, now=now)
        for each in chosen:
            add_member(session, body, estate, elected[each.candidate], people.get(each.person), each, by=by, now=now)
        session.add_all(
            BodyHandover(public_id=new_public_id(), body_id=body.id, position=position, title=title)
            for position, title in enumerate(kind.handover, start=1)
        )
        record(
            session,
            body,
            "body.formed",
            by,
            now,
            {
                "kind": kind.word,
                "vote": vote.public_id,
                "place": estate.code,
                "members": len(chosen),
                "left_out": sorted(set(elected) - {each.candidate for each in chosen}),
                "ends_at": body.ends_at.isoformat(),
            },
        )
        idempotency.remember(session, key, body.public_id, now=now)
        return body.public_id


@use_case
def join(vote_id: str, chosen: list[Chosen], *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Seat those a by-election (增补) elected in the body in office, for the rest of its term; gives its public id.

    Raises NotAllowed, Conflict (no result, nobody in office, seated already), Invalid (not elected, another name).
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = votes.vote_for_update(session, vote_id)
        estate, kind = estate_of(session, vote), recalls.kind_of(session, vote)
        must_manage(session, by, estate, now)
        elected = {each.public_id: each for each in elected_candidates(session, vote, kind)}
        rules.check_joining(elected, chosen)
        _must_be_new(session, vote, kind)
        body = current(session, estate, kind, now)
        if body is None:
            raise Conflict("nobody-in-office", f"现在没有在任的{kind.title}，请成立新一届。")
        people = {person.public_id: person for person, _ in people_for(session, kind, estate)}
        sits = Conflict("sits-already", f"有人已经是这届{kind.title}的成员，请不要列入。")
        with translating({"body_member_once": sits}):
            for each in chosen:
                candidate = elected[each.candidate]
                add_member(session, body, estate, candidate, people.get(each.person), each, by=by, now=now)
        record(session, body, "body.joined", by, now, {"vote": vote.public_id, "members": len(chosen)})
        idempotency.remember(session, key, body.public_id, now=now)
        return body.public_id


def current(session: Session, estate: Place, kind: BodyKind, now: datetime) -> Body | None:
    """The body of a kind in office at an estate, or None."""
    return next((each for each in queries.in_office(session, estate.id, now) if each.kind == kind.word), None)


def _must_be_new(session: Session, vote: Vote, kind: BodyKind) -> None:
    if queries.seated_by(session, vote.id) is not None:
        raise Conflict("formed-already", f"这次选举当选的人已经进入{kind.title}，不能再办一次。")


def _new(session: Session, kind: BodyKind, estate: Place, vote: Vote, years: int, *, by: Staff, now: datetime) -> Body:
    body = Body(
        public_id=new_public_id(),
        kind=kind.word,
        place_id=estate.id,
        vote_id=vote.id,
        starts_at=now,
        ends_at=rules.term_end(now, years),
        formed_by=by.actor,
    )
    session.add(body)
    formed = Conflict("formed-already", f"这次选举的{kind.title}已经成立，不能再成立一次。")
    with translating({"body_one_a_vote": formed, "body_one_in_office": formed}):
        session.flush()
    return body


def kind_of(body: Body) -> BodyKind:
    """The entry of a body's kind."""
    return KINDS[body.kind]


def add_member(
    session: Session,
    body: Body,
    estate: Place,
    candidate: Candidate,
    person: Person | None,
    chosen: Chosen,
    *,
    by: Staff,
    now: datetime,
) -> None:
    """Seat a candidate as the person staff matched, with the grant of the office until the term ends.

    Raises Invalid for a person who does not bear the name, or may not sit.
    """
    if person is None or not rules.bears(candidate.name, name_of(person)):
        raise Invalid("not-that-person", f"{candidate.name}：{NO_PERSON}。", {"members": [NO_PERSON]})
    grant = grants.give(
        session,
        person_id=person.id,
        role=kind_of(body).roles[chosen.office],
        place=estate,
        now=now,
        granted_by=by.actor,
        ends_at=body.ends_at,
    )
    session.add(
        BodyMember(
            body_id=body.id,
            candidate_id=candidate.id,
            person_id=person.id,
            grant_id=grant.id,
            office=chosen.office,
            name=name_of(person),
            shown=chosen.shown,
        )
    )
    for account in queries.accounts_proved_to_be(session, person.id):
        account.person_id = person.id
    session.flush()


@use_case
def end(body_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """End a body before its term (dissolved): its grants end with it. Gives its public id.

    Raises NotFound, NotAllowed, Conflict when it has ended.
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        body = in_office(managed(session, body_id, by, now))
        end_now(session, body, by=by, now=now, why="ended")
        idempotency.remember(session, key, body.public_id, now=now)
        return body.public_id


def end_now(session: Session, body: Body, *, by: Staff, now: datetime, why: str) -> None:
    """End a body with its grants in the caller's transaction."""
    for grant in queries.grants_of(session, body.id):
        grants.revoke(session, grant, by=by.actor, now=now)
    body.ended_at = now
    session.flush()
    record(session, body, "body.ended", by, now, {"why": why})


@use_case
def recognise(tie_id: str, *, now: datetime) -> bool:
    """An account newly proved to be a member can use the member's grants; told twice, done once."""
    with transaction() as session:
        tie = tie_by_public_id(session, tie_id)
        if tie is None or tie.person_id is None or not queries.is_member_now(session, tie.person_id, now):
            return False
        accounts = queries.accounts_proved_to_be(session, tie.person_id)
        for account in accounts:
            account.person_id = tie.person_id
        return bool(accounts)


def managed(session: Session, body_id: str, by: Staff, now: datetime) -> Body:
    """A body for those in charge of its estate. Raises NotFound, NotAllowed."""
    body = queries.body_by_public_id(session, body_id)
    must_manage(session, by, place_by_id(session, body.place_id), now)
    return body


def in_office(body: Body) -> Body:
    """The body, if it was neither replaced nor dissolved. Raises Conflict."""
    if body.ended_at is not None:
        raise Conflict("ended-already", f"这届{kind_of(body).title}已经结束任期。")
    return body


def record(session: Session, body: Body, action: str, by: Staff, now: datetime, payload: dict[str, Any]) -> None:
    """An audit entry about a body; never with a name."""
    session.flush()
    audit.record(session, actor=by.actor, action=action, subject=f"body:{body.public_id}", now=now, payload=payload)
