"""Forming a group out of an election, ending it, handing over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, grants, idempotency
from kernel.database import new_public_id, reading, transaction, translating, use_case
from kernel.errors import Conflict, Invalid, NotFound
from kernel.grants.rules import Role
from kernel.idempotency import Key
from kernel.masks import mask_name, mask_phone
from kernel.people.models import Person
from kernel.people.services import name_of, phone_of
from kernel.places.models import Place, PlaceKind
from kernel.places.queries import place_by_id
from portal.groups import queries, rules
from portal.groups.models import HandoverItem, MemberRole, SelfGroup, SelfGroupMember
from portal.groups.rules import Chosen
from surveys.votes import queries as votes
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import recalls
from surveys.votes.models import Candidate, Vote
from surveys.votes.results import queries as results
from surveys.votes.rules import catalogue
from surveys.votes.services.preparing import Staff, must_manage

GRANTED = {MemberRole.LEADER: Role.GROUP_LEADER, MemberRole.MEMBER: Role.GROUP_MEMBER}


@dataclass(frozen=True)
class Match:
    """A person of the register who bears an elected candidate's name: doors and a masked phone to tell namesakes."""

    person: str
    doors: tuple[str, ...]
    phone: str


@dataclass(frozen=True)
class Elected:
    """An elected candidate with the persons it may be."""

    candidate: str
    name: str
    note: str
    matches: tuple[Match, ...]


def elected_candidates(session: Session, vote: Vote) -> list[Candidate]:
    """The candidates a finished group election and the run-offs of its ties have elected.

    Raises Conflict before the final result, while a run-off is not decided, or for another vote.
    """
    result = votes.result_of(session, vote.id)
    if result is None:
        raise Conflict("no-result-yet", "选举结果公布以后才能成立自管小组。")
    if not results.is_final(session, vote.id):
        raise Conflict("result-not-final", "现在是初步结果。公示期满、异议答复以后，确认了最终结果才能成立自管小组。")
    motions = [
        motion
        for motion in votes.motions_of(session, vote.id)
        if catalogue.of_version(motion.rule).matter in rules.MATTERS
    ]
    if not motions:
        raise Conflict("not-a-group-election", "这次表决选的不是自管小组。")
    if any(not results.is_final(session, runoff.id) for runoff in elections.runoffs_of(session, vote.id).values()):
        raise Conflict("runoff-running", "得票相同的名额还在另行投票，有了最终结果才能成立自管小组。")
    return recalls.elected_by(session, vote)


def elected_leader(session: Session, vote: Vote) -> str | None:
    """The candidate (public id) elected leader directly, or None: the members choose one of themselves."""
    leads = {
        motion.id
        for motion in votes.motions_of(session, vote.id)
        if catalogue.of_version(motion.rule).matter in rules.LEADER_MATTERS
    }
    return next((each.public_id for each in elected_candidates(session, vote) if each.motion_id in leads), None)


def matches(vote_id: str, *, by: Staff, now: datetime) -> list[Elected]:
    """The elected with the persons of the register that bear their names; the look at names is on record first.

    Raises NotFound, NotAllowed without a grant at the place, Conflict before the result.
    """
    session = reading()
    vote = votes.vote_by_public_id(session, vote_id)
    estate = estate_of(session, vote)
    must_manage(session, by, estate, now)
    elected_candidates(session, vote)
    audit.look(actor=by.actor, what="names", subject=f"vote:{vote_id}", now=now, payload={"why": "group.form"})
    session = reading()
    vote = votes.vote_by_public_id(session, vote_id)
    return matched(session, estate_of(session, vote), elected_candidates(session, vote))


def matched(session: Session, estate: Place, candidates: Sequence[Candidate]) -> list[Elected]:
    """Candidates with the persons of an estate's register that bear their names."""
    people = [(name_of(person), person, doors) for person, doors in queries.people_of_estate(session, estate)]
    return [
        Elected(
            each.public_id,
            each.name,
            each.note,
            tuple(_match(person, doors) for name, person, doors in people if rules.bears(each.name, name)),
        )
        for each in candidates
    ]


def _match(person: Person, doors: list[str]) -> Match:
    phone = phone_of(person)
    return Match(person.public_id, tuple(doors), mask_phone(phone) if phone else "没有登记电话")


