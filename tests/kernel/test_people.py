"""Names and phones are sealed at rest; ties rise, never fall by accident."""

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.database import reading, transaction
from kernel.encryption import SealBroken, vault
from kernel.people import queries, services
from kernel.people.models import Account, Person
from kernel.places.queries import dwellings_of_estate


def test_a_name_and_a_phone_are_not_readable_in_the_table(make):
    make.person("欧阳锋", "13812341234")
    row = reading().execute(sa.select(Person)).scalar_one()
    stored = row.name_sealed + row.phone_sealed + row.phone_index
    assert "欧阳锋".encode() not in stored
    assert b"13812341234" not in stored
    assert (services.name_of(row), services.phone_of(row)) == ("欧阳锋", "13812341234")


def test_a_sealed_name_moved_to_another_row_does_not_open(make):
    one, two = make.person("甲"), make.person("乙")
    with transaction() as session:
        session.execute(sa.update(Person).where(Person.id == two.id).values(name_sealed=one.name_sealed))
    with pytest.raises(SealBroken):
        services.name_of(reading().get_one(Person, two.id))


def test_a_person_is_found_by_phone_however_it_is_written(make):
    person = make.person("甲", "138 1234 1234")
    found = queries.persons_by_phone(reading(), vault().blind_index("phone", "+86 13812341234"))
    assert [each.id for each in found] == [person.id]


def test_a_tie_rises_to_level_two_and_does_not_fall_back(make):
    dwelling = dwellings_of_estate(reading(), make.estate(floors=1, doors=1).id)[0]
    account = make.account()
    make.tie(account, dwelling, level=1)
    assert queries.tie_of(reading(), account.id, dwelling.id, level=2) is None
    make.tie(account, dwelling, level=2)
    make.tie(account, dwelling, level=1)
    assert queries.tie_of(reading(), account.id, dwelling.id, level=2) is not None
    assert len(queries.ties_to(reading(), dwelling.id)) == 1


def test_an_ended_tie_no_longer_speaks(make):
    dwelling = dwellings_of_estate(reading(), make.estate(floors=1, doors=1).id)[0]
    account = make.account()
    tie = make.tie(account, dwelling)
    with transaction() as session:
        services.end_tie(session, tie, actor="test", now=clock.now())
    assert queries.tie_of(reading(), account.id, dwelling.id) is None


def test_owners_are_told_from_tenants(make):
    dwelling = dwellings_of_estate(reading(), make.estate(floors=1, doors=1).id)[0]
    owner, tenant = make.person("业主"), make.person("租户", "13900000000")
    make.holding(tenant, dwelling, "tenant")
    make.holding(owner, dwelling, "owner")
    assert [person.id for person in queries.owners_of(reading(), dwelling.id)] == [owner.id]
    assert [person.id for _, person in queries.holdings_of(reading(), dwelling.id)] == [owner.id, tenant.id]


def works_as(account: Account, person: Person) -> None:
    with transaction() as session:
        session.execute(sa.update(Account).where(Account.id == account.id).values(person_id=person.id))


def test_one_human_is_known_whichever_way_his_names_hang_together(make):
    door, other = dwellings_of_estate(reading(), make.estate(floors=1, doors=2).id)[:2]
    at_home, at_other = make.person("王芳", "13800000011"), make.person("王芳", "13800000012")
    worker, again, stranger = (make.person("王芳", phone) for phone in ("13800000013", None, None))
    same_phone = make.person("王小芳", "13800000013")
    first, second = make.account(), make.account()
    works_as(first, worker)
    works_as(second, again)
    for account, dwelling, person in ((first, door, at_home), (first, other, at_other), (second, door, at_home)):
        make.tie(account, dwelling, person=person)

    def one(a: Person, b: Person) -> bool:
        forth, back = queries.are_one(reading(), a.id, b.id), queries.are_one(reading(), b.id, a.id)
        assert forth == back
        return forth

    assert one(worker, at_home)  # an account of his proved to be who lives there
    assert one(at_home, at_other)  # one account proved to be both
    assert one(worker, again)  # two accounts at work, one home
    assert one(worker, same_phone)
    assert not any(one(each, stranger) for each in (worker, again, at_home, at_other, same_phone))
    assert queries.known_as(reading(), again.id, [None, stranger.id, worker.id]) == worker.id
    # What he paid for a neighbour under the name he has at home, too, is his own affair at work.
    far = dwellings_of_estate(reading(), make.estate(floors=1, doors=1).id)[0]
    for person, own in ((worker, True), (again, True), (same_phone, True), (stranger, False)):
        assert queries.has_to_do_with(reading(), person.id, far.id, payers=(at_other.id, None)) is own
        assert not queries.has_to_do_with(reading(), person.id, far.id)
    assert queries.known_as(reading(), stranger.id, [worker.id]) == stranger.id


@pytest.mark.parametrize(("relation", "level"), [("family", 2), ("tenant", 2), ("self", 1)])
def test_who_speaks_for_somebody_is_not_he(make, relation, level):
    door = dwellings_of_estate(reading(), make.estate(floors=1, doors=1).id)[0]
    mother, worker = make.person("陈秀英", "13800000021"), make.person("陈军", "13800000022")
    account = make.account()
    works_as(account, worker)
    make.tie(account, door, person=mother, relation=relation, level=level)
    assert not queries.are_one(reading(), worker.id, mother.id)
