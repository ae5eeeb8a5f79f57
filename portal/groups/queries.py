"""Every select over self-management groups."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.errors import NotFound
from kernel.grants.models import Grant
from kernel.people.models import Account, Holding, Person, Relation, Tie
from kernel.places.models import Dwelling, Place
from portal.groups.models import HandoverItem, MemberRole, SelfGroup, SelfGroupMember
from surveys.votes.models import Candidate

VERIFIED = 2


def group_by_public_id(session: Session, public_id: str) -> SelfGroup:
    """A group. Raises NotFound."""
    found = session.scalar(sa.select(SelfGroup).where(SelfGroup.public_id == public_id))
    if found is None:
        raise NotFound("no-such-group", "没有找到这个自管小组。")
    return found


def group_of_vote(session: Session, vote_id: int) -> SelfGroup | None:
    """The group a vote's result has formed, or None."""
    return session.scalar(sa.select(SelfGroup).where(SelfGroup.vote_id == vote_id))


def not_ended(session: Session, place_id: int) -> SelfGroup | None:
    """The last group of an estate that was neither replaced nor dissolved; its term may be over."""
    return session.scalar(sa.select(SelfGroup).where(SelfGroup.place_id == place_id, SelfGroup.ended_at.is_(None)))


def in_office(session: Session, place_id: int, now: datetime) -> SelfGroup | None:
    """The group whose term runs now, or None."""
    return session.scalar(
        sa.select(SelfGroup).where(
            SelfGroup.place_id == place_id, SelfGroup.ended_at.is_(None), SelfGroup.ends_at > now
        )
    )


def groups_of(session: Session, place_id: int) -> Sequence[SelfGroup]:
    """All groups an estate has had, the newest first."""
    return session.scalars(
        sa.select(SelfGroup).where(SelfGroup.place_id == place_id).order_by(SelfGroup.starts_at.desc())
    ).all()


def members_of(session: Session, group_id: int) -> Sequence[SelfGroupMember]:
    """The sitting members, the leader first, then as on the ballot paper."""
    return session.scalars(
        sa.select(SelfGroupMember)
        .where(SelfGroupMember.group_id == group_id, SelfGroupMember.left_at.is_(None))
        .order_by(SelfGroupMember.role != MemberRole.LEADER, SelfGroupMember.candidate_id)
    ).all()


def all_members_of(session: Session, group_id: int) -> Sequence[SelfGroupMember]:
    """Everybody who has ever been a member, those who left included."""
    return session.scalars(
        sa.select(SelfGroupMember).where(SelfGroupMember.group_id == group_id).order_by(SelfGroupMember.id)
    ).all()


def groups_with(session: Session, candidates: Collection[str]) -> Sequence[SelfGroup]:
    """The groups not ended in which one of these candidates (public ids) sits."""
    return session.scalars(
        sa.select(SelfGroup)
        .join(SelfGroupMember, SelfGroupMember.group_id == SelfGroup.id)
        .join(Candidate, Candidate.id == SelfGroupMember.candidate_id)
        .where(Candidate.public_id.in_(candidates), SelfGroup.ended_at.is_(None), SelfGroupMember.left_at.is_(None))
        .distinct()
    ).all()


def grants_of(session: Session, group_id: int) -> Sequence[Grant]:
    """What the members were given with their office."""
    return session.scalars(
        sa.select(Grant)
        .join(SelfGroupMember, SelfGroupMember.grant_id == Grant.id)
        .where(SelfGroupMember.group_id == group_id)
        .order_by(Grant.id)
    ).all()


def handover_of(session: Session, group_id: int) -> Sequence[HandoverItem]:
    """What is handed over, in order."""
    return session.scalars(
        sa.select(HandoverItem).where(HandoverItem.group_id == group_id).order_by(HandoverItem.position)
    ).all()


def people_of_estate(session: Session, estate: Place) -> list[tuple[Person, list[str]]]:
    """The natural persons of an estate (owners, tenants, family in the register) with their doors."""
    doors: dict[int, list[str]] = defaultdict(list)
    people: dict[int, Person] = {}
    held = (
        sa.select(Person, Dwelling.label)
        .join(Holding, Holding.person_id == Person.id)
        .join(Dwelling, Dwelling.id == Holding.dwelling_id)
        .where(Dwelling.estate_id == estate.id, Holding.held_until.is_(None), Person.kind == "natural")
    )
    tied = (
        sa.select(Person, Dwelling.label)
        .join(Tie, Tie.person_id == Person.id)
        .join(Dwelling, Dwelling.id == Tie.dwelling_id)
        .where(Dwelling.estate_id == estate.id, Tie.ended_at.is_(None), Person.kind == "natural")
    )
    for statement in (held, tied):
        for person, label in session.execute(statement.order_by(Dwelling.sort_key)):
            people[person.id] = person
            if label not in doors[person.id]:
                doors[person.id].append(label)
    return [(people[person_id], doors[person_id]) for person_id in people]


def accounts_proved_to_be(session: Session, person_id: int) -> Sequence[Account]:
    """Accounts without a person of their own that a verified tie says to be this person."""
    return session.scalars(
        sa.select(Account)
        .join(Tie, Tie.account_id == Account.id)
        .where(
            Tie.person_id == person_id,
            Tie.ended_at.is_(None),
            Tie.level >= VERIFIED,
            Tie.relation == Relation.SELF,
            Account.person_id.is_(None),
        )
    ).all()


def tie_by_public_id(session: Session, public_id: str) -> Tie | None:
    """A tie, or None."""
    return session.scalar(sa.select(Tie).where(Tie.public_id == public_id))


def is_member_now(session: Session, person_id: int, now: datetime) -> bool:
    """Whether the person is in a group whose term runs now."""
    return (
        session.scalar(
            sa.select(
                sa.exists().where(
                    SelfGroupMember.person_id == person_id,
                    SelfGroupMember.left_at.is_(None),
                    SelfGroup.id == SelfGroupMember.group_id,
                    SelfGroup.ended_at.is_(None),
                    SelfGroup.ends_at > now,
                )
            )
        )
        or False
    )