@use_case
def form(vote_id: str, chosen: list[Chosen], *, years: int, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Form the group of an election's result for a term of years; gives its public id.

    The former body ends with its grants; the members get theirs for the term. Raises NotAllowed, Conflict (no result,
    formed already), Invalid (not elected, twice, no leader, a person of another estate or another name).
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = votes.vote_for_update(session, vote_id)
        estate = estate_of(session, vote)
        must_manage(session, by, estate, now)
        elected = {each.public_id: each for each in elected_candidates(session, vote)}
        rules.check_members(elected, chosen, leader=elected_leader(session, vote))
        if not 1 <= years <= rules.LONGEST_YEARS:
            raise Invalid("odd-term", f"任期请填 1 到 {rules.LONGEST_YEARS} 年。", {"years": ["请检查"]})
        people = {person.public_id: person for person, _ in queries.people_of_estate(session, estate)}
        former = queries.not_ended(session, estate.id)
        if former is not None and former.vote_id != vote.id:
            end_now(session, former, by=by, now=now, why="replaced")
        group = SelfGroup(
            public_id=new_public_id(),
            place_id=estate.id,
            vote_id=vote.id,
            starts_at=now,
            ends_at=rules.term_end(now, years),
            formed_by=by.actor,
        )
        session.add(group)
        with translating({"self_group_one_a_vote": _formed(), "self_group_one_in_office": _formed()}):
            session.flush()
        for each in chosen:
            add_member(session, group, estate, elected[each.candidate], people.get(each.person), each, by=by, now=now)
        session.add_all(
            HandoverItem(public_id=new_public_id(), group_id=group.id, position=position, title=title)
            for position, title in enumerate(rules.HANDOVER, start=1)
        )
        record(
            session,
            group,
            "group.formed",
            by,
            now,
            {
                "vote": vote.public_id,
                "place": estate.code,
                "members": len(chosen),
                "left_out": sorted(set(elected) - {each.candidate for each in chosen}),
                "ends_at": group.ends_at.isoformat(),
            },
        )
        idempotency.remember(session, key, group.public_id, now=now)
        return group.public_id


def add_member(
    session: Session,
    group: SelfGroup,
    estate: Place,
    candidate: Candidate,
    person: Person | None,
    chosen: Chosen,
    *,
    by: Staff,
    now: datetime,
) -> None:
    if person is None or not rules.bears(candidate.name, name_of(person)):
        raise Invalid("not-that-person", f"{candidate.name}：请从名册里选出本人。", {"members": ["请选出本人"]})
    role = MemberRole.LEADER if chosen.leader else MemberRole.MEMBER
    grant = grants.give(
        session,
        person_id=person.id,
        role=GRANTED[role],
        place=estate,
        now=now,
        granted_by=by.actor,
        ends_at=group.ends_at,
    )
    session.add(
        SelfGroupMember(
            group_id=group.id,
            candidate_id=candidate.id,
            person_id=person.id,
            grant_id=grant.id,
            role=role,
            name=name_of(person),
            shown=chosen.shown,
        )
    )
    for account in queries.accounts_proved_to_be(session, person.id):
        account.person_id = person.id
    session.flush()


@use_case
def end(group_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """End a group before its term (recalled, dissolved): its grants end with it. Gives its public id.

    Raises NotFound, NotAllowed, Conflict when it has ended.
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        group = managed(session, group_id, by, now)
        if group.ended_at is not None:
            raise Conflict("ended-already", "这个自管小组已经结束任期。")
        end_now(session, group, by=by, now=now, why="ended")
        idempotency.remember(session, key, group.public_id, now=now)
        return group.public_id


@use_case
def hand_over(group_id: str, item_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Tick an item of the hand-over list; ticked twice is ticked once. Gives the group's public id."""
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        group = managed(session, group_id, by, now)
        item = next((each for each in queries.handover_of(session, group.id) if each.public_id == item_id), None)
        if item is None:
            raise NotFound("no-such-item", "交接清单里没有这一项。")
        if item.done_at is None:
            item.done_at, item.done_by = now, by.actor
            record(session, group, "group.handed_over", by, now, {"item": item.title})
        idempotency.remember(session, key, group.public_id, now=now)
        return group.public_id


@use_case
def recognise(tie_id: str, *, now: datetime) -> bool:
    """An account newly proved to be a member can use the member's grants; told twice, done once."""
    with transaction() as session:
        tie = queries.tie_by_public_id(session, tie_id)
        if tie is None or tie.person_id is None or not queries.is_member_now(session, tie.person_id, now):
            return False
        accounts = queries.accounts_proved_to_be(session, tie.person_id)
        for account in accounts:
            account.person_id = tie.person_id
        return bool(accounts)


@dataclass(frozen=True)
class MemberView:
    """A member as the public sees it; ``candidate``: the public id on the ballot paper."""

    candidate: str
    name: str
    role: str


@dataclass(frozen=True)
class GroupView:
    """A group as anyone may see it. ``state``: in_office | over | ended."""

    group: SelfGroup
    place: Place
    vote: Vote
    state: str
    members: tuple[MemberView, ...]
    handover: tuple[HandoverItem, ...]


def view(session: Session, group: SelfGroup, now: datetime, *, staff: bool = False) -> GroupView:
    """A group with its members' names as far as they agreed (``staff``: in full), and how far the hand-over is."""
    ended = group.ended_at is not None
    return GroupView(
        group=group,
        place=place_by_id(session, group.place_id),
        vote=session.get_one(Vote, group.vote_id),
        state="ended" if ended else "in_office" if now < group.ends_at else "over",
        members=tuple(
            MemberView(
                session.get_one(Candidate, each.candidate_id).public_id,
                each.name if each.shown or staff else mask_name(each.name),
                each.role,
            )
            for each in queries.members_of(session, group.id)
        ),
        handover=tuple(queries.handover_of(session, group.id)),
    )


def managed_view(session: Session, group_id: str, *, by: Staff, now: datetime) -> GroupView:
    """A group for those in charge. Raises NotFound, NotAllowed."""
    return view(session, managed(session, group_id, by, now), now, staff=True)


def managed(session: Session, group_id: str, by: Staff, now: datetime) -> SelfGroup:
    group = queries.group_by_public_id(session, group_id)
    must_manage(session, by, place_by_id(session, group.place_id), now)
    return group


def end_now(session: Session, group: SelfGroup, *, by: Staff, now: datetime, why: str) -> None:
    for grant in queries.grants_of(session, group.id):
        grants.revoke(session, grant, by=by.actor, now=now)
    group.ended_at = now
    session.flush()
    record(session, group, "group.ended", by, now, {"why": why})


def estate_of(session: Session, vote: Vote) -> Place:
    place = votes.place_of(session, vote)
    return place if place.kind == PlaceKind.ESTATE else place_by_id(session, place.parent_id or place.id)


def record(session: Session, group: SelfGroup, action: str, by: Staff, now: datetime, payload: dict[str, Any]) -> None:
    session.flush()
    audit.record(session, actor=by.actor, action=action, subject=f"group:{group.public_id}", now=now, payload=payload)


def _formed() -> Conflict:
    return Conflict("formed-already", "这次选举的自管小组已经成立，不能再成立一次。")
