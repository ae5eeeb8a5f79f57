"""Role x place x term."""

from datetime import timedelta

import pytest

from kernel import clock, grants
from kernel.database import reading, transaction
from kernel.errors import Invalid, NotAllowed
from kernel.people.models import Account
from kernel.places import queries as places


def person_of(account) -> int:
    return reading().get_one(Account, account.id).person_id


def test_a_worker_may_in_his_community_and_below_and_nowhere_else(make):
    mine, other = make.estate(), make.estate(name="别处")
    worker = make.account()
    make.grant(worker, "community_worker", places.place_by_id(reading(), mine.parent_id))
    now = clock.now()
    building = places.places_under(reading(), mine, "building")[0]
    assert grants.may(reading(), person_of(worker), "response.assist", mine, now)
    assert grants.may(reading(), person_of(worker), "response.assist", building, now)
    assert not grants.may(reading(), person_of(worker), "response.assist", other, now)
    with pytest.raises(NotAllowed):
        grants.require(reading(), person_of(worker), "vote.manage", mine, now)


def test_a_building_leader_sees_his_building_and_not_the_next(make):
    estate = make.estate(buildings=2)
    one, two = places.places_under(reading(), estate, "building")
    leader = make.account()
    make.grant(leader, "building_leader", one)
    person, now = person_of(leader), clock.now()
    assert grants.may(reading(), person, "board.see", one, now)
    assert not grants.may(reading(), person, "board.see", two, now)
    assert not grants.may(reading(), person, "board.see", estate, now)


@pytest.mark.parametrize(("days", "may"), [(None, True), (1, True), (-1, False)])
def test_a_grant_holds_for_its_term_only(make, days, may):
    estate, leader = make.estate(), make.account()
    make.grant(leader, "group_leader", estate, days=days)
    assert grants.may(reading(), person_of(leader), "board.see", estate, clock.now()) is may


def test_the_last_instant_of_a_term_is_already_outside(make):
    estate, leader = make.estate(), make.account()
    grant = make.grant(leader, "group_leader", estate, days=1)
    person = person_of(leader)
    assert not grants.may(reading(), person, "board.see", estate, grant.ends_at)
    assert grants.may(reading(), person, "board.see", estate, grant.ends_at - timedelta(microseconds=1))


def test_a_revoked_grant_ends_at_once(make):
    estate, leader = make.estate(), make.account()
    grant = make.grant(leader, "group_leader", estate)
    now = clock.now()
    with transaction() as session:
        grants.revoke(session, session.merge(grant), by="test", now=now)
    assert not grants.may(reading(), person_of(leader), "board.see", estate, now)


def test_a_role_is_given_only_at_its_levels(make):
    with pytest.raises(Invalid, match="wrong-level"):
        make.grant(make.account(), "group_leader", make.city())


def test_a_leader_can_never_open_choices_or_contacts():
    assert grants.ROLES["building_leader"].actions == {"board.see", "visit.accompany"}
    for role in ("group_leader", "group_member", "committee_chair", "committee_member"):
        # Members of a body propose and co-sign what is paid out, and come along to a visit (DOMAIN §1.3, §5.1).
        assert grants.ROLES[role].actions == {"board.see", "spending.sign", "visit.accompany"}


def test_a_misspelt_action_fails_loudly(make):
    with pytest.raises(KeyError):
        grants.may(reading(), 1, "board.sea", make.city(), clock.now())


def test_nobody_may_nothing(make):
    assert not grants.may(reading(), None, "board.see", make.city(), clock.now())
