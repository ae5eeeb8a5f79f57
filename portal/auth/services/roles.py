"""Giving a role to a WeChat account and taking it away; whoever loses one is signed out at once."""

from dataclasses import dataclass
from datetime import datetime

from kernel import grants
from kernel.database import transaction, use_case
from kernel.errors import Invalid, NotFound
from kernel.grants import ROLES
from kernel.people import queries as people
from kernel.people.services import make_sure_staff
from kernel.places.queries import place_by_code
from portal.auth.services.sessions import end_sessions_of_person


@dataclass(frozen=True)
class RoleGiven:
    """A role in words. ``new``: False when the account had just this one already."""

    title: str
    place: str
    new: bool


@use_case
def grant_role(
    openid: str,
    role: str,
    place_code: str,
    *,
    name: str,
    phone: str | None,
    ends_at: datetime | None,
    actor: str,
    now: datetime,
) -> RoleGiven:
    """Give a role at a place until ``ends_at`` (None: without a term). The same again changes nothing.

    The account's next request signs it in anew (silently), under the terms of staff.
    Raises Invalid (role, level of the tree, a term that is over), NotFound (place).
    """
    if ends_at is not None and ends_at <= now:
        raise Invalid("term-over", "任期已经过了，请核对 --until。")
    with transaction() as session:
        place = place_by_code(session, place_code)
        account = make_sure_staff(session, openid, name=name, phone=phone, now=now)
        person_id = account.person_id
        assert person_id is not None
        for given, at in grants.grants_of(session, person_id, now):
            if given.role == role and at.id == place.id and given.ends_at == ends_at:
                return RoleGiven(ROLES[role].title, at.name, new=False)
        grants.give(session, person_id=person_id, role=role, place=place, now=now, granted_by=actor, ends_at=ends_at)
        return RoleGiven(ROLES[role].title, place.name, new=True)


@use_case
def revoke_roles(openid: str, role: str | None, place_code: str | None, *, actor: str, now: datetime) -> list[str]:
    """Take roles away now: all, those of one kind, or one at one place; each in words. The account is signed out.

    Raises NotFound for an account or place nobody knows.
    """
    with transaction() as session:
        place = place_by_code(session, place_code) if place_code else None
        account = people.account_by_openid(session, openid)
        if account is None or account.person_id is None:
            raise NotFound("no-such-account", "没有这个人员。请核对 OPENID。")
        taken = []
        for given, at in grants.grants_of(session, account.person_id, now):
            if (role is None or given.role == role) and (place is None or at.id == place.id):
                grants.revoke(session, given, by=actor, now=now)
                taken.append(f"{ROLES[given.role].title} · {at.name}")
        if taken:
            end_sessions_of_person(session, account.person_id, now=now)
        return taken
